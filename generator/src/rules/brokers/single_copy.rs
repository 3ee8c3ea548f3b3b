//! Data has more than one copy.

use std::collections::BTreeSet;

use crate::role::Role;
use crate::rules::brokers::replication::{self, OFFSETS_FACTOR, TRANSACTIONS_FACTOR};
use crate::rules::message::{and, at_all};
use crate::rules::prelude::*;
use crate::rules::settings::effective::services;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K328",
        severity: Warning,
        title: "data has a single copy",
        why: "With one replica, the loss of a disk is the loss of the records on it, and they are not available \
              while their broker restarts. With one replica of `__consumer_offsets` or `__transaction_state`, the \
              consumer groups or transactions whose partition is on that broker stop with it; with one of \
              `__remote_log_metadata`, the tiered segments that its partition lists are not found.",
        help: "use a replication factor of 3, or of 2 where there are two brokers",
    },
    check,
};

const TIERED: &str = "remote.log.storage.system.enable";
// TopicBasedRemoteLogMetadataManagerConfig
const REMOTE_FACTOR: &str = "rlmm.config.remote.log.metadata.topic.replication.factor";

/// Each setting with the topic that it is for.
const FACTORS: [(&str, &str); 3] = [
    (OFFSETS_FACTOR, "__consumer_offsets"),
    (TRANSACTIONS_FACTOR, "__transaction_state"),
    (REMOTE_FACTOR, "__remote_log_metadata"),
];

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(kafka) = &draft.cluster.kafka else { return };
    if replication::brokers(draft) < 2 {
        return;
    }
    let factor = &kafka.replication_factor;
    if let (1, Some(at)) = (factor.value, factor.pointer()) {
        let title = "`kafka.replicationFactor` is 1: topics that do not say otherwise have one replica";
        let problem = found.problem(title);
        found.add(problem.at(at, "the default of every topic"));
    }
    let mut told = BTreeSet::new();
    for broker in services(draft, Role::Broker) {
        // Another rule tells of a setting that nothing reads.
        let is_tiered = broker.text(TIERED).is_some_and(|on| on.eq_ignore_ascii_case("true"));
        for (key, topic) in FACTORS.into_iter().filter(|(key, _)| is_tiered || *key != REMOTE_FACTOR) {
            let at = broker.get(key).and_then(|setting| setting.pointer());
            let Some(at) = at.filter(|at| broker.number(key) == Some(1) && told.insert(*at)) else { continue };
            found.add(found.problem(format!("`{key}` is 1: the topic `{topic}` has one replica")).at(at, "one copy"));
        }
    }
    let single = draft.cluster.topics.iter().filter(|topic| topic.replicas.value == 1);
    let single: Vec<_> = single.filter_map(|topic| Some((&topic.name, topic.replicas.pointer()?))).collect();
    if !single.is_empty() {
        let names = and(single.iter().map(|(name, _)| format!("`{name}`")));
        let (topics, have) = if single.len() == 1 { ("topic", "has") } else { ("topics", "have") };
        let problem = found.problem(format!("the {topics} {names} {have} one replica"));
        found.add(at_all(problem, single.iter().map(|(_, at)| *at), "one copy", "and here"));
    }
}

#[cfg(test)]
mod tests {
    use super::{REMOTE_FACTOR, RULE, TIERED};
    use crate::rules::testing::{breaks, holds, says};
    use serde_json::{Value, json};

    fn kafka(key: &str, value: &Value) -> Value {
        json!({ "kafka": { "settings": { key: value } } })
    }

    #[test]
    fn one_replica_is_told_wherever_it_is_written() {
        breaks(&RULE, json!({ "kafka": { "replicationFactor": 1, "minInsyncReplicas": 1 } }));
        breaks(&RULE, kafka("offsets.topic.replication.factor", &json!(1)));
        breaks(&RULE, kafka("transaction.state.log.replication.factor", &json!("1")));
        let topics = json!({ "a": { "replicas": 1 }, "b": { "replicas": 1 }, "c": {} });
        let problem = breaks(&RULE, json!({ "topics": topics }));
        assert_eq!(problem.title, "the topics `a` and `b` have one replica");
        let problem = breaks(&RULE, json!({ "topics": { "a": { "replicas": 1 } } }));
        assert_eq!(problem.title, "the topic `a` has one replica");
    }

    #[test]
    fn what_is_known_of_tiered_segments_is_data_where_storage_is_tiered() {
        let settings = |tiered: bool| json!({ TIERED: tiered, REMOTE_FACTOR: 1 });
        let problem = breaks(&RULE, json!({ "kafka": { "settings": settings(true) } }));
        assert!(problem.title.ends_with("is 1: the topic `__remote_log_metadata` has one replica"), "{problem:?}");
        holds(&RULE, json!({ "kafka": { "settings": settings(false) } }));
    }

    #[test]
    fn one_broker_can_have_no_more() {
        let one = json!({ "kafka": { "hosts": { "a": {} }, "replicationFactor": 1 } });
        assert_eq!(says(&RULE, one), []);
        holds(&RULE, json!({}));
    }
}
