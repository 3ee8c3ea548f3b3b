//! The tree of generated files on the disk: what is there beside what should be there. Nothing here
//! knows what the files mean; a file that does not say that it is kafnix's is not kafnix's.

mod write;

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Component, Path};

use anyhow::{Context, Result, bail, ensure};
use fs_err as fs;
use kafnix_generator::{Files, Lock, render};
use rayon::prelude::*;
use serde::Serialize;

pub(crate) use write::Guard;

/// How the names of files begin that are written and not yet in their place. Where a run was
/// interrupted, the next one removes them.
const STAGED: &str = ".kafnix-new-";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Change {
    Added,
    Changed,
    Removed,
    Unchanged,
}

/// What happens to one file.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    /// Below the target, with `/` between the parts.
    pub(crate) path: String,
    pub(crate) change: Change,
    /// Empty where the file is not there.
    pub(crate) before: String,
    pub(crate) after: &'a str,
}

/// What happens to every file of the tree, in the order of their paths. Making a plan reads only.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) dir: &'a Path,
    pub(crate) steps: Vec<Step<'a>>,
    /// Names of files that an interrupted run left in the target.
    stale: Vec<String>,
}

impl<'a> Plan<'a> {
    pub(crate) fn of(dir: &'a Path, files: &'a Files) -> Result<Self> {
        let is_there = is_folder(dir)?;
        // One after the other, so that the first of several errors is always the same one.
        let steps: Vec<Result<Step<'a>>> =
            files.par_iter().map(|(path, text)| planned(dir, path, text)).collect();
        let mut steps = steps.into_iter().collect::<Result<Vec<_>>>()?;
        let mut stale = Vec::new();
        if is_there {
            let names = names(dir)?;
            stale.extend(names.files.into_iter().filter(|name| name.starts_with(STAGED)));
            for folder in names.folders {
                for file in [render::HOST, render::DISKO] {
                    steps.extend(left_over(dir, format!("{folder}/{file}"), files)?);
                }
            }
        }
        steps.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(Self { dir, steps, stale })
    }

    /// Without the lock every id would be given out anew, to whichever host comes first. A first run
    /// that was interrupted has no lock either, but all that it left is as it should be.
    pub(crate) fn refuse_without_lock(&self) -> Result<()> {
        let is_missing =
            self.steps.iter().any(|step| step.path == render::LOCK && step.change == Change::Added);
        let is_older = self.count(Change::Changed) + self.count(Change::Removed) > 0;
        let (dir, lock) = (self.dir.display(), self.dir.join(render::LOCK));
        let lock = lock.display();
        ensure!(
            !(is_missing && is_older),
            "there is no `{lock}` beside a generated tree: without it ids could move to other hosts; take it \
             back from version control (git checkout -- {lock}), or remove `{dir}` to begin anew"
        );
        Ok(())
    }

    /// As it is printed: below the target as it was given.
    pub(crate) fn path(&self, step: &Step<'_>) -> String {
        self.dir.join(&step.path).display().to_string()
    }

    pub(crate) fn is_fresh(&self) -> bool {
        self.steps.iter().all(|step| step.change == Change::Unchanged)
    }

    pub(crate) fn count(&self, change: Change) -> usize {
        self.steps.iter().filter(|step| step.change == change).count()
    }
}

/// What becomes of a file that should be there.
fn planned<'a>(dir: &Path, path: &str, text: &'a str) -> Result<Step<'a>> {
    let parts: Vec<_> = Path::new(path).components().collect();
    let is_below = parts.iter().all(|part| matches!(part, Component::Normal(_)));
    ensure!(is_below && !parts.is_empty(), "`{path}` is not a path below `{}`", dir.display());
    if let Some((folder, _)) = path.rsplit_once('/') {
        is_folder(&dir.join(folder))?;
    }
    let before = existing(dir, path)?;
    let (change, before) = match before {
        None => (Change::Added, String::new()),
        Some(bytes) if bytes == text.as_bytes() => (Change::Unchanged, String::new()),
        Some(bytes) => {
            let is_ours = is_ours(path, &bytes);
            ensure!(
                is_ours,
                "`{}` was not written by kafnix, so it is not overwritten: move it away, or name another \
                 folder with --out",
                dir.join(path).display()
            );
            (Change::Changed, String::from_utf8_lossy(&bytes).into_owned())
        }
    };
    Ok(Step { path: path.to_owned(), change, before, after: text })
}

/// A file of a host that the cluster no longer has, if kafnix wrote it.
fn left_over<'a>(dir: &Path, path: String, files: &Files) -> Result<Option<Step<'a>>> {
    if files.contains_key(&path) || fs::symlink_metadata(dir.join(&path)).is_ok_and(|file| !file.is_file()) {
        return Ok(None);
    }
    Ok(existing(dir, &path)?.filter(|bytes| is_ours(&path, bytes)).map(|bytes| Step {
        path,
        change: Change::Removed,
        before: String::from_utf8_lossy(&bytes).into_owned(),
        after: "",
    }))
}

fn is_ours(path: &str, bytes: &[u8]) -> bool {
    bytes.starts_with(render::HEADER.as_bytes()) || path == render::LOCK && Lock::read(bytes).is_ok()
}

/// The bytes of a file, if it is there. A link is not followed, since it may lead anywhere.
fn existing(dir: &Path, path: &str) -> Result<Option<Vec<u8>>> {
    let path = dir.join(path);
    let metadata = match std::fs::symlink_metadata(&path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", path.display())),
    };
    refuse_link(&path, &metadata)?;
    ensure!(metadata.is_file(), "`{}` is not a regular file: move it away", path.display());
    Ok(Some(fs::read(&path)?))
}

/// Whether a folder is there; anything else in its place is an error.
fn is_folder(path: &Path) -> Result<bool> {
    let metadata = match std::fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", path.display())),
    };
    refuse_link(path, &metadata)?;
    ensure!(
        metadata.is_dir(),
        "`{}` is a file where a folder should be: move it away, or name another folder with --out",
        path.display()
    );
    Ok(true)
}

fn refuse_link(path: &Path, metadata: &std::fs::Metadata) -> Result<()> {
    if metadata.is_symlink() {
        let target = fs::read_link(path)?;
        bail!(
            "`{}` is a link to `{}`, and kafnix writes through no link: put a folder or a file in its \
             place, or name the folder itself with --out",
            path.display(),
            target.display()
        );
    }
    Ok(())
}

struct Names {
    files: Vec<String>,
    folders: BTreeSet<String>,
}

fn names(dir: &Path) -> Result<Names> {
    let mut names = Names { files: Vec::new(), folders: BTreeSet::new() };
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        // A name that is no UTF-8 is nobody's host.
        let Ok(name) = entry.file_name().into_string() else { continue };
        let kind = entry.file_type().with_context(|| format!("cannot read `{}`", entry.path().display()))?;
        if kind.is_dir() {
            names.folders.insert(name);
        } else if kind.is_file() {
            names.files.push(name);
        }
    }
    Ok(names)
}
