//! Which servers of the ensemble move: to where, or to what, those with the old configuration do not
//! reach them. For the rules about a change of all members at once; no rule itself.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexSet;

use crate::cluster::{Host, Server};
use crate::lock::{Lock, LockedServer};
use crate::peering::{Peering, Ports};
use crate::problem::Problem;
use crate::rules::ensemble::voters;
use crate::rules::message::{MOST, and, plural};
use crate::rules::prelude::*;

const NETWORK: &str = "/zookeeper/network";

/// A server that is not found, or not spoken to, by those with the other configuration.
pub(in crate::rules) struct Moved<'a> {
    pub(in crate::rules) host: &'a Host,
    /// What of it changes, like `peer port`, with the place.
    pub(in crate::rules) what: Vec<(String, String)>,
}

/// The servers of both generations, by their ids.
fn servers<'a>(draft: &'a Draft<'_>) -> Vec<(&'a Host, &'a Server, &'a LockedServer)> {
    let Some(lock) = draft.lock else { return Vec::new() };
    let old: BTreeMap<i64, &LockedServer> = lock.zookeeper.values().map(|it| (it.id, it)).collect();
    let both = draft.cluster.servers();
    both.filter_map(|(host, server)| Some((host, server, *old.get(&server.id.value)?))).collect()
}

/// Voters that change so that no quorum of those that do not is left.
pub(in crate::rules) struct Voters<'a> {
    pub(in crate::rules) moved: Vec<Moved<'a>>,
    /// Whether some of them are somewhere else, and do not only speak otherwise.
    pub(in crate::rules) elsewhere: bool,
    /// As many of them as can change while the others are a quorum, old and new.
    pub(in crate::rules) first: Vec<&'a str>,
    /// The steps from how all of them spoke to how all of them will.
    pub(in crate::rules) walk: Option<Vec<Peering>>,
}

pub(in crate::rules) fn voters<'a>(draft: &'a Draft<'_>) -> Option<Voters<'a>> {
    let (lock, (old, new)) = (draft.lock?, voters::of_both(draft)?);
    // A single server is switched in one.
    if old.voters.len() == 1 && old.voters == new.voters {
        return None;
    }
    let both = servers(draft).into_iter().filter(|(_, server, was)| !server.observer.value && !was.observer);
    let mut moved: Vec<(i64, Moved<'_>)> = Vec::new();
    let mut elsewhere = false;
    let spoken = Spoken::of(draft, lock);
    for (host, server, was) in both {
        let mut what = other_places(draft, host, server, was);
        elsewhere |= !what.is_empty();
        what.extend(spoken.iter().flat_map(|spoken| spoken.otherwise(draft, server, was)));
        if !what.is_empty() {
            moved.push((server.id.value, Moved { host, what }));
        }
    }
    let ids: BTreeSet<i64> = moved.iter().map(|(id, _)| *id).collect();
    let serves = |gone: &BTreeSet<i64>| {
        let stays = |id| old.voters.contains(&id) && new.voters.contains(&id) && !gone.contains(&id);
        old.has_quorum(stays) && new.has_quorum(stays)
    };
    if ids.is_empty() || serves(&ids) {
        return None;
    }
    let (mut gone, mut first) = (BTreeSet::new(), Vec::new());
    for (id, moved) in moved.iter().take(MOST) {
        gone.insert(*id);
        if serves(&gone) {
            first.push(moved.host.name.as_str());
        } else {
            gone.remove(id);
        }
    }
    let moved = moved.into_iter().map(|(_, moved)| moved).collect();
    Some(Voters { moved, elsewhere, first, walk: spoken.and_then(|spoken| spoken.walk()) })
}

/// Where the others find a server, as far as the lock knows it.
fn other_places(
    draft: &Draft<'_>,
    host: &Host,
    server: &Server,
    was: &LockedServer,
) -> Vec<(String, String)> {
    let (Some(address), Some(ports)) = (was.address, &was.ports) else { return Vec::new() };
    let at = |port: &crate::cluster::Sourced<u16>| port.pointer().unwrap_or(&server.pointer).to_owned();
    let mut what = Vec::new();
    if server.address.value != address {
        what.push(("address".to_owned(), place_of_address(draft, host, server, was)));
    }
    if server.peer_port.value != ports.peer {
        what.push(("peer port".to_owned(), at(&server.peer_port)));
    }
    if server.election_port.value != ports.election {
        what.push(("election port".to_owned(), at(&server.election_port)));
    }
    what
}

/// The network, where that is what changed; else the address in it.
fn place_of_address(draft: &Draft<'_>, host: &Host, server: &Server, was: &LockedServer) -> String {
    let has_it_still = host.addresses.values().any(|address| Some(address.value) == was.address);
    if has_it_still && draft.spec.zookeeper.network.is_some() {
        return NETWORK.to_owned();
    }
    let short = draft.spec.hosts.get(&host.name).is_some_and(|host| host.address.is_some());
    if short {
        pointer(["hosts", &host.name, "address"])
    } else {
        pointer(["hosts", &host.name, "addresses", &server.network.value])
    }
}

/// How voters spoke in the last generation, and how they do in this one, each way once.
struct Spoken<'a> {
    before: BTreeSet<&'a Peering>,
    now: BTreeSet<Peering>,
}

