//! Every write waits for a majority, so votes cost.

use crate::rules::prelude::*;
use crate::rules::ensemble::voters;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K212",
        severity: Warning,
        title: "the ensemble is larger than any cluster needs",
        why: "Every write of ZooKeeper waits for a majority of the voters. Kafka's manual (Operations, \
              ZooKeeper) names 5 or 7 servers for the largest; without `zookeeper.hosts` every host is a \
              voter.",
        help: "name three, five or seven hosts in `zookeeper.hosts`",
    },
    check,
};

/// Loses three servers and goes on.
const ENOUGH: usize = 7;

fn check(draft: &Draft<'_>, found: &mut Found) {
    let ensemble = voters::of(draft);
    let voters = ensemble.voters.len();
    if voters > ENOUGH {
        let problem = found.problem(format!("the ensemble has {voters} voters"));
        found.add(problem.at_key(ensemble.at, "each of them votes"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Map, Value, json};

    fn hosts(number: usize) -> Value {
        let host = |number| (format!("zk{number}"), json!({ "address": format!("10.0.1.{number}") }));
        json!({ "hosts": (1..=number).map(host).collect::<Map<_, _>>() })
    }

    #[test]
    fn eight_voters_are_told() {
        assert!(breaks(&RULE, hosts(5)).title.contains("8 voters"));
    }

    #[test]
    fn seven_voters_and_any_number_of_brokers_are_fine() {
        holds(&RULE, hosts(4));
        let mut many = hosts(50);
        many["zookeeper"] = json!({ "hosts": { "a": {}, "b": {}, "c": {} } });
        holds(&RULE, many);
    }
}
