//! Who may reach which port of a host: the matrix that the firewall and the units' address filters are
//! made from. Each member is one address to the others, the one in the network where it is needed.
//!
//! The members of a group stand once for all hosts, since a thousand hosts would each name a thousand.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Serialize, Serializer};

use crate::cluster::{Broker, Listener, Machine, Model, Server};
use crate::spec::{Address, Cidr, Reach};

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

/// Somebody who may reach a port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    Group(Group),
    Network(Cidr),
}

/// All members of a role, each by its address in one network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    pub role: Members,
    /// Absent: the one that is meant where none is named.
    pub network: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Members {
    Ensemble,
    Brokers,
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.role {
            Members::Ensemble => "ensemble",
            Members::Brokers => "brokers",
        })?;
        self.network.as_ref().map_or(Ok(()), |network| write!(f, "@{network}"))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(group) => group.fmt(f),
            // a single address as everybody writes it
            Self::Network(Cidr(network)) if network.prefix_len() == network.max_prefix_len() => {
                network.addr().fmt(f)
            }
            Self::Network(network) => network.fmt(f),
        }
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The port of ZooKeeper's own exporter: where its settings turn that on, and the default.
const EXPORTER: &str = "metricsProvider.className";
const EXPORTER_HOST: &str = "metricsProvider.httpHost";
const EXPORTER_PORT: (&str, u16) = ("metricsProvider.httpPort", 7000);
const SECURE_PORT: &str = "secureClientPort";
/// Where observers may follow a follower.
const OBSERVER_PORT: &str = "observerMasterPort";

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

    /// The openings of a host, in the order of its servers.
    pub fn openings(&self, machine: &Machine) -> Vec<Opening> {
        let mut openings = Vec::new();
        if let Some(server) = &machine.zookeeper {
            openings.extend(self.of_server(server));
        }
        if let Some(broker) = &machine.kafka {
            openings.extend(broker.listeners.iter().map(|listener| Opening {
                what: format!("listener {}", listener.name),
                address: Some(listener.address),
                port: listener.port.value,
                from: self.clients(listener),
            }));
        }
        openings.extend(self.metrics(machine));
        openings.iter_mut().for_each(Opening::leave_out_the_other_family);
        openings
    }

    /// Nothing listens on a host that has no role, and no firewall of ours guards it.
    fn metrics(&self, machine: &Machine) -> Vec<Opening> {
        let firewall = &self.cluster.firewall;
        if firewall.monitoring.is_empty() || (machine.zookeeper.is_none() && machine.kafka.is_none()) {
            return Vec::new();
        }
        let opening = |what: &str, address, port| Opening {
            what: what.to_owned(),
            address,
            port,
            from: Some(networks(&firewall.monitoring)),
        };
        let own = machine.zookeeper.as_ref().and_then(|server| self.exporter(server));
        let own = own.map(|(address, port)| opening("ZooKeeper metrics", address, port));
        let ports: BTreeSet<u16> = firewall.exporters.iter().copied().collect();
        own.into_iter().chain(ports.into_iter().map(|port| opening("metrics", None, port))).collect()
    }

    /// The first is that of the clients.
    fn of_server(&self, server: &Server) -> Vec<Opening> {
        let ensemble = vec![self.group(Members::Ensemble, &server.network)];
        let opening = |what: &str, port, from| Opening {
            what: format!("ZooKeeper {what}"),
            address: Some(server.address),
            port,
            from: Some(from),
        };
        let mut clients = ensemble.clone();
        if self.cluster.kafka.is_some() {
            clients.push(self.group(Members::Brokers, &server.network));
        }
        let firewall = &self.cluster.firewall;
        let others: Vec<_> = firewall.zookeeper.iter().chain(&firewall.admin).copied().collect();
        clients.extend(networks(&others));
        let secure =
            self.port(server, SECURE_PORT).map(|port| opening("clients, TLS", port, clients.clone()));
        let mut openings = vec![opening("clients", server.client_port.value, clients)];
        openings.extend(secure);
        openings.push(opening("peers", server.peer_port.value, ensemble.clone()));
        openings.push(opening("election", server.election_port.value, ensemble.clone()));
        let masters = self.port(server, OBSERVER_PORT).filter(|_| !server.observer);
        openings.extend(masters.map(|port| opening("observers", port, ensemble)));
        openings
    }

    /// Who may reach a listener. Brokers reach the one between them, whatever networks its clients are in.
    fn clients(&self, listener: &Listener) -> Option<Vec<Source>> {
        let brokers = || self.group(Members::Brokers, &listener.network);
        match listener.from.as_ref()? {
            Reach::Brokers => Some(vec![brokers()]),
            Reach::Networks(from) => {
                let between = self.is_between_brokers(listener).then(brokers);
                Some(between.into_iter().chain(networks(from)).collect())
            }
        }
    }

    fn is_between_brokers(&self, listener: &Listener) -> bool {
        let kafka = self.cluster.kafka.as_ref();
        kafka.is_some_and(|kafka| kafka.inter_broker_listener.value == listener.name)
    }

    /// Where ZooKeeper's own exporter listens, if it does and others can reach it.
    fn exporter(&self, server: &Server) -> Option<(Option<Address>, u16)> {
        let text = |key| self.cluster.zookeeper.setting(server, key)?.value.plain();
        if !text(EXPORTER)?.contains("Prometheus") {
            return None;
        }
        let address = text(EXPORTER_HOST).and_then(|host| host.trim().parse::<Address>().ok());
        let address = address.filter(|address| !address.0.is_unspecified());
        if address.is_some_and(|address| address.0.is_loopback()) {
            return None;
        }
        let (key, default) = EXPORTER_PORT;
        Some((address, self.port(server, key).unwrap_or(default)))
    }

    /// A port that only a setting opens.
    fn port(&self, server: &Server, key: &str) -> Option<u16> {
        let port = self.cluster.zookeeper.setting(server, key)?.value.plain()?;
        port.trim().parse().ok().filter(|port| *port != 0)
    }

    fn group(&self, role: Members, network: &str) -> Source {
        let network = (network != self.cluster.default_network).then(|| network.to_owned());
        Source::Group(Group { role, network })
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
        let servers = self.cluster.servers().take(1).flat_map(|(_, server)| self.of_server(server));
        servers.for_each(|opening| add(opening.from));
        for (_, broker) in self.cluster.brokers() {
            broker.listeners.iter().for_each(|listener| add(self.clients(listener)));
            add(self.broker_peers(broker));
        }
        named.into_iter().map(|group| (group.to_string(), self.members(&group))).collect()
    }

    /// The addresses of a group, in the order of the hosts.
    fn members(&self, group: &Group) -> Vec<Address> {
        let network = group.network.as_ref().unwrap_or(&self.cluster.default_network);
        let hosts = self.cluster.hosts.iter().filter(|machine| match group.role {
            Members::Ensemble => machine.zookeeper.is_some(),
            Members::Brokers => machine.kafka.is_some(),
        });
        hosts.filter_map(|machine| machine.address_in(network)).collect()
    }

    /// All that a ZooKeeper server exchanges packets with.
    pub fn server_peers(&self, server: &Server) -> Vec<Source> {
        let clients = self.of_server(server).into_iter().take(1).filter_map(|opening| opening.from);
        let monitoring = networks(&self.cluster.firewall.monitoring);
        unique(clients.flatten().chain(monitoring))
    }

    /// All that a broker exchanges packets with; absent where that cannot be said: where everybody may
    /// reach it, or where it is told a name whose address nobody here knows.
    pub fn broker_peers(&self, broker: &Broker) -> Option<Vec<Source>> {
        let mut peers = Vec::new();
        for listener in &broker.listeners {
            peers.extend(self.clients(listener)?);
        }
        let between = broker.listeners.iter().find(|listener| self.is_between_brokers(listener));
        peers.extend(between.map(|listener| self.group(Members::Brokers, &listener.network)));
        peers.extend(self.elsewhere.clone()?);
        peers.extend(self.ensemble.clone()?);
        peers.extend(networks(&self.cluster.firewall.monitoring));
        Some(unique(peers.into_iter()))
    }

    fn brokers_elsewhere(&self) -> Option<Vec<Source>> {
        let listeners = self.cluster.brokers().flat_map(|(_, broker)| &broker.listeners);
        let between = listeners.filter(|listener| self.is_between_brokers(listener));
        let told = between.filter(|listener| listener.advertised_host.value != listener.address.to_string());
        told.map(|listener| self.known(&listener.advertised_host.value).map(single)).collect()
    }

    fn connected_to(&self) -> Option<Vec<Source>> {
        if let Some((_, server)) = self.cluster.servers().next() {
            return Some(vec![self.group(Members::Ensemble, &server.network)]);
        }
        let host = |place: &String| self.known(place.rsplit_once(':')?.0.trim_matches(['[', ']']));
        self.cluster.zookeeper.connect.iter().map(|place| host(place).map(single)).collect()
    }

    /// The address of a host that is told by its address, or by a name of `/etc/hosts`.
    fn known(&self, host: &str) -> Option<Address> {
        let named = || self.cluster.names.iter().find(|(_, names)| names.iter().any(|name| name == host));
        host.parse().ok().or_else(|| named().map(|(address, _)| *address))
    }

    /// The openings of all hosts that kafnix configures, each with the addresses that its words stand for.
    pub fn rows(&self) -> Vec<Row<'a>> {
        let groups = self.groups();
        let managed = self.cluster.hosts.iter().filter(|machine| machine.managed);
        let rows = managed.flat_map(|machine| {
            let openings = self.openings(machine).into_iter();
            openings.map(move |opening| (machine, opening))
        });
        rows.map(|(machine, opening)| {
            let from = opening.from.as_ref();
            let addresses = from.map(|from| expanded(from, machine, &groups));
            Row { host: &machine.name, opening, addresses }
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

fn expanded(from: &[Source], machine: &Machine, groups: &BTreeMap<String, Vec<Address>>) -> Vec<String> {
    let mut all = BTreeSet::new();
    for source in from {
        match source {
            Source::Network(_) => {
                all.insert(source.to_string());
            }
            Source::Group(group) => {
                let members = groups.get(&group.to_string()).into_iter().flatten();
                let others = members.filter(|address| !machine.addresses.values().any(|own| own == *address));
                all.extend(others.map(Address::to_string));
            }
        }
    }
    all.into_iter().collect()
}

/// Networks without those that lie in others: a set of nftables takes no two that overlap.
fn networks(from: &[Cidr]) -> Vec<Source> {
    let (mut four, mut six) = (Vec::<Ipv4Net>::new(), Vec::<Ipv6Net>::new());
    for network in from {
        match network.0 {
            IpNet::V4(network) => four.push(network),
            IpNet::V6(network) => six.push(network),
        }
    }
    let four = Ipv4Net::aggregate(&four).into_iter().map(IpNet::V4);
    let six = Ipv6Net::aggregate(&six).into_iter().map(IpNet::V6);
    four.chain(six).map(|network| Source::Network(Cidr(network))).collect()
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
