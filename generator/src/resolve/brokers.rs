//! The brokers and their listeners.

use std::collections::BTreeMap;

use super::services::{add_settings, keeps, services};
use super::settings::{add_defaults, imply, overlay};
use super::{Choice, Draft, Gap, defaults, or_default};
use crate::cluster::{Broker, Brokers, Host, Listener, Model, Origin, Purpose, Service, Settings, Sourced};
use crate::lock::Lock;
use crate::pins::Product;
use crate::problem::pointer;
use crate::role::Role;
use crate::spec::{
    Address, Bind, BrokerSpec, ListenerSpec, MissingLogDirs, ProtocolVersion, Reach, Setting, Spec,
};
use crate::spec::{Advertised, ListenerOverride, Protocol};

pub(super) fn resolve(draft: &mut Draft<'_>) {
    let spec = draft.spec;
    if draft.members(Role::Broker).is_empty() {
        return;
    }
    let listeners = written_listeners(spec);
    let network = draft.cluster.default_network.clone();
    for (name, service) in services(draft, Role::Broker) {
        let Some(host) = draft.cluster.host_mut(&name) else { continue };
        let none = BrokerSpec::default();
        let own = spec.kafka.hosts.as_ref().and_then(|hosts| hosts.get(&name)).unwrap_or(&none);
        let (listeners, gaps) = bind(spec, host, own, &listeners, &network);
        draft.gaps.extend(gaps);
        host.broker = Some(broker(spec, host, service, listeners, own));
    }
    if draft.cluster.ensemble().connect.is_empty() {
        draft.gaps.push(Gap::NoEnsemble);
    }
    let inter_broker = inter_broker_listener(draft, &listeners);
    draft.cluster.kafka = Some(shared(draft, inter_broker));
}

/// The listeners of the spec, or the default one.
fn written_listeners(spec: &Spec) -> BTreeMap<String, ListenerSpec> {
    let default = || {
        let listener = ListenerSpec {
            port: defaults::LISTENER_PORT,
            hosts: None,
            network: None,
            bind: None,
            protocol: None,
            advertised: None,
            from: None,
        };
        BTreeMap::from([(defaults::LISTENER.to_owned(), listener)])
    };
    let written = spec.kafka.listeners.clone().map(|written| written.into_iter().collect());
    written.unwrap_or_else(default)
}

/// Each listener on the addresses of one host, and what is missing for the others.
fn bind(
    spec: &Spec,
    host: &Host,
    own: &BrokerSpec,
    listeners: &BTreeMap<String, ListenerSpec>,
    default_network: &str,
) -> (Vec<Listener>, Vec<Gap>) {
    let none = ListenerOverride::default();
    let (mut bound, mut gaps) = (Vec::new(), Vec::new());
    let is_here = |listener: &ListenerSpec| listener.hosts.as_ref().is_none_or(|on| on.contains(&host.name));
    for (name, shared) in listeners.iter().filter(|(_, listener)| is_here(listener)) {
        let own = own.listeners.get(name).unwrap_or(&none);
        let network = own.network.as_deref().or(shared.network.as_deref()).unwrap_or(default_network);
        match host.addresses.get(network) {
            Some(address) => {
                bound.push(listener(spec, host, name, shared, own, (network, *address)));
            }
            None => gaps.push(Gap::NoAddress {
                host: host.name.clone(),
                network: network.to_owned(),
                pointer: pointer(["hosts", &host.name]),
            }),
        }
    }
    (bound, gaps)
}

