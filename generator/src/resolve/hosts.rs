//! Machines, their addresses and their names.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::defaults;
use crate::cluster::{Machine, MachineVersions, Origin, Sourced};
use crate::problem::pointer;
use crate::spec::{Address, HostSpec, Spec, Versions};

/// The network of a host that has one address and names no network.
const DEFAULT_NETWORK: &str = "default";

pub(super) fn machines(spec: &Spec) -> Vec<Machine> {
    spec.hosts
        .iter()
        .map(|(name, host)| Machine {
            name: name.clone(),
            managed: host.managed.unwrap_or(true),
            system: host.system.or(spec.system).unwrap_or(defaults::SYSTEM),
            rack: host.rack.clone(),
            addresses: addresses(host),
            versions: versions(spec, name, &host.versions),
            zookeeper: None,
            kafka: None,
        })
        .collect()
}

fn addresses(host: &HostSpec) -> IndexMap<String, Address> {
    let short = host.address.map(|address| (DEFAULT_NETWORK.to_owned(), address));
    let long = host.addresses.iter().map(|(network, address)| (network.clone(), *address));
    short.into_iter().chain(long).collect()
}

fn versions(spec: &Spec, host: &str, own: &Versions) -> MachineVersions {
    fn choose<T>(
        key: &str,
        host: &str,
        own: Option<T>,
        shared: Option<T>,
        default: T,
        why: &'static str,
    ) -> Sourced<T> {
        own.map(|value| (value, pointer(["hosts", host, "versions", key])))
            .or_else(|| shared.map(|value| (value, pointer(["versions", key]))))
            .map_or(Sourced::new(default, Origin::Default(why)), |(value, at)| {
                Sourced::new(value, Origin::Spec(at))
            })
    }
    let shared = &spec.versions;
    let why = defaults::VERSION_REASON;
    MachineVersions {
        jdk: choose("jdk", host, own.jdk, shared.jdk, defaults::JDK, defaults::JDK_REASON),
        zookeeper: choose("zookeeper", host, own.zookeeper, shared.zookeeper, defaults::ZOOKEEPER, why),
        kafka: choose("kafka", host, own.kafka, shared.kafka, defaults::KAFKA, why),
    }
}

/// The network that a role or a listener uses where it names none: the first one of the file.
pub(super) fn default_network(spec: &Spec) -> String {
    spec.hosts
        .values()
        .find_map(|host| addresses(host).keys().next().cloned())
        .unwrap_or_else(|| DEFAULT_NETWORK.to_owned())
}

/// Each host with the address that its name stands for: the one in the default network, or its first.
pub(crate) fn known_by(spec: &Spec) -> impl Iterator<Item = (&String, Address)> {
    let network = default_network(spec);
    spec.hosts.iter().filter_map(move |(name, host)| {
        let addresses = addresses(host);
        let address = addresses.get(&network).or_else(|| addresses.values().next());
        address.map(|address| (name, *address))
    })
}

/// For `/etc/hosts`.
pub(super) fn names(spec: &Spec) -> BTreeMap<Address, Vec<String>> {
    let mut names: BTreeMap<Address, Vec<String>> = BTreeMap::new();
    let further = spec.names.iter().map(|(name, address)| (name, *address));
    for (name, address) in known_by(spec).chain(further) {
        names.entry(address).or_default().push(name.clone());
    }
    names
}
