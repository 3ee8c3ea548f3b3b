//! Not more of a topic's replicas must answer than it has.

use crate::rules::prelude::*;
use crate::rules::brokers::replication::{MIN_ISR, min_isr_of, min_isr_stops_writes};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K605",
        severity: Error,
        title: "min ISR of a topic above its replication factor",
        why: "Up to 3.6 Kafka refuses every `acks=all` record for such a topic; from 3.7 on it silently takes the \
              number of replicas instead (Partition, `effectiveMinIsr`). That is fine for the brokers' default, but \
              not what was asked for if the topic sets its own.",
        help: "set the topic's `min.insync.replicas` to its number of replicas at most",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(kafka) = &draft.cluster.kafka else { return };
    let stops_writes = min_isr_stops_writes(&draft.cluster);
    for topic in &draft.cluster.topics {
        let (min_isr, replicas) = (min_isr_of(topic, kafka), topic.replicas.value);
        if replicas < 1 || min_isr.value <= replicas {
            continue;
        }
        let title = format!(
            "topic `{}` has {replicas} replicas, fewer than its `{MIN_ISR}` of {}",
            topic.name, min_isr.value
        );
        match (min_isr.pointer, topic.replicas.pointer()) {
            (Some(place), _) => {
                let help = format!("set `{MIN_ISR}` to {replicas} at most");
                let label = format!("there are {replicas} replicas");
                found.add(found.problem(title).at(place, label).help(help));
            }
            (None, Some(place)) if stops_writes => {
                let help =
                    format!("use {} replicas, or set `{MIN_ISR}` to {replicas} in `settings`", min_isr.value);
                let label = format!("`kafka.minInsyncReplicas` is {}", min_isr.value);
                found.add(found.problem(title).at(place, label).help(help));
            }
            // Both are those of the brokers, or Kafka takes the number of replicas.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn topic(topic: &Value) -> Value {
        json!({ "topics": { "orders": topic } })
    }

    #[test]
    fn more_than_there_are_is_refused() {
        let spec = topic(&json!({ "replicas": 2, "settings": { "min.insync.replicas": "3" } }));
        let title = "topic `orders` has 2 replicas, fewer than its `min.insync.replicas` of 3";
        assert_eq!(breaks(&RULE, spec).title, title);
    }

    #[test]
    fn all_of_them_is_possible() {
        holds(&RULE, topic(&json!({ "replicas": 2, "settings": { "min.insync.replicas": 2 } })));
        holds(&RULE, topic(&json!({ "replicas": 1, "settings": { "min.insync.replicas": 1 } })));
    }

    #[test]
    fn the_min_isr_of_the_brokers_stops_writes_before_3_7() {
        let spec = |version: &str| {
            let mut spec = topic(&json!({ "replicas": 1 }));
            spec["versions"] = json!({ "kafka": version });
            spec
        };
        breaks(&RULE, spec("3.6.2"));
        holds(&RULE, spec("3.7.0"));
    }
}
