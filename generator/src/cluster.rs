//! What a spec means: every reference resolved, every default filled in, each value with its origin. It becomes a
//! [`crate::Cluster`] once every rule has passed.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::lock::{LockedBroker, LockedServer};
use crate::peering::{Peering, Ports};
use crate::quorum::{self, Electorate, QuorumRule};
use crate::spec::{
    Address, Cidr, FileSystem, Heap, Jdk, MissingLogDirs, Protocol, ProtocolVersion, Reach, Setting, State,
    Survives, System, Version,
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
pub struct Model {
    pub name: Sourced<String>,
    /// By their names.
    pub hosts: Vec<Machine>,
    pub zookeeper: Ensemble,
    /// Absent where no host is a broker.
    pub kafka: Option<Brokers>,
    pub firewall: Firewall,
    pub topics: Vec<Topic>,
    /// For `/etc/hosts`: the members and what the spec adds.
    pub names: BTreeMap<Address, Vec<String>>,
    /// The network that is meant where none is named.
    #[serde(skip)]
    pub default_network: String,
}

impl Model {
    pub fn host(&self, name: &str) -> Option<&Machine> {
        let place = self.place(name)?;
        self.hosts.get(place)
    }

    pub fn host_mut(&mut self, name: &str) -> Option<&mut Machine> {
        let place = self.place(name)?;
        self.hosts.get_mut(place)
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.hosts.binary_search_by(|host| host.name.as_str().cmp(name)).ok()
    }

    /// Each host with the address that its name stands for.
    pub fn known_by(&self) -> impl Iterator<Item = (&str, Address)> {
        let address = |host: &Machine| host.address_in(&self.default_network);
        self.hosts.iter().filter_map(move |host| Some((host.name.as_str(), address(host)?)))
    }

    pub fn servers(&self) -> impl Iterator<Item = (&Machine, &Server)> {
        self.hosts.iter().filter_map(|host| Some((host, host.zookeeper.as_ref()?)))
    }

    pub fn voters(&self) -> impl Iterator<Item = (&Machine, &Server)> {
        self.servers().filter(|(_, server)| !server.observer)
    }

    /// Who votes, and how that is counted.
    pub fn electorate(&self) -> Electorate {
        let voters = self.voters().map(|(_, server)| server.id.value).collect();
        Electorate { voters, rule: self.zookeeper.quorum.clone() }
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
    /// By the name of the network.
    pub addresses: BTreeMap<String, Address>,
    pub versions: MachineVersions,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Sourced<Heap>>,
    /// By their mount points.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disks: Vec<Disk>,
    pub zookeeper: Option<Server>,
    pub kafka: Option<Broker>,
}

impl Machine {
    /// Where its servers keep their data.
    pub fn directories(&self) -> impl Iterator<Item = &String> {
        let server = self.zookeeper.iter().flat_map(|server| {
            std::iter::once(&server.data_dir.value).chain(server.data_log_dir.iter().map(|dir| &dir.value))
        });
        server.chain(self.kafka.iter().flat_map(|broker| &broker.log_dirs.value))
    }

    /// Where the others find this host in a network: its address there, else the one in the first of its
    /// networks by name.
    pub fn address_in(&self, network: &str) -> Option<Address> {
        self.addresses.get(network).or_else(|| self.addresses.values().next()).copied()
    }
}

/// A disk of a host.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Disk {
    pub mount_point: String,
    pub device: Device,
    pub file_system: Sourced<FileSystem>,
    pub options: Sourced<Vec<String>>,
    /// Where `disko.nix` makes the file system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whole_disk: Option<String>,
    /// Where the spec declares it.
    #[serde(skip)]
    pub pointer: String,
}

impl Disk {
    /// Whether a path is or lies below the mount point.
    pub fn holds(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.mount_point.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// Which disk it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    Label(String),
    Uuid(String),
    Id(String),
}

impl Device {
    pub fn path(&self) -> String {
        match self {
            Self::Label(label) => format!("/dev/disk/by-label/{label}"),
            Self::Uuid(uuid) => format!("/dev/disk/by-uuid/{uuid}"),
            Self::Id(id) => format!("/dev/disk/by-id/{id}"),
        }
    }
}

/// Who besides the members may reach the hosts.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Firewall {
    pub admin: Vec<Cidr>,
    /// Further clients of ZooKeeper.
    pub zookeeper: Vec<Cidr>,
    /// Networks of what collects metrics, and the ports of the exporters on every host.
    pub monitoring: Vec<Cidr>,
    pub exporters: Vec<u16>,
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
    /// What these servers take for a quorum.
    #[serde(skip)]
    pub quorum: QuorumRule,
}

impl Ensemble {
    /// The value that holds on one server: its own, else that of all.
    pub fn setting<'a>(&'a self, server: &'a Server, key: &str) -> Option<&'a Sourced<Setting>> {
        server.settings.get(key).or_else(|| self.settings.get(key))
    }

    /// What decides how a server counts quorums; without one, how all do that say nothing themselves.
    pub fn counting<'a>(&'a self, server: Option<&'a Server>) -> quorum::Counting<'a> {
        let own = server.into_iter().flat_map(|server| &server.settings);
        let all = self.settings.iter().chain(own).filter(|(key, _)| quorum::counts(key));
        let mut counting: quorum::Counting<'_> = all.map(|(key, value)| (key.as_str(), value)).collect();
        counting.retain(|_, setting| setting.value != Setting::Absent);
        counting
    }
}

/// A ZooKeeper server.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Server {
    pub id: Sourced<i64>,
    pub observer: bool,
    pub network: String,
    pub address: Address,
    pub client_port: Sourced<u16>,
    pub peer_port: Sourced<u16>,
    pub election_port: Sourced<u16>,
    pub heap: Sourced<Heap>,
    pub data_dir: Sourced<String>,
    pub data_log_dir: Option<Sourced<String>>,
    /// Whether the ensemble is still to form, as far as this server may take part in that.
    pub state: Sourced<State>,
    /// Whether it came to an ensemble that was there, whatever the spec says of its state.
    #[serde(skip)]
    pub joined: bool,
    /// What this server adds to the ensemble's settings, or overrides.
    pub settings: Settings,
    /// Where the spec makes this host a server.
    #[serde(skip)]
    pub pointer: String,
}

impl Server {
    /// `address:port` where clients find it.
    pub fn client_endpoint(&self) -> String {
        self.address.with_port(self.client_port.value)
    }

    pub(crate) fn locked(&self, host: &Machine, ensemble: &Ensemble) -> LockedServer {
        LockedServer {
            id: self.id.value,
            jdk: host.versions.jdk.value,
            version: host.versions.zookeeper.value,
            observer: self.observer,
            address: Some(self.address),
            ports: Some(Ports::of(ensemble, self)),
            peering: Peering::of(ensemble, self),
            data_dir: self.data_dir.value.clone(),
            data_log_dir: self.data_log_dir.as_ref().map(|dir| dir.value.clone()),
            joined: self.joined,
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
    pub missing_log_dirs: Sourced<MissingLogDirs>,
    /// By their names.
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
    pub network: String,
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

impl Listener {
    /// `address:port` that it is bound to, whatever it advertises.
    pub fn endpoint(&self) -> String {
        self.address.with_port(self.port.value)
    }
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
