//! The listeners of each broker: what the spec says of them for all brokers and for one.

use std::collections::BTreeMap;

use super::{Gap, defaults};
use crate::cluster::{Host, Listener, Origin, Sourced};
use crate::problem::pointer;
use crate::spec::{
    Address, Advertised, Bind, BrokerSpec, ClientAuth, ListenerOverride, ListenerSpec, Protocol, Spec,
};

/// The listeners of the spec, or the default one.
pub(super) fn written(spec: &Spec) -> BTreeMap<String, ListenerSpec> {
    let default = || {
        let listener = ListenerSpec {
            port: defaults::LISTENER_PORT,
            hosts: None,
            network: None,
            bind: None,
            protocol: None,
            client_auth: None,
            advertised: None,
            from: None,
        };
        BTreeMap::from([(defaults::LISTENER.to_owned(), listener)])
    };
    let written = spec.kafka.listeners.clone().map(|written| written.into_iter().collect());
    written.unwrap_or_else(default)
}

/// Each listener on the addresses of one host, and what is missing for the others.
pub(super) fn bind(
    spec: &Spec,
    host: &Host,
    own: &BrokerSpec,
    listeners: &BTreeMap<String, ListenerSpec>,
    default_network: &Sourced<String>,
) -> (Vec<Listener>, Vec<Gap>) {
    let none = ListenerOverride::default();
    let (mut bound, mut gaps) = (Vec::new(), Vec::new());
    let is_here = |listener: &ListenerSpec| listener.hosts.as_ref().is_none_or(|on| on.contains(&host.name));
    for (name, shared) in listeners.iter().filter(|(_, listener)| is_here(listener)) {
        let own = own.listeners.get(name).unwrap_or(&none);
        let at = Places::of(spec, host, name);
        let network = at.written("network", own.network.clone(), shared.network.clone());
        let network = network.unwrap_or_else(|| default_network.clone());
        match host.addresses.get(&network.value).cloned() {
            Some(address) => bound.push(listener(host, name, shared, own, &at, (network, address))),
            None => gaps.push(Gap::NoAddress {
                host: host.name.clone(),
                network: network.value,
                pointer: pointer(["hosts", &host.name]),
            }),
        }
    }
    (bound, gaps)
}

/// Where the spec says of a listener what it is on all brokers and on one.
struct Places {
    /// Absent for the default listener.
    of_all: Option<String>,
    of_host: String,
}

impl Places {
    fn of(spec: &Spec, host: &Host, name: &str) -> Self {
        Self {
            of_all: spec.kafka.listeners.is_some().then(|| pointer(["kafka", "listeners", name])),
            of_host: pointer(["kafka", "hosts", &host.name, "listeners", name]),
        }
    }

    /// The value for one broker, else that for all.
    fn written<T>(&self, key: &str, own: Option<T>, shared: Option<T>) -> Option<Sourced<T>> {
        let at = |place: &str| Origin::Spec(format!("{place}/{key}"));
        own.map(|value| Sourced::new(value, at(&self.of_host)))
            .or_else(|| Some(Sourced::new(shared?, at(self.of_all.as_ref()?))))
    }
}

fn listener(
    host: &Host,
    name: &str,
    shared: &ListenerSpec,
    own: &ListenerOverride,
    at: &Places,
    (network, address): (Sourced<String>, Sourced<Address>),
) -> Listener {
    let default = |reason| Origin::Default(reason);
    let port = at.written("port", own.port, Some(shared.port));
    let port = port.unwrap_or_else(|| Sourced::new(shared.port, default(defaults::PORT_REASON)));
    let bind = at.written("bind", own.bind, shared.bind);
    let bind = bind.unwrap_or_else(|| Sourced::new(Bind::Address, default(defaults::BIND_REASON)));
    let because = match bind.value {
        Bind::Address => "the bound address: clients need no name service",
        Bind::All => "the host's address in the listener's network: clients need no name service",
    };
    let advertised = |advertised: &Option<Advertised>| advertised.clone().unwrap_or_default();
    let (own_advertised, of_every) = (advertised(&own.advertised), advertised(&shared.advertised));
    let named = |told: Option<String>| told.map(|told| named(&told, host));
    let protocol = at.written("protocol", None, shared.protocol);
    let protocol =
        protocol.unwrap_or_else(|| Sourced::new(Protocol::default(), default(defaults::PROTOCOL_REASON)));
    let advertised_host = at.written("advertised/host", named(own_advertised.host), named(of_every.host));
    let advertised_port = at.written("advertised/port", own_advertised.port, of_every.port);
    Listener {
        name: name.to_owned(),
        network,
        client_auth: protocol.value.has_tls().then(|| {
            let written = at.written("clientAuth", None, shared.client_auth);
            written
                .unwrap_or_else(|| Sourced::new(ClientAuth::default(), default(defaults::CLIENT_AUTH_REASON)))
        }),
        protocol,
        advertised_host: advertised_host
            .unwrap_or_else(|| Sourced::new(address.value.to_string(), default(because))),
        advertised_port: advertised_port
            .unwrap_or_else(|| Sourced::new(port.value, default("the bound port"))),
        address,
        bind,
        port,
        from: at.written("from", None, shared.from.clone()),
        pointer: at.of_all.clone(),
    }
}

/// A host by its full name, or by the short one where the rest of a name follows.
fn named(advertised: &str, host: &Host) -> String {
    match (advertised.strip_suffix("{host}"), host.full_name()) {
        (Some(before), Some(full)) => before.replace("{host}", &host.name) + &full,
        _ => advertised.replace("{host}", &host.name),
    }
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
