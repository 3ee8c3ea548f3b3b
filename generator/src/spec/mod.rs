//! The spec as a person writes it. These types are its only definition: reading, the JSON Schema
//! and the reference in docs/ all come from them. A leaf is parsed when it is read, so nothing
//! later meets an address or a version that is not one.

pub mod comments;
pub mod read;
pub(crate) mod not_json;
mod language;
pub(crate) mod decode;
mod meant;
mod shape;
mod setting;
pub mod value;
mod bind;
mod disk;
mod firewall;
mod section;
mod security;
mod topic;

use std::fmt;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use bind::Bind;
pub use disk::{DiskSpec, FileSystem, MissingLogDirs};
pub use firewall::{FirewallSpec, MonitoringSpec};
pub(crate) use meant::fitted;
pub use section::Section;
pub use security::{ClientAuth, Protocol, TlsSpec};
pub use setting::Setting;
pub use topic::{Survives, TopicSpec};
pub use value::{Address, Cidr, Heap, Jdk, ProtocolVersion, Version};

/// A ZooKeeper ensemble and its Kafka brokers, as one file.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "kafnix cluster spec")]
pub struct Spec {
    /// Address of this schema, for editors.
    #[serde(rename = "$schema")]
    pub schema: Option<String>,
    /// Name of the cluster, `[a-z0-9-]+`. Default: `kafka`. It is written into the data directories,
    /// so it cannot change later.
    pub name: Option<String>,
    /// Versions that every host runs, unless the host names others.
    #[serde(default)]
    pub versions: Versions,
    /// Platform of the hosts, unless a host names another. Default: `x86_64-linux`.
    pub system: Option<System>,
    /// Domain of the hosts, like `example.com`, unless a host names another: with it `kafka01` is
    /// `kafka01.example.com` in `/etc/hosts` and where a listener advertises `{host}`.
    pub domain: Option<String>,
    /// Every machine of the cluster by its host name (an RFC 1123 label of at most 63 characters). Where
    /// `zookeeper.hosts` or `kafka.hosts` is absent, one host more or less is one server or broker more or less.
    pub hosts: IndexMap<String, HostSpec>,
    /// Memory of each host, like `64g`, unless a host names its own. Where it is known, the heaps are
    /// checked against it.
    pub memory: Option<Heap>,
    /// Disks of every host by mount point. A host gets those that a directory of its servers lies on.
    #[serde(default)]
    pub disks: IndexMap<String, DiskSpec>,
    /// Files of every host for TLS.
    #[serde(default)]
    pub tls: TlsSpec,
    /// Who besides the members may reach the hosts.
    #[serde(default)]
    pub firewall: FirewallSpec,
    /// The ensemble.
    #[serde(default)]
    pub zookeeper: ZooKeeperSpec,
    /// The brokers.
    #[serde(default)]
    pub kafka: KafkaSpec,
    /// Topics that the cluster must have, by name. `kafnix local up`, the hosts and `kafnix apply` create them,
    /// `kafnix verify` compares them.
    #[serde(default)]
    pub topics: IndexMap<String, TopicSpec>,
    /// Warnings to hide, by their code, each with the reason. The last line of `kafnix check` then has the code and the
    /// reason alone. A vulnerability of a release is hidden by its id, like `CVE-2026-24281`.
    #[serde(default)]
    pub silenced: IndexMap<String, String>,
    /// Further names for `/etc/hosts` on every host, each with its address. Another name restarts no server, unless a
    /// broker reaches others by it.
    #[serde(default)]
    pub names: IndexMap<String, Address>,
}

/// Versions of the three products. Each must have a pin (`kafnix show pins`).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Versions {
    /// Major version of the JDK. Default: the lock's, else `17`.
    pub jdk: Option<Jdk>,
    /// Version of ZooKeeper. Default: the lock's, else `3.9.5`.
    pub zookeeper: Option<Version>,
    /// Version of Kafka, below 4.0. Default: the lock's, else `3.9.2`.
    pub kafka: Option<Version>,
}

/// A platform that kafnix makes hosts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum System {
    #[serde(rename = "x86_64-linux")]
    X86_64Linux,
    #[serde(rename = "aarch64-linux")]
    Aarch64Linux,
}

/// One machine.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HostSpec {
    /// Domain of this host. `""` for a host without one.
    pub domain: Option<String>,
    /// Address of the host: short for `addresses` with the one network `default`.
    pub address: Option<Address>,
    /// Address of the host in each network that it is in, by the network's name.
    #[serde(default)]
    pub addresses: IndexMap<String, Address>,
    /// Rack (or zone) of the host. Brokers announce it as `broker.rack`, and Kafka spreads replicas
    /// over racks.
    pub rack: Option<String>,
    /// Whether kafnix writes this host's configuration. A host that another system runs (`false`) is
    /// a member of the cluster all the same: it is in `server.N`, `zookeeper.connect` and `/etc/hosts`.
    /// Default: `true`.
    pub managed: Option<bool>,
    /// Platform of this host.
    pub system: Option<System>,
    /// Versions of this host, over those of the cluster.
    #[serde(default)]
    pub versions: Versions,
    /// Memory of this host, like `64g`.
    pub memory: Option<Heap>,
    /// Disks of this host by mount point, over those of every host.
    #[serde(default)]
    pub disks: IndexMap<String, DiskSpec>,
    /// Files of this host for TLS.
    #[serde(default)]
    pub tls: TlsSpec,
}

