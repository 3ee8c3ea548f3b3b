//! Which of its log directories the broker serves. Kafka holds a lock on a file in each, and lets go of it when it
//! gives the directory up; a broker never takes one back before its next start. So the kernel tells, without a
//! question to the broker, which might need a password, and without one to a disk, which might never answer.

use std::cell::RefCell;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::Duration;

use rustix::fs::statvfs;
use rustix::process::{Flock, FlockType, fcntl_getlk};

use crate::notify;

/// What Kafka locks in each directory.
const LOCK: &str = ".lock";

/// How long a disk may take to say how much room it has, in bytes; with less than this Kafka cannot write for long.
const PATIENCE: Duration = Duration::from_millis(500);
const LITTLE: u64 = 16 << 20;

pub struct LogDirs {
    directories: Vec<PathBuf>,
    /// Those that could be used when the launcher looked at them; of the others it has told.
    usable: Vec<PathBuf>,
    /// The lock of each, and none of one that is offline; all of them none before the first look.
    locks: RefCell<Option<Vec<Option<File>>>>,
}

impl LogDirs {
    pub fn new(directories: &[PathBuf], usable: &[PathBuf]) -> Self {
        Self { directories: directories.to_vec(), usable: usable.to_vec(), locks: RefCell::new(None) }
    }

    pub fn count(&self) -> usize {
        self.directories.len()
    }

    /// Those that a broker which has registered does not serve. What is new among them is said in the journal.
    pub fn offline(&self) -> Vec<&Path> {
        let before = self.known_offline();
        let open = |directory: &PathBuf| File::open(directory.join(LOCK)).ok();
        let mut known = self.locks.borrow_mut();
        let locks = known.get_or_insert_with(|| self.directories.iter().map(open).collect());
        for lock in locks.iter_mut() {
            // Kept no longer than it is locked: an open file would keep its disk from being unmounted.
            *lock = lock.take().filter(is_locked);
        }
        drop(known);
        let offline = self.known_offline();
        let is_news = |directory: &&Path| self.usable.iter().any(|usable| usable == directory);
        for directory in offline.iter().filter(|now| !before.contains(now) && is_news(now)) {
            let full = if is_full(directory) { ", and its disk is full" } else { "" };
            notify::warn(&format!(
                "the log directory {} is offline{full}: the broker goes on without it until it is started with it \
                 again",
                directory.display()
            ));
        }
        offline
    }

    /// The same, and none of a broker that has never registered.
    pub fn offline_since_registered(&self) -> Vec<&Path> {
        let has_registered = self.locks.borrow().is_some();
        if has_registered { self.offline() } else { Vec::new() }
    }

    fn known_offline(&self) -> Vec<&Path> {
        let locks = self.locks.borrow();
        let paired = self.directories.iter().zip(locks.iter().flatten());
        paired.filter(|(_, lock)| lock.is_none()).map(|(directory, _)| directory.as_path()).collect()
    }
}

/// A file system that does not tell is no reason for an alarm.
fn is_locked(file: &File) -> bool {
    fcntl_getlk(file, &Flock::from(FlockType::WriteLock)).map_or(true, |holder| holder.is_some())
}

/// Whether a disk has next to no room, as far as it answers.
fn is_full(directory: &Path) -> bool {
    let (answer, answered) = channel();
    let directory = directory.to_owned();
    std::thread::spawn(move || answer.send(statvfs(&directory)));
    let disk = answered.recv_timeout(PATIENCE);
    disk.is_ok_and(|disk| disk.is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < LITTLE))
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_directory_whose_lock_another_process_has_is_online() {
        let folder = tempfile::tempdir().unwrap();
        let directories: Vec<_> = ["a", "b", "c"].map(|name| folder.path().join(name)).into();
        for directory in &directories[..2] {
            std::fs::create_dir(directory).unwrap();
            std::fs::write(directory.join(LOCK), "").unwrap();
        }
        let log_dirs = LogDirs::new(&directories, &directories[..2]);
        assert!(log_dirs.offline_since_registered().is_empty(), "nobody has looked");
        // POSIX locks of a process of its own, as a JVM has them; one is let go when a line comes
        let script = "import fcntl,sys\na,b=[open(f'{d}/.lock','w') for d in sys.argv[1:]]\n\
            fcntl.lockf(a,fcntl.LOCK_EX);fcntl.lockf(b,fcntl.LOCK_EX)\nprint(flush=True);sys.stdin.readline()\n\
            b.close();print(flush=True);sys.stdin.readline()";
        let mut child = Command::new("python3")
            .args(["-c", script])
            .args(&directories[..2])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut output = BufReader::new(output).lines();
        output.next().unwrap().unwrap();
        assert_eq!(log_dirs.offline(), [directories[2].as_path()]);
        input.write_all(b"\n").unwrap();
        output.next().unwrap().unwrap();
        assert_eq!(log_dirs.offline(), [directories[1].as_path(), directories[2].as_path()]);
        drop(input);
        child.wait().unwrap();
        // what has been offline stays so, and what nobody has any more is offline
        assert_eq!(log_dirs.offline().len(), 3);
    }
}
