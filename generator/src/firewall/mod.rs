//! Who may reach which port of a host: the matrix that the firewall and the units' address filters are
//! made from. Each member is one address to the others, the one in the network where it is needed.
//!
//! The members of a group stand once for all hosts, since a thousand hosts would each name a thousand.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use serde::Serialize;

use crate::cluster::{Audience, Broker, Endpoint, Group, Host, Kind, Model, Server, Source};
use crate::resolve::endpoints::{group, networks};
use crate::role::Role;
use crate::spec::{Address, Cidr};

/// A port of a host and who may reach it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Opening {
    pub what: String,
    /// Absent: every address of the host.
    pub address: Option<Address>,
    pub port: u16,
    /// Absent: everybody.
    pub from: Option<Vec<Source>>,
}

impl Opening {
    /// From an address of IPv6 nobody connects to one of IPv4, or the other way round.
    fn leave_out_the_other_family(&mut self) {
        let (Some(address), Some(from)) = (self.address, &mut self.from) else { return };
        from.retain(|source| match source {
            Source::Group(_) => true,
            Source::Network(network) => network.0.addr().is_ipv4() == address.0.is_ipv4(),
        });
    }
}

/// Who may reach whom in a cluster.
#[derive(Debug)]
pub struct Matrix<'a> {
    pub(crate) cluster: &'a Model,
    /// Where brokers are told to find each other, if that is not where they listen; absent where that is
    /// a name.
    elsewhere: Option<Vec<Source>>,
    /// The servers that brokers connect to; absent where one is given by name.
    ensemble: Option<Vec<Source>>,
}

impl<'a> Matrix<'a> {
    pub fn of(cluster: &'a Model) -> Self {
        let mut matrix = Self { cluster, elsewhere: None, ensemble: None };
        matrix.elsewhere = matrix.brokers_elsewhere();
        matrix.ensemble = matrix.connected_to();
        matrix
    }

    /// The openings of a host: those of its services, then those for metrics.
    pub fn openings(&self, host: &Host) -> Vec<Opening> {
        let endpoints = host.services().flat_map(|service| &service.endpoints);
        let (metrics, others): (Vec<_>, Vec<_>) =
            endpoints.partition(|endpoint| endpoint.audience == Audience::Monitoring);
        let mut openings: Vec<_> = others.into_iter().filter_map(opening).collect();
        openings.extend(self.metrics(host, &metrics));
        openings.iter_mut().for_each(Opening::leave_out_the_other_family);
        openings
    }

    /// Nothing listens on a host that has no role, and no firewall of ours guards it.
    fn metrics(&self, host: &Host, own: &[&Endpoint]) -> Vec<Opening> {
        let firewall = &self.cluster.firewall;
        if firewall.monitoring.value.is_empty() || host.services().next().is_none() {
            return Vec::new();
        }
        let opening = |what: String, address, port| Opening {
            what,
            address,
            port,
            from: Some(networks(&firewall.monitoring.value)),
        };
        let own = own.iter().map(|own| opening(own.to_string(), own.address, own.port.value));
        let ports: BTreeSet<u16> = firewall.exporters.value.iter().copied().collect();
        own.chain(ports.into_iter().map(|port| opening("metrics".to_owned(), None, port))).collect()
    }

    /// Every group that an opening or an address filter names, with the addresses of its members.
    pub fn groups(&self) -> BTreeMap<String, Vec<Address>> {
        let mut named = BTreeSet::new();
        let mut add = |sources: Option<Vec<Source>>| {
            named.extend(sources.into_iter().flatten().filter_map(|source| match source {
                Source::Group(group) => Some(group),
                Source::Network(_) => None,
            }));
        };
        // Servers share one network. Listeners may differ from broker to broker.
        let server = self.cluster.servers().take(1).map(|(_, server)| &server.service);
        let brokers = self.cluster.brokers().map(|(_, broker)| &broker.service);
        for endpoint in server.chain(brokers).flat_map(|service| &service.endpoints) {
            add(these(endpoint).map(<[_]>::to_vec));
        }
        for (_, broker) in self.cluster.brokers() {
            add(self.broker_peers(broker));
        }
        named.into_iter().map(|group| (group.to_string(), self.members(&group))).collect()
    }

    /// The addresses of a group, in the order of the hosts.
    fn members(&self, group: &Group) -> Vec<Address> {
        let network = group.network.as_ref().unwrap_or(&self.cluster.default_network.value);
        let hosts = self.cluster.hosts.iter().filter(|host| host.service(group.role).is_some());
        hosts.filter_map(|host| host.address_in(network)).collect()
    }

    /// All that a ZooKeeper server exchanges packets with.
    pub fn server_peers(&self, server: &Server) -> Vec<Source> {
        let clients = server.endpoint(&Kind::Clients).and_then(these).unwrap_or_default();
        let monitoring = networks(&self.cluster.firewall.monitoring.value);
        unique(clients.iter().cloned().chain(monitoring))
    }

