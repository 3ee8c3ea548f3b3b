//! What a rollout waits for before it switches a host: what the host's guard would refuse, and what has to be whole in
//! the rest of the cluster.

use kafnix_generator::Cluster;
use kafnix_generator::cluster::Host;
use kafnix_generator::role::Role;

use super::order::{Pending, Place};
use crate::restart::{Judgement, Policy, judge, unwell};
use crate::snapshot::Snapshot;

/// What a rollout puts up with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tolerance {
    pub policy: Policy,
    /// Partitions may be on their way to other brokers.
    pub during_reassignment: bool,
    /// A broker that runs and does not serve may be restarted.
    pub restarts_what_starts: bool,
}

/// Why a host is not switched now, and what is lost while it is.
pub fn hold(
    cluster: &Cluster,
    snapshot: &Snapshot,
    pending: &Pending,
    host: &Host,
    tolerance: Tolerance,
) -> Judgement {
    let roles: Vec<_> = Role::ALL
        .into_iter()
        .filter(|role| pending.restarts.contains_key(&format!("{}.service", role.key())))
        .collect();
    if roles.is_empty() {
        return Judgement::default();
    }
    let mut judgement = judge(cluster, snapshot, host, &roles, tolerance.policy);
    let mut wait = |why: String| judgement.refusals.push(why);
    for held in snapshot.turns.iter().flatten().filter(|held| held.turn.host != host.name) {
        wait(held.claim());
    }
    // One that is down is repaired, whatever else is.
    if pending.place == Place::Down {
        if let Some(why) = may_recover(snapshot, pending, host).filter(|_| !tolerance.restarts_what_starts) {
            wait(why);
        }
        return judgement;
    }
    for each in &cluster.hosts {
        unwell(cluster, snapshot, each).into_iter().for_each(&mut wait);
    }
    for (name, facts) in &snapshot.brokers {
        let dirs = facts.log_dirs.iter().flatten().filter(|dir| dir.error.is_some());
        for dir in dirs.filter(|_| *name != host.name) {
            wait(format!("the log directory {} of `{name}` is offline", dir.path));
        }
    }
    match &snapshot.reassignments {
        Ok(moving) if !moving.is_empty() && !tolerance.during_reassignment => {
            let topics: Vec<_> = moving.keys().map(String::as_str).collect();
            wait(format!("partitions are being reassigned: {}", topics.join(", ")));
        }
        _ => {}
    }
    if let Some(why) = controllers(snapshot) {
        wait(why);
    }
    judgement.refusals.dedup();
    judgement
}

/// A broker that runs and does not serve: it may be recovering its logs, which would begin anew.
fn may_recover(snapshot: &Snapshot, pending: &Pending, host: &Host) -> Option<String> {
    let unit = format!("{}.service", Role::Broker.key());
    let (name, id) = (&host.name, host.broker.as_ref()?.id.value);
    let registry = snapshot.registry.as_ref().ok()?;
    let runs = registry.hosts.get(name)?.running.as_ref()?.services.get(&unit)?.is_some();
    let waits = pending.restarts.contains_key(&unit) && runs && !registry.brokers.contains_key(&id);
    waits.then(|| {
        format!(
            "the broker of `{name}` runs and does not serve: it may be recovering its logs, which would begin anew; \
             `--host {name}` goes on all the same"
        )
    })
}

/// Whether the brokers agree on one controller.
fn controllers(snapshot: &Snapshot) -> Option<String> {
    let registered = snapshot.registry.as_ref().ok()?.controller;
    let told = snapshot.brokers.values().filter_map(|broker| broker.metadata.as_ref().ok());
    let differs = told.map(|metadata| metadata.controller).any(|controller| controller != registered);
    match registered {
        None => Some("the cluster has no controller".to_owned()),
        Some(_) if differs => Some("not all brokers know who is controller".to_owned()),
        Some(_) => None,
    }
}
