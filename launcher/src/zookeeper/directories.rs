//! Takes the server's directories: refuses another's, and one without its fellow, whose data would be
//! half of the truth. Nothing is written before all has been looked at.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use kafnix_protocol::directories::{MYID, VERSION_2};

use super::server::Server;
use crate::exit::refuse;
use crate::files;
use crate::ownership::{self, Owner, Past};

/// Takes the directories and says whether they hold a database.
pub fn take(server: &Server) -> Result<bool> {
    let directories = server.directories();
    let mut pasts = Vec::new();
    for directory in &directories {
        if !directory.is_dir() {
            bail!("{} is not there: mount its disk, or make the directory", directory.display());
        }
        pasts.push(ownership::past(directory, &server.owner, holds_data(directory)?)?);
    }
    let named = check_myid(&server.data, &server.owner)?;
    refuse_half(&directories, &pasts)?;
    if pasts.iter().any(|past| !past.marked) {
        ownership::mark(&directories, &server.owner)?;
    }
    if !named {
        files::write_whole(&server.data.join(MYID), &format!("{}\n", server.owner.id))?;
    }
    for directory in directories {
        let version = directory.join(VERSION_2);
        fs::create_dir_all(&version).with_context(|| format!("cannot make {}", version.display()))?;
    }
    Ok(pasts.iter().any(|past| past.data))
}

