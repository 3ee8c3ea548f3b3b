//! What a spec means: every reference resolved, every default filled in, each value with its origin. It becomes a
//! [`crate::Cluster`] once every rule has passed.

mod brokers;
mod endpoint;
mod ensemble;
mod host;
mod service;
mod unset;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

pub use brokers::{Broker, Brokers, Listener};
pub use endpoint::{Audience, Endpoint, Group, Kind, Security, Source};
pub use ensemble::{Ensemble, Server};
pub use host::{Device, Disk, Host, Tls};
pub use service::{Directories, Purpose, Service, Stores};

use crate::quorum::Electorate;
use crate::role::Role;
use crate::spec::{Address, Cidr, Setting, Survives};

/// Where a value comes from. Later ones override earlier ones, but for `Topology`, which is owned. docs/spec.md has the
/// grammar in which it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A default of kafnix, with the reason or source of that default.
    Default(&'static str),
    /// What the topology implies, with JSON pointers to the keys of the spec that decide it: `*` is each of the host or
    /// topic, `, ` stands between two.
    Topology(&'static str),
    /// Kept from the last generation, at this JSON pointer of the lock.
    Lock(String),
    /// Written in the spec, at this JSON pointer.
    Spec(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default(reason) => write!(f, "default: {reason}"),
            Self::Topology(pointers) => write!(f, "topology: {pointers}"),
            Self::Lock(pointer) => write!(f, "lock: {pointer}"),
            Self::Spec(pointer) => write!(f, "spec: {pointer}"),
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sourced<T> {
    pub value: T,
    pub origin: Origin,
}

impl<T> Sourced<T> {
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// Where the author wrote it, if the author did.
    pub fn pointer(&self) -> Option<&str> {
        match &self.origin {
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
    pub hosts: Vec<Host>,
    #[serde(flatten)]
    pub metadata: Metadata,
    /// Absent where no host is a broker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kafka: Option<Brokers>,
    pub firewall: Firewall,
    pub topics: Vec<Topic>,
    /// For `/etc/hosts`: the members and what the spec adds.
    pub names: BTreeMap<Address, Vec<Sourced<String>>>,
    /// By the code of each, the reason.
    pub silenced: BTreeMap<String, Sourced<String>>,
    /// The network that is meant where none is named.
    #[serde(skip)]
    pub default_network: Sourced<String>,
}

/// Where the brokers keep what they share of the cluster.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Metadata {
    ZooKeeper(Ensemble),
}

impl Model {
    pub fn ensemble(&self) -> &Ensemble {
        let Metadata::ZooKeeper(ensemble) = &self.metadata;
        ensemble
    }

    pub(crate) fn ensemble_mut(&mut self) -> &mut Ensemble {
        let Metadata::ZooKeeper(ensemble) = &mut self.metadata;
        ensemble
    }

    /// Every service, host by host.
    pub fn services(&self) -> impl Iterator<Item = (&Host, &Service)> {
        self.hosts.iter().flat_map(|host| host.services().map(move |service| (host, service)))
    }

    /// The settings that all services of a role share; none where no host has it.
    pub fn shared(&self, role: Role) -> Option<&Settings> {
        match role {
            Role::ZooKeeper => Some(&self.ensemble().settings),
            Role::Broker => self.kafka.as_ref().map(|kafka| &kafka.settings),
        }
    }

    /// Jars beside those of the release that all services of a role have, as paths from the spec.
    pub fn extra_jars(&self, role: Role) -> &[String] {
        match role {
            Role::ZooKeeper => &self.ensemble().extra_jars.value,
            Role::Broker => self.kafka.as_ref().map(|kafka| &kafka.extra_jars.value[..]).unwrap_or_default(),
        }
    }

    /// The value that holds for one service: its own, else that of all in its role.
    pub fn setting<'a>(&'a self, service: &'a Service, key: &str) -> Option<&'a Sourced<Setting>> {
        service.settings.get(key).or_else(|| self.shared(service.role)?.get(key))
    }

    pub fn host(&self, name: &str) -> Option<&Host> {
        let place = self.place(name)?;
        self.hosts.get(place)
    }

    pub fn host_mut(&mut self, name: &str) -> Option<&mut Host> {
        let place = self.place(name)?;
        self.hosts.get_mut(place)
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.hosts.binary_search_by(|host| host.name.as_str().cmp(name)).ok()
    }

    /// Each host with the address that its names stand for.
    pub fn known_by(&self) -> impl Iterator<Item = (&Host, Address)> {
        self.hosts.iter().filter_map(|host| Some((host, host.address_in(&self.default_network.value)?)))
    }

    pub fn servers(&self) -> impl Iterator<Item = (&Host, &Server)> {
        self.hosts.iter().filter_map(|host| Some((host, host.zookeeper.as_ref()?)))
    }

    pub fn voters(&self) -> impl Iterator<Item = (&Host, &Server)> {
        self.servers().filter(|(_, server)| !server.observer.value)
    }

    /// Who votes, and how that is counted.
    pub fn electorate(&self) -> Electorate {
        let voters = self.voters().map(|(_, server)| server.id.value).collect();
        Electorate { voters, rule: self.ensemble().quorum.clone() }
    }

    /// Whether every broker has a listener of this name.
    pub fn is_on_every_broker(&self, listener: &str) -> bool {
        self.brokers().all(|(_, broker)| broker.listeners.iter().any(|own| own.name == listener))
    }

    /// The listeners of a broker, those that every broker has first: who comes by one of the others is not told where
    /// the brokers without it are.
    pub fn best_known_first<'a>(&self, broker: &'a Broker) -> Vec<&'a Listener> {
        let mut listeners: Vec<_> = broker.listeners.iter().collect();
        listeners.sort_by_key(|listener| !self.is_on_every_broker(&listener.name));
        listeners
    }

    pub fn is_between_brokers(&self, listener: &Listener) -> bool {
        self.kafka.as_ref().is_some_and(|kafka| kafka.inter_broker_listener.value == listener.name)
    }

    pub fn brokers(&self) -> impl Iterator<Item = (&Host, &Broker)> {
        self.hosts.iter().filter_map(|host| Some((host, host.broker.as_ref()?)))
    }
}

/// Who besides the members may reach the hosts.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Firewall {
    pub admin: Sourced<Vec<Cidr>>,
    /// Further clients of ZooKeeper.
    pub zookeeper: Sourced<Vec<Cidr>>,
    /// Networks of what collects metrics, and the ports of the exporters on every host.
    pub monitoring: Sourced<Vec<Cidr>>,
    pub exporters: Sourced<Vec<u16>>,
}

/// A topic that the cluster must have.
#[derive(Clone, Debug, Serialize)]
pub struct Topic {
    pub name: String,
    pub partitions: Sourced<i64>,
    pub replicas: Sourced<i64>,
    pub survives: Sourced<Survives>,
    pub settings: Settings,
}