    /// All that a broker exchanges packets with; absent where that cannot be said: where everybody may
    /// reach it, or where it is told a name whose address nobody here knows.
    pub fn broker_peers(&self, broker: &Broker) -> Option<Vec<Source>> {
        let mut peers = Vec::new();
        for endpoint in &broker.endpoints {
            peers.extend_from_slice(these(endpoint)?);
        }
        let between = broker.listeners.iter().find(|listener| self.cluster.is_between_brokers(listener));
        peers.extend(between.map(|listener| group(self.cluster, Role::Broker, &listener.network.value)));
        peers.extend(self.elsewhere.clone()?);
        peers.extend(self.ensemble.clone()?);
        peers.extend(networks(&self.cluster.firewall.monitoring.value));
        Some(unique(peers.into_iter()))
    }

    fn brokers_elsewhere(&self) -> Option<Vec<Source>> {
        let listeners = self.cluster.brokers().flat_map(|(_, broker)| &broker.listeners);
        let between = listeners.filter(|listener| self.cluster.is_between_brokers(listener));
        let told =
            between.filter(|listener| listener.advertised_host.value != listener.address.value.to_string());
        told.map(|listener| self.known(&listener.advertised_host.value).map(single)).collect()
    }

    fn connected_to(&self) -> Option<Vec<Source>> {
        if let Some((_, server)) = self.cluster.servers().next() {
            return Some(vec![group(self.cluster, Role::ZooKeeper, &server.network.value)]);
        }
        let host = |place: &String| self.known(place.rsplit_once(':')?.0.trim_matches(['[', ']']));
        self.cluster.ensemble().connect.value.iter().map(|place| host(place).map(single)).collect()
    }

    /// The address of a host that is told by its address, or by a name of `/etc/hosts`.
    fn known(&self, host: &str) -> Option<Address> {
        let named =
            || self.cluster.names.iter().find(|(_, names)| names.iter().any(|name| name.value == host));
        host.parse().ok().or_else(|| named().map(|(address, _)| *address))
    }

    /// The openings of all hosts that kafnix configures, each with the addresses that its words stand for.
    pub fn rows(&self) -> Vec<Row<'a>> {
        let groups = self.groups();
        let managed = self.cluster.hosts.iter().filter(|host| host.managed.value);
        let rows = managed.flat_map(|host| {
            let openings = self.openings(host).into_iter();
            openings.map(move |opening| (host, opening))
        });
        rows.map(|(host, opening)| {
            let from = opening.from.as_ref();
            let addresses = from.map(|from| expanded(from, host, &groups));
            Row { host: &host.name, opening, addresses }
        })
        .collect()
    }
}

/// A row of the matrix.
#[derive(Debug, Serialize)]
pub struct Row<'a> {
    pub host: &'a str,
    #[serde(flatten)]
    pub opening: Opening,
    /// Absent: everybody. A member that is the host itself is left out.
    pub addresses: Option<Vec<String>>,
}

fn expanded(from: &[Source], host: &Host, groups: &BTreeMap<String, Vec<Address>>) -> Vec<String> {
    let mut all = BTreeSet::new();
    for source in from {
        match source {
            Source::Network(_) => {
                all.insert(source.to_string());
            }
            Source::Group(group) => {
                let members = groups.get(&group.to_string()).into_iter().flatten();
                let others =
                    members.filter(|address| !host.addresses.values().any(|own| own.value == **address));
                all.extend(others.map(Address::to_string));
            }
        }
    }
    all.into_iter().collect()
}

fn opening(endpoint: &Endpoint) -> Option<Opening> {
    let from = match &endpoint.audience {
        Audience::Nobody | Audience::Monitoring => return None,
        Audience::These(sources) => Some(sources.clone()),
        Audience::Everybody => None,
    };
    let port = endpoint.port.value;
    (port != 0).then(|| Opening { what: endpoint.to_string(), address: endpoint.address, port, from })
}

/// Who may reach an endpoint, where that is not everybody.
fn these(endpoint: &Endpoint) -> Option<&[Source]> {
    match &endpoint.audience {
        Audience::These(sources) => Some(sources),
        Audience::Nobody | Audience::Monitoring => Some(&[]),
        Audience::Everybody => None,
    }
}

fn single(address: Address) -> Source {
    Source::Network(Cidr(IpNet::from(address.0)))
}

/// In the order of the first of each.
fn unique(sources: impl Iterator<Item = Source>) -> Vec<Source> {
    let mut seen = BTreeSet::new();
    sources.filter(|source| seen.insert(source.clone())).collect()
}

#[cfg(test)]
mod tests;
