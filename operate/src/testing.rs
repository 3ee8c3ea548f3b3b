//! For the tests: a cluster of three hosts and the answers of its healthy servers.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use kafnix_generator::Cluster;
use kafnix_generator::hosts::hosts;
use kafnix_generator::role::Role;
use serde_json::Value;

use crate::round_trip::{Cleanup, RoundTrips};
use crate::snapshot::{BrokerFacts, Missing, Port, ServerFacts, Snapshot, TopicFacts};
use kafnix_client::Closed;
use kafnix_client::kafka::admin::{Entry, LogDir, Metadata, Partition, Source, Space, Topic};
use kafnix_client::kafka::records::CODECS;
use kafnix_client::zookeeper::session::Registry;
use kafnix_client::zookeeper::{Conf, Mntr};
use kafnix_protocol::four_letter_words::{Mode, Srvr};
use kafnix_protocol::registry::Registration;

const SPEC: &str = r#"{
    "name": "t",
    "hosts": {
        "a": { "address": "10.0.0.1" }, "b": { "address": "10.0.0.2" }, "c": { "address": "10.0.0.3" }
    },
    "kafka": { "logDirs": ["/data/kafka1", "/data/kafka2"], "settings": { "num.partitions": 3 } },
    "topics": { "orders": { "partitions": 6, "replicas": 3, "survives": "power-loss" } }
}"#;

pub(crate) fn cluster() -> Cluster {
    patched(&Value::Null)
}

/// The cluster of the spec with other keys at its top.
pub(crate) fn patched(patch: &Value) -> Cluster {
    let mut spec: Value = serde_json::from_str(SPEC).unwrap();
    for (key, value) in patch.as_object().into_iter().flatten() {
        spec[key] = value.clone();
    }
    kafnix_generator::check(spec.to_string().as_bytes(), None, &[]).cluster.unwrap()
}

/// What healthy servers answer: host `a` leads the ensemble and is the controller.
pub(crate) fn healthy(cluster: &Cluster) -> (Snapshot, RoundTrips) {
    let generated = hosts(cluster);
    let mut snapshot = Snapshot {
        servers: BTreeMap::new(),
        brokers: BTreeMap::new(),
        registry: Ok(registry(cluster)),
        topics: Ok(topics()),
        reassignments: Ok(BTreeMap::new()),
        turns: Ok(Vec::new()),
        local: false,
    };
    let mut round_trips = RoundTrips {
        servers: BTreeMap::new(),
        brokers: BTreeMap::new(),
        created: Ok(()),
        cleanup: Ok(Cleanup::default()),
    };
    for host in &generated {
        let (server, broker) = (&host.services[&Role::ZooKeeper], &host.services[&Role::Broker]);
        snapshot.servers.insert(host.name.to_owned(), server_facts(cluster, server));
        snapshot.brokers.insert(host.name.to_owned(), broker_facts(broker));
        round_trips.servers.insert(host.name.to_owned(), Ok(Duration::from_millis(12)));
        let codecs = CODECS.iter().map(|(codec, _)| (*codec, Ok(()))).collect();
        round_trips.brokers.insert(host.name.to_owned(), Ok(codecs));
    }
    (snapshot, round_trips)
}

fn open(host: i64, port: u16) -> Port {
    let address: IpAddr = "10.0.0.1".parse().unwrap();
    Port { address: format!("10.0.0.{host}:{port}"), state: Ok(address) }
}

fn server_facts(cluster: &Cluster, host: &kafnix_generator::hosts::ServiceConfig<'_>) -> ServerFacts {
    let leads = host.id == 1;
    let mode = if leads { Mode::Leader } else { Mode::Follower };
    let metrics = [("zk_synced_followers", "2"), ("zk_outstanding_requests", "0"), ("zk_avg_latency", "0.5")];
    let values =
        [("serverId", host.id.to_string()), ("tickTime", "2000".into()), ("clientPort", "2181".into())];
    let data = host.settings["dataDir"].plain().unwrap();
    let mut conf = Conf::default();
    conf.values.extend(values.map(|(key, value)| (key.to_owned(), value)));
    conf.values.insert("dataDir".into(), format!("{data}/version-2"));
    for (_, server) in cluster.servers() {
        let id = server.id.value;
        conf.members.insert(format!("server.{id}"), format!("10.0.0.{id}:2888:3888:participant"));
    }
    ServerFacts {
        client: open(host.id, 2181),
        election: Some(open(host.id, 3888)),
        peer: leads.then(|| open(host.id, 2888)),
        srvr: Ok(Srvr { version: host.version.to_string(), mode, zxid: 2 << 32 }),
        mntr: Ok(Mntr(metrics.map(|(key, value)| (key.to_owned(), value.to_owned())).into())),
        conf: Ok(conf),
        session: Ok(()),
    }
}

