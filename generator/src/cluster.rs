//! The cluster: every reference resolved, every default filled in, each value with its origin.
//! Whoever holds a [`Cluster`] from [`crate::check`] knows that every rule has passed.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Serialize, Serializer};

use crate::lock::{LockedBroker, LockedServer};
use crate::spec::{
    Address, Heap, Jdk, ProtocolVersion, Setting, Version, {Protocol, Reach, Survives, System},
};

/// Where a value comes from. Later ones override earlier ones, but for `Topology`, which is owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A default of kafnix, with the reason or source of that default.
    Default(&'static str),
    /// What the topology implies, with the key of the spec that decides it.
    Topology(&'static str),
    /// Kept from the last generation.
    Lock,
    /// Written in the spec, at this JSON pointer.
    Spec(String),
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Default(reason) => serializer.collect_str(&format_args!("default: {reason}")),
            Self::Topology(key) => serializer.collect_str(&format_args!("topology: {key}")),
            Self::Lock => serializer.serialize_str("lock"),
            Self::Spec(pointer) => serializer.collect_str(&format_args!("spec: {pointer}")),
        }
    }
}

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sourced<T> {
    pub value: T,
    pub from: Origin,
}

impl<T> Sourced<T> {
    pub fn new(value: T, from: Origin) -> Self {
        Self { value, from }
    }

    /// Where the author wrote it, if the author did.
    pub fn pointer(&self) -> Option<&str> {
        match &self.from {
            Origin::Spec(pointer) => Some(pointer),
            _ => None,
        }
    }
}

pub type Settings = BTreeMap<String, Sourced<Setting>>;

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cluster {
    pub name: Sourced<String>,
    /// In the order of the spec.
    pub hosts: Vec<Machine>,
    pub zookeeper: Ensemble,
    /// Absent where no host is a broker.
    pub kafka: Option<Brokers>,
    pub topics: Vec<Topic>,
    /// For `/etc/hosts`: the members and what the spec adds.
    pub names: BTreeMap<Address, Vec<String>>,
}

impl Cluster {
    pub fn servers(&self) -> impl Iterator<Item = (&Machine, &Server)> {
        self.hosts.iter().filter_map(|host| Some((host, host.zookeeper.as_ref()?)))
    }

    pub fn brokers(&self) -> impl Iterator<Item = (&Machine, &Broker)> {
        self.hosts.iter().filter_map(|host| Some((host, host.kafka.as_ref()?)))
    }
}

/// One machine of the cluster.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    pub name: String,
    pub managed: bool,
    pub system: System,
    pub rack: Option<String>,
    pub addresses: IndexMap<String, Address>,
    pub versions: MachineVersions,
    pub zookeeper: Option<Server>,
    pub kafka: Option<Broker>,
}

#[derive(Clone, Debug, Serialize)]
pub struct MachineVersions {
    pub jdk: Sourced<Jdk>,
    pub zookeeper: Sourced<Version>,
    pub kafka: Sourced<Version>,
}

/// What all ZooKeeper servers share.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Ensemble {
    /// `host:port` of every server that brokers connect to, without the chroot.
    pub connect: Vec<String>,
    /// Whether the servers stand outside this spec.
    pub external: bool,
    pub settings: Settings,
}

impl Ensemble {
    /// The value that holds on one server: its own, else that of all.
    pub fn setting<'a>(&'a self, server: &'a Server, key: &str) -> Option<&'a Sourced<Setting>> {
        server.settings.get(key).or_else(|| self.settings.get(key))
    }
}

/// A ZooKeeper server.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Server {
    pub id: Sourced<i64>,
    pub observer: bool,
    pub address: Address,
    pub client_port: Sourced<u16>,
    pub peer_port: Sourced<u16>,
    pub election_port: Sourced<u16>,
    pub heap: Sourced<Heap>,
    pub data_dir: Sourced<String>,
    pub data_log_dir: Option<Sourced<String>>,
    /// What this server adds to the ensemble's settings, or overrides.
    pub settings: Settings,
    /// Where the spec makes this host a server.
    #[serde(skip)]
    pub pointer: String,
}

impl Server {
    pub(crate) fn locked(&self, host: &Machine) -> LockedServer {
        LockedServer {
            id: self.id.value,
            jdk: host.versions.jdk.value,
            version: host.versions.zookeeper.value,
            observer: self.observer,
            data_dir: self.data_dir.value.clone(),
            data_log_dir: self.data_log_dir.as_ref().map(|dir| dir.value.clone()),
        }
    }
}

/// What all brokers share.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Brokers {
    pub chroot: Sourced<String>,
    pub cluster_id: Option<Sourced<String>>,
    pub protocol_version: Sourced<ProtocolVersion>,
    pub inter_broker_listener: Sourced<String>,
    pub replication_factor: Sourced<u32>,
    pub min_insync_replicas: Sourced<u32>,
    pub settings: Settings,
}

impl Brokers {
    /// The value that holds on one broker: its own, else that of all.
    pub fn setting<'a>(&'a self, broker: &'a Broker, key: &str) -> Option<&'a Sourced<Setting>> {
        broker.settings.get(key).or_else(|| self.settings.get(key))
    }
}

/// A broker.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Broker {
    pub id: Sourced<i64>,
    pub heap: Sourced<Heap>,
    pub log_dirs: Sourced<Vec<String>>,
    /// In the order of the spec.
    pub listeners: Vec<Listener>,
    /// What this broker adds to the settings of all, or overrides.
    pub settings: Settings,
    /// Where the spec makes this host a broker.
    #[serde(skip)]
    pub pointer: String,
}

impl Broker {
    pub(crate) fn locked(&self, host: &Machine) -> LockedBroker {
        LockedBroker {
            id: self.id.value,
            jdk: host.versions.jdk.value,
            version: host.versions.kafka.value,
            log_dirs: self.log_dirs.value.clone(),
            listeners: self.listeners.iter().map(|listener| listener.name.clone()).collect(),
        }
    }
}

/// A listener of one broker.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listener {
    pub name: String,
    pub address: Address,
    pub port: Sourced<u16>,
    pub protocol: Protocol,
    pub advertised_host: Sourced<String>,
    pub advertised_port: Sourced<u16>,
    /// Absent: everybody may reach it.
    pub from: Option<Reach>,
    /// Where the spec defines it; absent for the default listener.
    #[serde(skip)]
    pub pointer: Option<String>,
}

impl Serialize for Reach {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Brokers => serializer.serialize_str("brokers"),
            Self::Networks(networks) => networks.serialize(serializer),
        }
    }
}

/// A topic that the cluster must have.
#[derive(Clone, Debug, Serialize)]
pub struct Topic {
    pub name: String,
    pub partitions: Sourced<i64>,
    pub replicas: Sourced<i64>,
    pub survives: Survives,
    pub settings: Settings,
}
