//! Servers that serve are restarted one host after the other, by the code that rolls the hosts of a cluster: in its
//! order, and when the others can do without them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Result;
use kafnix_generator::Cluster;
use kafnix_generator::cluster::Host;
use kafnix_operate::observe::Options;
use kafnix_operate::progress::Progress;
use kafnix_operate::rollout::{self, Plan, Restarts, Rollout, Tolerance};

use super::Selection;
use super::certificates;
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
    fn options(&self, cluster: &Cluster) -> Result<Options> {
        let access = certificates::access(cluster, self.timeout)?;
        Ok(Options { access, local: true, peers: false, patience: Duration::ZERO })
    }
}

impl Setup<'_> {
    /// Brings the selected servers up as the spec has them: the hosts that were restarted, in their order.
    pub fn roll_changed(&self, rolling: &Rolling<'_>, progress: &dyn Progress) -> Result<Vec<String>> {
        self.folder()?;
        let _one = self.alone(progress)?;
        let round = self.round(rolling.selection, Now::AllThatMay, Status::serves, progress)?;
        let restarts = round.restarts();
        let mut done = round.begun_before(&restarts);
        done.extend(self.roll(&round, rolling, restarts, progress)?);
        Ok(done)
    }

    /// Restarts the selected servers, changed or not; those that do not run are started first.
    pub fn roll_all(&self, rolling: &Rolling<'_>, progress: &dyn Progress) -> Result<Vec<String>> {
        self.folder()?;
        let _one = self.alone(progress)?;
        let round = self.round(rolling.selection, Now::AllThatMay, Status::serves, progress)?;
        let is_begun = |server: &&Server| round.begun.iter().any(|begun| begun.is(server));
        let left = round.started.servers.iter().filter(|server| !is_begun(server));
        let all = by_host(left.map(|server| (server.clone(), "asked for".to_owned())));
        let mut done = round.begun_before(&all);
        done.extend(self.roll(&round, rolling, all, progress)?);
        Ok(done)
    }

    /// What would be restarted, and when.
    pub fn roll_plan(&self, rolling: &Rolling<'_>, progress: &dyn Progress) -> Result<Plan> {
        let (started, pending) = self.look(rolling.selection, progress)?;
        let cluster = &started.cluster;
        let options = rolling.options(cluster)?;
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
        restarts: BTreeMap<String, Restarts>,
        progress: &dyn Progress,
    ) -> Result<Vec<String>> {
        let Started { cluster, servers, .. } = &round.started;
        let options = rolling.options(cluster)?;
        let ask = rollout::asking(cluster, &options, progress);
        let left = RefCell::new(restarts);
        // There is no systemd here that would start one that was killed. It runs as the spec has it then.
        let look = || {
            if servers.iter().any(|server| !server.status().runs()) {
                let round = self.round(rolling.selection, Now::Nobody, Status::serves, progress)?;
                round.begun.iter().for_each(|server| forget(&mut left.borrow_mut(), server));
            }
            ask()
        };
        let act = |host: &Host| {
            let roles = left.borrow().get(&host.name).cloned().unwrap_or_default();
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
            .restart(&|| left.borrow().clone())
    }
}

impl Round {
    /// The hosts that were brought up at once, and on which nothing is left to be restarted.
    fn begun_before(&self, restarts: &BTreeMap<String, Restarts>) -> Vec<String> {
        let begun = self.begun.iter().map(|server| server.host.clone());
        let mut hosts: Vec<_> = begun.filter(|host| !restarts.contains_key(host)).collect();
        hosts.dedup();
        hosts
    }

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

/// A server that was restarted for another reason.
fn forget(restarts: &mut BTreeMap<String, Restarts>, server: &Server) {
    if let Some(of_host) = restarts.get_mut(&server.host) {
        of_host.remove(&server.role);
        if of_host.is_empty() {
            restarts.remove(&server.host);
        }
    }
}

fn by_host(servers: impl Iterator<Item = (Server, String)>) -> BTreeMap<String, Restarts> {
    let mut all: BTreeMap<String, Restarts> = BTreeMap::new();
    for (server, why) in servers {
        all.entry(server.host.clone()).or_default().insert(server.role, why);
    }
    all
}
