//! An ensemble has members who vote.

use std::collections::BTreeSet;

use crate::role::Role;
use crate::rules::prelude::*;
use crate::rules::ensemble::voters;
use crate::rules::settings::effective::services;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K206",
        severity: Error,
        title: "observers have nobody to follow",
        why: "Observers follow a leader without a vote, so an ensemble of observers has no leader, and ZooKeeper does \
              not start (`parseDynamicConfig` in `QuorumPeerConfig.java`). A server with `standaloneEnabled`, which is \
              ZooKeeper's default, requires two voting members before it accepts an observer.",
        help: "take `observer` from three of the servers",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let ensemble = voters::of(draft);
    let Some(observer) = ensemble.observers.first() else { return };
    if ensemble.voters.is_empty() {
        let problem = found.problem("every server of the ensemble is an observer");
        let problem = problem.at(ensemble.at, "nobody here votes");
        let alone = problem.clone().help("take `observer` out: the one server has to vote");
        found.add(if ensemble.observers.len() == 1 { alone } else { problem });
        return;
    }
    let [voter] = ensemble.voters.as_slice() else { return };
    let observer = pointer(["zookeeper", "hosts", observer, "observer"]);
    // What stands for all servers is one problem.
    let alone = services(draft, Role::ZooKeeper).filter(voters::may_be_alone);
    let places: BTreeSet<_> = alone.filter_map(|server| server.get(voters::ALONE)?.pointer()).collect();
    for at in places {
        let title = format!("{voter} alone votes, and with `standaloneEnabled` no observer can follow it");
        let problem = found.problem(title).at(at, "takes a single voter for a standalone server");
        let problem = problem.at(&*observer, "an observer");
        found.add(problem.help("leave `standaloneEnabled` out: kafnix sets it to false"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use crate::problem::Place;
    use serde_json::json;

    #[test]
    fn observers_alone_are_no_ensemble() {
        let hosts = json!({ "a": { "observer": true }, "b": { "observer": true } });
        let problem = breaks(&RULE, json!({ "zookeeper": { "hosts": hosts } }));
        assert_eq!(problem.title, "every server of the ensemble is an observer");
    }

    #[test]
    fn a_standalone_server_has_no_observers() {
        let hosts = json!({ "a": {}, "b": { "observer": true } });
        let settings = json!({ "standaloneEnabled": true });
        breaks(&RULE, json!({ "zookeeper": { "hosts": hosts, "settings": settings } }));
        let alone = json!({ "settings": { "standaloneEnabled": true } });
        let observer = json!({ "observer": true });
        breaks(&RULE, json!({ "zookeeper": { "hosts": { "a": alone, "b": observer } } }));
    }

    #[test]
    fn without_the_line_a_server_is_standalone() {
        let hosts = json!({ "a": {}, "b": { "observer": true } });
        let settings = json!({ "standaloneEnabled": null });
        let problem = breaks(&RULE, json!({ "zookeeper": { "hosts": hosts, "settings": settings } }));
        let place = Place::Pointer("/zookeeper/settings/standaloneEnabled".into());
        assert_eq!(problem.labels[0].place, place);
    }

    #[test]
    fn one_who_votes_is_enough() {
        let hosts = json!({ "a": {}, "b": { "observer": true }, "c": { "observer": false } });
        holds(&RULE, json!({ "zookeeper": { "hosts": hosts } }));
        holds(&RULE, json!({ "zookeeper": { "hosts": { "a": {}, "b": { "observer": true } } } }));
    }
}
