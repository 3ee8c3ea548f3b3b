//! From the cluster to its hosts: all that one machine needs, and nothing about the others.

use std::collections::BTreeMap;

use kafnix_protocol::directories::MYID;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::cluster::{Broker, Disk, Host, Listener, Service, Settings, Source, Stores};
use crate::firewall::{Matrix, Opening};
use crate::keys;
use crate::launch::InstallPaths;
use crate::properties;
use crate::role::Role;
use crate::rules::Cluster;
use crate::spec::{Address, FileSystem, Heap, Jdk, MissingLogDirs, Setting, State, System, Version};

pub type Lines<'a> = BTreeMap<&'a str, &'a Setting>;

/// A machine that kafnix configures.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HostConfig<'a> {
    pub name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<&'a String>,
    pub system: System,
    pub jdk: Jdk,
    pub addresses: Vec<Address>,
    pub openings: Vec<Opening>,
    pub file_systems: BTreeMap<&'a str, Mount<'a>>,
    /// Where it has its files for TLS, where a service needs them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFiles<'a>>,
    /// Disks whose file system the first installation makes.
    #[serde(skip)]
    pub to_install: Vec<&'a Disk>,
    #[serde(flatten)]
    pub services: BTreeMap<Role, ServiceConfig<'a>>,
}

/// A file system, by the names of NixOS's option `fileSystems`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mount<'a> {
    pub device: String,
    pub fs_type: FileSystem,
    pub options: &'a [String],
}

/// Files for TLS, by the names of the module's options.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TlsFiles<'a> {
    pub key_store: &'a str,
    pub trust_store: &'a str,
}

/// A service as its host runs it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceConfig<'a> {
    #[serde(skip)]
    pub role: Role,
    pub version: Version,
    pub id: i64,
    pub heap: Heap,
    /// What only this role has.
    #[serde(flatten)]
    pub own: Own,
    /// All that it exchanges packets with; absent where that may be anybody.
    pub peers: Option<Vec<Source>>,
    /// What stands in the host's own file; the rest is shared.
    #[serde(skip)]
    pub of_host: ConfigLines<'a>,
    #[serde(skip_serializing_if = "Lines::is_empty")]
    pub system_properties: Lines<'a>,
    /// Every line of its configuration file.
    #[serde(skip)]
    pub settings: Lines<'a>,
    pub files: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Own {
    ZooKeeper {
        state: State,
        /// `address:port` where its clients find it.
        server: String,
    },
    Broker {
        /// `address:port` of the listener between brokers.
        bootstrap_server: String,
        /// What a client on the host tells that listener of itself, where it speaks TLS.
        client_settings: Option<BTreeMap<&'static str, String>>,
        missing_log_dirs: MissingLogDirs,
    },
}

impl Own {
    /// What the launcher is told of it.
    pub fn facts(&self, cluster: &Cluster, id: i64, paths: &InstallPaths<'_>) -> Vec<(&'static str, String)> {
        match self {
            Self::ZooKeeper { state, .. } => vec![
                ("ensemble", cluster.ensemble().connect.value.join(",")),
                ("id", id.to_string()),
                ("memory", paths.memory.to_owned()),
                ("state", state.to_string()),
            ],
            Self::Broker { .. } => {
                let cluster_id = cluster.kafka.as_ref().and_then(|kafka| kafka.cluster_id.as_ref());
                let cluster_id = cluster_id.map(|id| ("cluster-id", id.value.clone()));
                cluster_id.into_iter().chain([("logs", paths.logs.to_owned())]).collect()
            }
        }
    }
}

impl ServiceConfig<'_> {
    /// What the host's own file sets for the module of the role.
    pub fn module_options(&self) -> Map<String, Value> {
        let own = json!(self.own);
        let option = |key: &str| match key {
            "id" => json!(self.id),
            "heap" => json!(self.heap),
            "peers" => json!(self.peers),
            "settings" => json!(self.of_host.settings),
            "systemProperties" if self.of_host.system_properties.is_empty() => Value::Null,
            "systemProperties" => json!(self.of_host.system_properties),
            own_key => own[own_key].clone(),
        };
        let enable = ("enable".to_owned(), Value::Bool(true));
        let options = self.role.module_options().iter().map(|key| ((*key).to_owned(), option(key)));
        std::iter::once(enable).chain(options.filter(|(_, value)| !value.is_null())).collect()
    }
}

/// Settings by where they go.
#[derive(Debug, Default)]
pub struct ConfigLines<'a> {
    /// The configuration file.
    pub settings: Lines<'a>,
    /// What `zoo.cfg` cannot set, by the name of the system property; a broker has none.
    pub system_properties: Lines<'a>,
}

