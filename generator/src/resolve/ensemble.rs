//! The ZooKeeper servers.

use super::relocate::REASON;
use super::services::{add_settings, keeps, services};
use super::settings::{add_defaults, imply, overlay};
use super::{Choice, Draft, Gap, defaults, listed};
use crate::cluster::{Ensemble, Model, Origin, Purpose, Server, Service, Settings, Sourced};
use crate::problem::pointer;
use crate::quorum::{self, Fault, QuorumRule};
use crate::role::Role;
use crate::spec::{Address, Bind, ServerSpec, Setting, Spec, State, Version};

pub(super) fn resolve(draft: &mut Draft<'_>) {
    let spec = draft.spec;
    let written = spec.zookeeper.network.clone();
    let written = written.map(|network| Sourced::new(network, Origin::Spec("/zookeeper/network".into())));
    let network = written.unwrap_or_else(|| draft.cluster.default_network.clone());
    for (name, service) in services(draft, Role::ZooKeeper) {
        let Some(host) = draft.cluster.host_mut(&name) else { continue };
        if let Some(address) = host.addresses.get(&network.value).cloned() {
            host.zookeeper = Some(server(spec, &name, service, (&network, address)));
        } else {
            let pointer = pointer(["hosts", &name]);
            draft.gaps.push(Gap::NoAddress { host: name, network: network.value.clone(), pointer });
        }
    }
    *draft.cluster.ensemble_mut() = ensemble(spec, &draft.cluster);
    bind_secure_ports(&mut draft.cluster);
    bind_among_peers(&mut draft.cluster);
    let (rule, gaps) = quorum_rule(&draft.cluster);
    draft.cluster.ensemble_mut().quorum = rule;
    draft.gaps.extend(gaps);
}

/// How the servers count quorums, and what is wrong with that.
fn quorum_rule(cluster: &Model) -> (QuorumRule, Vec<Gap>) {
    let ensemble = cluster.ensemble();
    let voters = cluster.voters().map(|(host, server)| (server.id.value, host.name.as_str())).collect();
    let oracles = cluster.servers().any(|(_, server)| server.release.value >= ORACLES_SINCE);
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
    service: Service,
    (network, address): (&Sourced<String>, Sourced<Address>),
) -> Server {
    let (all, none) = (&spec.zookeeper, ServerSpec::default());
    let own = all.hosts.as_ref().and_then(|hosts| hosts.get(name)).unwrap_or(&none);
    let choice = Choice { role: Role::ZooKeeper, host: name };
    let port = |key, own, shared, default| choice.of(key, own, shared, default, defaults::PORT_REASON);
    let one = |path: &String| vec![path.clone()];
    let data_dir = choice.of(
        Purpose::Snapshots.key(),
        own.data_dir.as_ref().map(one),
        all.data_dir.as_ref().map(one),
        vec![defaults::ZOOKEEPER_DIR.to_owned()],
        defaults::DIR_REASON,
    );
    let (own_log, log) = (own.data_log_dir.as_ref().map(one), all.data_log_dir.as_ref().map(one));
    let data_log_dir = choice.written(Purpose::TransactionLog.key(), own_log, log);
    let mut server = Server {
        service,
        observer: choice.of("observer", own.observer, None, false, defaults::OBSERVER_REASON),
        network: network.clone(),
        address,
        bind: choice.of("bind", own.bind, all.bind, Bind::Address, defaults::BIND_REASON),
        client_port: port("clientPort", own.client_port, all.client_port, defaults::CLIENT_PORT),
        peer_port: port("peerPort", own.peer_port, all.peer_port, defaults::PEER_PORT),
        election_port: port("electionPort", own.election_port, all.election_port, defaults::ELECTION_PORT),
        // resolved once all servers are known
        state: Sourced::new(State::default(), Origin::Default(defaults::STATE_REASON)),
        joined: false,
    };
    keeps(&mut server, Purpose::Snapshots, Some(data_dir));
    keeps(&mut server, Purpose::TransactionLog, data_log_dir);
    let implied = own_settings(&server);
    add_settings(spec, name, &mut server, implied);
    server
}

const SECURE_ADDRESS: &str = "secureClientPortAddress";
const SECURE_ADDRESS_REASON: &str = "the address of the plain client port; ZooKeeper would bind all";

/// A port for clients with TLS is bound where the plain one is, unless the author binds it.
pub(super) fn bind_secure_ports(cluster: &mut Model) {
    set(cluster, SECURE_ADDRESS, |cluster, server| {
        let port = cluster.setting(server, "secureClientPort");
        let address = cluster.setting(server, SECURE_ADDRESS);
        let default = Origin::Default(SECURE_ADDRESS_REASON);
        let is_ours = port.is_some_and(|port| port.value.plain().is_some())
            && address.is_none_or(|it| it.origin == default);
        let address = server.bind.value.of(server.address.value).to_string().into();
        is_ours.then_some(Sourced::new(address, default))
    });
}

