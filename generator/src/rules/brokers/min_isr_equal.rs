//! One broker may be down without stopping writes.

use crate::rules::prelude::*;
use crate::rules::brokers::replication::{
    MIN_ISR, TRANSACTIONS_FACTOR, TRANSACTIONS_MIN_ISR, min_isr_of, scopes,
};
use crate::cluster::{Brokers, Topic};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K311",
        severity: Warning,
        title: "every replica must be in sync for a write",
        why: "Where `min.insync.replicas` equals the replication factor, no `acks=all` write to a partition is \
              accepted while one of its brokers is down, even for a restart.",
        help: "use one below the replication factor",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(kafka) = &draft.cluster.kafka else { return };
    let (factor, min_isr) = (&kafka.replication_factor, &kafka.min_insync_replicas);
    if factor.value > 1 && min_isr.value == factor.value {
        let title =
            format!("one broker that is down stops writes: all {} replicas must be in sync", factor.value);
        let help = format!("use {}, one below the replication factor", factor.value - 1);
        let place = min_isr.pointer().or(factor.pointer()).unwrap_or("/kafka");
        found.add(found.problem(title).at(place, "as many as there are replicas").help(help));
    }
    for scope in scopes(&draft.cluster, kafka, &[TRANSACTIONS_FACTOR, TRANSACTIONS_MIN_ISR]) {
        let numbers = (scope.number(TRANSACTIONS_FACTOR), scope.number(TRANSACTIONS_MIN_ISR));
        let (Some(factor), Some(min_isr)) = numbers else { continue };
        let equal = factor.value > 1 && min_isr.value == factor.value;
        if let Some(place) = min_isr.pointer.or(factor.pointer).filter(|_| equal) {
            let title = format!(
                "one broker that is down stops transactions: all {} replicas must be in sync",
                factor.value
            );
            let help = format!("set `{}` to {}", TRANSACTIONS_MIN_ISR, factor.value - 1);
            found.add(found.problem(title).at(place, "as many as there are replicas").help(help));
        }
    }
    draft.cluster.topics.iter().for_each(|topic| of_topic(topic, kafka, found));
}

/// More than there are is for other rules to tell, and what stands for all topics is told there.
fn of_topic(topic: &Topic, kafka: &Brokers, found: &mut Found) {
    let (min_isr, replicas) = (min_isr_of(topic, kafka), &topic.replicas);
    let Some(place) = min_isr.pointer.or(replicas.pointer()) else { return };
    if replicas.value < 2 || min_isr.value != replicas.value {
        return;
    }
    let title = format!(
        "one broker that is down stops writes to topic `{}`: all {} replicas must be in sync",
        topic.name, replicas.value
    );
    let help = format!("set `{MIN_ISR}` in `settings` of the topic to {}", replicas.value - 1);
    let label = if min_isr.pointer.is_some() { "as many as there are replicas" } else { "as many as must be in sync" };
    found.add(found.problem(title).at(place, label).help(help));
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn all_of_several_is_warned_of() {
        let problem = breaks(&RULE, json!({ "kafka": { "minInsyncReplicas": 3 } }));
        assert_eq!(problem.help, "use 2, one below the replication factor");
        breaks(&RULE, json!({ "kafka": { "settings": { "transaction.state.log.min.isr": 3 } } }));
    }

    #[test]
    fn a_topic_with_as_many_replicas_as_must_be_in_sync_is_warned_of() {
        let topic = |topic: serde_json::Value| json!({ "topics": { "t": topic } });
        let min_isr = |number: i64| json!({ "min.insync.replicas": number });
        let problem = breaks(&RULE, topic(json!({ "settings": min_isr(3) })));
        assert_eq!(problem.help, "set `min.insync.replicas` in `settings` of the topic to 2");
        // with the min ISR of all topics
        let problem = breaks(&RULE, topic(json!({ "replicas": 2 })));
        assert_eq!(problem.labels[0].text, "as many as must be in sync");
        holds(&RULE, topic(json!({ "replicas": 2, "settings": min_isr(1) })));
        holds(&RULE, topic(json!({ "replicas": 1, "settings": min_isr(1) })));
        holds(&RULE, topic(json!({ "replicas": 3 })));
    }

    #[test]
    fn one_fewer_and_a_single_replica_are_fine() {
        holds(&RULE, json!({ "kafka": { "minInsyncReplicas": 2 } }));
        holds(&RULE, json!({ "kafka": { "replicationFactor": 1, "minInsyncReplicas": 1 } }));
    }
}
