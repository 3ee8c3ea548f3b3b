//! An ensemble has members who vote.

use crate::rules::prelude::*;
use crate::rules::ensemble::voters;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K206",
        severity: Error,
        title: "observers have nobody to follow",
        why: "Observers follow a leader without a vote, so an ensemble of observers has no leader, and ZooKeeper does \
              not start (`parseDynamicConfig` in `QuorumPeerConfig.java`). With `standaloneEnabled` it requires two \
              voting members before it accepts an observer.",
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
    let standalone = draft.cluster.ensemble().settings.get("standaloneEnabled");
    if let ([voter], Some(setting)) = (ensemble.voters.as_slice(), standalone)
        && setting.value.is_true()
    {
        let title = format!("{voter} alone votes and is standalone, so no observer can follow it");
        let at = setting.pointer().unwrap_or("/zookeeper/settings");
        let observer = pointer(["zookeeper", "hosts", observer, "observer"]);
        let help = "leave `standaloneEnabled` out: kafnix sets it to false";
        found.add(
            found.problem(title).at(at, "it starts without a quorum").at(observer, "an observer").help(help),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
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
    }

    #[test]
    fn one_who_votes_is_enough() {
        let hosts = json!({ "a": {}, "b": { "observer": true }, "c": { "observer": false } });
        holds(&RULE, json!({ "zookeeper": { "hosts": hosts } }));
        holds(&RULE, json!({ "zookeeper": { "hosts": { "a": {}, "b": { "observer": true } } } }));
    }
}
