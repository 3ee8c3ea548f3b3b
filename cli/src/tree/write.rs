//! Carrying out a plan. Everything is written beside its place first and then moved there, the lock
//! last: wherever it stops, each file is the old one or the new one, and the next run does the rest.

use std::fs::Permissions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use fs_err as fs;
use kafnix_generator::render;
use rayon::prelude::*;
use rustix::fs::FlockOperation;
use tempfile::TempPath;

use super::{Change, Plan, STAGED, Step};

/// From here on it is cheaper to sync the whole file system once (1,000 files on ext4: 0.05 s beside
/// 3 s for an fsync each; five files: 0.06 s beside 0.01 s).
const MANY: usize = 32;

/// Keeps a second kafnix out of a tree for as long as this one reads and writes it.
#[derive(Debug)]
pub(crate) struct Guard {
    _dir: Option<fs::File>,
}

impl Guard {
    pub(crate) fn take(dir: &Path) -> Result<Self> {
        // Where there is no folder yet there is nothing to guard, and what else is in its place is not
        // opened, since a pipe would wait for ever; where it cannot be opened, the plan says why.
        let file = dir.is_dir().then(|| fs::File::open(dir));
        let Some(Ok(file)) = file else { return Ok(Self { _dir: None }) };
        match rustix::fs::flock(file.file(), FlockOperation::NonBlockingLockExclusive) {
            Err(rustix::io::Errno::WOULDBLOCK) => {
                bail!("another kafnix is writing `{}`: wait for it to end", dir.display())
            }
            // Not every network file system has locks; without one nothing is worse than before.
            _ => Ok(Self { _dir: Some(file) }),
        }
    }
}

impl Plan<'_> {
    pub(crate) fn write(&self) -> Result<()> {
        for name in &self.stale {
            remove(&self.dir.join(name))?;
        }
        if self.is_fresh() {
            return Ok(());
        }
        let mut folders = NewFolders::default();
        let staged = self.stage(&mut folders)?;
        self.settle(&staged)?;
        let (lock, others): (Vec<_>, Vec<_>) =
            staged.into_iter().partition(|(_, step)| step.path == render::LOCK);
        others.into_par_iter().try_for_each(|file| self.put(file))?;
        for step in self.steps.iter().filter(|step| step.change == Change::Removed) {
            self.take_away(step)?;
        }
        // On a file system with a journal this also settles all that was moved before: nothing in it
        // is newer than what a power loss leaves. Without one the next run still does the rest.
        lock.into_iter().try_for_each(|file| self.put(file))?;
        fs::File::open(self.dir)?.sync_all()?;
        folders.0.clear();
        Ok(())
    }

    /// Writes every new text into a file beside the tree's own, and makes the folders. A disk that is
    /// full or read-only shows here, before anything of the tree is touched.
    fn stage(&self, folders: &mut NewFolders) -> Result<Vec<(TempPath, &Step<'_>)>> {
        folders.make_all(self.dir)?;
        let written: Vec<_> =
            self.steps.iter().filter(|step| matches!(step.change, Change::Added | Change::Changed)).collect();
        for step in &written {
            if let Some((folder, _)) = step.path.rsplit_once('/') {
                folders.make(&self.dir.join(folder))?;
            }
        }
        let each_alone = written.len() < MANY;
        written
            .into_par_iter()
            .map(|step| {
                let staged = stage(self.dir, step.after, each_alone);
                let place = || format!("cannot write `{}`", self.dir.join(&step.path).display());
                Ok((staged.with_context(place)?, step))
            })
            .collect()
    }

    /// Waits until the staged texts are on the disk. Without it a file could be moved into its place
    /// and be empty after a power loss.
    fn settle(&self, staged: &[(TempPath, &Step<'_>)]) -> Result<()> {
        if staged.len() < MANY {
            return Ok(());
        }
        let dir = fs::File::open(self.dir)?;
        rustix::fs::syncfs(dir.file()).with_context(|| format!("cannot sync `{}`", self.dir.display()))
    }

    fn put(&self, (file, step): (TempPath, &Step<'_>)) -> Result<()> {
        let place = self.dir.join(&step.path);
        file.persist(&place)
            .map_err(|failed| failed.error)
            .with_context(|| format!("cannot write `{}`", place.display()))
    }

    /// Removes a file, and its folder where nothing else is in it.
    fn take_away(&self, step: &Step<'_>) -> Result<()> {
        let place = self.dir.join(&step.path);
        remove(&place)?;
        match place.parent().map(fs::remove_dir) {
            Some(Err(error)) if error.kind() != ErrorKind::DirectoryNotEmpty => Err(error.into()),
            _ => Ok(()),
        }
    }
}

fn stage(dir: &Path, text: &str, settled: bool) -> std::io::Result<TempPath> {
    let mut file = tempfile::Builder::new().prefix(STAGED).tempfile_in(dir)?;
    // Whatever the umask is, others must be able to read what they are to build.
    file.as_file().set_permissions(Permissions::from_mode(0o644))?;
    file.write_all(text.as_bytes())?;
    if settled {
        file.as_file().sync_data()?;
    }
    // Closed: a thousand open files are more than many systems allow.
    Ok(file.into_temp_path())
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Folders that this run has made. Those that are still empty go away again when it fails, since
/// every folder of the tree stands for a host.
#[derive(Debug, Default)]
struct NewFolders(Vec<PathBuf>);

impl NewFolders {
    fn make_all(&mut self, path: &Path) -> Result<()> {
        match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() && !parent.exists() => self.make_all(parent)?,
            _ => {}
        }
        self.make(path)
    }

    fn make(&mut self, path: &Path) -> Result<()> {
        match fs::create_dir(path) {
            Ok(()) => self.0.push(path.to_owned()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

impl Drop for NewFolders {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}
