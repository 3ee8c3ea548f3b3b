//! What is remembered of a local cluster between two calls: which spec it comes from, its addresses,
//! its servers. One folder per cluster, below the user's state folder:
//!
//! ```text
//! <cluster>/cluster.json            what this module writes
//! <cluster>/<host>/zookeeper/       configuration, log, status and record of its process
//! <cluster>/<host>/kafka/
//! <cluster>/<host>/data/…           the host's directories
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::io::{ErrorKind, Write as _};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use kafnix_generator::Cluster;
use kafnix_generator::role::Role;
use kafnix_generator::spec::Address;
use serde::{Deserialize, Serialize};

use super::server::Server;
use crate::exclusive::Exclusive;
use kafnix_operate::progress::Progress;

pub(super) const FACTS: &str = "cluster.json";
const FORMAT: u32 = 1;

/// The first is everybody's `localhost`.
pub const FIRST: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// Of the loopback network: a server binds it, and nobody connects.
const BROADCAST: u32 = u32::from_be_bytes([127, 255, 255, 255]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    format: u32,
    pub name: String,
    /// The file that the cluster was made from.
    pub spec: PathBuf,
    /// The address here of each address of the spec.
    pub addresses: BTreeMap<Address, Ipv4Addr>,
    pub servers: Vec<Member>,
    /// Hosts whose ZooKeeper servers formed the ensemble; others come to one that is there.
    pub founders: BTreeSet<String>,
    /// Whether a removal of its data has begun.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wiping: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub host: String,
    pub role: Role,
    pub id: i64,
    pub address: Address,
}

/// A cluster's folder, and what is remembered there.
#[derive(Debug)]
pub struct Folder {
    pub path: PathBuf,
    pub facts: Facts,
}

impl Folder {
    /// The cluster of a name, if there is one.
    pub fn open(state: &Path, name: &str) -> Result<Option<Self>> {
        let path = state.join(name);
        let text = match fs_err::read_to_string(path.join(FACTS)) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        let facts: Facts = serde_json::from_str(&text).with_context(|| {
            format!(
                "`{}` is damaged: end the servers of this cluster that still run, and put its folder away",
                path.join(FACTS).display()
            )
        })?;
        ensure!(
            facts.format == FORMAT,
            "`{}` was written by another kafnix (format {}, this one knows {FORMAT}): use that one, or put \
             the folder away",
            path.join(FACTS).display(),
            facts.format
        );
        Ok(Some(Self { path, facts }))
    }

    /// Every cluster there is. What cannot be read is told by a command that names it, and is in nobody else's way.
    pub fn all(state: &Path) -> Vec<Self> {
        let Ok(entries) = fs_err::read_dir(state) else { return Vec::new() };
        let mut names: Vec<_> =
            entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.sort_unstable();
        names.iter().filter_map(|name| Self::open(state, name).ok()?).collect()
    }

    /// The folder of a cluster, with an address for each of its own. Nothing is written.
    pub fn of(state: &Path, spec: &Path, cluster: &Cluster, first: Option<Ipv4Addr>) -> Result<Self> {
        let name = &cluster.name.value;
        let known = Self::open(state, name)?;
        if let Some(known) = &known {
            let other = &known.facts.spec;
            ensure!(
                other == spec || !other.exists(),
                "there is a local cluster `{name}` of another spec, `{}`: give this one another name, or \
                 remove the other with `kafnix local down --wipe {0}`",
                other.display()
            );
        }
        let known = known.map(|known| known.facts);
        let before = known.as_ref().map(|facts| &facts.addresses);
        let taken: BTreeSet<_> = Self::all(state)
            .into_iter()
            .filter(|other| other.facts.name != *name)
            .flat_map(|other| other.facts.addresses.into_values())
            .collect();
        let facts = Facts {
            format: FORMAT,
            name: name.clone(),
            spec: spec.to_owned(),
            addresses: addresses(&of_servers(cluster), before, &taken, first)?,
            servers: known.as_ref().map(|facts| facts.servers.clone()).unwrap_or_default(),
            wiping: known.as_ref().is_some_and(|facts| facts.wiping),
            founders: known.map(|facts| facts.founders).unwrap_or_default(),
        };
        Ok(Self { path: state.join(name), facts })
    }

    pub fn write(&self) -> Result<()> {
        fs_err::create_dir_all(&self.path)?;
        write(&self.path.join(FACTS), &serde_json::to_vec_pretty(&self.facts)?)
    }

    /// Whether its disk is full: what servers say last may be old then, and their logs may end early.
    pub fn is_on_a_full_disk(&self) -> bool {
        const LITTLE: u64 = 1 << 20;
        let disk = rustix::fs::statvfs(&self.path);
        disk.is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < LITTLE)
    }

    pub fn server(&self, host: &str, role: Role) -> Server {
        Server::at(&self.path, host, role)
    }

    /// Its servers, host by host.
    pub fn servers(&self) -> impl Iterator<Item = (&Member, Server)> {
        self.facts.servers.iter().map(|member| (member, self.server(&member.host, member.role)))
    }

    /// Held by whoever starts or ends servers.
    pub fn lock(&self, progress: &dyn Progress) -> Result<Exclusive> {
        lock(&self.path, progress)
    }
}

pub fn lock(folder: &Path, progress: &dyn Progress) -> Result<Exclusive> {
    if let Some(parent) = folder.parent() {
        fs_err::create_dir_all(parent)?;
    }
    Exclusive::take(&lock_file(folder), "works on this cluster", progress)
}

