//! One process at a time: a lock file, which the kernel frees when its holder ends, however it ends.

use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use rustix::fs::FlockOperation;
use rustix::io::Errno;

/// Held until it is dropped, and gone then: whoever waited for it takes a new one.
#[derive(Debug)]
pub struct Exclusive {
    /// Closed, and so unlocked, after the file is gone.
    _file: File,
    path: PathBuf,
}

impl Exclusive {
    /// Takes the lock; `waiting` is called once where somebody else has it.
    pub fn take(path: &Path, mut waiting: impl FnMut()) -> Result<Self> {
        let fault = || format!("cannot lock `{}`", path.display());
        loop {
            let file = fs_err::OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
            let file = file.into_file();
            match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(Errno::WOULDBLOCK) => {
                    waiting();
                    rustix::fs::flock(&file, FlockOperation::LockExclusive).with_context(fault)?;
                }
                Err(error) => return Err(error).with_context(fault),
            }
            // Whoever had it may have removed the file, and a lock on that excludes nobody.
            if is_at(&file, path) {
                return Ok(Self { _file: file, path: path.to_owned() });
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

fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(held), Ok(there)) = (file.metadata(), path.metadata()) else { return false };
    (held.dev(), held.ino()) == (there.dev(), there.ino())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_second_holder_waits_and_gets_a_file_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = Exclusive::take(&path, || panic!("nobody has it")).unwrap();
        let waited = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let second = scope.spawn(|| {
                let held = Exclusive::take(&path, || waited.store(true, Ordering::SeqCst)).unwrap();
                assert!(path.exists());
                drop(held);
            });
            while !waited.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
            }
            drop(first);
            second.join().unwrap();
        });
        assert!(!path.exists());
    }
}
