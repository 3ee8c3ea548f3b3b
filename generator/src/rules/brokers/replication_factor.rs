//! A partition has at most one replica on each broker.

use crate::rules::prelude::*;
use crate::rules::brokers::replication::{OFFSETS_FACTOR, TRANSACTIONS_FACTOR, brokers, scopes};
use crate::rules::message::plural;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K309",
        severity: Error,
        title: "the replication factor does not fit the number of brokers",
        why: "A partition has at least one replica and at most one on each broker. Kafka refuses to create a topic \
              with more (AdminUtils, `larger than available brokers`), and without the topics \
              `__consumer_offsets` and `__transaction_state` no consumer group and no transaction works.",
        help: "use at least 1 and at most the number of brokers",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(kafka) = &draft.cluster.kafka else { return };
    let brokers = brokers(draft);
    let there_are = format!("there {} {brokers}", if brokers == 1 { "is" } else { "are" });
    let help = format!("use 1 to {brokers}, or add brokers");
    let noun = plural(usize::try_from(brokers).unwrap_or(usize::MAX), "broker", "brokers");

    let factor = &kafka.replication_factor;
    if let Some(place) = factor.pointer().filter(|_| !(1..=brokers).contains(&factor.value.into())) {
        let value = factor.value;
        let problem = found.problem(format!("replication factor {value} with {brokers} {noun}"));
        found.add(problem.at(place, &there_are).help(&help));
    }
    for key in [OFFSETS_FACTOR, TRANSACTIONS_FACTOR] {
        for scope in scopes(&draft.cluster, kafka, &[key]) {
            let Some(number) = scope.number(key) else { continue };
            if let Some(place) = number.pointer.filter(|_| number.value > brokers) {
                let value = number.value;
                let problem = found.problem(format!("`{key}` is {value} with {brokers} {noun}"));
                found.add(problem.at(place, &there_are).help(&help));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn factor(factor: u32) -> Value {
        json!({ "kafka": { "replicationFactor": factor } })
    }

    fn settings(key: &str, value: &Value) -> Value {
        json!({ "kafka": { "settings": { key: value } } })
    }

    #[test]
    fn none_and_more_than_brokers_are_refused() {
        breaks(&RULE, factor(0));
        assert_eq!(breaks(&RULE, factor(4)).title, "replication factor 4 with 3 brokers");
    }

    #[test]
    fn one_on_each_broker_is_possible() {
        holds(&RULE, factor(1));
        holds(&RULE, factor(3));
    }

    #[test]
    fn topics_that_kafka_makes_need_as_many_brokers() {
        for key in ["offsets.topic.replication.factor", "transaction.state.log.replication.factor"] {
            breaks(&RULE, settings(key, &json!("4")));
            holds(&RULE, settings(key, &json!(3)));
            let own = json!({ "kafka": { "hosts": { "a": { "settings": { key: 2 } } } } });
            assert_eq!(breaks(&RULE, own).title, format!("`{key}` is 2 with 1 broker"));
        }
    }

    #[test]
    fn without_the_line_kafka_wants_three() {
        let mut spec = settings("offsets.topic.replication.factor", &Value::Null);
        holds(&RULE, spec.clone());
        spec["kafka"]["hosts"] = json!({ "a": {} });
        assert_eq!(breaks(&RULE, spec).title, "`offsets.topic.replication.factor` is 3 with 1 broker");
    }
}
