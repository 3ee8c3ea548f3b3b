//! An acknowledged record has more than one copy.

use crate::rules::prelude::*;
use crate::rules::brokers::replication::min_isr_of;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K332",
        severity: Warning,
        title: "a record is acknowledged that one replica alone may have",
        why: "With a min ISR of 1 a leader acknowledges records with `acks=all` even when all its followers have \
              fallen out of sync. If its disk is lost then, these records are lost. With three replicas or more, a \
              min ISR of 2 lets one broker be down and keeps two copies of each acknowledged record. With two \
              replicas it would stop writes whenever one of them is down.",
        help: "use 2",
    },
    check,
};

/// Of fewer, a higher min ISR stops writes while one broker is down.
const ENOUGH: i64 = 3;

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(kafka) = &draft.cluster.kafka else { return };
    let (factor, min_isr) = (i64::from(kafka.replication_factor.value), &kafka.min_insync_replicas);
    if let Some(at) = min_isr.pointer().filter(|_| min_isr.value == 1 && factor >= ENOUGH) {
        let title = format!("of {factor} replicas one alone may have an acknowledged record");
        found.add(found.problem(title).at(at, "one replica in sync is enough"));
    }
    for topic in &draft.cluster.topics {
        let (min_isr, replicas) = (min_isr_of(topic, kafka), topic.replicas.value);
        if let Some(at) = min_isr.pointer.filter(|_| min_isr.value == 1 && replicas >= ENOUGH) {
            let name = &topic.name;
            let title = format!("of {replicas} replicas of topic `{name}` one alone may have an acknowledged record");
            found.add(found.problem(title).at(at, "one replica in sync is enough"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{breaks, holds};
    use serde_json::{Value, json};

    fn topic(replicas: i64, min_isr: i64) -> Value {
        json!({ "topics": { "t": { "replicas": replicas, "settings": { "min.insync.replicas": min_isr } } } })
    }

    #[test]
    fn one_of_three_is_warned_of_for_all_topics_and_for_one() {
        breaks(&RULE, json!({ "kafka": { "minInsyncReplicas": 1 } }));
        let problem = breaks(&RULE, topic(3, 1));
        assert_eq!(problem.title, "of 3 replicas of topic `t` one alone may have an acknowledged record");
    }

    #[test]
    fn two_of_three_and_one_of_two_are_fine() {
        holds(&RULE, json!({ "kafka": { "minInsyncReplicas": 2 } }));
        holds(&RULE, topic(3, 2));
        holds(&RULE, topic(2, 1));
    }
}