/// The hosts that kafnix configures, by their names.
pub fn hosts(cluster: &Cluster) -> Vec<HostConfig<'_>> {
    let matrix = Matrix::of(cluster);
    let managed = cluster.hosts.iter().filter(|machine| machine.managed.value);
    managed.map(|machine| host(&matrix, machine)).collect()
}

fn host<'a>(matrix: &Matrix<'a>, machine: &'a Host) -> HostConfig<'a> {
    HostConfig {
        name: &machine.name,
        domain: machine.domain.as_ref().map(|domain| &domain.value),
        system: machine.system.value,
        jdk: machine.jdk.value,
        addresses: machine.addresses.values().map(|address| address.value).collect(),
        openings: matrix.openings(machine),
        file_systems: machine.disks.iter().map(|disk| (disk.mount_point.as_str(), mount(disk))).collect(),
        tls: machine
            .tls
            .as_ref()
            .map(|tls| TlsFiles { key_store: &tls.key_store.value, trust_store: &tls.trust_store.value }),
        to_install: machine.disks.iter().filter(|disk| disk.whole_disk.is_some()).collect(),
        services: services(matrix, machine),
    }
}

fn mount(disk: &Disk) -> Mount<'_> {
    Mount { device: disk.device.value.path(), fs_type: disk.file_system.value, options: &disk.options.value }
}

fn services<'a>(matrix: &Matrix<'a>, host: &'a Host) -> BTreeMap<Role, ServiceConfig<'a>> {
    let zookeeper = host.zookeeper.as_ref().map(|server| {
        let own = Own::ZooKeeper { state: server.state.value, server: server.client_endpoint() };
        service(matrix, server, own, Some(matrix.server_peers(server)))
    });
    let between = matrix.cluster.kafka.as_ref().map(|kafka| &kafka.inter_broker_listener.value);
    let broker = host.broker.as_ref().map(|broker| {
        let listener = broker.listeners.iter().find(|listener| Some(&listener.name) == between);
        let own = Own::Broker {
            bootstrap_server: listener.map(Listener::endpoint).unwrap_or_default(),
            client_settings: listener.and_then(|listener| client_settings(broker, listener)),
            missing_log_dirs: broker.missing_log_dirs.value,
        };
        service(matrix, broker, own, matrix.broker_peers(broker))
    });
    zookeeper.into_iter().chain(broker).map(|service| (service.role, service)).collect()
}

fn client_settings(broker: &Broker, listener: &Listener) -> Option<BTreeMap<&'static str, String>> {
    let Stores { key, trust } = broker.stores.as_ref().filter(|_| listener.protocol.value.has_tls())?;
    Some(BTreeMap::from([
        ("security.protocol", listener.protocol.value.name().to_owned()),
        ("ssl.keystore.location", key.clone()),
        ("ssl.keystore.type", "PEM".to_owned()),
        ("ssl.truststore.location", trust.clone()),
        ("ssl.truststore.type", "PEM".to_owned()),
    ]))
}

fn service<'a>(
    matrix: &Matrix<'a>,
    service: &'a Service,
    own: Own,
    peers: Option<Vec<Source>>,
) -> ServiceConfig<'a> {
    let role = service.role;
    let of_host = config_lines(role, &service.settings);
    let shared = matrix.cluster.shared(role).map(|all| config_lines(role, all)).unwrap_or_default();
    let settings = overlaid(&shared.settings, &of_host.settings);
    let text = properties::text(settings.iter().map(|(key, value)| (*key, *value)));
    let mut files = BTreeMap::from([(role.config_file(), text)]);
    if role == Role::ZooKeeper {
        files.insert(MYID, format!("{}\n", service.id.value));
    }
    ServiceConfig {
        role,
        version: service.release.value,
        id: service.id.value,
        heap: service.heap.value,
        own,
        peers,
        system_properties: overlaid(&shared.system_properties, &of_host.system_properties),
        of_host,
        settings,
        files,
    }
}

/// A host's own lines win over those of all.
fn overlaid<'a>(shared: &Lines<'a>, own: &Lines<'a>) -> Lines<'a> {
    shared.iter().chain(own).map(|(key, value)| (*key, *value)).collect()
}

pub(crate) fn config_lines(role: Role, settings: &Settings) -> ConfigLines<'_> {
    let mut lines = ConfigLines::default();
    for (key, setting) in settings {
        match keys::zookeeper_flag(key).filter(|_| role == Role::ZooKeeper) {
            Some(flag) => lines.system_properties.insert(flag, &setting.value),
            None => lines.settings.insert(key, &setting.value),
        };
    }
    lines
}
