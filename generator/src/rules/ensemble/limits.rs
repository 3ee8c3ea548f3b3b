//! A quorum has limits.

use std::collections::BTreeMap;

use crate::role::Role;
use crate::rules::prelude::*;
use crate::rules::ensemble::voters;
use crate::rules::message::and;
use crate::rules::settings::effective::services;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K211",
        severity: Error,
        title: "a required setting of ZooKeeper is removed",
        why: "`null` takes a default of kafnix out. `initLimit` and `syncLimit` have no default in ZooKeeper: a \
              server that belongs to a quorum does not start without them (`QuorumPeerConfig.checkValidity`).",
        help: "leave the key out and get kafnix's value, or write a number of ticks",
    },
    check,
};

const NEEDED: [&str; 2] = ["initLimit", "syncLimit"];

fn check(draft: &Draft<'_>, found: &mut Found) {
    let alone = voters::of(draft).voters.len() == 1;
    let mut missing: BTreeMap<&str, (&str, Vec<&str>)> = BTreeMap::new();
    for server in services(draft, Role::ZooKeeper).filter(|server| !(alone && voters::may_be_alone(server))) {
        for key in NEEDED {
            let removed = server.get(key).filter(|setting| setting.value.plain().is_none());
            let Some(at) = removed.and_then(|setting| setting.pointer()) else { continue };
            missing.entry(at).or_insert((key, Vec::new())).1.push(server.host);
        }
    }
    for (at, (key, hosts)) in missing {
        let problem = found.problem(format!("ZooKeeper does not start without `{key}` on {}", and(hosts)));
        found.add(problem.at(at, "takes kafnix's default out"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use crate::problem::Place;
    use serde_json::json;

    fn without(key: &str) -> serde_json::Value {
        json!({ "zookeeper": { "settings": { key: null } } })
    }

    #[test]
    fn a_quorum_without_a_limit_does_not_start() {
        let problem = breaks(&RULE, without("initLimit"));
        assert_eq!(problem.title, "ZooKeeper does not start without `initLimit` on a, b and c");
        breaks(&RULE, without("syncLimit"));
        let own = json!({ "a": { "settings": { "syncLimit": null } } });
        let problem = breaks(&RULE, json!({ "zookeeper": { "hosts": own } }));
        assert_eq!(problem.labels[0].place, Place::Pointer("/zookeeper/hosts/a/settings/syncLimit".into()));
    }

    #[test]
    fn other_numbers_and_a_tick_of_zookeepers_own_are_fine() {
        holds(&RULE, json!({ "zookeeper": { "settings": { "initLimit": 20 } } }));
        holds(&RULE, without("tickTime"));
    }

    #[test]
    fn a_standalone_server_has_nobody_to_wait_for() {
        let settings = json!({ "initLimit": null, "standaloneEnabled": true });
        holds(&RULE, json!({ "zookeeper": { "hosts": { "a": {} }, "settings": settings } }));
        // as ZooKeeper has it where the line is missing
        let settings = json!({ "initLimit": null, "standaloneEnabled": null });
        holds(&RULE, json!({ "zookeeper": { "hosts": { "a": {} }, "settings": settings } }));
    }
}
