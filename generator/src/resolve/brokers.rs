//! The brokers, and what they share.

use std::collections::BTreeMap;

use super::services::{add_settings, keeps, services};
use super::settings::{add_defaults, imply, overlay};
use super::{Choice, Draft, Gap, defaults, listed, listeners, or_default};
use crate::cluster::{
    Broker, Brokers, Host, Listener, Model, Origin, Purpose, Service, Settings, Sourced, Stores,
};
use crate::lock::Lock;
use crate::pins::Product;
use crate::role::Role;
use crate::spec::{Address, BrokerSpec, ListenerSpec, MissingLogDirs, ProtocolVersion, Reach, Setting, Spec};

pub(super) fn resolve(draft: &mut Draft<'_>) {
    let spec = draft.spec;
    if draft.members(Role::Broker).is_empty() {
        return;
    }
    let listeners = listeners::written(spec);
    let network = draft.cluster.default_network.clone();
    for (name, service) in services(draft, Role::Broker) {
        let Some(host) = draft.cluster.host_mut(&name) else { continue };
        let none = BrokerSpec::default();
        let own = spec.kafka.hosts.as_ref().and_then(|hosts| hosts.get(&name)).unwrap_or(&none);
        let (listeners, gaps) = listeners::bind(spec, host, own, &listeners, &network);
        draft.gaps.extend(gaps);
        host.broker = Some(broker(spec, host, service, listeners, own));
    }
    if draft.cluster.ensemble().connect.value.is_empty() {
        draft.gaps.push(Gap::NoEnsemble);
    }
    let inter_broker = inter_broker_listener(draft, &listeners);
    draft.cluster.kafka = Some(shared(draft, inter_broker));
}

fn broker(spec: &Spec, host: &Host, service: Service, listeners: Vec<Listener>, own: &BrokerSpec) -> Broker {
    let all = &spec.kafka;
    let log_dirs = Choice { role: Role::Broker, host: &host.name }.of(
        Purpose::Records.key(),
        own.log_dirs.clone(),
        all.log_dirs.clone(),
        vec![defaults::KAFKA_DIR.to_owned()],
        defaults::DIR_REASON,
    );
    let mut broker = Broker {
        service,
        missing_log_dirs: or_default(
            all.missing_log_dirs,
            "/kafka/missingLogDirs",
            MissingLogDirs::default(),
            defaults::MISSING_LOG_DIRS_REASON,
        ),
        listeners,
    };
    keeps(&mut broker, Purpose::Records, Some(log_dirs));
    broker.service.stores = broker.has_tls().then(|| Stores::of(Role::Broker));
    let implied = own_settings(&broker, host.rack.as_ref().map(|rack| rack.value.as_str()));
    add_settings(spec, &host.name, &mut broker, implied);
    broker
}

pub(super) fn own_settings(broker: &Broker, rack: Option<&str>) -> Settings {
    let mut settings = Settings::new();
    let mut set = |key: &str, value: Setting, decides| imply(&mut settings, key, value, decides);
    let endpoint = |name: &str, host: &str, port: u16| format!("{name}://{host}:{port}");
    let bound = broker
        .listeners
        .iter()
        .map(|l| endpoint(&l.name, &l.bind.value.of(l.address.value).in_url(), l.port.value));
    let advertised = broker
        .listeners
        .iter()
        .map(|l| endpoint(&l.name, &in_url(&l.advertised_host.value), l.advertised_port.value));
    set("broker.id", broker.id.value.into(), "/kafka/hosts/*/id");
    set("listeners", bound.collect::<Vec<_>>().into(), "/kafka/listeners");
    set("advertised.listeners", advertised.collect::<Vec<_>>().into(), "/kafka/listeners");
    set(Purpose::Records.setting(), broker.log_dirs().to_vec().into(), "/kafka/logDirs");
    if let Some(Stores { key, trust }) = &broker.stores {
        for (store, path, decides) in
            [("keystore", key, "/tls/keyStore"), ("truststore", trust, "/tls/trustStore")]
        {
            set(&format!("ssl.{store}.type"), "PEM".into(), decides);
            set(&format!("ssl.{store}.location"), path.as_str().into(), decides);
        }
    }
    for listener in &broker.listeners {
        let Some(client_auth) = &listener.client_auth else { continue };
        let key = format!("listener.name.{}.ssl.client.auth", listener.name.to_lowercase());
        set(&key, client_auth.value.name().into(), "/kafka/listeners/*/clientAuth");
    }
    if let Some(rack) = rack {
        set("broker.rack", rack.into(), "/hosts/*/rack");
    }
    settings
}

/// An address or a name, as it stands before `:port`.
fn in_url(host: &str) -> String {
    host.parse::<Address>().map_or_else(|_| host.to_owned(), Address::in_url)
}

fn inter_broker_listener(
    draft: &mut Draft<'_>,
    listeners: &BTreeMap<String, ListenerSpec>,
) -> Sourced<String> {
    let written = &draft.spec.kafka.inter_broker_listener;
    if let Some(name) = written {
        if !listeners.contains_key(name) {
            let pointer = "/kafka/interBrokerListener".to_owned();
            draft.gaps.push(Gap::NoInterBrokerListener { pointer, written: Some(name.clone()) });
        }
        return Sourced::new(name.clone(), Origin::Spec("/kafka/interBrokerListener".into()));
    }
    let for_brokers: Vec<_> = listeners
        .iter()
        .filter(|(_, listener)| listener.from == Some(Reach::Brokers))
        .map(|(name, _)| name)
        .collect();
    let all: Vec<_> = listeners.keys().collect();
    match (all.as_slice(), for_brokers.as_slice()) {
        ([only], _) => Sourced::new((*only).clone(), Origin::Default("the only listener")),
        (_, [only]) => {
            Sourced::new((*only).clone(), Origin::Default("the listener that is for brokers only"))
        }
        _ => {
            let pointer = "/kafka/listeners".to_owned();
            draft.gaps.push(Gap::NoInterBrokerListener { pointer, written: None });
            Sourced::new(String::new(), Origin::Default("none"))
        }
    }
}