fn listener(
    spec: &Spec,
    host: &Host,
    name: &str,
    shared: &ListenerSpec,
    own: &ListenerOverride,
    (network, address): (&str, Address),
) -> Listener {
    let of_all = spec.kafka.listeners.is_some().then(|| pointer(["kafka", "listeners", name]));
    let of_host = pointer(["kafka", "hosts", &host.name, "listeners", name]);
    let port = match (own.port, &of_all) {
        (Some(port), _) => Sourced::new(port, Origin::Spec(format!("{of_host}/port"))),
        (None, Some(at)) => Sourced::new(shared.port, Origin::Spec(format!("{at}/port"))),
        (None, None) => Sourced::new(shared.port, Origin::Default(defaults::PORT_REASON)),
    };
    let advertised = |advertised: &Option<Advertised>| advertised.clone().unwrap_or_default();
    let (own_advertised, of_every) = (advertised(&own.advertised), advertised(&shared.advertised));
    let place = |key, of_this: bool| {
        let listener = if of_this { Some(&of_host) } else { of_all.as_ref() };
        format!("{}/advertised/{key}", listener.map_or("", String::as_str))
    };
    let at_host = place("host", own_advertised.host.is_some());
    let advertised_host = own_advertised.host.or(of_every.host).map(|told| named(&told, host));
    let bind = own.bind.or(shared.bind).unwrap_or_default();
    let because = match bind {
        Bind::Address => "the bound address: clients need no name service",
        Bind::All => "the host's address in the listener's network: clients need no name service",
    };
    let advertised_host = or_default(advertised_host, at_host, address.to_string(), because);
    let at_port = place("port", own_advertised.port.is_some());
    let advertised_port =
        or_default(own_advertised.port.or(of_every.port), at_port, port.value, "the bound port");
    Listener {
        name: name.to_owned(),
        network: network.to_owned(),
        address,
        bind,
        protocol: shared.protocol.unwrap_or(Protocol::Plaintext),
        advertised_host,
        advertised_port,
        port,
        from: shared.from.clone(),
        pointer: of_all,
    }
}

/// A host by its full name, or by the short one where the rest of a name follows.
fn named(advertised: &str, host: &Host) -> String {
    match (advertised.strip_suffix("{host}"), host.full_name()) {
        (Some(before), Some(full)) => before.replace("{host}", &host.name) + &full,
        _ => advertised.replace("{host}", &host.name),
    }
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
    let implied = own_settings(&broker, host.rack.as_deref());
    add_settings(spec, &host.name, &mut broker, implied);
    broker
}

pub(super) fn own_settings(broker: &Broker, rack: Option<&str>) -> Settings {
    let mut settings = Settings::new();
    let mut set = |key, value: Setting, decides| imply(&mut settings, key, value, decides);
    let endpoint = |name: &str, host: &str, port: u16| format!("{name}://{host}:{port}");
    let bound =
        broker.listeners.iter().map(|l| endpoint(&l.name, &l.bind.of(l.address).in_url(), l.port.value));
    let advertised = broker
        .listeners
        .iter()
        .map(|l| endpoint(&l.name, &in_url(&l.advertised_host.value), l.advertised_port.value));
    set("broker.id", broker.id.value.into(), "kafka.hosts.*.id");
    set("listeners", bound.collect::<Vec<_>>().into(), "kafka.listeners");
    set("advertised.listeners", advertised.collect::<Vec<_>>().into(), "kafka.listeners");
    set("log.dirs", broker.log_dirs().to_vec().into(), "kafka.logDirs");
    if let Some(rack) = rack {
        set("broker.rack", rack.into(), "hosts.*.rack");
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
        extra_jars: kafka.extra_jars.clone(),
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
        return Sourced::new(version, Origin::Lock);
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
        let from = Origin::Default("like every other topic");
        settings.insert(key.to_owned(), Sourced::new(value.into(), from));
    }

    let mut set = |key, value: Setting, decides| imply(&mut settings, key, value, decides);
    set("broker.id.generation.enable", false.into(), "kafka.hosts");
    set("default.replication.factor", replicas.into(), "kafka.replicationFactor");
    set("min.insync.replicas", min_isr.into(), "kafka.minInsyncReplicas");
    set(
        "inter.broker.protocol.version",
        shared.protocol_version.value.to_string().into(),
        "kafka.interBrokerProtocolVersion",
    );
    set(
        "inter.broker.listener.name",
        shared.inter_broker_listener.value.as_str().into(),
        "kafka.interBrokerListener",
    );
    let protocols = protocols(cluster);
    set("listener.security.protocol.map", protocols.into(), "kafka.listeners");
    imply_connect(&mut settings, &cluster.ensemble().connect, &shared.chroot.value);
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
    imply(settings, "zookeeper.connect", connect, "zookeeper.hosts and kafka.chroot");
}

