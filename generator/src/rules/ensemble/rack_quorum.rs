//! The loss of a rack leaves a quorum.

use indexmap::IndexMap;

use crate::rules::prelude::*;
use crate::rules::ensemble::voters::{self, Ensemble};
use crate::rules::message::at_all;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K209",
        severity: Warning,
        title: "the loss of one rack stops the ensemble",
        why: "What is in one rack fails together: switch, power, cooling. ZooKeeper's administrator's guide (Cross \
              Machine Requirements) asks for failures that are independent. If a majority is in one rack, the \
              servers in the others cannot serve without it. Two racks are never enough: one of them has half of \
              the votes or more.",
        help: "spread the servers that vote over three racks, none with as many as half of them",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let ensemble = voters::of(draft);
    if ensemble.voters.len() < 3 || Ensemble::is_weighted(draft) {
        return;
    }
    let mut racks: IndexMap<&str, Vec<&str>> = IndexMap::new();
    for name in &ensemble.voters {
        // With one rack unknown nothing can be said.
        let Some(rack) = draft.spec.hosts.get(name).and_then(|host| host.rack.as_deref()) else { return };
        racks.entry(rack).or_default().push(name);
    }
    let (all, majority) = (ensemble.voters.len(), ensemble.majority());
    for (rack, hosts) in racks.iter().filter(|(_, hosts)| all - hosts.len() < majority) {
        let title = format!(
            "the loss of rack `{rack}` takes {} of {all} servers that vote; {majority} are a quorum",
            hosts.len()
        );
        let places = hosts.iter().map(|host| pointer(["hosts", host, "rack"]));
        found.add(at_all(found.problem(title), places, "in this rack", "as well"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, says};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_majority_in_one_rack_is_warned_of() {
        let problem = breaks(&RULE, json!({ "hosts": { "c": { "rack": "1" } } }));
        assert_eq!(problem.title, "the loss of rack `1` takes 2 of 3 servers that vote; 2 are a quorum");
        assert_eq!(problem.labels.len(), 2);
    }

    #[test]
    fn half_of_an_even_ensemble_in_each_of_two_racks_is_two_such_racks() {
        let hosts = json!({ "b": { "rack": "1" }, "d": { "address": "10.0.0.4", "rack": "3" } });
        assert_eq!(says(&RULE, json!({ "hosts": hosts })).len(), 2);
    }

    #[test]
    fn three_racks_an_observer_and_unknown_racks_are_not() {
        holds(&RULE, json!({}));
        let hosts = json!({ "d": { "address": "10.0.0.4", "rack": "1" } });
        let members = json!({ "a": {}, "b": {}, "c": {}, "d": { "observer": true } });
        holds(&RULE, json!({ "hosts": hosts, "zookeeper": { "hosts": members } }));
        holds(&RULE, json!({ "hosts": { "b": { "rack": "1" }, "c": { "rack": null } } }));
    }

    #[test]
    fn one_rack_for_all_is_warned_of_once() {
        let problem = breaks(&RULE, json!({ "hosts": { "b": { "rack": "1" }, "c": { "rack": "1" } } }));
        assert!(problem.title.starts_with("the loss of rack `1` takes 3 of 3"), "{}", problem.title);
    }
}
