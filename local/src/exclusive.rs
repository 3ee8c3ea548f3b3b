//! One process at a time: a lock file, which the kernel frees when its holder ends, however it ends. The
//! file tells who holds it, so that whoever waits can say for whom.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::fs::FlockOperation;
use rustix::io::Errno;

use crate::cluster::process::{self, Process};
use kafnix_operate::progress::Progress;

const POLL: Duration = Duration::from_millis(50);

/// How long a holder may take to say who it is.
const NAMELESS: Duration = Duration::from_secs(1);

/// Held until it is dropped, and gone then: whoever waited for it takes a new one.
#[derive(Debug)]
pub struct Exclusive {
    /// Closed, and so unlocked, after the file is gone.
    _file: File,
    path: PathBuf,
}

impl Exclusive {
    /// Takes the lock. Where somebody else has it, it is said who `does` what, and waited for; but not for a
    /// holder that is suspended, since only a person can bring that to its end.
    pub fn take(path: &Path, does: &str, progress: &dyn Progress) -> Result<Self> {
        let (mut told, mut named) = (String::new(), Instant::now());
        loop {
            if let Some(taken) = Self::try_take(path)? {
                return Ok(taken);
            }
            let holder = holder(path);
            std::thread::sleep(POLL);
            // It may not have said yet who it is, or just have ended.
            match holder {
                Some(_) => named = Instant::now(),
                None if named.elapsed() < NAMELESS => continue,
                None => {}
            }
            let text = format!("{} {does}", holder.as_ref().map_or("another kafnix".to_owned(), name));
            if let Some((pid, held)) = holder.and_then(|holder| Some((holder.pid, holder.held()?))) {
                bail!(
                    "{text} and {held}: resume it with `kill -CONT {pid}`, or end it with `kill -KILL {pid}`"
                );
            }
            if text != told {
                progress.note(&format!("{text}: waiting for it"));
                told = text;
            }
        }
    }

    /// Takes the lock; nothing where somebody else has it.
    pub fn try_take(path: &Path) -> Result<Option<Self>> {
        loop {
            let file = fs_err::OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
            let mut file = file.into_file();
            match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(Errno::WOULDBLOCK) => return Ok(None),
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot lock `{}`", path.display()));
                }
            }
            // Whoever had it may have removed the file, and a lock on that excludes nobody.
            if is_at(&file, path) {
                // Who it is, is only told to people: a full disk keeps nobody from working.
                let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
                return Ok(Some(Self { _file: file, path: path.to_owned() }));
            }
        }
    }
}

impl Drop for Exclusive {
    fn drop(&mut self) {
        // A file that stays is a lock that nobody has.
        let _ = fs_err::remove_file(&self.path);
    }
}

/// Who wrote that it has a lock, if it still runs.
fn holder(path: &Path) -> Option<Process> {
    Process::now(fs_err::read_to_string(path).ok()?.trim().parse().ok()?)
}

/// What people know a lock's holder by; none where nobody says that it has the lock.
pub fn held_by(path: &Path) -> Option<String> {
    holder(path).as_ref().map(name)
}

fn name(holder: &Process) -> String {
    let command = process::command(holder.pid).unwrap_or_else(|| "kafnix".to_owned());
    format!("process {} (`{command}`)", holder.pid)
}

fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(held), Ok(there)) = (file.metadata(), path.metadata()) else { return false };
    (held.dev(), held.ino()) == (there.dev(), there.ino())
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use rustix::process::{Pid, Signal, kill_process};

    use super::*;
    use kafnix_operate::progress::{Noted, Silent};

    #[test]
    fn a_second_holder_says_whom_it_waits_for_and_gets_a_file_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let noted = Noted::default();
        let first = Exclusive::take(&path, "works", &noted).unwrap();
        assert!(noted.told().is_empty(), "nobody has it");
        assert!(Exclusive::try_take(&path).unwrap().is_none());
        std::thread::scope(|scope| {
            let second = scope.spawn(|| {
                let held = Exclusive::take(&path, "works", &noted).unwrap();
                assert!(path.exists());
                drop(held);
            });
            while noted.told().is_empty() {
                std::thread::sleep(Duration::from_millis(1));
            }
            drop(first);
            second.join().unwrap();
        });
        let noted = noted.told();
        let us = format!("process {} (`", std::process::id());
        assert!(
            matches!(&noted[..], [one] if one.starts_with(&us) && one.ends_with("`) works: waiting for it"))
        );
        assert!(!path.exists());
    }

    #[test]
    fn a_holder_that_is_on_its_way_out_is_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let noted = Noted::default();
        let held = Exclusive::take(&path, "works", &noted).unwrap();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| drop(Exclusive::take(&path, "works", &noted).unwrap()));
            while noted.told().is_empty() {
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(NAMELESS + POLL);
            // The kernel frees the lock a moment after its holder is seen no more.
            fs_err::write(&path, u32::MAX.to_string()).unwrap();
            std::thread::sleep(4 * POLL);
            drop(held);
            second.join().unwrap();
        });
        assert_eq!(noted.told().len(), 1, "{:?}", noted.told());
    }

    #[test]
    fn a_holder_that_is_suspended_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = Exclusive::take(&path, "works", &Silent).unwrap();
        let mut child = Command::new("sleep").arg("600").stdin(Stdio::null()).spawn().unwrap();
        let process = Process::now(child.id()).unwrap();
        fs_err::write(&path, child.id().to_string()).unwrap();
        kill_process(Pid::from_child(&child), Signal::STOP).unwrap();
        while process.held().is_none() {
            std::thread::yield_now();
        }
        let refused = Exclusive::take(&path, "works", &Silent).unwrap_err().to_string();
        let pid = child.id();
        assert!(
            refused.contains(&format!("process {pid} (`sleep 600`) works and is suspended")),
            "{refused}"
        );
        assert!(refused.contains(&format!("kill -CONT {pid}")), "{refused}");
        child.kill().unwrap();
        child.wait().unwrap();
        drop(held);
    }
}
