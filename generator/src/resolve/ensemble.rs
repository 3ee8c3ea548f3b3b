//! The ZooKeeper servers.

use super::ids::{Member, assign};
use super::settings::{add_defaults, imply, overlay};
use super::{Choice, Draft, Gap, Role, defaults, hosts, owned};
use crate::cluster::{Cluster, Ensemble, Origin, Server, Settings, Sourced};
use crate::problem::pointer;
use crate::spec::{Address, ServerSpec, Setting, Spec, State};

pub(super) fn resolve(draft: &mut Draft<'_>) {
    let spec = draft.spec;
    let network = spec.zookeeper.network.clone().unwrap_or_else(|| hosts::default_network(spec));
    let members = draft.members(Role::ZooKeeper);
    let none = ServerSpec::default();
    let own = |name: &str| {
        let listed = spec.zookeeper.hosts.as_ref();
        listed.and_then(|hosts| hosts.get(name)).unwrap_or(&none)
    };
    let wanted: Vec<_> = members
        .iter()
        .map(|(name, at)| Member { name, written: own(name).id.map(|id| (id, format!("{at}/id"))) })
        .collect();
    let locked = draft.lock.map(crate::lock::Lock::server_ids).unwrap_or_default();
    let ids = assign(&wanted, &locked);

    for ((name, at), id) in members.into_iter().zip(ids) {
        let place = spec.hosts.get_index_of(&name);
        let Some(machine) = place.and_then(|place| draft.cluster.hosts.get_mut(place)) else {
            draft.gaps.push(Gap::NotAHost { pointer: at, name });
            continue;
        };
        let Some(address) = machine.addresses.get(&network).copied() else {
            let gap = Gap::NoAddress {
                host: name.clone(),
                network: network.clone(),
                pointer: pointer(["hosts", &name]),
            };
            draft.gaps.push(gap);
            continue;
        };
        machine.zookeeper = Some(server(spec, &name, at, id, (&network, address), own(&name)));
    }
    draft.cluster.zookeeper = ensemble(spec, &draft.cluster);
}

fn server(
    spec: &Spec,
    name: &str,
    at: String,
    id: Sourced<i64>,
    (network, address): (&str, Address),
    own: &ServerSpec,
) -> Server {
    let all = &spec.zookeeper;
    let choice = Choice { role: Role::ZooKeeper, host: name };
    let port = |key, own, shared, default| choice.of(key, own, shared, default, defaults::PORT_REASON);
    let mut server = Server {
        id,
        observer: own.observer.unwrap_or(false),
        network: network.to_owned(),
        address,
        client_port: port("clientPort", own.client_port, all.client_port, defaults::CLIENT_PORT),
        peer_port: port("peerPort", own.peer_port, all.peer_port, defaults::PEER_PORT),
        election_port: port("electionPort", own.election_port, all.election_port, defaults::ELECTION_PORT),
        heap: choice.of(
            "heap",
            own.heap,
            all.heap,
            defaults::ZOOKEEPER_HEAP,
            defaults::ZOOKEEPER_HEAP_REASON,
        ),
        data_dir: choice.of(
            "dataDir",
            own.data_dir.clone(),
            all.data_dir.clone(),
            defaults::ZOOKEEPER_DIR.to_owned(),
            defaults::DIR_REASON,
        ),
        data_log_dir: choice.written("dataLogDir", own.data_log_dir.clone(), all.data_log_dir.clone()),
        // settled once all servers are known
        state: Sourced::new(State::default(), Origin::Default(defaults::STATE_REASON)),
        joined: false,
        settings: Settings::new(),
        pointer: at,
    };
    server.settings = own_settings(&server);
    overlay(&mut server.settings, &own.settings, &["zookeeper", "hosts", name], owned::zookeeper);
    server
}

pub(super) fn own_settings(server: &Server) -> Settings {
    let mut settings = Settings::new();
    let mut set = |key, value: Setting, decides| imply(&mut settings, key, value, decides);
    set("clientPort", server.client_port.value.into(), "zookeeper.clientPort");
    set("clientPortAddress", server.address.to_string().into(), "hosts.*.address");
    set("dataDir", server.data_dir.value.as_str().into(), "zookeeper.dataDir");
    if let Some(dir) = &server.data_log_dir {
        set("dataLogDir", dir.value.as_str().into(), "zookeeper.dataLogDir");
    }
    if server.observer {
        set("peerType", "observer".into(), "zookeeper.hosts.*.observer");
    }
    settings
}

fn ensemble(spec: &Spec, cluster: &Cluster) -> Ensemble {
    if let Some(connect) = &spec.zookeeper.connect {
        return Ensemble { connect: connect.clone(), external: true, settings: Settings::new() };
    }
    let mut settings = Settings::new();
    add_defaults(&mut settings, defaults::ZOOKEEPER_SETTINGS);
    imply_servers(&mut settings, cluster);
    overlay(&mut settings, &spec.zookeeper.settings, &["zookeeper"], owned::zookeeper);
    Ensemble { connect: connect(cluster), external: false, settings }
}

pub(super) fn imply_servers(settings: &mut Settings, cluster: &Cluster) {
    for (_, server) in cluster.servers() {
        let key = format!("server.{}", server.id.value);
        imply(settings, &key, server_line(server), "zookeeper.hosts");
    }
}

/// Where clients find each server.
pub(super) fn connect(cluster: &Cluster) -> Vec<String> {
    let client =
        |(_, server): (_, &Server)| format!("{}:{}", server.address.in_url(), server.client_port.value);
    cluster.servers().map(client).collect()
}

/// Addresses, never names: a NixOS host resolves its own name to a loopback address, and the
/// election port would be bound there (nixpkgs#57566).
fn server_line(server: &Server) -> String {
    let role = if server.observer { ":observer" } else { "" };
    let address = server.address.in_url();
    format!("{address}:{}:{}{role}", server.peer_port.value, server.election_port.value)
}
