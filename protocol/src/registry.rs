//! What Kafka keeps in ZooKeeper, and kafnix beside it: the paths of the nodes, and what stands in them.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// The brokers that are registered, a node for each id.
pub const BROKER_IDS: &str = "/brokers/ids";
pub const CONTROLLER: &str = "/controller";
pub const CLUSTER_ID: &str = "/cluster/id";
/// What Kafka knows of each topic.
pub const KAFKA_TOPICS: &str = "/brokers/topics";
/// What kafnix keeps beside Kafka's nodes: a node for each topic with settings that it has set.
pub const TOPICS: &str = "/kafnix/topics";

/// What each host says of the configuration that it was switched to, a node for each.
pub const HOSTS: &str = "/kafnix/hosts";
/// Below the node of a host: what its services run with.
pub const RUNNING: &str = "running";

/// Which host may restart its brokers now, and with it all hosts that have brokers.
pub const TURN: &str = "/kafnix/turn";
/// The same for ZooKeeper servers. It is below no chroot: all hosts of the ensemble share it.
pub const ENSEMBLE_TURN: &str = "/kafnix/ensemble/turn";

/// A node below the chroot.
pub fn below(chroot: &str, path: &str) -> String {
    format!("{}{path}", chroot.trim_end_matches('/'))
}

/// What stands in [`CLUSTER_ID`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterId {
    pub version: String,
    pub id: String,
}

/// What stands below [`TOPICS`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedTopic {
    /// The settings that were set for the spec, and may be taken back with it.
    pub keys: BTreeSet<String>,
    /// The transaction that created the topic's own node: another topic of the same name has another one. Absent
    /// until the topic is there.
    #[serde(default)]
    pub created: Option<i64>,
}

/// What stands below [`HOSTS`]. It is written when a host is switched to another configuration, and at no other time:
/// the node that was changed last is of the newest one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generation {
    /// Digest of what was generated for the host; absent where its configuration does not know.
    #[serde(default)]
    pub generated: Option<String>,
    /// The topics that its spec declares. What does not name them is another format, and does not declare none.
    pub topics: BTreeSet<String>,
}

/// What stands in [`RUNNING`]: the services of a host by the names of their units, each with the digest of its unit. A
/// service whose digest changes is restarted, and only then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// As the host is configured.
    pub wanted: BTreeMap<String, String>,
    /// As the process was started; absent where there is none.
    pub services: BTreeMap<String, Option<String>>,
    /// The system that it was switched to, by its path in the store.
    #[serde(default)]
    pub system: Option<String>,
    /// The versions of this system: of the release of each service, by its section of the spec, and of the `jdk`.
    #[serde(default)]
    pub versions: BTreeMap<String, String>,
}

/// What stands in [`TURN`] and [`ENSEMBLE_TURN`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    pub host: String,
    /// The boot of the host that took it, as its kernel names it.
    #[serde(default)]
    pub boot: String,
    /// The services that restart, with the digests of the units that they get.
    #[serde(default)]
    pub services: BTreeMap<String, String>,
    /// Of a person who took it by hand.
    #[serde(default)]
    pub reason: Option<String>,
    /// Where it was taken by hand: how systemd names the run of each service (`InvocationID`) that is to be restarted.
    /// It is given back when one of them, or the boot, is another.
    #[serde(default)]
    pub runs: BTreeMap<String, String>,
}

/// What a broker says of itself when it registers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// `NAME://host:port`
    #[serde(default)]
    pub endpoints: Vec<String>,
    #[serde(default)]
    pub listener_security_protocol_map: BTreeMap<String, String>,
    #[serde(default)]
    pub rack: Option<String>,
}

impl Registration {
    /// The listeners without TLS and SASL: name and `host:port` of each.
    pub fn plaintext(&self) -> impl Iterator<Item = (&str, &str)> {
        let endpoints = self.endpoints.iter().filter_map(|endpoint| endpoint.split_once("://"));
        endpoints.filter(|(name, _)| {
            self.listener_security_protocol_map.get(*name).map_or(*name, String::as_str) == "PLAINTEXT"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_is_plaintext_by_its_protocol_or_by_its_name() {
        let of = |map: &[(&str, &str)]| Registration {
            endpoints: ["A://a:1", "PLAINTEXT://[::1]:2", "SSL://a:3"].map(String::from).into(),
            listener_security_protocol_map: map
                .iter()
                .map(|(name, protocol)| (String::from(*name), String::from(*protocol)))
                .collect(),
            rack: None,
        };
        let plain: Vec<_> =
            of(&[("A", "PLAINTEXT")]).plaintext().map(|(_, address)| String::from(address)).collect();
        assert_eq!(plain, ["a:1", "[::1]:2"]);
        assert_eq!(of(&[("A", "SASL_SSL"), ("PLAINTEXT", "SSL")]).plaintext().count(), 0);
    }

    #[test]
    fn a_chroot_ends_where_the_path_begins() {
        assert_eq!(below("/peter-kafka", BROKER_IDS), "/peter-kafka/brokers/ids");
        assert_eq!(below("/one/two/", BROKER_IDS), "/one/two/brokers/ids");
        assert_eq!(below("/", BROKER_IDS), "/brokers/ids");
        assert_eq!(below("", BROKER_IDS), "/brokers/ids");
    }
}
