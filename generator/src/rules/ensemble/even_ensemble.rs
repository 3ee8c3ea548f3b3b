//! An odd number of servers votes.

use crate::rules::prelude::*;
use crate::rules::ensemble::voters::{self, Ensemble};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K208",
        severity: Warning,
        title: "even number of voting ZooKeeper servers",
        why: "A majority of four is three. So four servers survive the loss of one, as three servers do, and have \
              one more that can fail (ZooKeeper's administrator's guide, Cross Machine Requirements). Of two \
              servers, the loss of either stops the ensemble, which is worse than one server alone.",
        help: "list three, five or seven servers that vote in `zookeeper.hosts`; further ones can be observers \
               (`\"observer\": true`)",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let ensemble = voters::of(draft);
    let number = ensemble.voters.len();
    if number == 0 || !number.is_multiple_of(2) || Ensemble::is_weighted(draft) {
        return;
    }
    let survives = number - ensemble.majority();
    let title = match number {
        2 => "two servers vote: the loss of either stops the ensemble".to_owned(),
        _ => format!("{number} servers vote and survive the loss of {survives}, as {} would", number - 1),
    };
    found.add(found.problem(title).at(ensemble.at, format!("{number} servers that vote")));
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use crate::problem::Place;
    use serde_json::json;

    #[test]
    fn two_and_four_voters_are_warned_of() {
        let problem = breaks(&RULE, json!({ "zookeeper": { "hosts": { "a": {}, "b": {} } } }));
        assert_eq!(problem.title, "two servers vote: the loss of either stops the ensemble");
        let problem = breaks(&RULE, json!({ "hosts": { "d": { "address": "10.0.0.4" } } }));
        assert_eq!(problem.title, "4 servers vote and survive the loss of 1, as 3 would");
        assert_eq!(problem.labels[0].place, Place::Pointer("/hosts".into()));
    }

    #[test]
    fn an_observer_does_not_count_and_one_server_is_odd() {
        let hosts = json!({ "a": {}, "b": { "observer": true } });
        holds(&RULE, json!({ "zookeeper": { "hosts": hosts } }));
    }

    #[test]
    fn weighted_votes_are_not_counted() {
        let settings = json!({ "group.1": "1:2", "weight.1": 1 });
        holds(&RULE, json!({ "zookeeper": { "hosts": { "a": {}, "b": {} }, "settings": settings } }));
    }
}
