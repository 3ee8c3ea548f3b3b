//! What would keep servers from starting here, found before any is started and told all at once.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;

use kafnix_generator::Cluster;
use kafnix_generator::cluster::Endpoint;
use kafnix_generator::hosts::HostConfig;
use kafnix_generator::pins::Product;
use kafnix_generator::role::Role;

use super::{absent, port_owner, process};

/// What a JVM takes beside its heap, at most: code, threads, buffers.
const ZOOKEEPER_BESIDE: u64 = 80;
const KAFKA_BESIDE: u64 = 200;
/// What a server writes before there is any data, in MiB.
const DISK: u64 = 100;

/// A server that is about to start.
#[derive(Debug)]
pub struct Need {
    pub server: String,
    pub sockets: Vec<SocketAddr>,
    /// In MiB.
    pub memory: u64,
    /// Files of its host that are not here.
    pub absent: BTreeSet<String>,
}

/// What a server of a moved cluster needs; `hosts` are those of the cluster.
pub fn need(cluster: &Cluster, hosts: &[HostConfig<'_>], host: &str, role: Role) -> Need {
    let service = cluster.host(host).and_then(|host| host.service(role));
    let config =
        hosts.iter().find(|config| config.name == host).and_then(|config| config.services.get(&role));
    let endpoints = service.into_iter().flat_map(|service| &service.endpoints);
    let socket = |it: &Endpoint| Some(SocketAddr::new(it.bound.or(it.address)?.0, it.port.value));
    let sockets = endpoints.filter_map(socket).collect();
    let heap = service.map_or(0, |service| u64::from(service.heap.value.mebibytes));
    let beside = match role.product() {
        Product::ZooKeeper => ZOOKEEPER_BESIDE,
        Product::Kafka => KAFKA_BESIDE,
    };
    Need {
        server: format!("{host} {}", role.key()),
        sockets,
        memory: heap + beside,
        absent: config
            .map(|config| absent::of(&config.settings))
            .into_iter()
            .flatten()
            .chain(absent::jars(cluster, role))
            .collect(),
    }
}

/// Everything that is in the way; `ours` are processes that will be gone by then.
pub fn problems(needs: &[Need], ours: &[u32], state: &Path) -> Vec<String> {
    let mut problems = addresses(needs);
    let is_there = |socket: &SocketAddr| !problems.iter().any(|problem| names(problem, socket.ip()));
    let sockets = needs.iter().flat_map(|need| need.sockets.iter().map(move |socket| (need, *socket)));
    let mut taken: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut others = Vec::new();
    for (need, socket) in sockets.filter(|(_, socket)| is_there(socket)) {
        match port(socket, ours) {
            Bindable::Yes => {}
            Bindable::Taken(by) => taken.entry(by).or_default().push(format!("{socket} ({})", need.server)),
            Bindable::No(error) => others.push(format!("{} cannot bind {socket}: {error}", need.server)),
        }
    }
    problems.extend(others);
    problems.extend(taken.iter().map(|(by, places)| told(by, places)));
    problems.extend(needs.iter().flat_map(|need| need.absent.clone()).collect::<BTreeSet<_>>());
    problems.extend(memory(needs.iter().map(|need| need.memory).sum(), available()));
    problems.extend(disk(needs.len(), state));
    problems
}

/// The addresses that this machine does not have.
fn addresses(needs: &[Need]) -> Vec<String> {
    let mut addresses: Vec<IpAddr> =
        needs.iter().flat_map(|need| &need.sockets).map(SocketAddr::ip).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let missing = addresses.into_iter().filter_map(|address| {
        let error = TcpListener::bind((address, 0)).err()?;
        Some(format!(
            "the address {address} cannot be bound ({error}): the loopback interface must be up and have all \
             of 127.0.0.0/8, as it has on Linux"
        ))
    });
    missing.collect()
}

fn names(problem: &str, address: IpAddr) -> bool {
    problem.starts_with(&format!("the address {address} "))
}

/// Whether a port can be bound.
enum Bindable {
    Yes,
    /// By whom.
    Taken(String),
    No(std::io::Error),
}

fn port(socket: SocketAddr, ours: &[u32]) -> Bindable {
    match TcpListener::bind(socket) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {}
        Err(error) => return Bindable::No(error),
        Ok(_) => return Bindable::Yes,
    }
    let holder = port_owner::of(socket);
    if holder.is_some_and(|pid| ours.contains(&pid)) {
        return Bindable::Yes;
    }
    Bindable::Taken(match holder.map(|pid| (pid, process::name(pid).unwrap_or_default())) {
        Some((pid, name)) => format!("process {pid} ({name})"),
        None => "another process (of another user, it seems)".to_owned(),
    })
}

