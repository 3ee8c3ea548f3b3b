//! Either every broker has a rack or none.

use crate::rules::prelude::*;
use crate::rules::message::{and, at_all, plural};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K313",
        severity: Error,
        title: "some brokers have a rack and others have none",
        why: "While such brokers are up together, Kafka creates no topic: it fails with `Not all brokers have rack \
              information` (AdminUtils, 2.7 and 3.9), and adding partitions fails as well (AdminZkClient). From 2.8 on \
              this holds for the topic of consumer offsets, too.",
        help: "give every broker's host a `rack`, or none",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let (with, without): (Vec<_>, Vec<_>) =
        draft.cluster.brokers().map(|(host, _)| host).partition(|host| host.rack.is_some());
    if with.is_empty() || without.is_empty() {
        return;
    }
    let names = and(without.iter().map(|host| &host.name));
    let have = plural(without.len(), "has", "have");
    let problem = found.problem(format!("{names} {have} no rack, and other brokers have one"));
    let places = without.iter().map(|host| pointer(["hosts", &host.name]));
    found.add(at_all(problem, places, "no rack here", "nor here"));
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_broker_without_a_rack_among_others_is_refused() {
        let problem = breaks(&RULE, json!({ "hosts": { "b": { "rack": null }, "c": { "rack": null } } }));
        assert_eq!(problem.title, "b and c have no rack, and other brokers have one");
        assert_eq!(problem.labels.len(), 2);
    }

    #[test]
    fn all_none_and_hosts_that_are_no_brokers_are_fine() {
        holds(&RULE, json!({}));
        let none = json!({ "rack": null });
        holds(&RULE, json!({ "hosts": { "a": none, "b": none, "c": none } }));
        holds(&RULE, json!({ "hosts": { "c": none }, "kafka": { "hosts": { "a": {}, "b": {} } } }));
    }
}