/// Of one cluster, beside its folder: that may go while somebody waits.
pub fn lock_file(folder: &Path) -> PathBuf {
    folder.with_extension("lock")
}

/// A file that is there whole or not at all.
pub(super) fn write(path: &Path, content: &[u8]) -> Result<()> {
    let folder = path.parent().context("a file without a folder")?;
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(content)?;
        file.persist(path).map_err(|failed| failed.error)
    });
    match written {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::StorageFull => Err(error).with_context(|| {
            format!("cannot write `{}`: the disk that it is on is full, make room there", path.display())
        }),
        Err(error) => Err(error).with_context(|| format!("cannot write `{}`", path.display())),
    }
}

/// The addresses that servers bind, host by host.
pub(super) fn of_servers(cluster: &Cluster) -> Vec<Address> {
    let mut addresses = Vec::new();
    for host in &cluster.hosts {
        // What only a setting opens stays where the setting says.
        let server = host.zookeeper.iter().map(|server| server.address.value);
        let listeners = host.broker.iter().flat_map(|broker| &broker.listeners);
        for address in server.chain(listeners.map(|listener| listener.address.value)) {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
    }
    addresses
}

/// An address here for each address of a spec: the one that it had, else the next free ones, which
/// follow each other for a new cluster.
fn addresses(
    wanted: &[Address],
    before: Option<&BTreeMap<Address, Ipv4Addr>>,
    taken: &BTreeSet<Ipv4Addr>,
    first: Option<Ipv4Addr>,
) -> Result<BTreeMap<Address, Ipv4Addr>> {
    let mut given = match (before, first) {
        (Some(before), None) => before.clone(),
        (Some(before), Some(first)) if before.values().min() == Some(&first) => before.clone(),
        _ => BTreeMap::new(),
    };
    given.retain(|address, _| wanted.contains(address));
    let missing: Vec<_> = wanted.iter().filter(|address| !given.contains_key(address)).collect();
    let used: BTreeSet<u32> = taken.iter().chain(given.values()).map(|address| address.to_bits()).collect();
    let count = u32::try_from(missing.len()).context("a spec with so many addresses")?;
    let mut start = given.values().max().map_or(first.unwrap_or(FIRST), |last| *last).to_bits();
    let usable = |address: u32| Ipv4Addr::from_bits(address).is_loopback() && address != BROADCAST;
    if let Some(first) = first.filter(|first| !usable(first.to_bits())) {
        bail!(
            "{first} is not a loopback address that a server can have: give one from 127.0.0.1 to 127.255.255.254"
        );
    }
    while let Some(clash) = (start..start.saturating_add(count)).rev().find(|address| used.contains(address))
    {
        start = clash + 1;
    }
    for (address, number) in missing.into_iter().zip(start..) {
        let here = Ipv4Addr::from_bits(number);
        if !usable(number) {
            bail!("there are not enough loopback addresses from {} on", first.unwrap_or(FIRST));
        }
        given.insert(*address, here);
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(last: &[u8]) -> Vec<Address> {
        last.iter().map(|last| Address([10, 0, 0, *last].into())).collect()
    }

    fn here(last: &[u8]) -> BTreeSet<Ipv4Addr> {
        last.iter().map(|last| Ipv4Addr::new(127, 0, 0, *last)).collect()
    }

    fn given(
        wanted: &[u8],
        before: Option<&BTreeMap<Address, Ipv4Addr>>,
        taken: &[u8],
    ) -> BTreeMap<Address, Ipv4Addr> {
        addresses(&spec(wanted), before, &here(taken), None).unwrap()
    }

    fn values(given: &BTreeMap<Address, Ipv4Addr>) -> Vec<u8> {
        given.values().map(|address| address.octets()[3]).collect()
    }

    #[test]
    fn a_new_cluster_gets_a_block_that_nobody_has() {
        assert_eq!(values(&given(&[1, 2, 3], None, &[])), [2, 3, 4]);
        assert_eq!(values(&given(&[1, 2, 3], None, &[2, 3, 4])), [5, 6, 7]);
        assert_eq!(values(&given(&[1, 2, 3], None, &[4, 8])), [5, 6, 7]);
        assert_eq!(values(&given(&[1, 2], None, &[4, 8])), [2, 3]);
    }

    #[test]
    fn a_host_keeps_its_address_and_a_new_one_gets_the_next() {
        let before = given(&[1, 2, 3], None, &[]);
        assert_eq!(given(&[1, 2, 3], Some(&before), &[5]), before);
        let more = given(&[1, 2, 3, 4], Some(&before), &[5]);
        assert_eq!(values(&more), [2, 3, 4, 6]);
        // One that left leaves a gap.
        assert_eq!(values(&given(&[1, 3], Some(&before), &[])), [2, 4]);
    }

    #[test]
    fn addresses_begin_where_the_user_says_and_end_with_the_loopback_network() {
        let from = |first| addresses(&spec(&[1, 2]), None, &here(&[]), Some(first));
        assert_eq!(values(&from(Ipv4Addr::new(127, 0, 9, 7)).unwrap()), [7, 8]);
        for (first, words) in [
            ([127, 255, 255, 255], "127.255.255.255 is not a loopback address that a server can have"),
            ([10, 0, 0, 1], "10.0.0.1 is not a loopback address that a server can have"),
            ([127, 255, 255, 254], "not enough loopback addresses"),
        ] {
            let error = from(first.into()).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        let moved =
            addresses(&spec(&[1]), Some(&given(&[1], None, &[])), &here(&[]), Some([127, 0, 9, 7].into()));
        assert_eq!(values(&moved.unwrap()), [7]);
    }
}
