//! Where a local cluster differs from the one of its spec: every line of its settings, its heaps, its
//! addresses and its directories.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kafnix_generator::Cluster;
use kafnix_generator::cluster::Host;
use kafnix_generator::hosts::{self, Lines, Own};
use kafnix_generator::launch::KAFKA_LOGS;
use kafnix_generator::role::Role;
use kafnix_generator::spec::Address;
use serde::Serialize;

use super::place;
use super::state::Folder;

#[derive(Debug, Serialize)]
pub struct Shown {
    pub cluster: String,
    pub folder: PathBuf,
    /// By their names.
    pub hosts: indexmap::IndexMap<String, HostShown>,
}

#[derive(Debug, Serialize)]
pub struct HostShown {
    /// Whether kafnix configures the host itself; here it runs either way.
    pub managed: bool,
    /// Address of the spec → address here.
    pub addresses: BTreeMap<Address, Address>,
    /// Directory of the host → folder here.
    pub directories: BTreeMap<String, String>,
    #[serde(flatten)]
    pub servers: BTreeMap<Role, ServerShown>,
}

#[derive(Debug, Serialize)]
pub struct ServerShown {
    /// Settings and flags of the JVM.
    pub differences: Vec<Difference>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub key: String,
    /// Absent where the spec's host has no such line.
    pub spec: Option<String>,
    pub here: Option<String>,
}

/// All that differs, host by host.
pub fn show(cluster: &Cluster, folder: &Folder) -> Shown {
    let moved = place::moved(cluster, folder);
    // Hosts that kafnix does not manage are no hosts of the spec's tree; here they are like the others.
    let whole = cluster.all_managed();
    let (there, here) = (hosts::hosts(&whole), hosts::hosts(&moved));
    let shown = there.iter().zip(&here).zip(cluster.hosts.iter().zip(&moved.hosts));
    let shown = shown.map(|((there, here), (machine, moved_machine))| {
        let services = there.services.values().zip(here.services.values());
        let servers = services.map(|(there, here)| {
            let mut differences = lines(&there.settings, &here.settings);
            differences.extend(differ("-Xms, -Xmx", &there.heap.to_string(), &here.heap.to_string()));
            if let (Own::ZooKeeper { state: there, .. }, Own::ZooKeeper { state: here, .. }) =
                (&there.own, &here.own)
            {
                differences.extend(differ("--state", &there.to_string(), &here.to_string()));
            }
            (there.role, with_what_is_of_the_machine(differences, folder, &machine.name, there.role))
        });
        let shown = HostShown {
            managed: machine.managed.value,
            addresses: addresses(machine, moved_machine),
            directories: directories(machine, folder),
            servers: servers.collect(),
        };
        (machine.name.clone(), shown)
    });
    let hosts = shown.collect();
    Shown { cluster: cluster.name.value.clone(), folder: folder.path.clone(), hosts }
}

fn with_what_is_of_the_machine(
    mut differences: Vec<Difference>,
    folder: &Folder,
    host: &str,
    role: Role,
) -> ServerShown {
    differences.push(Difference {
        key: "--log-time".to_owned(),
        spec: Some("the journal has the time".to_owned()),
        here: Some("each line of the log begins with it".to_owned()),
    });
    let archive = folder.server(host, role).archive();
    differences.extend(archive.map(|archive| Difference {
        key: "-XX:SharedArchiveFile".to_owned(),
        spec: Some("one of the host's own, made with its system".to_owned()),
        here: Some(archive),
    }));
    ServerShown { differences }
}

fn lines(there: &Lines<'_>, here: &Lines<'_>) -> Vec<Difference> {
    let mut keys: Vec<_> = there.keys().chain(here.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let text = |lines: &Lines<'_>, key: &str| Some(lines.get(key)?.plain()?.to_string());
    let difference = |key: &&&str| {
        let (spec, here) = (text(there, key), text(here, key));
        (spec != here).then(|| Difference { key: (**key).to_string(), spec, here })
    };
    keys.iter().filter_map(difference).collect()
}

fn differ(key: &str, spec: &str, here: &str) -> Option<Difference> {
    let difference =
        || Difference { key: key.to_owned(), spec: Some(spec.to_owned()), here: Some(here.to_owned()) };
    (spec != here).then(difference)
}

fn addresses(there: &Host, here: &Host) -> BTreeMap<Address, Address> {
    let services = there.services().zip(here.services());
    let endpoints = services.flat_map(|(there, here)| there.endpoints.iter().zip(&here.endpoints));
    let moved = endpoints.filter(|(there, _)| there.setting.is_none());
    moved.filter_map(|(there, here)| Some((there.address?, here.address?))).collect()
}

fn directories(host: &Host, folder: &Folder) -> BTreeMap<String, String> {
    let data = host.directories();
    let data = data.map(|path| (path.clone(), place::directory(&folder.path, &host.name, path)));
    let logs = host.broker.iter().map(|_| {
        let here = folder.server(&host.name, Role::Broker).logs();
        (KAFKA_LOGS.to_owned(), here.to_string_lossy().into_owned())
    });
    data.chain(logs).collect()
}
