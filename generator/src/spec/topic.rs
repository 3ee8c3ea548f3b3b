//! A topic, as a person writes it.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Setting;

/// A topic.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TopicSpec {
    /// Partitions, 1 and up. Default: `num.partitions` of the brokers, else 1.
    pub partitions: Option<i64>,
    /// Replicas of each partition, 1 and up. Default: `replicationFactor`.
    pub replicas: Option<i64>,
    /// What an acknowledged record survives. Default: `host-loss`.
    pub survives: Option<Survives>,
    /// Settings of the topic.
    #[serde(default)]
    pub settings: IndexMap<String, Setting>,
}

/// What a record survives once `acks=all` has been answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Survives {
    /// The loss of hosts, as long as one in-sync replica is left.
    #[default]
    HostLoss,
    /// The loss of power of all hosts at once: no record is acknowledged before it is on the disks
    /// of the in-sync replicas. Costs most of the throughput.
    PowerLoss,
}