fn shared(draft: &Draft<'_>, inter_broker_listener: Sourced<String>) -> Brokers {
    let (spec, cluster) = (draft.spec, &draft.cluster);
    let kafka = &spec.kafka;
    let brokers = u32::try_from(cluster.brokers().count()).unwrap_or(u32::MAX);
    let replication_factor = or_default(
        kafka.replication_factor,
        "/kafka/replicationFactor",
        brokers.clamp(1, defaults::REPLICATION_FACTOR),
        defaults::REPLICATION_REASON,
    );
    let min_insync_replicas = or_default(
        kafka.min_insync_replicas,
        "/kafka/minInsyncReplicas",
        replication_factor.value.saturating_sub(1).max(1),
        defaults::MIN_ISR_REASON,
    );
    let mut shared = Brokers {
        chroot: or_default(
            kafka.chroot.clone(),
            "/kafka/chroot",
            format!("/{}", cluster.name.value),
            "the cluster's name: one ensemble can serve several clusters",
        ),
        cluster_id: kafka
            .cluster_id
            .clone()
            .map(|id| Sourced::new(id, Origin::Spec("/kafka/clusterId".into()))),
        protocol_version: protocol_version(spec, draft.lock, cluster),
        inter_broker_listener,
        replication_factor,
        min_insync_replicas,
        extra_jars: listed(&kafka.extra_jars, "/kafka/extraJars", defaults::EXTRA_JARS_REASON),
        settings: Settings::new(),
    };
    shared.settings = shared_settings(cluster, &shared);
    overlay(&mut shared.settings, &kafka.settings, &["kafka"], Role::Broker);
    shared
}

fn protocol_version(spec: &Spec, lock: Option<&Lock>, cluster: &Model) -> Sourced<ProtocolVersion> {
    if let Some(version) = spec.kafka.inter_broker_protocol_version {
        return Sourced::new(version, Origin::Spec("/kafka/interBrokerProtocolVersion".into()));
    }
    if let Some(version) = lock.and_then(|lock| lock.inter_broker_protocol_version) {
        return Sourced::new(version, Origin::Lock("/interBrokerProtocolVersion".into()));
    }
    let oldest = cluster.brokers().map(|(_, broker)| broker.release.value).min();
    Sourced::new(
        oldest.unwrap_or(defaults::release(Product::Kafka)).protocol(),
        Origin::Default("what the oldest broker speaks"),
    )
}

fn shared_settings(cluster: &Model, shared: &Brokers) -> Settings {
    let mut settings = Settings::new();
    add_defaults(&mut settings, Role::Broker);
    let replicas = shared.replication_factor.value;
    let min_isr = shared.min_insync_replicas.value;
    for (key, value) in like_topics(shared) {
        let origin = Origin::Default("like every other topic");
        settings.insert(key.to_owned(), Sourced::new(value.into(), origin));
    }

    let mut set = |key, value: Setting, decides| imply(&mut settings, key, value, decides);
    set("broker.id.generation.enable", false.into(), "/kafka/hosts");
    set("default.replication.factor", replicas.into(), "/kafka/replicationFactor");
    set("min.insync.replicas", min_isr.into(), "/kafka/minInsyncReplicas");
    set(
        "inter.broker.protocol.version",
        shared.protocol_version.value.to_string().into(),
        "/kafka/interBrokerProtocolVersion",
    );
    set(
        "inter.broker.listener.name",
        shared.inter_broker_listener.value.as_str().into(),
        "/kafka/interBrokerListener",
    );
    let protocols = protocols(cluster);
    set("listener.security.protocol.map", protocols.into(), "/kafka/listeners");
    imply_connect(&mut settings, &cluster.ensemble().connect.value, &shared.chroot.value);
    settings
}

/// Settings that hold for Kafka's own topics what the spec says for all others.
pub(super) fn like_topics(shared: &Brokers) -> [(&'static str, u32); 3] {
    let replicas = shared.replication_factor.value;
    [
        ("offsets.topic.replication.factor", replicas),
        ("transaction.state.log.replication.factor", replicas),
        ("transaction.state.log.min.isr", shared.min_insync_replicas.value),
    ]
}

pub(super) fn imply_connect(settings: &mut Settings, connect: &[String], chroot: &str) {
    let connect = format!("{}{}", connect.join(","), chroot.trim_end_matches('/'));
    imply(settings, "zookeeper.connect", connect, "/zookeeper/hosts, /kafka/chroot");
}

/// Every listener's name with its protocol.
fn protocols(cluster: &Model) -> Vec<String> {
    let listeners = cluster.brokers().flat_map(|(_, broker)| &broker.listeners);
    let by_name: BTreeMap<&str, &Listener> = listeners.map(|it| (it.name.as_str(), it)).collect();
    let line = |(name, listener): (&str, &Listener)| format!("{name}:{}", listener.protocol.value.name());
    by_name.into_iter().map(line).collect()
}
