//! Switches the hosts of a cluster one after the other to the systems that were built for them: reads the cluster anew
//! before each, waits until it can do without the host, and until the host is well again. What a host runs stands in
//! the ensemble, so that a rollout that was interrupted goes on where it ended.

mod hold;
mod order;
mod why;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use kafnix_client as client;
use kafnix_generator::Cluster;
use kafnix_generator::cluster::Host;
use kafnix_generator::role::Role;
use serde::Serialize;

pub use hold::{Tolerance, hold};
pub use order::{Pending, Place, Restarts, Target, pending, to_restart};

use crate::observe::{Options, look};
use crate::progress::Progress;
use crate::restart::{Judgement, unwell};
use crate::snapshot::Snapshot;

const PAUSE: Duration = Duration::from_secs(1);

/// What was built, by the names of the hosts that are rolled.
pub type Targets = BTreeMap<String, Target>;

/// How a rollout is made.
pub struct Rollout<'a> {
    pub cluster: &'a Cluster,
    /// Asks the cluster.
    pub look: &'a dyn Fn() -> Result<Snapshot>,
    pub tolerance: Tolerance,
    /// How long it waits while nothing changes of what it waits for.
    pub patience: Duration,
    /// Switches or restarts a host, and returns when that is over.
    pub act: &'a dyn Fn(&Host) -> Result<()>,
    /// What the servers of a host say of themselves, while they are waited for.
    pub status: &'a dyn Fn(&Host) -> Vec<String>,
    pub progress: &'a dyn Progress,
}

/// Asks a cluster anew, for as long as it moves.
pub fn asking<'a>(
    cluster: &'a Cluster,
    options: &'a Options,
    progress: &'a dyn Progress,
) -> impl Fn() -> Result<Snapshot> + 'a {
    move || client::run(look(cluster, options, progress))
}

/// What a rollout would do now.
#[derive(Debug, Serialize)]
pub struct Plan {
    /// The next one first. Each is chosen anew when it is its time.
    pub pending: Vec<Pending>,
    /// What holds up the first of them now, and what is lost while it restarts.
    pub now: Judgement,
}

