//! Brings servers up: what is there and as it should be is left alone, what has changed is started anew, at once where
//! it does not serve and else by the code that rolls hosts; what the spec does not have any more is ended.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use kafnix_generator::Cluster;
use kafnix_generator::cluster::{Host, Service};
use kafnix_generator::spec::Jdk;

use super::archives::Archives;
use super::plan::{self, Planned, Runtime};
use super::roll::Rolling;
use super::server::{Phase, Server, Status};
use super::state::{self, Folder, Member};
use super::work::{Now, Work};
use super::{Selection, certificates, changes, place, stop};
use crate::exclusive::Exclusive;
use crate::java::{self, Java};
use crate::products::{self, Release, Sources};
use kafnix_operate::progress::Progress;

/// A cluster that says nothing new for so long will not come up.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(20);

/// What a local cluster is made of.
pub struct Setup<'a> {
    /// As the spec has it.
    pub cluster: &'a Cluster,
    pub spec: &'a Path,
    /// The user's state folder of kafnix.
    pub state: &'a Path,
    /// The words that start the launcher.
    pub launcher: &'a [String],
    pub sources: Sources<'a>,
    /// The environment, which tells where the JRE is.
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
    pub first_address: Option<Ipv4Addr>,
}

/// A cluster whose servers have been started.
#[derive(Debug)]
pub struct Started {
    pub folder: Folder,
    /// As it runs here.
    pub cluster: Cluster,
    /// The servers that were meant.
    pub(super) servers: Vec<Server>,
}

/// What a look at the servers has brought.
pub(super) struct Round {
    pub(super) started: Started,
    /// Those that have been started.
    pub(super) begun: Vec<Server>,
    /// Those that serve and are still to be restarted, each with the reason.
    pub(super) turns: Vec<(Server, String)>,
}

