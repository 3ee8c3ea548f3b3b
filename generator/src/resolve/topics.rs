//! The topics.

use std::collections::BTreeMap;

use super::settings::{imply, overlay_of};
use super::{defaults, or_default};
use crate::cluster::{Brokers, Origin, Settings, Sourced, Topic};
use crate::keys::TOPIC;
use crate::problem::pointer;
use crate::spec::{Spec, Survives, TopicSpec};

/// What `survives: power-loss` takes: every record is forced to the disk of each in-sync replica
/// before it is acknowledged.
const FLUSH_EACH_RECORD: (&str, i64) = ("flush.messages", 1);

pub(super) fn resolve(spec: &Spec, brokers: Option<&Brokers>) -> Vec<Topic> {
    let by_name: BTreeMap<_, _> = spec.topics.iter().collect();
    by_name.into_iter().map(|(name, topic)| resolved(name, topic, brokers)).collect()
}

fn resolved(name: &str, topic: &TopicSpec, brokers: Option<&Brokers>) -> Topic {
    let at = |key| pointer(["topics", name, key]);
    let partitions = brokers.and_then(|all| all.settings.get("num.partitions")?.value.integer());
    let replicas = brokers.map_or(1, |all| all.replication_factor.value);
    let survives = or_default(topic.survives, at("survives"), Survives::default(), defaults::SURVIVES_REASON);
    let mut settings = Settings::new();
    if survives.value == Survives::PowerLoss {
        imply(&mut settings, FLUSH_EACH_RECORD.0, FLUSH_EACH_RECORD.1, "/topics/*/survives");
    }
    overlay_of(&mut settings, &topic.settings, &["topics", name], &TOPIC, |key| owned(topic, key).is_some());
    Topic {
        name: name.to_owned(),
        partitions: match (topic.partitions, partitions) {
            (None, Some(number)) => Sourced::new(number, Origin::Topology("/kafka/settings/num.partitions")),
            (written, _) => or_default(written, at("partitions"), 1, "Kafka's default"),
        },
        replicas: match topic.replicas {
            Some(replicas) => Sourced::new(replicas, Origin::Spec(at("replicas"))),
            None => Sourced::new(replicas.into(), Origin::Topology("/kafka/replicationFactor")),
        },
        survives,
        settings,
    }
}

/// Where an owned setting of this topic is written.
pub fn owned(topic: &TopicSpec, key: &str) -> Option<&'static str> {
    let implied = topic.survives == Some(Survives::PowerLoss) && key == FLUSH_EACH_RECORD.0;
    implied.then_some("`survives`: `power-loss` forces every record to the disk")
}
