//! Writes and takes away files so that a power loss leaves all of a file or nothing of it.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use anyhow::{Context, Result};

/// The file's text, or none where there is no such file.
pub fn read(file: &Path) -> Result<Option<String>> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
    }
}

/// Writes the text to the disk, under a name that nothing reads yet.
pub fn write_forced(file: &Path, text: &str) -> Result<()> {
    let write = || {
        let mut open = File::create(file)?;
        open.write_all(text.as_bytes())?;
        open.sync_all()
    };
    write().with_context(|| format!("cannot write {}", file.display()))
}

/// Gives a forced file its name.
pub fn rename_forced(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).with_context(|| format!("cannot write {}", to.display()))?;
    force_folder_of(to)
}

pub fn write_whole(file: &Path, text: &str) -> Result<()> {
    let mut name = file.as_os_str().to_owned();
    name.push(".new");
    write_forced(Path::new(&name), text)?;
    rename_forced(Path::new(&name), file)
}

pub fn remove(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed.with_context(|| format!("cannot remove {}", file.display())),
    }
}

pub fn force_folder_of(file: &Path) -> Result<()> {
    file.parent().map_or(Ok(()), force)
}

/// A file or a folder. One that is gone has nothing to force.
pub fn force(path: &Path) -> Result<()> {
    match File::open(path).and_then(|open| open.sync_all()) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        forced => forced.with_context(|| format!("cannot fsync {}", path.display())),
    }
}
