//! Which host is next, and why it is to be switched at all.

use std::collections::BTreeMap;

use kafnix_generator::Cluster;
use kafnix_generator::cluster::Host;
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
    /// Of its releases and of its JDK.
    pub versions: BTreeMap<String, String>,
}

/// Services that restart, with the reason of each.
pub type Restarts = BTreeMap<Role, String>;

/// When a host is switched, beside the others. Those that are down cost nothing; leader and controller move once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    Down,
    RestartsNothing,
    Plain,
    #[serde(rename = "leader")]
    LeadsEnsemble,
    #[serde(rename = "controller")]
    Controls,
}

impl Place {
    pub fn reason(self) -> &'static str {
        match self {
            Self::Down => "a server of it does not serve",
            Self::RestartsNothing => "nothing restarts",
            Self::Plain => "neither the leader nor the controller restarts",
            Self::LeadsEnsemble => "it leads the ensemble",
            Self::Controls => "its broker is the controller",
        }
    }
}

/// A host that does not run its target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pending {
    pub host: String,
    pub place: Place,
    /// The services whose processes are of another configuration.
    pub restarts: Restarts,
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

/// The hosts whose services are to restart, without a switch, the next one first.
pub fn to_restart(
    cluster: &Cluster,
    snapshot: &Snapshot,
    restarts: &BTreeMap<String, Restarts>,
) -> Vec<Pending> {
    let hosts = cluster.hosts.iter().filter_map(|host| Some((host, restarts.get(&host.name)?)));
    let mut all: Vec<_> = hosts
        .map(|(host, restarts)| Pending {
            host: host.name.clone(),
            place: place(cluster, snapshot, host, restarts),
            restarts: restarts.clone(),
            is_switched: false,
        })
        .collect();
    all.sort_by(|a, b| (a.place, &a.host).cmp(&(b.place, &b.host)));
    all
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
    let roles = target.services.iter().filter(differs).filter_map(|(unit, _)| Role::of_unit(unit));
    let restarts: Restarts =
        roles.map(|role| (role, generated.why(snapshot, host, role, &target.versions))).collect();
    let system = running.and_then(|running| running.system.as_ref());
    let is_switched = system != Some(&target.system);
    if restarts.is_empty() && !is_switched {
        return None;
    }
    let place = place(cluster, snapshot, host, &restarts);
    Some(Pending { host: host.name.clone(), place, restarts, is_switched })
}

fn place(cluster: &Cluster, snapshot: &Snapshot, host: &Host, restarts: &Restarts) -> Place {
    if !down(cluster, snapshot, host).is_empty() {
        return Place::Down;
    }
    if restarts.is_empty() {
        return Place::RestartsNothing;
    }
    let controller = snapshot.registry.as_ref().ok().and_then(|registry| registry.controller);
    let controls = host.broker.as_ref().is_some_and(|broker| controller == Some(broker.id.value));
    if controls && restarts.contains_key(&Role::Broker) {
        return Place::Controls;
    }
    let srvr = snapshot.servers.get(&host.name).and_then(|facts| facts.srvr.as_ref().ok());
    if srvr.is_some_and(|srvr| srvr.mode == Mode::Leader) && restarts.contains_key(&Role::ZooKeeper) {
        return Place::LeadsEnsemble;
    }
    Place::Plain
}
