//! Where each service listens: at the ports of the spec, and at those that only a setting opens.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::ensemble::is_everywhere_among_peers;
use crate::cluster::{
    Audience, Endpoint, Group, Host, Kind, Listener, Model, Origin, Security, Server, Service, Source,
    Sourced,
};
use crate::role::Role;
use crate::spec::{Address, Cidr, Reach, Setting};

/// A port that only `settings` of ZooKeeper can open.
pub(crate) struct InSettings {
    kind: Kind,
    security: Security,
    pub(crate) port: &'static str,
    /// The address to bind.
    pub(crate) address: Option<&'static str>,
    /// What must not be `false`.
    switch: Option<&'static str>,
}

const METRICS_PROVIDER: &str = "metricsProvider.className";

pub(crate) const IN_SETTINGS: [InSettings; 4] = [
    InSettings {
        kind: Kind::Clients,
        security: Security::Tls,
        port: "secureClientPort",
        address: Some("secureClientPortAddress"),
        switch: None,
    },
    InSettings {
        kind: Kind::Observers,
        security: Security::Plaintext,
        port: "observerMasterPort",
        address: None,
        switch: None,
    },
    InSettings {
        kind: Kind::Metrics,
        security: Security::Plaintext,
        port: "metricsProvider.httpPort",
        address: Some("metricsProvider.httpHost"),
        switch: None,
    },
    InSettings {
        kind: Kind::Admin,
        security: Security::Plaintext,
        port: "admin.serverPort",
        address: Some("admin.serverAddress"),
        switch: Some("admin.enableServer"),
    },
];

const EXPORTER: &str = "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider";
/// Where that listens without a port of its own.
const METRICS_PORT: u16 = 7000;
const METRICS_PORT_REASON: &str = "the port of PrometheusMetricsProvider";

/// For every service, once all else of the cluster is known.
pub(super) fn resolve(cluster: &mut Model) {
    let endpoints: Vec<_> = cluster.hosts.iter().map(|host| of_host(cluster, host)).collect();
    for (host, (of_server, of_broker)) in cluster.hosts.iter_mut().zip(endpoints) {
        if let Some(server) = &mut host.zookeeper {
            server.endpoints = of_server;
        }
        if let Some(broker) = &mut host.broker {
            broker.endpoints = of_broker;
        }
    }
}

fn of_host(cluster: &Model, host: &Host) -> (Vec<Endpoint>, Vec<Endpoint>) {
    let server = host.zookeeper.as_ref().map(|server| of_server(cluster, server));
    let broker = host
        .broker
        .as_ref()
        .map(|broker| broker.listeners.iter().map(|listener| of_listener(cluster, listener)).collect());
    (server.unwrap_or_default(), broker.unwrap_or_default())
}

fn of_server(cluster: &Model, server: &Server) -> Vec<Endpoint> {
    let ensemble = vec![group(cluster, Role::ZooKeeper, &server.network.value)];
    let mut clients = ensemble.clone();
    if cluster.kafka.is_some() {
        clients.push(group(cluster, Role::Broker, &server.network.value));
    }
    let firewall = &cluster.firewall;
    clients.extend(networks(firewall.zookeeper.value.iter().chain(&firewall.admin.value)));
    let (clients, ensemble) = (Audience::These(clients), Audience::These(ensemble));

    let everywhere = is_everywhere_among_peers(cluster, server);
    let endpoint = |kind, port: &Sourced<u16>, bound, audience: &Audience| Endpoint {
        kind,
        security: Security::Plaintext,
        address: server.bind.value.one(server.address.value).or(bound),
        bound,
        port: port.clone(),
        setting: None,
        audience: audience.clone(),
    };
    let here = server.bind.value.one(server.address.value);
    let among_peers = (!everywhere).then_some(server.address.value);
    let in_settings = |opens: &InSettings| opened(cluster, server, opens, &clients, &ensemble);
    let [secure, rest @ ..] = &IN_SETTINGS;
    let mut endpoints = vec![endpoint(Kind::Clients, &server.client_port, here, &clients)];
    endpoints.extend(in_settings(secure));
    endpoints.push(endpoint(Kind::Peers, &server.peer_port, among_peers, &ensemble));
    endpoints.push(endpoint(Kind::Election, &server.election_port, among_peers, &ensemble));
    endpoints.extend(rest.iter().filter_map(in_settings));
    endpoints
}

