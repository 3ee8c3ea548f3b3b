//! A release archive becomes a folder, whole or not at all.

use std::ffi::OsString;
use std::io::BufReader;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use flate2::bufread::MultiGzDecoder;
use tar::EntryType;

/// Unpacks a gzipped tar, without its one top folder, to `to`, which is not there yet. Nobody else
/// does the same at the same time. What an ended run left is thrown away.
pub(super) fn unpack(archive: &Path, to: &Path) -> Result<()> {
    let mut name = OsString::from(".");
    name.push(to.file_name().context("a folder without a name")?);
    name.push(".unpacking");
    let half = to.with_file_name(name);
    remove(&half)?;
    let done = fill(archive, &half).and_then(|()| {
        remove(to)?;
        Ok(fs_err::rename(&half, to)?)
    });
    if done.is_err() {
        remove(&half)?;
    }
    done
}

fn fill(archive: &Path, to: &Path) -> Result<()> {
    fs_err::create_dir(to)?;
    let file = fs_err::File::open(archive)?;
    let mut tar = tar::Archive::new(MultiGzDecoder::new(BufReader::new(file)));
    for entry in tar.entries()? {
        let mut entry = entry?;
        let Some(path) = below_top(&entry.path()?)? else { continue };
        let at = to.join(path);
        match entry.header().entry_type() {
            EntryType::Directory => fs_err::create_dir_all(&at)?,
            EntryType::Regular => {
                if let Some(folder) = at.parent() {
                    fs_err::create_dir_all(folder)?;
                }
                entry.unpack(&at)?;
            }
            // No release has links, and a link may lead out of the folder.
            _ => {}
        }
    }
    Ok(())
}

/// Where an entry goes; nothing for the top folder itself.
fn below_top(path: &Path) -> Result<Option<PathBuf>> {
    let mut parts = path.components().filter(|part| *part != Component::CurDir);
    if !parts.clone().all(|part| matches!(part, Component::Normal(_))) {
        bail!("the archive has an entry `{}`, which leads out of its folder", path.display());
    }
    parts.next();
    Ok(Some(parts.collect::<PathBuf>()).filter(|path| !path.as_os_str().is_empty()))
}

fn remove(path: &Path) -> Result<()> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Ok(found) if found.is_dir() => Ok(fs_err::remove_dir_all(path)?),
        _ => Ok(fs_err::remove_file(path)?),
    }
}
