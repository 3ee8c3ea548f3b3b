//! A client finds every partition by the listener that it came by.

use crate::rules::message::{and, plural};
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K331",
        severity: Warning,
        title: "some brokers lack a listener",
        why: "A client learns where the leader of each partition is for the listener on which it has connected. If \
              the leader lacks this listener, the client gets LISTENER_NOT_FOUND, and can neither write to the \
              partition nor read from it until another broker leads it (MetadataCache, `getPartitionMetadata`). The \
              same holds for consumer groups and transactions: their coordinator is the leader of their partition \
              of `__consumer_offsets` or `__transaction_state`, and if it lacks the listener the client asks for \
              another one without end (leaders and groups seen with 3.9.2).",
        help: "take `hosts` out, or keep it where the clients' topics are on these brokers alone and clients use \
               neither groups nor transactions",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for (name, listener) in draft.spec.kafka.listeners.iter().flatten() {
        let between = draft.cluster.kafka.as_ref().is_some_and(|kafka| kafka.inter_broker_listener.value == *name);
        let Some(hosts) = listener.hosts.as_ref().filter(|hosts| !between && !hosts.is_empty()) else { continue };
        let without: Vec<_> = draft.cluster.brokers().map(|(host, _)| &host.name).collect();
        let without: Vec<_> = without.into_iter().filter(|host| !hosts.contains(host)).collect();
        if !without.is_empty() {
            let at = pointer(["kafka", "listeners", name, "hosts"]);
            let lead = plural(without.len(), "leads", "lead");
            let title = format!("clients that come by {name} do not reach partitions that {} {lead}", and(&without));
            found.add(found.problem(title).at(at, "not all brokers"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{breaks, holds};
    use serde_json::{Value, json};

    fn on(hosts: &Value) -> Value {
        let listeners = json!({ "X": { "port": 9094, "hosts": hosts } });
        json!({ "kafka": { "interBrokerListener": "PLAINTEXT", "listeners": listeners } })
    }

    #[test]
    fn a_broker_without_a_listener_is_named() {
        let title = breaks(&RULE, on(&json!(["a", "b"]))).title;
        assert_eq!(title, "clients that come by X do not reach partitions that c leads");
        let title = breaks(&RULE, on(&json!(["a"]))).title;
        assert_eq!(title, "clients that come by X do not reach partitions that b and c lead");
    }

    #[test]
    fn a_listener_of_all_and_the_one_between_brokers_are_left_alone() {
        holds(&RULE, on(&json!(["c", "b", "a"])));
        holds(&RULE, on(&Value::Null));
        let mut between = on(&json!(["a"]));
        between["kafka"]["interBrokerListener"] = json!("X");
        holds(&RULE, between);
    }
}
