//! A topic's replicas have brokers to be on.

use crate::rules::prelude::*;
use crate::rules::brokers::replication::brokers;
use crate::rules::message::plural;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K602",
        severity: Error,
        title: "a topic's replication factor does not fit the number of brokers",
        why: "A partition has at least one replica and at most one on each broker: Kafka refuses to create a topic \
              with more (AdminUtils, `larger than available brokers`).",
        help: "use at least 1 and at most the number of brokers",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    if draft.cluster.kafka.is_none() {
        return;
    }
    let brokers = brokers(draft);
    let noun = plural(usize::try_from(brokers).unwrap_or(usize::MAX), "broker", "brokers");
    for topic in &draft.cluster.topics {
        let number = topic.replicas.value;
        // What comes from `kafka.replicationFactor` is checked there.
        let Some(place) = topic.replicas.pointer().filter(|_| !(1..=brokers).contains(&number)) else {
            continue;
        };
        let title = format!("topic `{}` cannot have {number} replicas with {brokers} {noun}", topic.name);
        let help = format!("use 1 to {brokers}, or add brokers");
        found.add(found.problem(title).at(place, format!("1 to {brokers} are possible")).help(help));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn replicas(number: i64) -> Value {
        json!({ "topics": { "orders": { "replicas": number } } })
    }

    #[test]
    fn none_and_more_than_brokers_are_refused() {
        breaks(&RULE, replicas(0));
        assert_eq!(breaks(&RULE, replicas(4)).title, "topic `orders` cannot have 4 replicas with 3 brokers");
    }

    #[test]
    fn one_on_each_broker_is_possible() {
        holds(&RULE, replicas(3));
        holds(&RULE, replicas(1));
        holds(&RULE, json!({ "kafka": { "replicationFactor": 9 }, "topics": { "orders": {} } }));
    }
}