impl Setup<'_> {
    /// Starts all servers and returns once every one serves.
    pub fn up(&self, progress: &dyn Progress) -> Result<Started> {
        self.start_until(Selection::default(), Status::serves, progress)
    }

    /// Starts the selected servers and returns once each launcher has taken its server on: it waits for others, or
    /// the JVM runs.
    pub fn start(&self, selection: Selection<'_>, progress: &dyn Progress) -> Result<Started> {
        self.start_until(selection, Status::is_under_way, progress)
    }

    /// Does at once what can be done at once. Servers that serve and have changed are restarted after that, one host
    /// after the other.
    fn start_until(
        &self,
        selection: Selection<'_>,
        is_good: fn(&Status) -> bool,
        progress: &dyn Progress,
    ) -> Result<Started> {
        let round = self.round(selection, Now::AllThatMay, is_good, progress)?;
        if round.turns.is_empty() {
            return Ok(round.started);
        }
        let _one = self.alone(progress)?;
        // Whoever rolled until now may have restarted some of them.
        let round = self.round(selection, Now::AllThatMay, Status::serves, progress)?;
        let rolling = Rolling { selection, ..Rolling::default() };
        self.roll(&round, &rolling, round.restarts(), progress).with_context(|| self.not_up())?;
        Ok(round.started)
    }

    /// Starts what is to be started now, and returns once every selected server is as it should be. One that ran when
    /// it was looked at may have had its SIGKILL already, and is started anew.
    pub(super) fn round(
        &self,
        selection: Selection<'_>,
        now: Now,
        is_good: fn(&Status) -> bool,
        progress: &dyn Progress,
    ) -> Result<Round> {
        let (mut begun, mut now) = (Vec::new(), now);
        loop {
            let round = self.begin(selection, &now, progress)?;
            begun.extend(round.begun.iter().cloned());
            let is_good = if round.turns.is_empty() { is_good } else { Status::serves };
            let killed = round.started.wait(is_good, &begun, progress).with_context(|| self.not_up())?;
            if killed.is_empty() {
                return Ok(Round { begun, ..round });
            }
            for server in killed {
                progress.note(&format!("{}: ran and was killed, and is started anew", server.name()));
            }
            now = Now::Nobody;
        }
    }

    fn not_up(&self) -> String {
        let down = "`kafnix local down` ends what runs";
        format!("not all servers of `{}` are up ({down})", self.cluster.name.value)
    }

    /// Starts what does not run, and restarts what is to be restarted now.
    fn begin(&self, selection: Selection<'_>, now: &Now, progress: &dyn Progress) -> Result<Round> {
        self.refuse(selection)?;
        let runtimes = self.runtimes(progress)?;
        let path = self.state.join(&self.cluster.name.value);
        plan::check_path(&path)?;
        let lock = state::lock(&path, progress)?;
        let mut folder = self.claim(progress)?;
        let moved = place::moved(self.cluster, &folder);
        certificates::make(&folder.path, &moved)?;
        let mut planned = plan::plans(&moved, &folder, |host, service| runtimes.of(host, service))?;
        let work = Work::of(&folder, &planned, selection, now);
        if let Err(problems) = work.preflight(&moved, &planned, &folder) {
            if folder.facts.servers.is_empty() {
                // Nothing of it was there before: its addresses are anybody's.
                fs_err::remove_dir_all(&folder.path)?;
            }
            return Err(problems);
        }
        let archives = Archives { cache: self.sources.cache, launcher: self.launcher };
        archives.give(&mut planned, &work.starts, progress);
        work.tell(&planned, now, progress);
        self.bring(&moved, &mut folder, &planned, &work, progress)?;
        drop(lock);
        let begun = work.starts.iter().map(|index| planned[*index].server.clone()).collect();
        let turn = |index: &usize| {
            let Planned { server, plan, .. } = &planned[*index];
            (server.clone(), changes::reason(server.plan().as_ref(), plan))
        };
        let turns = work.turns.iter().map(turn).collect();
        let servers = planned.into_iter().map(|planned| planned.server);
        let servers = servers.filter(|server| selection.takes(&server.host, server.role)).collect();
        Ok(Round { started: Started { folder, cluster: moved, servers }, begun, turns })
    }

    /// One kafnix at a time restarts servers one after the other.
    pub(super) fn alone(&self, progress: &dyn Progress) -> Result<Exclusive> {
        let path = self.state.join(&self.cluster.name.value).with_extension("roll");
        Exclusive::take(&path, "restarts the servers of this cluster one after the other", progress)
    }

    /// Of a cluster that is there.
    pub(super) fn folder(&self) -> Result<Folder> {
        let folder = Folder::open(self.state, &self.cluster.name.value)?;
        folder.context("there is no local cluster of this spec: `kafnix local up` makes one")
    }

    /// The selected servers that do not run as the spec has them, each with the reason. Nothing is begun.
    pub(super) fn look(
        &self,
        selection: Selection<'_>,
        progress: &dyn Progress,
    ) -> Result<(Started, Vec<(Server, String)>)> {
        self.refuse(selection)?;
        let runtimes = self.runtimes(progress)?;
        let folder = self.folder()?;
        let cluster = super::moved(self.cluster, &folder)?;
        let mut planned = plan::plans(&cluster, &folder, |host, service| runtimes.of(host, service))?;
        planned.retain(|planned| selection.takes(&planned.server.host, planned.server.role));
        let differs = |Planned { server, plan, .. }: &Planned| match server.process() {
            None => Some((server.clone(), format!("does not run: {}", server.status().status))),
            Some(_) if server.status().phase == Phase::Stopping => {
                Some((server.clone(), "is stopping".to_owned()))
            }
            Some(_) if server.is_planned(plan) => None,
            Some(_) => Some((server.clone(), changes::reason(server.plan().as_ref(), plan))),
        };
        let pending = planned.iter().filter_map(differs).collect();
        let servers = planned.into_iter().map(|planned| planned.server).collect();
        Ok((Started { folder, cluster, servers }, pending))
    }

    fn refuse(&self, selection: Selection<'_>) -> Result<()> {
        ensure!(
            !self.cluster.ensemble().external,
            "the brokers of this spec join an ensemble that is not in it (`zookeeper.connect`), and a broker on \
             this machine must not: try it with a copy of the spec whose hosts are ZooKeeper servers, too"
        );
        for host in selection.hosts {
            let Some(machine) = self.cluster.hosts.iter().find(|machine| machine.name == *host) else {
                let names: Vec<_> = self.cluster.hosts.iter().map(|machine| machine.name.as_str()).collect();
                bail!("the spec has no host `{host}`; its hosts are {}", names.join(", "));
            };
            match selection.role {
                Some(role) => {
                    ensure!(machine.service(role).is_some(), "the host `{host}` runs no {}", role.product());
                }
                None => ensure!(machine.services().next().is_some(), "the host `{host}` runs nothing"),
            }
        }
        Ok(())
    }

    /// The cluster's folder with its addresses, which nobody else gets from now on.
    fn claim(&self, progress: &dyn Progress) -> Result<Folder> {
        let one = Exclusive::take(&self.state.join(".addresses"), "gives addresses to a cluster", progress)?;
        let mut folder = Folder::of(self.state, self.spec, self.cluster, self.first_address)?;
        ensure!(
            !folder.facts.wiping,
            "the removal of the local cluster `{}` has begun and not come to its end, and what is left of it is no \
             data to start with: run `kafnix local down --wipe`",
            folder.facts.name
        );
        if !folder.servers().any(|(_, server)| server.has_joined()) {
            // Until an ensemble has formed, every server is one of those that form it.
            folder.facts.founders = self.cluster.servers().map(|(host, _)| host.name.clone()).collect();
        }
        folder.write()?;
        drop(one);
        Ok(folder)
    }

    fn runtimes(&self, progress: &dyn Progress) -> Result<Runtimes> {
        let mut wanted: Vec<_> = self.cluster.hosts.iter().map(|host| host.jdk.value).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let javas = wanted.into_iter().map(|jdk| Ok((jdk, java::find(jdk, self.variable, progress)?)));
        let javas = javas.collect::<Result<_>>()?;
        let releases = products::of(self.cluster);
        let found = self.sources.find(&releases, progress)?;
        found.iter().try_for_each(|path| plan::check_path(path))?;
        Ok(Runtimes { javas, releases: releases.into_iter().zip(found).collect() })
    }

    fn bring(
        &self,
        moved: &Cluster,
        folder: &mut Folder,
        planned: &[Planned],
        work: &Work,
        progress: &dyn Progress,
    ) -> Result<()> {
        // Those that had to be killed were noted, and are started anew like the others.
        stop::end(&work.ends, stop::PATIENCE, progress)?;
        folder.facts.servers = members(moved);
        folder.write()?;
        for planned in work.starts.iter().filter_map(|index| planned.get(*index)) {
            for directory in &planned.directories {
                fs_err::create_dir_all(directory)?;
            }
            planned.server.start(self.launcher, &planned.plan)?;
        }
        Ok(())
    }
}

