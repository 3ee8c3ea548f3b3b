//! A broker that leaves takes its replicas along.

use std::collections::BTreeSet;

use crate::rules::prelude::*;
use crate::rules::message::{and, plural, unless_meant};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K709",
        severity: Error,
        title: "a broker leaves with the replicas that it holds",
        why: "Kafka does not move replicas by itself when a broker leaves. Its partitions stay under-replicated, \
              and those of which it had the only replica are gone. The spec does not say whether the broker still \
              has some.",
        help: "move its replicas first; `kafnix generate --accept K709` takes the change once, on purpose",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(lock) = draft.lock else { return };
    let listed = draft.spec.kafka.hosts.as_ref();
    let ids: BTreeSet<i64> = draft.cluster.brokers().map(|(_, broker)| broker.id.value).collect();
    let stays: BTreeSet<&str> = draft.cluster.brokers().map(|(host, _)| host.name.as_str()).collect();
    // One that is still listed is no host, and one whose id another host has moves: both have rules.
    let gone: Vec<_> = lock
        .kafka
        .iter()
        .filter(|(name, _)| {
            !stays.contains(name.as_str()) && !listed.is_some_and(|all| all.contains_key(*name))
        })
        .filter(|(_, broker)| !ids.contains(&broker.id))
        .collect();
    if gone.is_empty() {
        return;
    }
    let names = and(gone.iter().map(|(name, _)| format!("`{name}`")));
    let numbers = and(gone.iter().map(|(_, broker)| broker.id));
    let brokers = plural(gone.len(), "broker", "brokers");
    let leaves = plural(gone.len(), "leaves with the replicas that it holds", "leave with their replicas");
    let safe = format!(
        "keep {names}, move all partitions away from {brokers} {numbers} with `kafka-reassign-partitions.sh`, and \
         see with `--verify` that it is done"
    );
    let at = if listed.is_some() { "/kafka/hosts" } else { "/hosts" };
    let problem = found.problem(format!("{names} {leaves}"));
    found.add(
        problem.at(at, format!("{names} no longer among them")).help(unless_meant(&safe, RULE.diagnostic.code)),
    );
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{one, says_after};
    use super::RULE;
    use serde_json::{Value, json};

    fn brokers(hosts: &Value) -> Value {
        json!({ "kafka": { "hosts": hosts } })
    }

    #[test]
    fn a_broker_that_leaves_is_told_with_the_way_to_empty_it() {
        let problem = one(says_after(&RULE, json!({}), brokers(&json!({ "a": {}, "b": {} }))));
        assert_eq!(problem.title, "`c` leaves with the replicas that it holds");
        assert!(problem.help.contains("from broker 3 with `kafka-reassign-partitions.sh`"));
    }

    #[test]
    fn several_that_leave_are_one_problem_also_when_the_host_goes() {
        let problem = one(says_after(&RULE, json!({}), json!({ "hosts": { "b": null, "c": null } })));
        assert_eq!(problem.title, "`b` and `c` leave with their replicas");
        assert!(problem.help.contains("from brokers 2 and 3 with"), "{}", problem.help);
    }

    #[test]
    fn a_broker_more_and_one_whose_id_moves_are_left_to_others() {
        let two = brokers(&json!({ "a": {}, "b": {} }));
        assert_eq!(says_after(&RULE, two.clone(), json!({})), []);
        assert_eq!(says_after(&RULE, two, brokers(&json!({ "a": {}, "c": { "id": 2 } }))), []);
    }
}
