//! The ports that the servers of one host bind, for the rule about clashes; no rule itself.

use crate::cluster::{Broker, Machine, Model, Server, Sourced};
use crate::resolve::Draft;
use crate::spec::{Address, Setting};

#[derive(Clone, Debug)]
pub(in crate::rules) struct Bound<'a> {
    pub(in crate::rules) port: u16,
    /// Absent: every address of the host.
    pub(in crate::rules) address: Option<Address>,
    /// As in "… and the election are both on port 3888".
    pub(in crate::rules) what: String,
    pub(in crate::rules) is_listener: bool,
    /// Where the author wrote the port; for a default, where it would be.
    pub(in crate::rules) at: &'a str,
    pub(in crate::rules) written: bool,
}

pub(in crate::rules) fn of_host<'a>(draft: &'a Draft<'_>, host: &'a Machine) -> Vec<Bound<'a>> {
    let mut all = Vec::new();
    if let Some(server) = &host.zookeeper {
        all.extend(own_ports(&draft.cluster, server));
        all.extend(ports_in_settings(&draft.cluster, server));
    }
    if let Some(broker) = &host.kafka {
        all.extend(listeners(broker));
    }
    // A rule of its own refuses 0.
    all.retain(|bound| bound.port != 0);
    all
}

fn own_ports<'a>(cluster: &'a Model, server: &'a Server) -> [Bound<'a>; 3] {
    let everywhere = cluster.zookeeper.setting(server, "quorumListenOnAllIPs");
    let everywhere = everywhere.is_some_and(|setting| setting.value.is_true());
    let here = Some(server.address);
    let quorum = here.filter(|_| !everywhere);
    [
        bound(&server.client_port, here, "ZooKeeper's clients", "/zookeeper/clientPort"),
        bound(&server.peer_port, quorum, "ZooKeeper's peers", "/zookeeper/peerPort"),
        bound(&server.election_port, quorum, "ZooKeeper's election", "/zookeeper/electionPort"),
    ]
}

fn bound<'a>(
    port: &'a Sourced<u16>,
    address: Option<Address>,
    what: &str,
    absent: &'static str,
) -> Bound<'a> {
    let (value, at) = (port.value, port.pointer());
    let written = at.is_some();
    let at = at.unwrap_or(absent);
    Bound { port: value, address, what: what.to_owned(), is_listener: false, at, written }
}

/// Ports that only `settings` can open: the port, the address to bind, and what must not be `false`.
const IN_SETTINGS: &[(&str, &str, &str)] = &[
    ("secureClientPort", "secureClientPortAddress", ""),
    ("observerMasterPort", "", ""),
    ("metricsProvider.httpPort", "metricsProvider.httpHost", ""),
    ("admin.serverPort", "admin.serverAddress", "admin.enableServer"),
];

/// Every port that a setting of this server opens, as it is written: key, value, and the address to bind.
pub(in crate::rules) fn in_settings<'a>(
    cluster: &'a Model,
    server: &'a Server,
) -> impl Iterator<Item = (&'static str, &'a Sourced<Setting>, Option<Address>)> {
    let find = |key| cluster.zookeeper.setting(server, key);
    IN_SETTINGS.iter().filter_map(move |&(key, address, switch)| {
        let is_off = |on: &Sourced<Setting>| {
            on.value.plain().is_some_and(|text| text.trim().eq_ignore_ascii_case("false"))
        };
        let port = find(key).filter(|_| !find(switch).is_some_and(is_off))?;
        Some((key, port, find(address).and_then(one_address)))
    })
}

/// Every address that a setting of this server binds, with its key and where it is written.
pub(in crate::rules) fn addresses_in_settings<'a>(
    cluster: &'a Model,
    server: &'a Server,
) -> impl Iterator<Item = (&'static str, Address, &'a str)> {
    IN_SETTINGS.iter().filter_map(move |&(_, key, _)| {
        let setting = cluster.zookeeper.setting(server, key)?;
        Some((key, one_address(setting)?, setting.pointer()?))
    })
}

/// Nothing where it is every one, or where a name stands.
fn one_address(setting: &Sourced<Setting>) -> Option<Address> {
    let address = setting.value.plain()?.trim().parse::<Address>().ok()?;
    (!address.0.is_unspecified()).then_some(address)
}

fn ports_in_settings<'a>(cluster: &'a Model, server: &'a Server) -> impl Iterator<Item = Bound<'a>> {
    in_settings(cluster, server).filter_map(|(key, port, address)| {
        Some(Bound {
            port: u16::try_from(port.value.integer()?).ok()?,
            address,
            what: format!("ZooKeeper's `{key}`"),
            is_listener: false,
            at: port.pointer()?,
            written: true,
        })
    })
}

fn listeners(broker: &Broker) -> impl Iterator<Item = Bound<'_>> {
    broker.listeners.iter().map(|listener| {
        let what = format!("the listener `{}`", listener.name);
        let bound = bound(&listener.port, Some(listener.address), &what, "/kafka/listeners");
        Bound { is_listener: true, ..bound }
    })
}
