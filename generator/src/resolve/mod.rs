//! From the spec as written to the cluster that it means: membership, ids, addresses, defaults and
//! the precedence of settings. It always succeeds: what cannot be resolved becomes a [`Gap`], which
//! a rule reports, and is left out.

mod brokers;
mod listeners;
pub mod defaults;
mod disks;
pub(crate) mod endpoints;
pub mod relocate;
mod ensemble;
mod hosts;
mod ids;
mod bootstrap_state;
pub mod reserved_settings;
mod services;
mod tls;
pub(crate) mod settings;
pub mod topics;

pub(crate) use disks::{disk_of, is_partition};
pub(crate) use hosts::DEFAULT_NETWORK;

use std::collections::BTreeMap;

use crate::cluster::{Firewall, Metadata, Model, Origin, Sourced};
use crate::lock::Lock;
use crate::problem::pointer;
use crate::quorum::Fault;
use crate::role::Role;
use crate::spec::{Cidr, Spec};

/// A cluster on which no rule has been checked yet, beside what it was made from.
#[derive(Debug)]
pub struct Draft<'a> {
    pub spec: &'a Spec,
    pub lock: Option<&'a Lock>,
    pub cluster: Model,
    pub gaps: Vec<Gap>,
}

/// What the spec names and does not say. Each is an error that some rule reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// A member of the ensemble or a broker that is none of `hosts`.
    NotAHost { role: Role, pointer: String, name: String },
    /// A member without an address in the network that its role needs.
    NoAddress { host: String, network: String, pointer: String },
    /// No listener can be told to be the one between brokers.
    NoInterBrokerListener { pointer: String, written: Option<String> },
    /// Brokers without an ensemble.
    NoEnsemble,
    /// Settings from which no quorum can be counted.
    NoQuorum(Fault),
    /// A server that counts quorums otherwise than the settings of all servers say.
    OtherQuorum { host: String, pointer: String },
}

pub fn resolve<'a>(spec: &'a Spec, lock: Option<&'a Lock>) -> Draft<'a> {
    let name =
        or_default(spec.name.clone(), "/name", defaults::CLUSTER_NAME.to_owned(), "the spec names none");
    let mut draft = Draft {
        spec,
        lock,
        cluster: Model {
            names: BTreeMap::new(),
            hosts: hosts::hosts(spec, lock),
            name,
            metadata: Metadata::ZooKeeper(ensemble::none()),
            kafka: None,
            firewall: firewall(spec),
            topics: Vec::new(),
            silenced: silenced(spec),
            default_network: hosts::default_network(spec, lock),
        },
        gaps: Vec::new(),
    };
    draft.cluster.names = hosts::names(spec, &draft.cluster);
    ensemble::resolve(&mut draft);
    bootstrap_state::resolve(&mut draft);
    brokers::resolve(&mut draft);
    disks::resolve(&mut draft);
    tls::resolve(&mut draft);
    endpoints::resolve(&mut draft.cluster);
    draft.cluster.topics = topics::resolve(spec, draft.cluster.kafka.as_ref());
    draft
}

fn silenced(spec: &Spec) -> BTreeMap<String, Sourced<String>> {
    let reason = |(code, reason): (&String, &String)| {
        let origin = Origin::Spec(pointer(["silenced", code]));
        (code.clone(), Sourced::new(reason.clone(), origin))
    };
    spec.silenced.iter().map(reason).collect()
}

fn firewall(spec: &Spec) -> Firewall {
    let monitoring = spec.firewall.monitoring.clone().unwrap_or_default();
    let networks = |written: &[Cidr], at| listed(written, at, defaults::FIREWALL_REASON);
    Firewall {
        admin: networks(&spec.firewall.admin, "/firewall/admin"),
        zookeeper: networks(&spec.zookeeper.from, "/zookeeper/from"),
        monitoring: networks(&monitoring.from, "/firewall/monitoring/from"),
        exporters: listed(&monitoring.ports, "/firewall/monitoring/ports", defaults::EXPORTERS_REASON),
    }
}

impl Draft<'_> {
    /// Host names that hold a role with the pointer to each, in the order of the file.
    pub(crate) fn members(&self, role: Role) -> Vec<(String, String)> {
        if self.spec.is_external(role) {
            return Vec::new();
        }
        if let Some(listed) = self.spec.listed(role) {
            let at = |name: &str| pointer([role.key(), "hosts", name]);
            return listed.into_iter().map(|name| (name.to_owned(), at(name))).collect();
        }
        let at = |name: &str| pointer(["hosts", name]);
        self.spec.hosts.keys().map(|name| (name.clone(), at(name))).collect()
    }
}

/// A value of the spec, or the default with its reason.
fn or_default<T>(written: Option<T>, at: impl Into<String>, default: T, reason: &'static str) -> Sourced<T> {
    match written {
        Some(value) => Sourced::new(value, Origin::Spec(at.into())),
        None => Sourced::new(default, Origin::Default(reason)),
    }
}

/// A list that nobody has to write.
fn listed<T: Clone>(written: &[T], at: &str, reason: &'static str) -> Sourced<Vec<T>> {
    let written = (!written.is_empty()).then(|| written.to_vec());
    or_default(written, at, Vec::new(), reason)
}

/// The value of one member, else that of all members, else the default.
struct Choice<'a> {
    role: Role,
    host: &'a str,
}

impl Choice<'_> {
    fn of<T>(
        &self,
        key: &str,
        own: Option<T>,
        shared: Option<T>,
        default: T,
        reason: &'static str,
    ) -> Sourced<T> {
        self.written(key, own, shared).unwrap_or_else(|| Sourced::new(default, Origin::Default(reason)))
    }

    fn written<T>(&self, key: &str, own: Option<T>, shared: Option<T>) -> Option<Sourced<T>> {
        let role = self.role.key();
        own.map(|value| (value, pointer([role, "hosts", self.host, key])))
            .or_else(|| shared.map(|value| (value, pointer([role, key]))))
            .map(|(value, at)| Sourced::new(value, Origin::Spec(at)))
    }
}
