//! The ZooKeeper servers.

use super::ids::{Member, assign};
use super::settings::{add_defaults, imply, overlay};
use super::{Choice, Draft, Gap, Role, defaults, reserved_settings};
use crate::cluster::{Ensemble, Model, Origin, Server, Settings, Sourced};
use crate::keys::ZOOKEEPER;
use crate::problem::pointer;
use crate::quorum::{self, Fault, QuorumRule};
use crate::spec::{Address, ServerSpec, Setting, Spec, State, Version};

pub(super) fn resolve(draft: &mut Draft<'_>) {
    let spec = draft.spec;
    let network = spec.zookeeper.network.clone().unwrap_or_else(|| draft.cluster.default_network.clone());
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
        let Some(machine) = draft.cluster.host_mut(&name) else {
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
    let (rule, gaps) = quorum_rule(&draft.cluster);
    draft.cluster.zookeeper.quorum = rule;
    draft.gaps.extend(gaps);
}

/// How the servers count quorums, and what is wrong with that.
fn quorum_rule(cluster: &Model) -> (QuorumRule, Vec<Gap>) {
    let ensemble = &cluster.zookeeper;
    let voters = cluster.voters().map(|(host, server)| (server.id.value, host.name.as_str())).collect();
    let oracles = cluster.servers().any(|(host, _)| host.versions.zookeeper.value >= ORACLES_SINCE);
    let read = |server| quorum::read(&ensemble.counting(server), &voters, oracles);
    let shared = read(None);
    let mut odd = cluster.servers().filter_map(|(host, server)| {
        let (_, own) = server.settings.iter().find(|(key, _)| quorum::counts(key))?;
        let pointer = own.pointer().unwrap_or_default().to_owned();
        let differs = read(Some(server)) != shared;
        differs.then(|| (server, Gap::OtherQuorum { host: host.name.clone(), pointer }))
    });
    let Some((first, gap)) = odd.next() else { return with_faults(shared) };
    let others: Vec<_> = odd.map(|(server, gap)| (read(Some(server)), gap)).collect();
    let first = read(Some(first));
    // Each of them may have what could stand once for all.
    if others.len() + 1 == cluster.servers().count() && others.iter().all(|(other, _)| *other == first) {
        return with_faults(first);
    }
    let (rule, mut gaps) = with_faults(shared);
    gaps.extend(std::iter::once(gap).chain(others.into_iter().map(|(_, gap)| gap)));
    (rule, gaps)
}

fn with_faults((rule, faults): (QuorumRule, Vec<Fault>)) -> (QuorumRule, Vec<Gap>) {
    (rule, faults.into_iter().map(Gap::NoQuorum).collect())
}

/// Before that a server knows no `oraclePath`.
const ORACLES_SINCE: Version = Version([3, 8, 0]);

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
    overlay(
        &mut server.settings,
        &own.settings,
        &["zookeeper", "hosts", name],
        &ZOOKEEPER,
        reserved_settings::zookeeper,
    );
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

fn ensemble(spec: &Spec, cluster: &Model) -> Ensemble {
    if let Some(connect) = &spec.zookeeper.connect {
        return Ensemble {
            connect: connect.clone(),
            external: true,
            settings: Settings::new(),
            quorum: QuorumRule::default(),
        };
    }
    let mut settings = Settings::new();
    add_defaults(&mut settings, defaults::ZOOKEEPER_SETTINGS);
    imply_servers(&mut settings, cluster);
    overlay(
        &mut settings,
        &spec.zookeeper.settings,
        &["zookeeper"],
        &ZOOKEEPER,
        reserved_settings::zookeeper,
    );
    Ensemble { connect: connect(cluster), external: false, settings, quorum: QuorumRule::default() }
}

pub(super) fn imply_servers(settings: &mut Settings, cluster: &Model) {
    for (_, server) in cluster.servers() {
        let key = format!("server.{}", server.id.value);
        imply(settings, &key, server_line(server), "zookeeper.hosts");
    }
}

/// Where clients find each server.
pub(super) fn connect(cluster: &Model) -> Vec<String> {
    cluster.servers().map(|(_, server)| server.client_endpoint()).collect()
}

/// Addresses, never names: a NixOS host resolves its own name to a loopback address, and the
/// election port would be bound there (nixpkgs#57566).
fn server_line(server: &Server) -> String {
    let role = if server.observer { ":observer" } else { "" };
    format!("{}:{}{role}", server.address.with_port(server.peer_port.value), server.election_port.value)
}