/// Every listener's name with its protocol.
fn protocols(cluster: &Model) -> Vec<String> {
    let listeners = cluster.brokers().flat_map(|(_, broker)| &broker.listeners);
    let by_name: BTreeMap<&str, &Listener> = listeners.map(|it| (it.name.as_str(), it)).collect();
    let line = |(name, listener): (&str, &Listener)| match listener.protocol {
        Protocol::Plaintext => format!("{name}:PLAINTEXT"),
    };
    by_name.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use crate::resolve::resolve;
    use crate::spec::read::read;

    fn listeners(domain: &str, kafka: &serde_json::Value) -> Vec<Vec<String>> {
        let hosts = serde_json::json!({ "a": { "address": "10.0.0.1" }, "b": { "address": "fd00::2" } });
        let spec = serde_json::json!({ "domain": domain, "hosts": hosts, "kafka": kafka });
        let spec = read(spec.to_string().as_bytes()).spec.unwrap();
        let cluster = resolve(&spec, None).cluster;
        let of = |broker: &crate::cluster::Broker| {
            let named = cluster.best_known_first(broker).into_iter();
            let bound = broker.settings["listeners"].value.plain().unwrap().into_owned();
            named.map(|it| format!("{} {}", it.name, it.advertised_host.value)).chain([bound]).collect()
        };
        cluster.brokers().map(|(_, broker)| of(broker)).collect()
    }

    #[test]
    fn a_listener_is_on_its_brokers_bound_to_all_or_one_and_the_best_known_is_first() {
        let all = serde_json::json!({ "port": 9092, "bind": "all", "advertised": { "host": "{host}" } });
        let some = serde_json::json!({ "port": 9094, "hosts": ["a"] });
        let own = serde_json::json!({ "a": {}, "b": { "listeners": { "Z": { "bind": "address" } } } });
        let kafka = serde_json::json!({ "interBrokerListener": "Z", "listeners": { "A": some, "Z": all } });
        let found = listeners("example.org", &kafka);
        let [a, b] = [
            vec!["Z a.example.org", "A 10.0.0.1", "A://10.0.0.1:9094,Z://0.0.0.0:9092"],
            vec!["Z b.example.org", "Z://[::]:9092"],
        ];
        assert_eq!(found, [a.clone(), b]);
        let mut kafka = kafka;
        kafka["hosts"] = own;
        assert_eq!(listeners("example.org", &kafka)[1], ["Z b.example.org", "Z://[fd00::2]:9092"]);
    }

    #[test]
    fn what_follows_the_placeholder_is_the_rest_of_the_name() {
        let advertised = |host: &str, domain: &str| {
            let listener = serde_json::json!({ "port": 9092, "advertised": { "host": host } });
            listeners(domain, &serde_json::json!({ "listeners": { "X": listener } }))[0][0].clone()
        };
        assert_eq!(advertised("{host}", ""), "X a");
        assert_eq!(advertised("b-{host}", "example.org"), "X b-a.example.org");
        assert_eq!(advertised("{host}.example.net", "example.org"), "X a.example.net");
    }

    #[test]
    fn a_host_overrides_the_advertised_port_and_keeps_the_advertised_name() {
        let text = r#"{
            "hosts": { "a": { "address": "10.0.0.1" } },
            "kafka": {
                "hosts": { "a": { "listeners": { "X": { "advertised": { "port": 443 } } } } },
                "listeners": { "X": { "port": 9092, "advertised": { "host": "{host}.example.org" } } }
            }
        }"#;
        let spec = read(text.as_bytes()).spec.unwrap();
        let cluster = resolve(&spec, None).cluster;
        let (_, broker) = cluster.brokers().next().unwrap();
        let listener = &broker.listeners[0];
        assert_eq!(listener.advertised_host.value, "a.example.org");
        assert_eq!(listener.advertised_host.pointer(), Some("/kafka/listeners/X/advertised/host"));
        assert_eq!(listener.advertised_port.value, 443);
        assert_eq!(listener.advertised_port.pointer(), Some("/kafka/hosts/a/listeners/X/advertised/port"));
    }
}
