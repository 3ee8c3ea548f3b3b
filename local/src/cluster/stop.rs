//! Ends servers. Brokers end first, and while any is left the ensemble stays: a broker that is controller
//! hangs in its shutdown where it has lost the ensemble, which costs a minute. Hosts that lose their power
//! together have no such order, and a launcher can do without it. No server is waited for without an end.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use kafnix_generator::role::Role;

use super::Selection;
use super::process::Process;
use super::server::Server;
use super::state::{self, Folder};
use crate::exclusive::{self, Exclusive};
use kafnix_operate::progress::Progress;

const POLL: Duration = Duration::from_millis(20);

/// How long a server may take to end before it is killed. A controlled shutdown whose controller does not
/// answer takes 70 s with the settings that kafnix gives a broker, and a launcher kills a `ZooKeeper` server
/// after 30 s.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A process that was killed ends at once, unless it waits in the kernel: for a disk, most often.
const DEATH: Duration = Duration::from_secs(10);

/// How often it is said how long a server is waited for.
const REMIND: Duration = Duration::from_secs(5);

/// How servers are ended.
#[derive(Clone, Copy, Debug)]
pub enum How {
    /// They are asked to, and killed where they have not ended within this.
    Within(Duration),
    /// By SIGKILL, as by a crash.
    Kill,
}

/// Ends the selected servers and returns when all have ended: the names of those that were asked to and
/// had to be killed. A kill waits for nobody: what another command waits for is gone by it.
pub fn stop(
    folder: &Folder,
    selection: Selection<'_>,
    how: How,
    progress: &dyn Progress,
) -> Result<Vec<String>> {
    let servers = selected(folder, selection);
    match how {
        How::Within(limit) => {
            let _lock = folder.lock(progress)?;
            end(&servers, limit, progress)
        }
        How::Kill => {
            kill(&servers)?;
            let path = state::lock_file(&folder.path);
            if Exclusive::try_take(&path)?.is_none() {
                let holder = exclusive::held_by(&path).unwrap_or_else(|| "another kafnix".to_owned());
                progress.note(&format!(
                    "the servers are killed; {holder} works on this cluster and may start some again"
                ));
            }
            Ok(Vec::new())
        }
    }
}

pub(super) fn selected(folder: &Folder, selection: Selection<'_>) -> Vec<Server> {
    let servers = folder.servers().map(|(_, server)| server);
    servers.filter(|server| selection.takes(&server.host, server.role)).collect()
}

/// Ends servers by SIGKILL and returns when they are gone.
pub(super) fn kill(servers: &[Server]) -> Result<()> {
    let killed = servers.iter().map(Server::kill).collect::<Result<Vec<_>>>()?;
    let killed: Vec<_> = killed.into_iter().flatten().collect();
    await_death(&killed, DEATH)
}

fn await_death(killed: &[Process], limit: Duration) -> Result<()> {
    let begun = Instant::now();
    loop {
        let left: Vec<_> = killed.iter().filter(|process| process.runs()).collect();
        if left.is_empty() {
            return Ok(());
        }
        if begun.elapsed() > limit {
            bail!("{}", undead(&left));
        }
        std::thread::sleep(POLL);
    }
}

fn undead(left: &[&Process]) -> String {
    let pids: Vec<_> = left.iter().map(|process| process.pid.to_string()).collect();
    format!(
        "SIGKILL does not end process {}: it waits in the kernel, most often for a disk or a network file system \
         that does not answer (`ps -o pid,stat,wchan -p {}`): mend that, or restart this machine",
        pids.join(", "),
        pids.join(",")
    )
}

/// Asks servers to end and returns when they have: the names of those that did not within `limit` and were
/// killed.
pub(super) fn end(servers: &[Server], limit: Duration, progress: &dyn Progress) -> Result<Vec<String>> {
    // One that is suspended cannot end, nor can another that waits for it.
    servers.iter().try_for_each(Server::resume)?;
    let servers = servers.iter().filter(|server| !server.is_gone());
    let mut servers: Vec<_> = servers.map(|server| Ending::new(server, limit)).collect();
    loop {
        let is_left = |ending: &Ending<'_>| ending.server.role == Role::Broker && !ending.is_over();
        let brokers_left = servers.iter().any(is_left);
        for ending in &mut servers {
            let waits = ending.server.role == Role::ZooKeeper && brokers_left;
            ending.go_on(waits, progress)?;
        }
        if servers.iter().all(Ending::is_over) {
            break;
        }
        std::thread::sleep(POLL);
    }
    let undying: Vec<_> = servers.iter().filter(|ending| !ending.gone).collect();
    if !undying.is_empty() {
        let left: Vec<_> = undying.iter().flat_map(|ending| ending.server.processes()).collect();
        bail!("{}", undead(&left.iter().collect::<Vec<_>>()));
    }
    let killed = servers.iter().filter(|ending| ending.killed.is_some());
    Ok(killed.map(|ending| ending.server.name()).collect())
}

/// A server on its way to its end.
struct Ending<'a> {
    server: &'a Server,
    limit: Duration,
    asked: Option<Instant>,
    killed: Option<Instant>,
    gone: bool,
    told: String,
}

impl<'a> Ending<'a> {
    fn new(server: &'a Server, limit: Duration) -> Self {
        Self { server, limit, asked: None, killed: None, gone: false, told: String::new() }
    }

    /// Gone, or killed for so long that it never will be.
    fn is_over(&self) -> bool {
        self.gone || self.killed.is_some_and(|killed| killed.elapsed() > DEATH)
    }

    /// Does what is due: asks it, says its state, kills it when its time is over.
    fn go_on(&mut self, waits: bool, progress: &dyn Progress) -> Result<()> {
        self.gone = self.server.is_gone();
        let waited = self.asked.map(|asked| asked.elapsed());
        self.tell(waits, waited, progress);
        match waited {
            _ if self.gone => {}
            None if !waits => {
                self.server.terminate()?;
                self.asked = Some(Instant::now());
            }
            Some(waited) if waited > self.limit && self.killed.is_none() => {
                self.server.kill()?;
                self.killed = Some(Instant::now());
                let (name, limit) = (self.server.name(), self.limit.as_secs_f32());
                progress.note(&format!("{name}: has not ended within {limit} s and is killed"));
            }
            _ => {}
        }
        Ok(())
    }

    fn tell(&mut self, waits: bool, waited: Option<Duration>, progress: &dyn Progress) {
        let mut status = self.server.status().status;
        if let Some(waited) = waited.filter(|waited| *waited >= REMIND && !self.gone) {
            let steps = waited.as_secs() / REMIND.as_secs() * REMIND.as_secs();
            status = format!("{status} (for {steps} s; it is killed after {} s)", self.limit.as_secs_f32());
        } else if waits && !self.gone {
            "waits until the brokers have ended".clone_into(&mut status);
        }
        if status != self.told {
            progress.server(&self.server.name(), &status, self.gone);
            self.told = status;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_sigkill_does_not_end_is_not_waited_for() {
        let ours = Process::now(std::process::id()).unwrap();
        let error =
            await_death(std::slice::from_ref(&ours), Duration::from_millis(50)).unwrap_err().to_string();
        assert!(error.contains(&format!("process {}:", ours.pid)) && error.contains("kernel"), "{error}");
    }
}
