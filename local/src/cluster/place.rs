//! The cluster of a spec, moved to this machine: addresses, directories, heaps, and which servers form
//! the ensemble. Nothing else differs.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use kafnix_generator::Cluster;
use kafnix_generator::cluster::{Origin, Sourced, Stores};
use kafnix_generator::pins::Product;
use kafnix_generator::resolve::relocate::{Elsewhere, REASON};
use kafnix_generator::role::Role;
use kafnix_generator::spec::{Address, Heap, State};

use super::certificates;
use super::state::Folder;

/// Enough for the data of a test, and for what each server takes before there is any.
const ZOOKEEPER_MEBIBYTES: u32 = 128;
const KAFKA_MEBIBYTES: u32 = 384;

/// The buffer that a broker's log cleaner takes of the heap when it starts, and Kafka's default of it.
const CLEANER: &str = "log.cleaner.dedupe.buffer.size";
const CLEANER_MEBIBYTES: u32 = 128;

/// The cluster as it runs here.
pub fn moved(cluster: &Cluster, folder: &Folder) -> Cluster {
    let here = Here {
        addresses: &folder.facts.addresses,
        folder: &folder.path,
        spec: &folder.facts.spec,
        founders: &folder.facts.founders,
        broker: KAFKA_MEBIBYTES.saturating_add(larger_cleaner(cluster)),
    };
    cluster.relocated(&here)
}

/// The directory here of a directory of a host.
pub fn directory(folder: &Path, host: &str, path: &str) -> String {
    let here = folder.join(host).join("data").join(path.trim_start_matches('/'));
    here.to_string_lossy().into_owned()
}

struct Here<'a> {
    addresses: &'a BTreeMap<Address, Ipv4Addr>,
    folder: &'a Path,
    spec: &'a Path,
    founders: &'a BTreeSet<String>,
    broker: u32,
}

impl Elsewhere for Here<'_> {
    fn address(&self, address: Address) -> Address {
        // Names of machines that are no members keep theirs: nothing binds to them.
        self.addresses.get(&address).map_or(address, |here| Address(IpAddr::V4(*here)))
    }

    fn directory(&self, host: &str, path: &str) -> String {
        directory(self.folder, host, path)
    }

    fn heap(&self, role: Role, heap: Heap) -> Heap {
        let most = match role.product() {
            Product::ZooKeeper => ZOOKEEPER_MEBIBYTES,
            Product::Kafka => self.broker,
        };
        heap.min(Heap { mebibytes: most })
    }

    fn stores(&self, host: &str, _: Role) -> Stores {
        certificates::stores(self.folder, host)
    }

    fn state(&self, host: &str) -> Sourced<State> {
        if self.founders.is_empty() || self.founders.contains(host) {
            return Sourced::new(State::New, Origin::Default(REASON));
        }
        Sourced::new(State::Existing, Origin::Default("it joins the ensemble that is here"))
    }

    fn file(&self, path: &str) -> String {
        self.spec.with_file_name(path).to_string_lossy().into_owned()
    }
}

/// By how much a spec makes the cleaner's buffer larger than it is by default, in MiB.
fn larger_cleaner(cluster: &Cluster) -> u32 {
    let sizes = cluster.brokers().filter_map(|(_, broker)| cluster.setting(broker, CLEANER)?.value.plain());
    let bytes = sizes.filter_map(|size| size.trim().parse::<u64>().ok()).max().unwrap_or_default();
    u32::try_from(bytes >> 20).unwrap_or(u32::MAX).saturating_sub(CLEANER_MEBIBYTES)
}