/// Whether anything of a database lies there: a snapshot or a log. The files of epochs are none: an
/// empty server writes them when it takes part in an election that it cannot decide.
pub fn holds_data(directory: &Path) -> Result<bool> {
    let folder = directory.join(VERSION_2);
    if !folder.exists() {
        return Ok(false);
    }
    let what = || format!("cannot read {}", folder.display());
    for entry in fs::read_dir(&folder).with_context(what)? {
        let name = entry.with_context(what)?.file_name();
        let name = name.to_string_lossy();
        if ["snapshot.", "log."].iter().any(|start| name.starts_with(start)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Forces the snapshots in these directories to the disk. ZooKeeper forces its log, and not the snapshot that
/// an empty database begins with: a power loss that leaves the one without the other leaves a server that
/// never starts again ("No snapshot found, but there are log entries", seen with 3.9.5).
pub fn force_snapshots(directories: &[PathBuf]) -> Result<()> {
    for directory in directories {
        let folder = directory.join(VERSION_2);
        let what = || format!("cannot force the snapshots in {} to the disk", folder.display());
        for entry in fs::read_dir(&folder).with_context(what)? {
            let file = entry.with_context(what)?.path();
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with("snapshot.") {
                files::force(&file)?;
            }
        }
        files::force(&folder)?;
        files::force(directory)?;
    }
    Ok(())
}

/// Whether `myid` is there. That of another server is refused.
fn check_myid(directory: &Path, owner: &Owner) -> Result<bool> {
    let file = directory.join(MYID);
    let text = files::read(&file)?.unwrap_or_default();
    match text.trim() {
        "" => Ok(false),
        id if id == owner.id.to_string() => Ok(true),
        id => {
            let says = format!("{} says that this directory is of ZooKeeper server {id}", file.display());
            Err(ownership::foreign(&says, owner))
        }
    }
}

/// A server that lost one of two directories would vote with what is left, and acknowledged writes
/// would be gone.
fn refuse_half(directories: &[&Path], pasts: &[Past]) -> Result<()> {
    let find = |is: fn(Past) -> bool| pasts.iter().position(|past| is(*past)).map(|at| directories[at]);
    match (find(Past::kept), find(Past::bare)) {
        (Some(kept), Some(bare)) => Err(refuse(format!(
            "{} holds this server's data and {} is empty, so one of two directories is lost: bring it back, \
             or empty both, and the server joins as a learner",
            kept.display(),
            bare.display()
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;
    use crate::ownership::{MARKER, Role};

    struct Host {
        _folder: tempfile::TempDir,
        server: Server,
    }

    fn host() -> Host {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| -> PathBuf { folder.path().join(name) };
        let (data, log) = (path("data"), path("log"));
        fs::create_dir(&data).unwrap();
        fs::create_dir(&log).unwrap();
        let owner = Owner { cluster: "c".to_owned(), role: Role::ZooKeeper, id: 1 };
        let address = "127.0.0.1:2181".to_owned();
        let memory = path("memory");
        let (log, bound, peers) = (Some(log), Vec::new(), Vec::new());
        let server = Server { owner, data, log, address, bound, peers, votes: true, memory };
        Host { _folder: folder, server }
    }

    impl Host {
        fn log(&self) -> &Path {
            self.server.log.as_deref().unwrap()
        }

        fn give_data(&self) {
            for (directory, name) in [(&*self.server.data, "snapshot.0"), (self.log(), "log.1")] {
                fs::create_dir_all(directory.join(VERSION_2)).unwrap();
                fs::write(directory.join(VERSION_2).join(name), "x").unwrap();
            }
        }

        fn refused(&self) -> String {
            let error = take(&self.server).unwrap_err();
            assert_eq!(error.downcast_ref::<Exit>().unwrap().status, 78, "{error}");
            format!("{error}")
        }
    }

    fn empty(directory: &Path) {
        fs::remove_dir_all(directory).unwrap();
        fs::create_dir(directory).unwrap();
    }

    #[test]
    fn empty_directories_are_taken_and_taken_again() {
        let host = host();
        for _ in 0..2 {
            assert!(!take(&host.server).unwrap());
            assert_eq!(fs::read_to_string(host.server.data.join(MYID)).unwrap(), "1\n");
            assert!(host.log().join(MARKER).exists() && host.log().join(VERSION_2).is_dir());
        }
    }

    #[test]
    fn data_without_a_marker_is_adopted() {
        let host = host();
        host.give_data();
        assert!(take(&host.server).unwrap());
        assert!(host.server.data.join(MARKER).exists() && host.log().join(MARKER).exists());
    }

    #[test]
    fn one_of_two_emptied_is_refused() {
        for lost in [0, 1] {
            let host = host();
            host.give_data();
            take(&host.server).unwrap();
            empty(host.server.directories()[lost]);
            assert!(host.refused().contains("empty both"));
            assert_eq!(fs::read_dir(host.server.directories()[lost]).unwrap().count(), 0);
        }
    }

    #[test]
    fn a_bare_directory_beside_data_is_refused() {
        let host = host();
        host.give_data();
        empty(host.log());
        assert!(host.refused().contains("one of two directories is lost"));
    }

    #[test]
    fn both_emptied_are_taken() {
        let host = host();
        host.give_data();
        take(&host.server).unwrap();
        empty(&host.server.data);
        empty(host.log());
        assert!(!take(&host.server).unwrap());
    }

    #[test]
    fn a_crash_while_marking_is_survived() {
        // first pending, both pending, first marked: each state that a crash can leave
        for (data, log) in [(Some(".new"), None), (Some(".new"), Some(".new")), (Some(""), Some(".new"))] {
            let host = host();
            take(&host.server).unwrap();
            let text = fs::read_to_string(host.log().join(MARKER)).unwrap();
            for (directory, end) in [(&*host.server.data, data), (host.log(), log)] {
                empty(directory);
                if let Some(end) = end {
                    fs::write(directory.join(format!("{MARKER}{end}")), &text).unwrap();
                }
            }
            take(&host.server).unwrap();
            assert!(host.server.data.join(MARKER).exists() && host.log().join(MARKER).exists());
        }
    }

    #[test]
    fn a_foreign_myid_is_refused_and_nothing_is_written() {
        let host = host();
        fs::write(host.server.data.join(MYID), "3\n").unwrap();
        assert!(host.refused().contains("myid says that this directory is of ZooKeeper server 3"));
        assert_eq!(fs::read_dir(&host.server.data).unwrap().count(), 1);
        assert_eq!(fs::read_dir(host.log()).unwrap().count(), 0);
    }

    #[test]
    fn snapshots_are_forced_where_there_are_some_and_a_missing_folder_is_an_error() {
        let host = host();
        host.give_data();
        let directories: Vec<_> = host.server.directories().into_iter().map(Path::to_owned).collect();
        force_snapshots(&directories).unwrap();
        empty(host.log());
        let error = force_snapshots(&directories).unwrap_err();
        assert!(format!("{error}").starts_with("cannot force the snapshots in "), "{error}");
    }

    #[test]
    fn a_missing_directory_is_no_reason_to_make_one() {
        let host = host();
        fs::remove_dir(host.log()).unwrap();
        let error = take(&host.server).unwrap_err();
        assert!(format!("{error}").ends_with("log is not there: mount its disk, or make the directory"));
        assert!(error.downcast_ref::<Exit>().is_none());
    }
}
