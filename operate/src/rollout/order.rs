//! Which host is next, and why it is to be switched at all.

use std::collections::{BTreeMap, BTreeSet};

use kafnix_generator::Cluster;
use kafnix_generator::cluster::{Host, Service};
use kafnix_generator::role::Role;
use kafnix_protocol::four_letter_words::Mode;
use serde::Serialize;

use super::why::Generated;
use crate::restart::down;
use crate::snapshot::Snapshot;

/// What a host is to become: the system that was built for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Target {
    /// Its path in the store.
    pub system: String,
    /// The digest of each of its servers' units.
    pub services: BTreeMap<String, String>,
}

/// When a host is switched, beside the others. Those that are down cost nothing; leader and controller move once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    Down,
    RestartsNothing,
    Plain,
    LeadsEnsemble,
    Controls,
}

impl Place {
    pub fn reason(self) -> &'static str {
        match self {
            Self::Down => "a server of it does not serve",
            Self::RestartsNothing => "nothing restarts",
            Self::Plain => "it neither leads the ensemble nor is controller",
            Self::LeadsEnsemble => "it leads the ensemble",
            Self::Controls => "its broker is controller",
        }
    }
}

/// A host that does not run its target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pending {
    pub host: String,
    pub place: Place,
    /// The units whose processes are of another configuration, with the reason.
    pub restarts: BTreeMap<String, String>,
    /// Its system is another one, too.
    pub is_switched: bool,
}

/// The hosts that do not run their targets, the next one first.
pub fn pending(cluster: &Cluster, snapshot: &Snapshot, targets: &BTreeMap<String, Target>) -> Vec<Pending> {
    let generated = Generated::of(cluster);
    let hosts = cluster.hosts.iter().filter_map(|host| Some((host, targets.get(&host.name)?)));
    let mut all: Vec<_> =
        hosts.filter_map(|(host, target)| compare(cluster, snapshot, &generated, host, target)).collect();
    all.sort_by(|a, b| (a.place, &a.host).cmp(&(b.place, &b.host)));
    all
}

/// The host of these that is restarted next, without a change.
pub fn next_to_restart(cluster: &Cluster, snapshot: &Snapshot, left: &BTreeSet<String>) -> Option<Pending> {
    let hosts = cluster.hosts.iter().filter(|host| left.contains(&host.name));
    let all = hosts.map(|host| {
        let unit = |service: &Service| (format!("{}.service", service.role.key()), "asked for".to_owned());
        let restarts = host.services().map(unit).collect();
        let place = place(cluster, snapshot, host, false);
        Pending { host: host.name.clone(), place, restarts, is_switched: false }
    });
    all.min_by(|a, b| (a.place, &a.host).cmp(&(b.place, &b.host)))
}

fn compare(
    cluster: &Cluster,
    snapshot: &Snapshot,
    generated: &Generated<'_>,
    host: &Host,
    target: &Target,
) -> Option<Pending> {
    let published = snapshot.registry.as_ref().ok().and_then(|registry| registry.hosts.get(&host.name));
    let running = published.and_then(|published| published.running.as_ref());
    let runs = |unit: &String| running.and_then(|running| running.services.get(unit)?.as_ref());
    let differs = |(unit, digest): &(&String, &String)| runs(unit) != Some(*digest);
    let why = |unit: &str| {
        let role = Role::ALL.into_iter().find(|role| unit.strip_suffix(".service") == Some(role.key()));
        role.map_or_else(String::new, |role| generated.why(snapshot, host, role))
    };
    let restarts: BTreeMap<_, _> =
        target.services.iter().filter(differs).map(|(unit, _)| (unit.clone(), why(unit))).collect();
    let system = running.and_then(|running| running.system.as_ref());
    let is_switched = system != Some(&target.system);
    if restarts.is_empty() && !is_switched {
        return None;
    }
    let place = place(cluster, snapshot, host, restarts.is_empty());
    Some(Pending { host: host.name.clone(), place, restarts, is_switched })
}

fn place(cluster: &Cluster, snapshot: &Snapshot, host: &Host, restarts_nothing: bool) -> Place {
    if !down(cluster, snapshot, host).is_empty() {
        return Place::Down;
    }
    if restarts_nothing {
        return Place::RestartsNothing;
    }
    let controller = snapshot.registry.as_ref().ok().and_then(|registry| registry.controller);
    if host.broker.as_ref().is_some_and(|broker| controller == Some(broker.id.value)) {
        return Place::Controls;
    }
    let srvr = snapshot.servers.get(&host.name).and_then(|facts| facts.srvr.as_ref().ok());
    if srvr.is_some_and(|srvr| srvr.mode == Mode::Leader) {
        return Place::LeadsEnsemble;
    }
    Place::Plain
}
