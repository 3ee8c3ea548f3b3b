//! Ends servers and takes a cluster away. Brokers end first, and while any is left the ensemble stays:
//! a broker that is controller hangs in its shutdown where it has lost the ensemble, which costs a
//! minute. Hosts that lose their power together have no such order, and a launcher can do without it.

use std::time::Duration;

use anyhow::{Result, ensure};
use kafnix_generator::pins::Product;

use super::Selection;
use super::process::Process;
use super::server::Server;
use super::state::{self, Folder};
use crate::progress::Progress;

const POLL: Duration = Duration::from_millis(20);

/// Ends the selected servers, by SIGKILL where `kill` is said, and returns when all have ended.
pub fn stop(folder: &Folder, selection: Selection<'_>, kill: bool, progress: &dyn Progress) -> Result<()> {
    let waiting = || progress.note("another `kafnix local` works on this cluster: waiting for it");
    let _lock = folder.lock(waiting)?;
    end_selected(folder, selection, kill, progress)
}

fn end_selected(
    folder: &Folder,
    selection: Selection<'_>,
    kill: bool,
    progress: &dyn Progress,
) -> Result<()> {
    let servers = folder.servers().map(|(_, server)| server);
    let servers: Vec<_> = servers.filter(|server| selection.takes(&server.host, server.role)).collect();
    if kill {
        let killed = servers.iter().map(Server::kill).collect::<Result<Vec<_>>>()?;
        while killed.iter().flatten().any(Process::runs) {
            std::thread::sleep(POLL);
        }
        return Ok(());
    }
    end(&servers, progress)
}

/// Ends the whole cluster and removes its folder with all data.
pub fn wipe(folder: &Folder, progress: &dyn Progress) -> Result<()> {
    let waiting = || progress.note("another `kafnix local` works on this cluster: waiting for it");
    let lock = state::lock(&folder.path, waiting)?;
    end_selected(folder, Selection::default(), false, progress)?;
    // The name was read in the folder itself: a folder that is not ours has none.
    let is_ours = folder.path.file_name().is_some_and(|name| name == folder.facts.name.as_str());
    ensure!(is_ours, "`{}` is not the folder of `{}`", folder.path.display(), folder.facts.name);
    if folder.path.exists() {
        fs_err::remove_dir_all(&folder.path)?;
    }
    drop(lock);
    Ok(())
}

/// Asks servers to end and returns when they have.
pub(super) fn end(servers: &[Server], progress: &dyn Progress) -> Result<()> {
    let servers: Vec<_> = servers.iter().filter(|server| !server.is_gone()).collect();
    let mut asked = vec![false; servers.len()];
    let mut told = vec![String::new(); servers.len()];
    loop {
        let gone: Vec<_> = servers.iter().map(|server| server.is_gone()).collect();
        let mut brokers = servers.iter().zip(&gone).filter(|(server, _)| server.role == Product::Kafka);
        let brokers_left = brokers.any(|(_, gone)| !gone);
        for (index, server) in servers.iter().enumerate() {
            let is_gone = gone.get(index).copied().unwrap_or(true);
            let status = server.status().status;
            if let Some(before) = told.get_mut(index).filter(|before| **before != status) {
                progress.server(&server.name(), &status, is_gone);
                *before = status;
            }
            let waits = server.role == Product::ZooKeeper && brokers_left;
            if let Some(asked) = asked.get_mut(index).filter(|asked| !**asked && !is_gone && !waits) {
                server.terminate()?;
                *asked = true;
            }
        }
        if gone.iter().all(|gone| *gone) {
            return Ok(());
        }
        std::thread::sleep(POLL);
    }
}