/// The endpoint that a setting opens, if it does.
fn opened(
    cluster: &Model,
    server: &Server,
    opens: &InSettings,
    clients: &Audience,
    ensemble: &Audience,
) -> Option<Endpoint> {
    let InSettings { kind, security, address, .. } = opens;
    if opens.is_off(cluster, server) {
        return None;
    }
    let port = match opens.written(cluster, server) {
        Some(setting) => Sourced::new(u16::try_from(setting.value.integer()?).ok()?, setting.origin.clone()),
        None if *kind == Kind::Metrics && provider(cluster, server).as_deref() == Some(EXPORTER) => {
            Sourced::new(METRICS_PORT, Origin::Default(METRICS_PORT_REASON))
        }
        None => return None,
    };
    let bound = address.and_then(|key| one_address(cluster.setting(server, key)?));
    let (address, audience) = match kind {
        Kind::Clients => (bound, clients.clone()),
        Kind::Observers if !server.observer.value => {
            (server.bind.value.one(server.address.value), ensemble.clone())
        }
        Kind::Metrics if !bound.is_some_and(|bound| bound.0.is_loopback()) => (bound, Audience::Monitoring),
        _ => (bound, Audience::Nobody),
    };
    let setting = Some(opens.port);
    Some(Endpoint { kind: kind.clone(), security: *security, address, bound, port, setting, audience })
}

/// The class that gives metrics away.
fn provider(cluster: &Model, server: &Service) -> Option<String> {
    let class = cluster.setting(server, METRICS_PROVIDER)?.value.plain()?;
    Some(class.trim().to_owned())
}

impl InSettings {
    /// Whether nothing listens there, whatever port and address are written.
    pub(crate) fn is_off(&self, cluster: &Model, server: &Service) -> bool {
        // ZooKeeper's other providers listen nowhere; what one of another package does, its author knows.
        let may_export = |class: &str| class == EXPORTER || !class.starts_with("org.apache.zookeeper.");
        let exports = || provider(cluster, server).is_some_and(|class| may_export(&class));
        self.is_switched_off(cluster, server) || (self.kind == Kind::Metrics && !exports())
    }

    fn is_switched_off(&self, cluster: &Model, server: &Service) -> bool {
        let switch = self.switch.and_then(|key| cluster.setting(server, key)?.value.plain());
        switch.is_some_and(|text| text.trim().eq_ignore_ascii_case("false"))
    }

    /// The port as it is written, unless it is switched off.
    pub(crate) fn written<'a>(
        &self,
        cluster: &'a Model,
        server: &'a Service,
    ) -> Option<&'a Sourced<Setting>> {
        let is_off = self.is_switched_off(cluster, server);
        cluster.setting(server, self.port).filter(|port| !is_off && port.value.plain().is_some())
    }
}

/// Nothing where it is every one, or where a name stands.
pub(crate) fn one_address(setting: &Sourced<Setting>) -> Option<Address> {
    let address = setting.value.plain()?.trim().parse::<Address>().ok()?;
    (!address.0.is_unspecified()).then_some(address)
}

fn of_listener(cluster: &Model, listener: &Listener) -> Endpoint {
    Endpoint {
        kind: Kind::Listener(listener.name.clone()),
        security: if listener.protocol.value.has_tls() { Security::Tls } else { Security::Plaintext },
        address: listener.bind.value.one(listener.address.value),
        bound: listener.bind.value.one(listener.address.value),
        port: listener.port.clone(),
        setting: None,
        audience: audience(cluster, listener),
    }
}

/// Brokers reach the listener between them, whatever networks its clients are in, and who runs the cluster every
/// listener that has clients.
fn audience(cluster: &Model, listener: &Listener) -> Audience {
    let brokers = group(cluster, Role::Broker, &listener.network.value);
    match listener.from.as_ref().map(|from| &from.value) {
        None => Audience::Everybody,
        Some(Reach::Brokers) => Audience::These(vec![brokers]),
        Some(Reach::Networks(from)) => {
            let between = cluster.is_between_brokers(listener).then_some(brokers);
            let from = networks(from.iter().chain(&cluster.firewall.admin.value));
            Audience::These(between.into_iter().chain(from).collect())
        }
    }
}

pub(crate) fn group(cluster: &Model, role: Role, network: &str) -> Source {
    let network = (network != cluster.default_network.value).then(|| network.to_owned());
    Source::Group(Group { role, network })
}

/// Networks without those that lie in others: a set of nftables takes no two that overlap.
pub(crate) fn networks<'a>(from: impl IntoIterator<Item = &'a Cidr>) -> Vec<Source> {
    let (mut four, mut six) = (Vec::<Ipv4Net>::new(), Vec::<Ipv6Net>::new());
    for network in from {
        match network.0 {
            IpNet::V4(network) => four.push(network),
            IpNet::V6(network) => six.push(network),
        }
    }
    let four = Ipv4Net::aggregate(&four).into_iter().map(IpNet::V4);
    let six = Ipv6Net::aggregate(&six).into_iter().map(IpNet::V6);
    four.chain(six).map(|network| Source::Network(Cidr(network))).collect()
}