/// A setting of each server that needs it.
fn set(cluster: &mut Model, key: &str, value: impl Fn(&Model, &Server) -> Option<Sourced<Setting>>) {
    let values: Vec<_> = cluster.hosts.iter().map(|host| value(cluster, host.zookeeper.as_ref()?)).collect();
    for (host, value) in cluster.hosts.iter_mut().zip(values) {
        if let (Some(server), Some(value)) = (&mut host.zookeeper, value) {
            server.settings.insert(key.to_owned(), value);
        }
    }
}

const EVERYWHERE: &str = "quorumListenOnAllIPs";
const EVERYWHERE_REASON: &str =
    "`bind` is `all`; without it the ports among peers are bound to the address alone";

/// Whether a server listens to its peers at every address of its host.
pub(super) fn is_everywhere_among_peers(cluster: &Model, server: &Server) -> bool {
    cluster.setting(server, EVERYWHERE).is_some_and(|setting| setting.value.is_true())
}

/// A server that binds every address does so for its peers, too, unless the author says otherwise.
fn bind_among_peers(cluster: &mut Model) {
    set(cluster, EVERYWHERE, |cluster, server| {
        let unsaid = server.bind.value == Bind::All && cluster.setting(server, EVERYWHERE).is_none();
        unsaid.then_some(Sourced::new(true.into(), Origin::Default(EVERYWHERE_REASON)))
    });
}

/// Several servers of one machine cannot all listen at every address of it.
pub(super) fn bind_apart_among_peers(cluster: &mut Model) {
    set(cluster, EVERYWHERE, |cluster, server| {
        let everywhere = is_everywhere_among_peers(cluster, server);
        everywhere.then_some(Sourced::new(false.into(), Origin::Default(REASON)))
    });
}

pub(super) fn own_settings(server: &Server) -> Settings {
    let mut settings = Settings::new();
    let mut set = |key, value: Setting, decides| imply(&mut settings, key, value, decides);
    set("clientPort", server.client_port.value.into(), "/zookeeper/clientPort");
    let decides = if server.bind.value == Bind::All { "/zookeeper/bind" } else { "/hosts/*/address" };
    set("clientPortAddress", server.bind.value.of(server.address.value).to_string().into(), decides);
    for (purpose, decides) in
        [(Purpose::Snapshots, "/zookeeper/dataDir"), (Purpose::TransactionLog, "/zookeeper/dataLogDir")]
    {
        if let Some(path) = server.directory(purpose) {
            set(purpose.key(), path.into(), decides);
        }
    }
    if server.observer.value {
        set("peerType", "observer".into(), "/zookeeper/hosts/*/observer");
    }
    settings
}

fn ensemble(spec: &Spec, cluster: &Model) -> Ensemble {
    if let Some(connect) = &spec.zookeeper.connect {
        let connect = Sourced::new(connect.clone(), Origin::Spec("/zookeeper/connect".into()));
        return Ensemble { connect, external: true, ..none() };
    }
    let mut settings = Settings::new();
    add_defaults(&mut settings, Role::ZooKeeper);
    imply_servers(&mut settings, cluster);
    overlay(&mut settings, &spec.zookeeper.settings, &["zookeeper"], Role::ZooKeeper);
    let extra_jars = listed(&spec.zookeeper.extra_jars, "/zookeeper/extraJars", defaults::EXTRA_JARS_REASON);
    let mut ensemble = Ensemble { extra_jars, settings, ..none() };
    ensemble.connect.value = connect(cluster);
    ensemble
}

/// Without any server.
pub(super) fn none() -> Ensemble {
    Ensemble {
        connect: Sourced::new(Vec::new(), Origin::Topology("/zookeeper/hosts")),
        external: false,
        extra_jars: Sourced::new(Vec::new(), Origin::Default(defaults::EXTRA_JARS_REASON)),
        settings: Settings::new(),
        quorum: QuorumRule::default(),
    }
}

pub(super) fn imply_servers(settings: &mut Settings, cluster: &Model) {
    for (_, server) in cluster.servers() {
        let key = format!("server.{}", server.id.value);
        imply(settings, &key, server_line(server), "/zookeeper/hosts");
    }
}

/// Where clients find each server.
pub(super) fn connect(cluster: &Model) -> Vec<String> {
    cluster.servers().map(|(_, server)| server.client_endpoint()).collect()
}

/// Addresses, never names: a NixOS host resolves its own name to a loopback address, and the
/// election port would be bound there (nixpkgs#57566).
fn server_line(server: &Server) -> String {
    let role = if server.observer.value { ":observer" } else { "" };
    format!("{}:{}{role}", server.address.value.with_port(server.peer_port.value), server.election_port.value)
}