impl<'a> Spoken<'a> {
    /// Absent where the lock does not know.
    fn of(draft: &Draft<'_>, lock: &'a Lock) -> Option<Self> {
        let before = lock.zookeeper.values().filter(|it| !it.observer).map(|server| &server.peering);
        let now = draft.cluster.voters().map(|(_, server)| Peering::of(&draft.cluster, server));
        (!lock.is_of_before()).then(|| Self { before: before.collect(), now: now.collect() })
    }

    /// Settings with which a server does not speak to those of the other generation.
    fn otherwise(&self, draft: &Draft<'_>, server: &Server, was: &LockedServer) -> Vec<(String, String)> {
        let (was, now) = (&was.peering, Peering::of(&draft.cluster, server));
        if self.before.iter().all(|other| now.meets(other)) && self.now.iter().all(|other| was.meets(other)) {
            return Vec::new();
        }
        let place =
            |key| draft.cluster.setting(server, key).and_then(|it| it.pointer()).unwrap_or(&server.pointer);
        now.unlike(was).map(|key| (format!("`{key}`"), place(key).to_owned())).collect()
    }

    fn walk(&self) -> Option<Vec<Peering>> {
        match (self.before.iter().next(), self.now.iter().next()) {
            (Some(from), Some(to)) if self.before.len() == 1 && self.now.len() == 1 => from.walk(to),
            _ => None,
        }
    }
}

/// One way for clients to reach servers.
pub(in crate::rules) struct Clients<'a> {
    pub(in crate::rules) moved: Vec<Moved<'a>>,
    /// Servers in all, and those where clients with either configuration find them.
    pub(in crate::rules) all: usize,
    pub(in crate::rules) kept: usize,
    pub(in crate::rules) needed: usize,
}

/// For plain and for secured connections.
pub(in crate::rules) fn clients<'a>(draft: &'a Draft<'_>) -> Vec<Clients<'a>> {
    [false, true].into_iter().filter_map(|secured| reached(draft, secured)).collect()
}

fn reached<'a>(draft: &'a Draft<'_>, secured: bool) -> Option<Clients<'a>> {
    let mut moved = Vec::new();
    let (mut all, mut kept) = (0, 0);
    for (host, server, was) in servers(draft) {
        let now = Ports::of(&draft.cluster, server);
        let (address, ports) =
            (was.address.unwrap_or(server.address.value), was.ports.as_ref().unwrap_or(&now));
        if secured && ports.secure_client.is_none() {
            continue;
        }
        all += 1;
        let same_port =
            if secured { ports.secure_client == now.secure_client } else { ports.client == now.client };
        let key = if secured { "secureClientPort" } else { "clientPort" };
        let mut what = Vec::new();
        if address != server.address.value {
            what.push(("address".to_owned(), place_of_address(draft, host, server, was)));
        }
        if !same_port {
            let setting = draft.cluster.setting(server, key).and_then(|setting| setting.pointer());
            let at = if secured { setting } else { server.client_port.pointer() };
            what.push((format!("`{key}`"), at.unwrap_or(&server.pointer).to_owned()));
        }
        if what.is_empty() {
            kept += 1;
        } else {
            moved.push(Moved { host, what });
        }
    }
    // One server may be the one that is just switched.
    let needed = if all > 2 { 2 } else { 1 };
    (!moved.is_empty() && kept < needed).then_some(Clients { moved, all, kept, needed })
}

/// `` the peer port and `sslQuorum` of `a` and `b` change ``.
pub(in crate::rules) fn told(moved: &[Moved<'_>]) -> String {
    let what: IndexSet<&str> =
        moved.iter().flat_map(|moved| moved.what.iter().map(|(what, _)| what.as_str())).collect();
    let hosts = and(moved.iter().map(|moved| format!("`{}`", moved.host.name)));
    let verb = plural(what.len(), "changes", "change");
    format!("the {} of {hosts} {verb}", and(what))
}

/// How to change these first. No host has a network of its own for ZooKeeper, but each has its addresses.
pub(in crate::rules) fn first_alone(first: &[&str], moved: &[Moved<'_>]) -> String {
    let of_network = moved.iter().flat_map(|moved| &moved.what).any(|(_, at)| at == NETWORK);
    let how = if of_network {
        "each by its address in `hosts.NAME.addresses`, under the name of the network as it was"
    } else {
        "each on its own in `hosts` or `zookeeper.hosts`"
    };
    format!(
        "change {} alone in this generation, {how}, and the others in later ones, once every host runs with the \
         one before",
        and(first.iter().map(|host| format!("`{host}`")))
    )
}

/// At each place once.
pub(in crate::rules) fn at_places(problem: Problem, moved: &[Moved<'_>]) -> Problem {
    let places: IndexSet<&str> =
        moved.iter().flat_map(|moved| moved.what.iter().map(|(_, at)| at.as_str())).collect();
    crate::rules::message::at_all(problem, places, "other than in the last generation", "here, too")
}
