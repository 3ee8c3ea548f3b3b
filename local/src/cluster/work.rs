//! What has to be done for servers to run as they are planned, and when each is restarted that runs otherwise: one
//! at a time where it serves, so that the others go on.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use kafnix_generator::Cluster;
use kafnix_generator::hosts;
use kafnix_generator::role::Role;
use kafnix_operate::progress::Progress;

use super::plan::Planned;
use super::server::Server;
use super::state::Folder;
use super::{Selection, changes, preflight};

const POLL: Duration = Duration::from_millis(20);
/// A process that was killed gives its ports and its memory back a moment after it is seen no more.
const DYING: Duration = Duration::from_secs(3);

/// Which of the servers that run are restarted now.
pub enum Now {
    /// Of those that are not as they are planned: those that do not serve, and those that must change together.
    AllThatMay,
    /// These, unless another has to be started.
    These(Vec<Server>),
    Nobody,
}

pub struct Work {
    /// Servers that are not as they should be, or that the spec does not have any more.
    pub ends: Vec<Server>,
    /// Which of the planned ones are started.
    pub starts: Vec<usize>,
    /// Which of them serve, are not as they are planned, and have yet to be restarted.
    pub turns: Vec<usize>,
    /// The roles whose servers restart at once, with the setting that all must have.
    together: BTreeMap<Role, String>,
}

impl Work {
    pub fn of(folder: &Folder, planned: &[Planned], selection: Selection<'_>, now: &Now) -> Self {
        let is_planned = |server: &Server| planned.iter().any(|planned| planned.server.is(server));
        let servers = folder.servers().map(|(_, server)| server);
        let gone = servers.filter(|server| !is_planned(server) && !server.is_gone());
        let selected = |planned: &&Planned| selection.takes(&planned.server.host, planned.server.role);
        let together = match now {
            Now::AllThatMay => together(planned.iter().filter(selected)),
            Now::These(_) | Now::Nobody => BTreeMap::new(),
        };
        let mut work = Self { ends: gone.collect(), starts: Vec::new(), turns: Vec::new(), together };
        for (index, one) in planned.iter().enumerate().filter(|(_, one)| selected(one)) {
            let server = &one.server;
            if server.process().is_none() {
                // Whoever has stopped one since the first look wants it stopped.
                if matches!(now, Now::AllThatMay) || server.status().was_killed() {
                    work.start(index, server);
                }
            } else if !server.is_planned(&one.plan) {
                let at_once = work.together.contains_key(&server.role) || !server.status().serves();
                match now {
                    Now::AllThatMay if at_once => work.start(index, server),
                    _ => work.turns.push(index),
                }
            }
        }
        if let Now::These(servers) = now
            && work.starts.is_empty()
        {
            let is_one = |one: &Planned| servers.iter().any(|server| server.is(&one.server));
            for (index, one) in planned.iter().enumerate().filter(|(_, one)| is_one(one)) {
                work.turns.retain(|turn| *turn != index);
                work.start(index, &one.server);
            }
        }
        work
    }

    fn start(&mut self, index: usize, server: &Server) {
        self.starts.push(index);
        // A JVM whose launcher was killed may need a moment to be gone.
        self.ends.extend((!server.is_gone()).then(|| server.clone()));
    }

    /// Says which servers end, and why; of those that are restarted when it is their time, whoever restarts them does.
    pub fn tell(&self, planned: &[Planned], now: &Now, progress: &dyn Progress) {
        for (role, key) in &self.together {
            let product = role.product();
            progress
                .note(&format!("every {product} server restarts at once: all must take `{key}` together"));
        }
        for server in self.ends.iter().filter(|server| server.process().is_some()) {
            let plan = planned.iter().find(|planned| planned.server.is(server)).map(|planned| &planned.plan);
            let text = match plan {
                Some(_) if matches!(now, Now::These(_)) => continue,
                Some(plan) => format!("restarts ({})", changes::reason(server.plan().as_ref(), plan)),
                None => "ends, since the spec has it no more".to_owned(),
            };
            progress.note(&format!("{}: {text}", server.name()));
        }
    }

    /// Tells all that is in the way, before anything is ended or started.
    pub fn preflight(&self, moved: &Cluster, planned: &[Planned], folder: &Folder) -> Result<()> {
        let hosts = hosts::hosts(moved);
        let affected = || self.starts.iter().chain(&self.turns).filter_map(|index| planned.get(*index));
        let need =
            |planned: &Planned| preflight::need(moved, &hosts, &planned.server.host, planned.server.role);
        let needs: Vec<_> = affected().map(need).collect();
        let ours = self.ends.iter().chain(affected().map(|planned| &planned.server));
        let ours: Vec<_> = ours.flat_map(Server::processes).map(|process| process.pid).collect();
        let until = Instant::now() + if folder.facts.servers.is_empty() { Duration::ZERO } else { DYING };
        loop {
            let problems = preflight::problems(&needs, &ours, &folder.path);
            if problems.is_empty() {
                return Ok(());
            }
            ensure!(Instant::now() < until, "nothing was started:{}", one_below_the_other(&problems));
            std::thread::sleep(POLL);
        }
    }
}

/// Several things each have a line.
fn one_below_the_other(problems: &[String]) -> String {
    match problems {
        [only] => format!(" {only}"),
        several => several.iter().fold(String::new(), |text, problem| text + "\n  - " + problem),
    }
}

/// The roles with a change that all servers must take at once, of which one is named.
fn together<'a>(planned: impl Iterator<Item = &'a Planned>) -> BTreeMap<Role, String> {
    let changed = planned.filter(|planned| planned.server.process().is_some());
    let keys = changed.filter_map(|Planned { server, plan, .. }| {
        Some((server.role, changes::together(server.role, &server.plan()?, plan)?))
    });
    keys.collect()
}
