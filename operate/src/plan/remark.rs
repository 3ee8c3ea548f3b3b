//! What a plan tells beside its steps.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    pub kind: Kind,
    /// A topic, a host, a broker, or the cluster.
    pub subject: String,
    pub what: String,
    /// What to do, where that is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
}

/// What it is about, for programs: the names stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    // open
    /// The cluster id is another one than the spec's.
    OtherCluster,
    /// No Kafka cluster is known below the chroot.
    NoCluster,
    /// A topic has more partitions than the spec says.
    MorePartitions,
    /// Partitions have another number of replicas than the spec says.
    OtherReplicas,
    /// A broker that is neither in the spec nor registered is to have replicas.
    BrokerGone,
    /// A reassignment that has ended has left a throttle of a topic.
    TopicThrottle,
    /// The same of a broker.
    BrokerThrottle,
    /// A dynamic setting beats the generated one.
    SettingOverridden,
    /// A broker runs with other settings than the generated ones, or its settings are unknown.
    BrokerSettings,
    /// A host was not switched to the generated configuration.
    HostNotSwitched,
    /// A server was not restarted since its unit changed.
    ServiceNotRestarted,

    // notes
    /// Partitions are being given other replicas, or it is unknown which.
    Reassignment,
    /// A topic that kafnix has created or changed is not in the spec any more.
    TopicNotInSpec,
    /// A topic has settings that are not in the spec and that kafnix did not set, or its settings are unknown.
    TopicSettings,
    /// A dynamic setting is not in the spec, and beats nothing.
    DynamicSetting,
    /// A broker is registered and not in the spec.
    BrokerNotInSpec,
    /// A host has published nothing, or not what its servers run.
    HostSilent,
    /// A host that has published something is not in the spec.
    HostNotInSpec,
    /// A host has the turn to restart its servers.
    Turn,

    // unknown
    /// What is registered in the ensemble.
    Registry,
    Topics,
    /// What a host has published.
    HostGeneration,
}

impl Kind {
    /// Whether its subject is the name of a topic, of which nobody would know otherwise what it names.
    pub fn is_of_a_topic(self) -> bool {
        matches!(
            self,
            Self::MorePartitions
                | Self::OtherReplicas
                | Self::TopicThrottle
                | Self::Reassignment
                | Self::TopicNotInSpec
                | Self::TopicSettings
        )
    }
}