/// The ports that one process has, once.
fn told(by: &str, places: &[String]) -> String {
    const MOST: usize = 4;
    let more = match places.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let named = places[..places.len().min(MOST)].join(", ");
    format!("{by} listens on {named}{more}: stop it, or take other addresses with `--first-address`")
}

/// What the kernel says can be had without swapping, in MiB.
fn available() -> Option<u64> {
    let text = fs_err::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? >> 10)
}

fn memory(needed: u64, available: Option<u64>) -> Option<String> {
    let available = available.filter(|available| *available < needed)?;
    Some(format!(
        "the servers need {needed} MiB of memory, and {available} MiB can be had: end something, or give \
         smaller heaps in the spec"
    ))
}

fn disk(servers: usize, state: &Path) -> Option<String> {
    let there = state.ancestors().find(|folder| folder.is_dir())?;
    let disk = rustix::fs::statvfs(there).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize) >> 20;
    let needed = DISK.saturating_mul(u64::try_from(servers).unwrap_or(u64::MAX));
    (free < needed).then(|| {
        format!(
            "the servers need {needed} MiB of disk for a start, and {free} MiB are free in `{}`: make room, \
             or set XDG_STATE_HOME to a folder on another disk",
            there.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(socket: SocketAddr) -> Need {
        Need { server: "kafka01 kafka".into(), sockets: vec![socket], memory: 1, absent: BTreeSet::new() }
    }

    #[test]
    fn a_port_that_is_taken_is_named_with_who_has_it() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let need = [need(listener.local_addr().unwrap())];
        let found = problems(&need, &[], Path::new("/"));
        let us = format!("process {}", std::process::id());
        assert!(found.len() == 1 && found[0].contains(&us) && found[0].contains("kafka01"), "{found:?}");
        assert!(problems(&need, &[std::process::id()], Path::new("/")).is_empty());
    }

    #[test]
    fn the_ports_that_one_process_has_are_told_once() {
        let listeners: Vec<_> = (0..6).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let need: Vec<_> = listeners.iter().map(|it| need(it.local_addr().unwrap())).collect();
        let found = problems(&need, &[], Path::new("/"));
        assert!(found.len() == 1 && found[0].contains("and 2 more: stop it"), "{found:?}");
    }

    #[test]
    fn an_address_that_is_not_here_is_told_once_and_its_ports_are_not() {
        let need = [need("192.0.2.1:1".parse().unwrap()), need("192.0.2.1:2".parse().unwrap())];
        let found = problems(&need, &[], Path::new("/"));
        assert!(found.len() == 1 && found[0].contains("192.0.2.1"), "{found:?}");
    }

    #[test]
    fn too_little_memory_or_disk_is_told_with_both_numbers() {
        assert_eq!(memory(1000, Some(1000)), None);
        assert_eq!(memory(1000, None), None);
        let found = memory(1000, Some(999)).unwrap();
        assert!(found.contains("1000 MiB") && found.contains("999 MiB"), "{found}");
        assert!(disk(usize::MAX, Path::new("/not/there")).unwrap().contains("`/`"));
        assert_eq!(disk(0, Path::new("/")), None);
        assert!(available().is_some());
    }
}