fn members(moved: &Cluster) -> Vec<Member> {
    let member = |(host, service): (&Host, &Service)| {
        let address = service.endpoints.first()?.address?;
        Some(Member { host: host.name.clone(), role: service.role, id: service.id.value, address })
    };
    moved.services().filter_map(member).collect()
}

/// What servers run on, as it was found on this machine.
struct Runtimes {
    javas: BTreeMap<Jdk, Java>,
    releases: BTreeMap<Release, PathBuf>,
}

impl Runtimes {
    fn of(&self, host: &Host, service: &Service) -> Result<Runtime> {
        let release = Release { product: service.role.product(), version: service.release.value };
        match (self.javas.get(&host.jdk.value), self.releases.get(&release)) {
            (Some(java), Some(folder)) => Ok(Runtime { java: java.clone(), release, folder: folder.clone() }),
            _ => bail!("`{}` has no {release} and Java {}", host.name, host.jdk.value),
        }
    }
}

impl Started {
    /// Returns once every server is as it should be, or with those that were not begun and have been killed.
    fn wait(
        &self,
        is_good: fn(&Status) -> bool,
        begun: &[Server],
        progress: &dyn Progress,
    ) -> Result<Vec<&Server>> {
        let mut before = Vec::new();
        let mut changed = Instant::now();
        loop {
            let now: Vec<_> = self.servers.iter().map(Server::status).collect();
            for ((server, status), before) in self.servers.iter().zip(&now).zip(padded(&before)) {
                if before.is_none_or(|before| before != status) {
                    progress.server(&server.name(), &status.status, is_good(status));
                    changed = Instant::now();
                }
            }
            let paired = || self.servers.iter().zip(&now);
            let ended: Vec<_> = paired().filter(|(_, status)| !status.runs()).collect();
            if !ended.is_empty() {
                let is_begun = |server: &Server| begun.iter().any(|begun| begun.is(server));
                if ended.iter().all(|(server, status)| status.was_killed() && !is_begun(server)) {
                    return Ok(ended.into_iter().map(|(server, _)| server).collect());
                }
                bail!("{}", failures(&ended));
            }
            let late: Vec<_> = paired().filter(|(_, status)| !is_good(status)).collect();
            if late.is_empty() {
                return Ok(Vec::new());
            }
            if changed.elapsed() > PATIENCE {
                bail!("nothing has changed for {} s: {}", PATIENCE.as_secs(), failures(&late));
            }
            before = now;
            std::thread::sleep(POLL);
        }
    }
}

/// The first round has nothing to compare with.
fn padded(before: &[Status]) -> impl Iterator<Item = Option<&Status>> {
    before.iter().map(Some).chain(std::iter::repeat(None))
}

/// What each of these servers says, and the end of its log.
fn failures(servers: &[(&Server, &Status)]) -> String {
    const LINES: usize = 12;
    let one = |(server, status): &(&Server, &Status)| {
        let log = server.log();
        let lines = server.last_lines(LINES).join("\n    ");
        format!("{}: {}\n  the end of `{}`:\n    {lines}", server.name(), status.status, log.display())
    };
    servers.iter().map(one).collect::<Vec<_>>().join("\n")
}