fn broker_facts(host: &kafnix_generator::hosts::ServiceConfig<'_>) -> BrokerFacts {
    let of_file =
        host.settings.iter().filter_map(|(key, setting)| Some(entry(key, &setting.plain()?, Source::Static)));
    let mut config: Vec<_> = of_file.collect();
    for entry in config.iter_mut().filter(|entry| entry.key == "inter.broker.protocol.version") {
        entry.layers.push((Source::Default, Some("3.9-IV0".into())));
    }
    config.push(entry("num.io.threads", "8", Source::Default));
    config.push(entry("node.id", &host.id.to_string(), Source::Static));
    let space = Some(Space { total: 1 << 40, usable: 1 << 39 });
    let dir = |path: &str| LogDir { path: path.into(), error: None, space };
    BrokerFacts {
        listeners: vec![("PLAINTEXT".into(), open(host.id, 9092))],
        connection: Ok(()),
        metadata: Ok(Metadata {
            cluster_id: Some("cluster-1".into()),
            controller: Some(1),
            brokers: vec![1, 2, 3],
            topics: Vec::new(),
        }),
        config: Ok(config),
        log_dirs: Ok(vec![dir("/data/kafka1"), dir("/data/kafka2")]),
    }
}

pub(crate) fn entry(key: &str, value: &str, source: Source) -> Entry {
    let layers = vec![(source, Some(value.to_owned()))];
    Entry { key: key.into(), value: Some(value.to_owned()), secret: false, source, layers }
}

fn registry(cluster: &Cluster) -> Registry {
    let broker = |id: i64| Registration {
        endpoints: vec![format!("PLAINTEXT://10.0.0.{id}:9092")],
        ..Registration::default()
    };
    Registry {
        brokers: cluster.brokers().map(|(_, of)| (of.id.value, broker(of.id.value))).collect(),
        controller: Some(1),
        cluster_id: Some("cluster-1".into()),
        ..Registry::default()
    }
}

fn topics() -> TopicFacts {
    let config =
        vec![entry("flush.messages", "1", Source::Topic), entry("min.insync.replicas", "2", Source::Static)];
    TopicFacts { topics: vec![topic("orders", 6)], configs: Ok([("orders".to_owned(), config)].into()) }
}

/// A topic with all its replicas in sync on three brokers.
pub(crate) fn topic(name: &str, partitions: i32) -> Topic {
    let partition = |index| Partition {
        index,
        leader: Some(1),
        replicas: vec![1, 2, 3],
        in_sync: vec![1, 2, 3],
        offline: Vec::new(),
    };
    Topic { name: name.into(), partitions: (0..partitions).map(partition).collect(), ..Topic::default() }
}

/// Takes a host off the network.
pub(crate) fn dead(snapshot: &mut Snapshot, host: &str) {
    close(snapshot, host, &Closed::Silent(Duration::from_secs(5)));
}

/// Ends every server of a host.
pub(crate) fn refused(snapshot: &mut Snapshot, host: &str) {
    close(snapshot, host, &Closed::Refused);
}

fn close(snapshot: &mut Snapshot, host: &str, closed: &Closed) {
    let unasked = || Missing::Unasked(format!("{closed}"));
    let server = snapshot.servers.get_mut(host).unwrap();
    server.client.state = Err(closed.clone());
    server.election.as_mut().unwrap().state = Err(closed.clone());
    server.peer = None;
    (server.srvr, server.mntr) = (Err(unasked()), Err(unasked()));
    (server.conf, server.session) = (Err(unasked()), Err(unasked()));
    let broker = snapshot.brokers.get_mut(host).unwrap();
    broker.listeners[0].1.state = Err(closed.clone());
    (broker.metadata, broker.config) = (Err(unasked()), Err(unasked()));
    (broker.log_dirs, broker.connection) = (Err(unasked()), Err(unasked()));
}
