//! What a rollout waits for before it switches a host: what the host's guard would refuse, and what has to be whole in
//! the rest of the cluster.

use std::collections::BTreeSet;

use kafnix_generator::Cluster;
use kafnix_generator::cluster::Host;
use kafnix_generator::role::Role;

use super::order::{Pending, Place};
use crate::restart::{Judgement, Policy, judge, unwell};
use crate::snapshot::Snapshot;

/// What a rollout puts up with.
#[derive(Clone, Debug, Default)]
pub struct Tolerance {
    pub policy: Policy,
    /// Partitions may be on their way to other brokers.
    pub during_reassignment: bool,
    /// A broker that runs and does not serve may be restarted.
    pub restarts_what_starts: bool,
    /// Hosts that somebody has stopped: nobody waits for them.
    pub absent: BTreeSet<String>,
}

/// Why a host is not switched now, and what is lost while it is.
pub fn hold(
    cluster: &Cluster,
    snapshot: &Snapshot,
    pending: &Pending,
    host: &Host,
    tolerance: &Tolerance,
) -> Judgement {
    let roles: Vec<_> = pending.restarts.keys().copied().collect();
    if roles.is_empty() {
        return Judgement::default();
    }
    let mut judgement = judge(cluster, snapshot, host, &roles, tolerance.policy);
    let mut wait = |why: String| judgement.refusals.push(why);
    match &snapshot.turns {
        Ok(turns) => {
            turns.iter().filter(|held| held.turn.host != host.name).for_each(|held| wait(held.claim()));
        }
        Err(missing) => wait(format!("who has the turn is not known: {}", missing.reason())),
    }
    // One that is down is repaired, whatever else is.
    if pending.place == Place::Down {
        if let Some(why) = may_recover(snapshot, pending, host).filter(|_| !tolerance.restarts_what_starts) {
            wait(why);
        }
        judgement.refusals.dedup();
        return judgement;
    }
    for each in cluster.hosts.iter().filter(|host| !tolerance.absent.contains(&host.name)) {
        unwell(cluster, snapshot, each).into_iter().for_each(&mut wait);
    }
    let others =
        snapshot.brokers.iter().filter(|(name, facts)| **name != host.name && facts.connection.is_ok());
    for (name, facts) in others {
        match &facts.log_dirs {
            Ok(dirs) => dirs
                .iter()
                .filter(|dir| dir.error.is_some())
                .for_each(|dir| wait(format!("the log directory {} of `{name}` is offline", dir.path))),
            Err(missing) => {
                wait(format!("the log directories of `{name}` are not known: {}", missing.reason()));
            }
        }
    }
    match &snapshot.reassignments {
        _ if tolerance.during_reassignment || cluster.brokers().next().is_none() => {}
        Ok(moving) if moving.is_empty() => {}
        Ok(moving) => {
            let topics: Vec<_> = moving.keys().map(String::as_str).collect();
            wait(format!("partitions are being reassigned: {}", topics.join(", ")));
        }
        Err(missing) => {
            wait(format!("whether partitions are being reassigned is not known: {}", missing.reason()));
        }
    }
    if let Some(why) = controllers(snapshot).filter(|_| cluster.brokers().next().is_some()) {
        wait(why);
    }
    judgement.refusals.dedup();
    judgement
}

/// A broker that runs and does not serve: it may be recovering its logs, which would begin anew.
fn may_recover(snapshot: &Snapshot, pending: &Pending, host: &Host) -> Option<String> {
    let (name, id) = (&host.name, host.broker.as_ref()?.id.value);
    let registry = snapshot.registry.as_ref().ok()?;
    let runs = registry.hosts.get(name)?.running.as_ref()?.services.get(&Role::Broker.unit())?.is_some();
    let runs = runs && snapshot.is_reachable(name) && !registry.brokers.contains_key(&id);
    let waits = pending.restarts.contains_key(&Role::Broker) && runs;
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
