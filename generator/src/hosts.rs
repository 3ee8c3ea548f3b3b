//! From the cluster to its hosts: all that one machine needs, and nothing about the others.

use std::collections::BTreeMap;

use kafnix_protocol::directories::MYID;
use serde::Serialize;

use crate::cluster::{Broker, Disk, Listener, Machine, Server, Settings};
use crate::firewall::{Matrix, Opening, Source};
use crate::keys;
use crate::properties;
use crate::rules::Cluster;
use crate::spec::{Address, FileSystem, Heap, Jdk, MissingLogDirs, Setting, State, System, Version};

pub type Lines<'a> = BTreeMap<&'a str, &'a Setting>;

/// A machine that kafnix configures.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Host<'a> {
    pub name: &'a str,
    pub system: System,
    pub jdk: Jdk,
    pub addresses: Vec<Address>,
    pub openings: Vec<Opening>,
    pub file_systems: BTreeMap<&'a str, Mount<'a>>,
    /// Disks whose file system the first installation makes.
    #[serde(skip)]
    pub to_install: Vec<&'a Disk>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zookeeper: Option<HostServer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kafka: Option<HostBroker<'a>>,
}

/// A file system, by the names of NixOS's option `fileSystems`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mount<'a> {
    pub device: String,
    pub fs_type: FileSystem,
    pub options: &'a [String],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HostServer<'a> {
    pub version: Version,
    pub id: i64,
    pub heap: Heap,
    pub state: State,
    /// `address:port` where its clients find it.
    pub server: String,
    /// All that it exchanges packets with.
    pub peers: Vec<Source>,
    /// What stands in the host's own file; the rest is shared.
    #[serde(skip)]
    pub own: ZooKeeperLines<'a>,
    pub system_properties: Lines<'a>,
    /// Every line of `zoo.cfg`.
    #[serde(skip)]
    pub settings: Lines<'a>,
    pub files: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HostBroker<'a> {
    pub version: Version,
    pub id: i64,
    pub heap: Heap,
    /// `address:port` of the listener between brokers.
    pub bootstrap_server: String,
    /// All that it exchanges packets with; absent where that may be anybody.
    pub peers: Option<Vec<Source>>,
    pub missing_log_dirs: MissingLogDirs,
    #[serde(skip)]
    pub own: Lines<'a>,
    /// Every line of `server.properties`.
    #[serde(skip)]
    pub settings: Lines<'a>,
    pub files: BTreeMap<&'static str, String>,
}

/// ZooKeeper's settings by where they go.
#[derive(Debug, Default)]
pub struct ZooKeeperLines<'a> {
    /// `zoo.cfg`.
    pub settings: Lines<'a>,
    /// What `zoo.cfg` cannot set, by the name of the system property.
    pub system_properties: Lines<'a>,
}

pub const ZOO_CFG: &str = "zoo.cfg";
pub const SERVER_PROPERTIES: &str = "server.properties";

/// The hosts that kafnix configures, by their names.
pub fn hosts(cluster: &Cluster) -> Vec<Host<'_>> {
    let matrix = Matrix::of(cluster);
    let managed = cluster.hosts.iter().filter(|machine| machine.managed);
    managed.map(|machine| host(&matrix, machine)).collect()
}

fn host<'a>(matrix: &Matrix<'a>, machine: &'a Machine) -> Host<'a> {
    Host {
        name: &machine.name,
        system: machine.system,
        jdk: machine.versions.jdk.value,
        addresses: machine.addresses.values().copied().collect(),
        openings: matrix.openings(machine),
        file_systems: machine.disks.iter().map(|disk| (disk.mount_point.as_str(), mount(disk))).collect(),
        to_install: machine.disks.iter().filter(|disk| disk.whole_disk.is_some()).collect(),
        zookeeper: machine.zookeeper.as_ref().map(|server| host_server(matrix, machine, server)),
        kafka: machine.kafka.as_ref().map(|broker| host_broker(matrix, machine, broker)),
    }
}

fn mount(disk: &Disk) -> Mount<'_> {
    Mount { device: disk.device.path(), fs_type: disk.file_system.value, options: &disk.options.value }
}

fn host_server<'a>(matrix: &Matrix<'a>, machine: &Machine, server: &'a Server) -> HostServer<'a> {
    let cluster = matrix.cluster;
    let own = zookeeper_lines(&server.settings);
    let shared = zookeeper_lines(&cluster.zookeeper.settings);
    let settings = overlaid(&shared.settings, &own.settings);
    let zoo_cfg = properties::text(settings.iter().map(|(key, value)| (*key, *value)));
    HostServer {
        version: machine.versions.zookeeper.value,
        id: server.id.value,
        heap: server.heap.value,
        state: server.state.value,
        server: server.client_endpoint(),
        peers: matrix.server_peers(server),
        system_properties: overlaid(&shared.system_properties, &own.system_properties),
        own,
        settings,
        files: BTreeMap::from([(ZOO_CFG, zoo_cfg), (MYID, format!("{}\n", server.id.value))]),
    }
}

fn host_broker<'a>(matrix: &Matrix<'a>, machine: &Machine, broker: &'a Broker) -> HostBroker<'a> {
    let cluster = matrix.cluster;
    let own = lines(&broker.settings);
    let kafka = cluster.kafka.as_ref();
    let shared = kafka.map(|all| lines(&all.settings)).unwrap_or_default();
    let between = |name: &str| broker.listeners.iter().find(|listener| listener.name == name);
    let bootstrap = kafka.and_then(|all| between(&all.inter_broker_listener.value));
    let settings = overlaid(&shared, &own);
    let server_properties = properties::text(settings.iter().map(|(key, value)| (*key, *value)));
    HostBroker {
        version: machine.versions.kafka.value,
        id: broker.id.value,
        heap: broker.heap.value,
        bootstrap_server: bootstrap.map(Listener::endpoint).unwrap_or_default(),
        peers: matrix.broker_peers(broker),
        missing_log_dirs: broker.missing_log_dirs.value,
        own,
        settings,
        files: BTreeMap::from([(SERVER_PROPERTIES, server_properties)]),
    }
}

/// A host's own lines win over those of all.
fn overlaid<'a>(shared: &Lines<'a>, own: &Lines<'a>) -> Lines<'a> {
    shared.iter().chain(own).map(|(key, value)| (*key, *value)).collect()
}

pub(crate) fn lines(settings: &Settings) -> Lines<'_> {
    settings.iter().map(|(key, setting)| (key.as_str(), &setting.value)).collect()
}

pub(crate) fn zookeeper_lines(settings: &Settings) -> ZooKeeperLines<'_> {
    let mut lines = ZooKeeperLines::default();
    for (key, setting) in settings {
        match keys::zookeeper_flag(key) {
            Some(flag) => lines.system_properties.insert(flag, &setting.value),
            None => lines.settings.insert(key, &setting.value),
        };
    }
    lines
}
