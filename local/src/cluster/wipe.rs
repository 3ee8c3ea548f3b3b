//! Takes a cluster away with all its data. What names the cluster goes last: as long as anything of its data
//! is left, `kafnix` knows of it, says so, and can be told again to remove it.

use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};

use super::Selection;
use super::state::{FACTS, Folder};
use super::stop::{self, How};
use kafnix_operate::progress::Progress;

/// Ends the whole cluster and removes its folder with all data.
pub fn wipe(folder: &mut Folder, how: How, progress: &dyn Progress) -> Result<()> {
    // The name was read in the folder itself: a folder that is not ours has none.
    let is_ours = folder.path.file_name().is_some_and(|name| name == folder.facts.name.as_str());
    ensure!(is_ours, "`{}` is not the folder of `{}`", folder.path.display(), folder.facts.name);
    let servers = stop::selected(folder, Selection::default());
    if matches!(how, How::Kill) {
        // Before the lock, whose holder may wait for just these servers.
        stop::kill(&servers)?;
    }
    let lock = folder.lock(progress)?;
    match how {
        How::Within(limit) => drop(stop::end(&servers, limit, progress)?),
        How::Kill => stop::kill(&servers)?,
    }
    if folder.path.exists() {
        // Whoever starts it before it is gone must not take what is left for its data. A full disk, where
        // this cannot be written, is no reason to keep it.
        folder.facts.wiping = true;
        let _ = folder.write();
        remove(&folder.path, &by_the_system)?;
    }
    drop(lock);
    Ok(())
}

fn by_the_system(path: &Path, is_folder: bool) -> io::Result<()> {
    if is_folder { std::fs::remove_dir(path) } else { std::fs::remove_file(path) }
}

type Remove<'a> = dyn Fn(&Path, bool) -> io::Result<()> + 'a;

/// Removes a cluster's folder by `remove`, as far as that can be done; what names the cluster only once
/// nothing else is left.
fn remove(folder: &Path, remove: &Remove<'_>) -> Result<()> {
    let mut left = Vec::new();
    let facts = folder.join(FACTS);
    empty(folder, &facts, remove, &mut left);
    if left.is_empty() && facts.exists() {
        left.extend(remove(&facts, false).err().map(|error| (facts, error)));
    }
    let Some((path, error)) = left.first() else {
        // An empty folder is nobody's cluster: it may stay where a file system is mounted on it.
        let _ = remove(folder, true);
        return Ok(());
    };
    let others = match left.len() {
        1 => String::new(),
        count => format!(", nor can {} others", count - 1),
    };
    bail!(
        "`{}` cannot be removed ({error}){others}: {}, then run this again; kafnix knows the cluster until all is gone",
        path.display(),
        way_out(path, error)
    );
}

/// Removes what is in a folder, but for one path, and goes on past what stays.
fn empty(folder: &Path, kept: &Path, remove: &Remove<'_>, left: &mut Vec<(PathBuf, io::Error)>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return left.push((folder.to_owned(), error)),
    };
    for entry in entries {
        let (path, is_folder) = match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?.is_dir())))
        {
            Ok((path, _)) if path == kept => continue,
            Ok(entry) => entry,
            Err(error) => return left.push((folder.to_owned(), error)),
        };
        let before = left.len();
        if is_folder {
            empty(&path, kept, remove, left);
        }
        // A folder in which something stays cannot go either, and need not be told.
        if left.len() == before
            && let Err(error) = remove(&path, is_folder)
            && error.kind() != ErrorKind::NotFound
        {
            left.push((path, error));
        }
    }
}

fn way_out(path: &Path, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::ResourceBusy => format!("unmount it with `umount {}`", path.display()),
        ErrorKind::ReadOnlyFilesystem => "mount its file system writable, or unmount it".to_owned(),
        ErrorKind::DirectoryNotEmpty => "end what still writes there".to_owned(),
        ErrorKind::PermissionDenied => {
            let us = rustix::process::geteuid().as_raw();
            let owner = path.symlink_metadata().map(|metadata| metadata.uid()).ok();
            match owner.filter(|owner| *owner != us) {
                Some(owner) => format!("remove it as its owner (user {owner})"),
                None => format!(
                    "make its folder writable, or take its attribute away: `chattr -i {}`",
                    path.display()
                ),
            }
        }
        _ => "remove it by hand".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    fn cluster() -> (tempfile::TempDir, PathBuf) {
        let state = tempfile::tempdir().unwrap();
        let folder = state.path().join("test");
        for file in ["k1/data/a/log", "k1/data/a/index", "k1/kafka/status.json", "k2/data/b/log", FACTS] {
            let path = folder.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        (state, folder)
    }

    #[test]
    fn what_names_the_cluster_goes_after_all_of_its_data() {
        let (_state, folder) = cluster();
        let order = RefCell::new(Vec::new());
        remove(&folder, &|path, is_folder| {
            order.borrow_mut().push(path.strip_prefix(&folder).unwrap().to_owned());
            by_the_system(path, is_folder)
        })
        .unwrap();
        let order = order.into_inner();
        assert_eq!(&order[order.len() - 2..], [PathBuf::from(FACTS), PathBuf::new()], "{order:?}");
        assert!(!folder.exists());
    }

    #[test]
    fn whatever_cannot_be_removed_is_named_and_the_next_time_finishes() {
        // Four files and seven folders, and then what names the cluster.
        for fails in 0..12 {
            let (_state, folder) = cluster();
            let (count, stays) = (Cell::new(0), RefCell::new(PathBuf::new()));
            let error = remove(&folder, &|path, is_folder| {
                if count.replace(count.get() + 1) == fails {
                    path.clone_into(&mut stays.borrow_mut());
                    return Err(ErrorKind::ResourceBusy.into());
                }
                by_the_system(path, is_folder)
            });
            let (error, stays) = (error.unwrap_err().to_string(), stays.into_inner());
            let named = format!("`{}` cannot be removed", stays.display());
            assert!(error.contains(&named) && error.contains("umount"), "{fails}: {error}");
            assert!(folder.join(FACTS).exists() && stays.exists(), "{fails}: it is forgotten");
            let left =
                |path: &Path| path.join("k1/data/a/log").exists() || path.join("k2/data/b/log").exists();
            assert_eq!(left(&folder), stays.ends_with("log"), "{fails}: the rest of the data is gone");
            remove(&folder, &by_the_system).unwrap();
            assert!(!folder.exists(), "{fails}");
        }
    }
}
