//! The cluster of a spec on this machine: every host as processes on loopback addresses of its own,
//! with the files and flags that the host gets. The processes outlive the command that starts them;
//! what is needed to find them again lies in the user's state folder. It decides nothing about the
//! cluster but where it runs.

pub(crate) mod process;
mod server;
mod state;
mod place;
mod port_owner;
mod absent;
mod preflight;
mod plan;
mod archives;
mod certificates;
mod changes;
mod work;
mod start;
mod roll;
mod stop;
mod wipe;
mod wait_in_sync;
mod show;
pub mod logs;

use anyhow::{Result, bail};
use kafnix_generator::Cluster;
use kafnix_generator::role::Role;

pub use certificates::access;
pub use roll::Rolling;
pub use server::{Phase, Server, Status};
pub use show::{Difference, HostShown, ServerShown, Shown, show};
pub use start::{Setup, Started};
pub use state::{Folder, Member};
pub use stop::{How, PATIENCE as STOP, stop};
pub use wait_in_sync::wait as wait_in_sync;
pub use wipe::wipe;

/// Some servers of a cluster.
#[derive(Clone, Copy, Debug, Default)]
pub struct Selection<'a> {
    /// All where none is named.
    pub hosts: &'a [String],
    pub role: Option<Role>,
}

impl Selection<'_> {
    pub fn takes(&self, host: &str, role: Role) -> bool {
        (self.hosts.is_empty() || self.hosts.iter().any(|wanted| wanted == host))
            && self.role.is_none_or(|wanted| wanted == role)
    }
}

/// The cluster of a spec as it runs in a folder.
pub fn moved(cluster: &Cluster, folder: &Folder) -> Result<Cluster> {
    // A host that is not here must not be asked where the spec has it.
    let mut addresses = state::of_servers(cluster).into_iter();
    if let Some(unknown) = addresses.find(|address| !folder.facts.addresses.contains_key(address)) {
        bail!(
            "the spec has the new address {unknown}, which the local cluster does not have yet: run `kafnix local up`"
        );
    }
    Ok(place::moved(cluster, folder))
}

#[cfg(test)]
mod tests;