/// The ensemble. Without `hosts` every host is a member.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ZooKeeperSpec {
    /// The members, by host name; exactly these. Absent: every host. One server more or less restarts all the others
    /// and every broker: each of them has the list of all servers.
    pub hosts: Option<IndexMap<String, ServerSpec>>,
    /// An ensemble that is not in this spec, as a list of `host:port`. The hosts then run no ZooKeeper.
    pub connect: Option<Vec<String>>,
    /// Network that peers and clients use. Default: the lock's, else the first network of the first host.
    pub network: Option<String>,
    /// What each server binds: its address in that network, or every one of its host. Default: `address`.
    pub bind: Option<Bind>,
    /// Networks of further clients, such as the brokers of another cluster. The brokers of this one, the
    /// ensemble and `firewall.admin` reach the client port in any case. One network more or less restarts every
    /// server.
    #[serde(default)]
    pub from: Vec<Cidr>,
    /// Port for clients, 1–65535. Default: 2181.
    pub client_port: Option<u16>,
    /// Port on which followers reach the leader, 1–65535. Default: 2888.
    pub peer_port: Option<u16>,
    /// Port of the leader election, 1–65535. Default: 3888.
    pub election_port: Option<u16>,
    /// Heap of each server, like `512m` or `1g`. Default: `1g`.
    pub heap: Option<Heap>,
    /// Directory of snapshots and `myid`. Default: `/var/lib/zookeeper`.
    pub data_dir: Option<String>,
    /// Directory of the transaction log, best on a disk of its own. Default: the log lies in `dataDir`.
    pub data_log_dir: Option<String>,
    /// Whether the ensemble is still to form. Default: `new`. Write `existing` once it has formed: then no server ever
    /// votes with an empty disk.
    pub state: Option<State>,
    /// Jars with classes that settings name and the release does not have, such as an authentication provider:
    /// paths of files, relative to the spec, in the same repository. They stand behind the release's own on
    /// the class path.
    #[serde(default)]
    pub extra_jars: Vec<String>,
    /// Lines of `zoo.cfg` for every server: `tickTime` (ms), `initLimit` and `syncLimit` (ticks),
    /// `autopurge.snapRetainCount`, `autopurge.purgeInterval` (hours), `4lw.commands.whitelist` and all
    /// others that ZooKeeper knows. `null` takes a default of kafnix out.
    #[serde(default)]
    pub settings: IndexMap<String, Setting>,
}

/// One ZooKeeper server. What stands here overrides what stands for the ensemble.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServerSpec {
    /// The server's id (its `myid`), 1–255, or 0 for a server that has 0 already. Default: from the lock, else the
    /// lowest free one, in the order of the file.
    pub id: Option<i64>,
    /// Whether the server follows without a vote. Default: `false`.
    pub observer: Option<bool>,
    /// What this server binds.
    pub bind: Option<Bind>,
    /// Port for clients, 1–65535.
    pub client_port: Option<u16>,
    /// Port on which followers reach the leader, 1–65535.
    pub peer_port: Option<u16>,
    /// Port of the leader election, 1–65535.
    pub election_port: Option<u16>,
    /// Heap of this server, like `512m` or `1g`.
    pub heap: Option<Heap>,
    /// Directory of snapshots and `myid`.
    pub data_dir: Option<String>,
    /// Directory of the transaction log.
    pub data_log_dir: Option<String>,
    /// Whether the ensemble that this server belongs to is still to form. Default: the ensemble's; for a server that
    /// was added to an ensemble which the lock knew it is `existing`, then and in later generations: it joins as a
    /// learner.
    pub state: Option<State>,
    /// Lines of `zoo.cfg` for this server.
    #[serde(default)]
    pub settings: IndexMap<String, Setting>,
}

/// Whether an ensemble is still to form: what a server with an empty disk may do (`ZooKeeper` 3.6 and
/// later).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It may vote, unless its host remembers that it was in a quorum before.
    #[default]
    New,
    /// It joins as a learner, and votes once it has what the others have.
    Existing,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::New => "new",
            Self::Existing => "existing",
        })
    }
}

