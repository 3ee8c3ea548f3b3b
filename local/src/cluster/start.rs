//! Brings servers up: what is there and as it should be is left alone, what has changed is started
//! anew, what the spec does not have any more is ended.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use kafnix_generator::Cluster;
use kafnix_generator::cluster::{Host, Service};
use kafnix_generator::spec::Jdk;

use super::archives::Archives;
use super::plan::{self, Planned, Runtime};
use super::server::{Server, Status};
use super::state::{self, Folder, Member};
use super::wait_in_sync::{self, Asked};
use super::work::{self, Now, Work};
use super::{Selection, place, stop};
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
    servers: Vec<Server>,
}

/// What a look at the servers has brought.
struct Round {
    started: Started,
    /// Those that did not run as planned and have been started.
    begun: Vec<Server>,
    /// Those that serve and are still to be restarted.
    turns: Vec<Server>,
    brokers: Vec<Asked>,
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

    /// Each round does what can be done at once and waits. Servers that serve and have changed are restarted one in a
    /// round. A server that ran when it was looked at may have had its SIGKILL already, and is started anew.
    fn start_until(
        &self,
        selection: Selection<'_>,
        is_good: fn(&Status) -> bool,
        progress: &dyn Progress,
    ) -> Result<Started> {
        let (mut begun, mut now) = (Vec::new(), Now::AllThatMay);
        loop {
            let Round { started, begun: more, turns, brokers } = self.begin(selection, &now, progress)?;
            begun.extend(more);
            let is_good = if turns.is_empty() { is_good } else { Status::serves };
            let killed = started.wait(is_good, &begun, progress).with_context(|| self.not_up())?;
            for server in &killed {
                progress.note(&format!("{}: ran and was killed, and is started anew", server.name()));
            }
            now = match (killed.is_empty(), turns.is_empty()) {
                (true, true) => return Ok(started),
                (true, false) => started.next(&turns, &brokers, progress).with_context(|| self.not_up())?,
                (false, _) => Now::Nobody,
            };
        }
    }

    fn not_up(&self) -> String {
        let down = "`kafnix local down` ends what runs";
        format!("not all servers of `{}` are up ({down})", self.cluster.name.value)
    }

    /// Starts what does not run, and restarts what is to be restarted now.
    fn begin(&self, selection: Selection<'_>, now: &Now, progress: &dyn Progress) -> Result<Round> {
        self.refuse(selection)?;
        let javas = self.javas(progress)?;
        let releases = products::of(self.cluster);
        let found = self.sources.find(&releases, progress)?;
        let path = self.state.join(&self.cluster.name.value);
        found.iter().chain([&path]).try_for_each(|path| plan::check_path(path))?;
        let releases: BTreeMap<Release, _> = releases.into_iter().zip(found).collect();
        let lock = state::lock(&path, progress)?;
        let mut folder = self.claim(progress)?;
        let moved = place::moved(self.cluster, &folder);
        let mut planned =
            plan::plans(&moved, &folder, |host, service| runtime(host, service, &releases, &javas))?;
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
        self.bring(&moved, &mut folder, &planned, &work, progress)?;
        drop(lock);
        let brokers = Asked::all(&moved, &planned);
        let of = |indices: &[usize]| indices.iter().map(|index| planned[*index].server.clone()).collect();
        let (begun, turns) = (of(&work.starts), of(&work.turns));
        let servers = planned.into_iter().map(|planned| planned.server);
        let servers = servers.filter(|server| selection.takes(&server.host, server.role)).collect();
        Ok(Round { started: Started { folder, cluster: moved, servers }, begun, turns, brokers })
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

    fn javas(&self, progress: &dyn Progress) -> Result<BTreeMap<Jdk, Java>> {
        let mut wanted: Vec<_> = self.cluster.hosts.iter().map(|host| host.jdk.value).collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted.into_iter().map(|jdk| Ok((jdk, java::find(jdk, self.variable, progress)?))).collect()
    }

    fn bring(
        &self,
        moved: &Cluster,
        folder: &mut Folder,
        planned: &[Planned],
        work: &Work,
        progress: &dyn Progress,
    ) -> Result<()> {
        work.tell(planned, progress);
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

fn runtime(
    host: &Host,
    service: &Service,
    releases: &BTreeMap<Release, std::path::PathBuf>,
    javas: &BTreeMap<Jdk, Java>,
) -> Result<Runtime> {
    let release = Release { product: service.role.product(), version: service.release.value };
    match (javas.get(&host.jdk.value), releases.get(&release)) {
        (Some(java), Some(folder)) => Ok(Runtime { java: java.clone(), release, folder: folder.clone() }),
        _ => bail!("`{}` has no {release} and Java {}", host.name, host.jdk.value),
    }
}

impl Started {
    /// Who is restarted next, once no partition would miss it: all replicas are in sync.
    fn next(&self, turns: &[Server], brokers: &[Asked], progress: &dyn Progress) -> Result<Now> {
        let all_run = || self.servers.iter().all(|server| server.status().runs());
        let Some(in_sync) = wait_in_sync::before_a_restart(&self.cluster, brokers, &all_run, progress)?
        else {
            return Ok(Now::Nobody);
        };
        let broker = self.cluster.brokers().find(|(_, broker)| Some(broker.id.value) == in_sync.controller);
        let next = work::next(turns, broker.map(|(host, _)| host.name.as_str()));
        Ok(next.map_or(Now::Nobody, Now::One))
    }

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
