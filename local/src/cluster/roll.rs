//! Servers that serve are restarted one host after the other, by the code that rolls the hosts of a cluster: in its
//! order, and when the others can do without them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context as _, Result};
use kafnix_generator::cluster::Host;
use kafnix_operate::observe::Options;
use kafnix_operate::progress::Progress;
use kafnix_operate::rollout::{self, Plan, Restarts, Rollout, Tolerance};

use super::Selection;
use super::server::{Server, Status};
use super::start::{PATIENCE, Round, Setup, Started};
use super::work::Now;

/// Servers of this machine answer in milliseconds.
const ANSWER: Duration = Duration::from_secs(5);

/// How servers that serve are restarted.
pub struct Rolling<'a> {
    /// Those that are meant.
    pub selection: Selection<'a>,
    pub tolerance: Tolerance,
    /// How long it waits while nothing changes of what it waits for.
    pub patience: Duration,
    /// How long a server may take to answer.
    pub timeout: Duration,
}

impl Default for Rolling<'_> {
    fn default() -> Self {
        Self {
            selection: Selection::default(),
            tolerance: Tolerance::default(),
            patience: PATIENCE,
            timeout: ANSWER,
        }
    }
}

impl Rolling<'_> {
    fn options(&self) -> Options {
        Options { timeout: self.timeout, local: true, peers: false, patience: Duration::ZERO }
    }
}

impl Setup<'_> {
    /// Brings the selected servers up as the spec has them: the hosts that were restarted, in their order.
    pub fn roll_changed(&self, rolling: &Rolling<'_>, progress: &dyn Progress) -> Result<Vec<String>> {
        self.folder()?;
        let round = self.round(rolling.selection, Now::AllThatMay, Status::serves, progress)?;
        let restarts = round.restarts();
        let begun = round.begun.iter().map(|server| server.host.clone());
        let mut done: Vec<_> = begun.filter(|host| !restarts.contains_key(host)).collect();
        done.dedup();
        done.extend(self.roll(&round, rolling, &restarts, progress)?);
        Ok(done)
    }

    /// Restarts the selected servers that run, changed or not.
    pub fn roll_all(&self, rolling: &Rolling<'_>, progress: &dyn Progress) -> Result<Vec<String>> {
        self.folder()?;
        let round = self.round(rolling.selection, Now::Nobody, Status::serves, progress)?;
        let reason = "asked for".to_owned();
        let all = round.started.servers.iter().map(|server| (server.clone(), reason.clone()));
        self.roll(&round, rolling, &by_host(all), progress)
    }

    /// What would be restarted, and when.
    pub fn roll_plan(&self, rolling: &Rolling<'_>, progress: &dyn Progress) -> Result<Plan> {
        let (started, pending) = self.look(rolling.selection, progress)?;
        let cluster = &started.cluster;
        let options = rolling.options();
        let look = rollout::asking(cluster, &options, progress);
        let rollout = Rollout {
            cluster,
            look: &look,
            tolerance: started.tolerance(&rolling.tolerance),
            patience: Duration::ZERO,
            act: &|_| Ok(()),
            status: &|_| Vec::new(),
            progress,
        };
        rollout.plan_restart(&by_host(pending.into_iter()))
    }

    pub(super) fn roll(
        &self,
        round: &Round,
        rolling: &Rolling<'_>,
        restarts: &BTreeMap<String, Restarts>,
        progress: &dyn Progress,
    ) -> Result<Vec<String>> {
        let Started { cluster, servers, .. } = &round.started;
        let options = rolling.options();
        let ask = rollout::asking(cluster, &options, progress);
        // There is no systemd here that would start one that was killed.
        let look = || {
            if servers.iter().any(|server| !server.status().runs()) {
                self.round(rolling.selection, Now::Nobody, Status::serves, progress)?;
            }
            ask()
        };
        let act = |host: &Host| {
            let roles = restarts.get(&host.name).context("a host that nothing restarts on")?;
            let is_one = |server: &&Server| server.host == host.name && roles.contains_key(&server.role);
            let these: Vec<_> = servers.iter().filter(is_one).cloned().collect();
            loop {
                let Round { begun, .. } =
                    self.round(rolling.selection, Now::These(these.clone()), Status::serves, progress)?;
                if these.iter().all(|server| begun.iter().any(|begun| begun.is(server))) {
                    return Ok(());
                }
            }
        };
        let status = |host: &Host| {
            let own = servers.iter().filter(|server| server.host == host.name);
            own.map(|server| format!("{}: {}", server.role.key(), server.status().status)).collect()
        };
        let tolerance = round.started.tolerance(&rolling.tolerance);
        let patience = rolling.patience;
        Rollout { cluster, look: &look, tolerance, patience, act: &act, status: &status, progress }
            .restart(restarts)
    }
}

impl Round {
    /// What is still to be restarted, by host.
    pub(super) fn restarts(&self) -> BTreeMap<String, Restarts> {
        by_host(self.turns.iter().cloned())
    }
}

impl Started {
    /// Nobody waits for a server that somebody has stopped and that is not meant.
    fn tolerance(&self, tolerance: &Tolerance) -> Tolerance {
        let servers = self.folder.servers().map(|(_, server)| server);
        let stopped = servers
            .filter(|server| !server.status().runs() && !self.servers.iter().any(|own| own.is(server)));
        let absent: BTreeSet<_> = stopped.map(|server| server.host).collect();
        Tolerance { absent, ..tolerance.clone() }
    }
}

fn by_host(servers: impl Iterator<Item = (Server, String)>) -> BTreeMap<String, Restarts> {
    let mut all: BTreeMap<String, Restarts> = BTreeMap::new();
    for (server, why) in servers {
        all.entry(server.host.clone()).or_default().insert(server.role, why);
    }
    all
}