impl Rollout<'_> {
    /// What would be done for every host to run what was built for it.
    pub fn plan(&self, targets: &Targets) -> Result<Plan> {
        let snapshot = (self.look)()?;
        self.planned(&snapshot, pending(self.cluster, &snapshot, targets))
    }

    /// The order in which services would be restarted.
    pub fn plan_restart(&self, restarts: &BTreeMap<String, Restarts>) -> Result<Plan> {
        let snapshot = (self.look)()?;
        self.planned(&snapshot, to_restart(self.cluster, &snapshot, restarts))
    }

    fn planned(&self, snapshot: &Snapshot, pending: Vec<Pending>) -> Result<Plan> {
        let now = match pending.first() {
            Some(next) => self.hold(snapshot, next)?,
            None => Judgement::default(),
        };
        Ok(Plan { pending, now })
    }

    /// Switches hosts until each of them runs what was built for it: those that were, in their order.
    pub fn apply(&self, targets: &Targets) -> Result<Vec<String>> {
        let runs = |snapshot: &Snapshot| pending(self.cluster, snapshot, targets);
        self.roll(&|snapshot, _| runs(snapshot).into_iter().next(), &|snapshot, host| {
            let lacks = runs(snapshot).iter().any(|left| left.host == host.name);
            lacks.then(|| {
                format!("`{}` has not told the ensemble that it runs what was built for it", host.name)
            })
        })
    }

    /// Restarts services, which are asked for anew before each host.
    pub fn restart(&self, restarts: &dyn Fn() -> BTreeMap<String, Restarts>) -> Result<Vec<String>> {
        let next = |snapshot: &Snapshot, done: &[String]| {
            let all = to_restart(self.cluster, snapshot, &restarts());
            all.into_iter().find(|pending| !done.contains(&pending.host))
        };
        self.roll(&next, &|_, _| None)
    }

    fn roll(
        &self,
        choose: &dyn Fn(&Snapshot, &[String]) -> Option<Pending>,
        lacks: &dyn Fn(&Snapshot, &Host) -> Option<String>,
    ) -> Result<Vec<String>> {
        let mut done: Vec<String> = Vec::new();
        while let Some((next, warnings)) = self.next(&|snapshot| choose(snapshot, &done))? {
            let host = self.host(&next.host)?;
            for warning in warnings {
                self.progress.note(&warning);
            }
            self.progress.note(&format!("{}: {}", next.host, sentence(&next)));
            (self.act)(host).with_context(|| stopped(&next.host, &done))?;
            let lacks = |snapshot: &Snapshot| {
                let own = unwell(self.cluster, snapshot, host).into_iter().chain(lacks(snapshot, host));
                let has_turn = snapshot.turns.iter().flatten().any(|held| held.turn.host == host.name);
                let own = own.chain(has_turn.then(|| format!("`{}` still has the turn", host.name)));
                let mut all: Vec<_> = own.collect();
                if !all.is_empty() {
                    all.extend((self.status)(host));
                }
                all
            };
            let name = || next.host.clone();
            self.wait(|snapshot| Ok((name(), lacks(snapshot))))
                .with_context(|| stopped(&next.host, &done))?;
            self.progress.note(&format!("{}: its servers serve again and are in sync", next.host));
            done.push(next.host);
        }
        Ok(done)
    }

    /// The next host, once it is its time, with what is lost meanwhile.
    fn next(&self, choose: &dyn Fn(&Snapshot) -> Option<Pending>) -> Result<Option<(Pending, Vec<String>)>> {
        let mut found = None;
        self.wait(|snapshot| {
            if let Err(missing) = &snapshot.registry {
                let why = format!("what the hosts run is not known without it: {}", missing.reason());
                return Ok(("the ensemble".to_owned(), vec![why]));
            }
            let Some(next) = choose(snapshot) else {
                found = None;
                return Ok((String::new(), Vec::new()));
            };
            let Judgement { mut refusals, warnings } = self.hold(snapshot, &next)?;
            if !refusals.is_empty() {
                refusals.extend(self.status_of_unwell(snapshot));
            }
            let name = next.host.clone();
            found = Some((next, warnings));
            Ok((name, refusals))
        })?;
        Ok(found)
    }

    /// Until nothing is lacking. What it waits for is told, by whom that is of; where it does not change for too long,
    /// it is an error.
    fn wait(&self, mut lacks: impl FnMut(&Snapshot) -> Result<(String, Vec<String>)>) -> Result<()> {
        let (mut last, mut since) = (Vec::new(), Instant::now());
        loop {
            let (name, now) = lacks(&(self.look)()?)?;
            if now.is_empty() {
                return Ok(());
            }
            self.progress.server(&name, &format!("waiting: {}", now.join("; ")), false);
            if now != last {
                (last, since) = (now, Instant::now());
            } else if since.elapsed() > self.patience {
                let waited = self.patience.as_secs();
                bail!("{name}: nothing has changed for {waited} s: {}", last.join("; "));
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// What the units of the hosts say that others may be waiting for.
    fn status_of_unwell(&self, snapshot: &Snapshot) -> Vec<String> {
        let unwell =
            self.cluster.hosts.iter().filter(|host| !unwell(self.cluster, snapshot, host).is_empty());
        unwell
            .flat_map(|host| (self.status)(host).into_iter().map(|said| format!("{}: {said}", host.name)))
            .collect()
    }

    fn hold(&self, snapshot: &Snapshot, next: &Pending) -> Result<Judgement> {
        let host = self.host(&next.host)?;
        Ok(hold(self.cluster, snapshot, next, host, &self.tolerance))
    }

    fn host(&self, name: &str) -> Result<&Host> {
        self.cluster.host(name).with_context(|| format!("the spec has no host `{name}`"))
    }
}

fn stopped(host: &str, done: &[String]) -> String {
    let before = if done.is_empty() { "none".to_owned() } else { done.join(", ") };
    format!(
        "the rollout has stopped at `{host}` (done before: {before}). Mend the host and roll again; to go back, take \
         the change out of the spec and roll again"
    )
}

/// What happens to a host, and why it is its time.
pub fn sentence(pending: &Pending) -> String {
    let what = if pending.restarts.is_empty() {
        "is switched".to_owned()
    } else {
        let one = |(role, why): (&Role, &String)| format!("{} ({why})", role.key());
        format!("restarts {}", pending.restarts.iter().map(one).collect::<Vec<_>>().join(" and "))
    };
    format!("{what}; {}", pending.place.reason())
}
