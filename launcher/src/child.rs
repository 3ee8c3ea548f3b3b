//! The JVM as a child that never outlives the launcher. The kernel can be asked for that by the child
//! alone, and between its birth and its first instruction no safe code of ours runs: so the child is
//! the launcher once more, which asks and then becomes the JVM.

use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::PathBuf;
use std::process::ExitStatus;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use crate::journal::{self, Forwarder, Journal, Seen};
use crate::jvm::JvmCommand;
use crate::{notify, options};

pub struct Java {
    child: Child,
    /// Makes entries of the journal of its output.
    forwarder: Option<Forwarder>,
}

impl Java {
    /// Starts a server whose output goes where the launcher's goes: where that is the journal, as entries under
    /// `name`, one for each event, which `seen` takes, too.
    pub fn of(this: &[&str], java: &JvmCommand, name: &'static str, seen: Seen) -> Result<Self> {
        let journal = Journal::of_this_process(name);
        java.write_logging(journal.is_some())?;
        Self::start(this, &java.words, journal.map(|journal| (journal, seen)))
    }

    pub fn start(this: &[&str], java: &[String], journal: Option<(Journal, Seen)>) -> Result<Self> {
        let mut command = Command::new(this_program()?);
        command.args(this).args(["child", &std::process::id().to_string(), "--"]).args(java);
        // the JVM has nothing to say to systemd
        command.env_remove("NOTIFY_SOCKET");
        let forwarder = match journal {
            Some((journal, seen)) => {
                let (output, forwarder) = journal.forward(seen).context("cannot read the JVM's output")?;
                // What the child says before it is the JVM has a priority, too.
                command.env(journal::STREAM, journal::name_of(&output)?);
                command.stdout(output.try_clone()?).stderr(output);
                Some(forwarder)
            }
            None => None,
        };
        let child = command.spawn().context("cannot start the JVM's process")?;
        Ok(Self { child, forwarder })
    }

    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    pub async fn end(&mut self) -> Result<ExitStatus> {
        let ended = self.child.wait().await.context("cannot wait for the JVM")?;
        if let Some(forwarder) = self.forwarder.take() {
            forwarder.finish();
        }
        Ok(ended)
    }

    /// A child that has ended already needs no signal.
    pub fn signal(&self, signal: Signal) {
        let id = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(id) = id {
            let _ = kill_process(id, signal);
        }
    }
}

/// The status as a shell says it: 128 and the signal's number for one that a signal ended.
pub fn status(ended: ExitStatus) -> u8 {
    let code = ended.code().or_else(|| ended.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// The running program itself, even where its file has been replaced since.
fn this_program() -> Result<PathBuf> {
    if cfg!(target_os = "linux") {
        return Ok("/proc/self/exe".into());
    }
    std::env::current_exe().context("cannot find the launcher's own program")
}

/// In the child: returns only where the JVM cannot be started.
pub fn become_java(options: &options::Child) -> u8 {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_parent_process_death_signal(Some(Signal::KILL)) {
        notify::warn(&format!("the JVM cannot be bound to the launcher's life: {error}"));
    }
    if std::os::unix::process::parent_id() != options.parent {
        notify::error("the launcher is gone: the JVM is not started");
        return 1;
    }
    let [program, arguments @ ..] = &options.program[..] else { return 2 };
    let error = std::process::Command::new(program).args(arguments).env_remove(journal::STREAM).exec();
    notify::error(&format!("cannot start {}: {error}", program.display()));
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_what_a_shell_says() {
        assert_eq!(status(ExitStatus::from_raw(3 << 8)), 3);
        assert_eq!(status(ExitStatus::from_raw(15)), 143);
        assert_eq!(status(ExitStatus::from_raw(9)), 137);
    }
}