/// The brokers. Without `hosts` every host is one.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KafkaSpec {
    /// The brokers, by host name; exactly these. Absent: every host. One broker more or less restarts every ZooKeeper
    /// server and all other brokers, but for brokers with a listener for everybody: the addresses of all brokers are in
    /// the address filter of the unit, and these have none.
    pub hosts: Option<IndexMap<String, BrokerSpec>>,
    /// Path in ZooKeeper below which the cluster keeps its data. `/` for the root.
    /// Default: `/` and the cluster's name.
    pub chroot: Option<String>,
    /// Id of the cluster, where it has one already (22 characters, as in `meta.properties`): a broker
    /// whose disks or whose ensemble name another one does not start. Default: the first broker makes one.
    /// Adding it restarts every broker.
    pub cluster_id: Option<String>,
    /// Listeners by name (capitals, digits, `_` and `-`). Default: `PLAINTEXT` on port 9092.
    pub listeners: Option<IndexMap<String, ListenerSpec>>,
    /// The listener that brokers use among themselves. Default: the only one, or the only one
    /// with `"from": "brokers"`.
    pub inter_broker_listener: Option<String>,
    /// `inter.broker.protocol.version`, like `3.9`. Default: the lock's, else the oldest broker's.
    /// An upgrade holds it at the old version until every broker runs the new one.
    pub inter_broker_protocol_version: Option<ProtocolVersion>,
    /// Log directories of each broker, best each on a disk of its own. Default: `/var/lib/kafka/data`.
    pub log_dirs: Option<Vec<String>>,
    /// What a broker with log directories on several disks does while one is missing. Default: `serve`.
    pub missing_log_dirs: Option<MissingLogDirs>,
    /// Heap of each broker, like `6g`. Default: `6g`.
    pub heap: Option<Heap>,
    /// Replicas of a topic that names no number, 1 and up. Default: 3, or the number of brokers where
    /// there are fewer.
    pub replication_factor: Option<u32>,
    /// Replicas that must have a record before `acks=all` is answered, 1 and up.
    /// Default: one fewer than `replicationFactor`, at least 1.
    pub min_insync_replicas: Option<u32>,
    /// Jars with classes that settings name and the release does not have, such as a metrics reporter:
    /// paths of files, relative to the spec, in the same repository. They stand behind the release's own on
    /// the class path.
    #[serde(default)]
    pub extra_jars: Vec<String>,
    /// Lines of `server.properties` for every broker. `null` takes a default of kafnix out.
    #[serde(default)]
    pub settings: IndexMap<String, Setting>,
}

/// One broker. What stands here overrides what stands for all.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BrokerSpec {
    /// The broker's id, 0 and up. Default: from the lock, else the lowest free one from 1, in the order of
    /// the file.
    pub id: Option<i64>,
    /// Heap of this broker, like `6g`.
    pub heap: Option<Heap>,
    /// Log directories of this broker.
    pub log_dirs: Option<Vec<String>>,
    /// What differs in a listener on this broker, by the listener's name.
    #[serde(default)]
    pub listeners: IndexMap<String, ListenerOverride>,
    /// Lines of `server.properties` for this broker.
    #[serde(default)]
    pub settings: IndexMap<String, Setting>,
}

/// A listener, the same on every broker that has it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListenerSpec {
    /// Port, 1–65535.
    pub port: u16,
    /// The brokers that have it, by host name. Default: every broker. The listener between brokers is on all.
    pub hosts: Option<Vec<String>>,
    /// Network whose address it binds and advertises. Default: the lock's, else the first network of the first
    /// host.
    pub network: Option<String>,
    /// What it binds: the host's address in that network, or every one. Default: `address`.
    pub bind: Option<Bind>,
    /// Security protocol. Default: `PLAINTEXT`.
    pub protocol: Option<Protocol>,
    /// Whether clients of a TLS listener must have a certificate. Default: `required`.
    pub client_auth: Option<ClientAuth>,
    /// What clients are told to connect to, where it is not the bound address and port.
    pub advertised: Option<Advertised>,
    /// Who may reach it: `"brokers"`, or a list of networks like `["10.0.0.0/8"]`.
    /// Default: everybody, with a warning. The brokers reach the listener between brokers in any case.
    /// Another list restarts the brokers that have the listener.
    pub from: Option<Reach>,
}

/// What differs in a listener on one broker.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListenerOverride {
    /// Port, 1–65535.
    pub port: Option<u16>,
    /// Network whose address it binds and advertises.
    pub network: Option<String>,
    /// What it binds.
    pub bind: Option<Bind>,
    /// What clients are told to connect to.
    pub advertised: Option<Advertised>,
}

/// Where clients find a listener.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Advertised {
    /// Name or address. `{host}` stands for the broker's host name; where it has a domain and nothing follows
    /// `{host}`, for its full name. Default: the host's address in the listener's network.
    pub host: Option<String>,
    /// Port, 1–65535. Default: the bound port.
    pub port: Option<u16>,
}

/// Who may reach a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    Brokers,
    Networks(Vec<Cidr>),
}

/// The published JSON Schema.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Spec).to_value()
}
