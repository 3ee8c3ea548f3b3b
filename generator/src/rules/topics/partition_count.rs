//! Brokers hold no more partitions than Kafka is known to manage.

use crate::cluster::Topic;
use crate::rules::prelude::*;
use crate::rules::brokers::replication::brokers;
use crate::rules::message::{and, at_all, plural};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K612",
        severity: Warning,
        title: "more partitions than Kafka with ZooKeeper is known to manage",
        why: "Each replica of a partition is open files, memory and a share of what a broker fetches, and the \
              controller moves the leaders of a lost broker one by one. The recommendation for Kafka with ZooKeeper is \
              at most 4,000 partitions on a broker and 200,000 in a cluster (KIP-578). Partitions can be added later, \
              but never removed.",
        help: "declare fewer partitions, or add brokers",
    },
    check,
};

const ON_A_BROKER: i64 = 4_000;
const IN_A_CLUSTER: i64 = 200_000;
/// Topics that are named: those with the most.
const NAMED: usize = 3;

fn check(draft: &Draft<'_>, found: &mut Found) {
    // Rules of their own refuse the rest.
    let topics = || draft.cluster.topics.iter().filter(|topic| topic.partitions.value > 0 && topic.replicas.value > 0);
    let brokers = brokers(draft).max(1);
    let sum = |numbers: &mut dyn Iterator<Item = i64>| numbers.fold(0_i64, i64::saturating_add);
    let partitions = sum(&mut topics().map(|topic| topic.partitions.value));
    let replicas = sum(&mut topics().map(|topic| topic.partitions.value.saturating_mul(topic.replicas.value)));
    let on_each = replicas / brokers;
    let title = if on_each > ON_A_BROKER {
        format!("each of {brokers} brokers would hold {on_each} replicas of the declared topics")
    } else if partitions > IN_A_CLUSTER {
        format!("the declared topics have {partitions} partitions")
    } else {
        return;
    };
    let mut largest: Vec<_> = topics().collect();
    largest.sort_by_key(|topic| std::cmp::Reverse(topic.partitions.value.saturating_mul(topic.replicas.value)));
    largest.truncate(NAMED);
    let of_topic = |topic: &Topic| pointer(["topics", &topic.name]);
    let place = |topic: &Topic| topic.partitions.pointer().map_or_else(|| of_topic(topic), str::to_owned);
    let places = largest.iter().map(|topic| place(topic));
    let most = format!("at most {ON_A_BROKER} replicas on a broker and {IN_A_CLUSTER} partitions are advised");
    let names = and(largest.iter().map(|topic| format!("`{}`", topic.name)));
    let have = plural(largest.len(), "has", "have");
    let help = format!("declare fewer partitions ({names} {have} most), or add brokers");
    found.add(at_all(found.problem(title), places, &most, "and here").help(help));
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{breaks, holds};
    use serde_json::{Value, json};

    fn topics(partitions: &[i64]) -> Value {
        let topics = partitions.iter().enumerate();
        let topics = topics.map(|(index, number)| (format!("t{index}"), json!({ "partitions": number })));
        json!({ "topics": topics.collect::<serde_json::Map<_, _>>() })
    }

    #[test]
    fn an_absurd_number_is_warned_of_once_with_the_topics_that_have_most() {
        let problem = breaks(&RULE, topics(&[1_000_000]));
        assert_eq!(problem.title, "each of 3 brokers would hold 1000000 replicas of the declared topics");
        let problem = breaks(&RULE, topics(&[1, 2000, 2000, 1000]));
        assert!(problem.help.contains("`t1`, `t2` and `t3` have most"), "{}", problem.help);
        breaks(&RULE, topics(&[i64::from(i32::MAX), i64::from(i32::MAX)]));
        for partitions in [json!(5000), json!("5000")] {
            let settings = json!({ "num.partitions": partitions });
            breaks(&RULE, json!({ "kafka": { "settings": settings }, "topics": { "t": {} } }));
        }
    }

    #[test]
    fn as_many_as_are_advised_are_fine() {
        holds(&RULE, topics(&[4000]));
        holds(&RULE, topics(&[0, -1]));
    }

    #[test]
    fn a_cluster_has_a_limit_however_many_brokers_it_has() {
        let hosts: serde_json::Map<_, _> =
            (0..60).map(|n| (format!("h{n}"), json!({ "address": format!("10.0.1.{}", n + 1) }))).collect();
        let spec = |partitions: i64| {
            let topic = json!({ "partitions": partitions, "replicas": 1 });
            json!({ "hosts": hosts, "topics": { "t": topic } })
        };
        assert_eq!(breaks(&RULE, spec(200_001)).title, "the declared topics have 200001 partitions");
        holds(&RULE, spec(200_000));
    }
}
