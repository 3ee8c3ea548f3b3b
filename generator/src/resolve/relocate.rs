//! The same cluster somewhere else: other addresses, directories and heaps, an ensemble that is still
//! to form, and nothing else, so that
//! what runs there is what the spec's own hosts get. The rules have been checked before: addresses
//! that they would refuse, such as loopback ones, are the point here.

use super::{brokers, endpoints, ensemble};
use crate::cluster::{Broker, Directories, Model, Origin, Server, Service, Sourced, Stores};
use crate::role::Role;
use crate::spec::{Address, Bind, Heap, State};

/// What is different there.
pub trait Elsewhere {
    fn address(&self, address: Address) -> Address;
    /// The directory of a host's service that stands for `path`.
    fn directory(&self, host: &str, path: &str) -> String;
    fn heap(&self, role: Role, heap: Heap) -> Heap;
    /// Where a host's service finds its files for TLS.
    fn stores(&self, host: &str, role: Role) -> Stores;
    /// It is another ensemble, whatever the first one has behind it.
    fn state(&self, host: &str) -> Sourced<State>;
    /// Where a file is that the spec names.
    fn file(&self, path: &str) -> String;
}

pub const REASON: &str = "of the place where the cluster runs";

/// Moves every host, those that kafnix does not manage, too.
pub(crate) fn moved(mut cluster: Model, to: &impl Elsewhere) -> Model {
    for host in &mut cluster.hosts {
        host.managed = here(true);
        host.addresses.values_mut().for_each(|address| *address = here(to.address(address.value)));
        let (name, rack) = (host.name.clone(), host.rack.as_ref().map(|rack| rack.value.clone()));
        for service in host.services_mut() {
            move_service(service, &name, to);
        }
        if let Some(server) = &mut host.zookeeper {
            move_server(server, &name, to);
        }
        if let Some(broker) = &mut host.broker {
            move_broker(broker, rack.as_deref(), to);
        }
    }
    let brokers = cluster.kafka.as_mut().map(|kafka| &mut kafka.extra_jars.value);
    let jars = brokers.into_iter().flatten();
    jars.for_each(|jar| *jar = to.file(jar));
    cluster.ensemble_mut().extra_jars.value.iter_mut().for_each(|jar| *jar = to.file(jar));
    let names = std::mem::take(&mut cluster.names);
    cluster.names = names.into_iter().map(|(address, names)| (to.address(address), names)).collect();
    if !cluster.ensemble().external {
        let mut settings = std::mem::take(&mut cluster.ensemble_mut().settings);
        ensemble::imply_servers(&mut settings, &cluster);
        let connect = ensemble::connect(&cluster);
        let ensemble = cluster.ensemble_mut();
        (ensemble.settings, ensemble.connect.value) = (settings, connect);
    }
    let connect = cluster.ensemble().connect.value.clone();
    if let Some(kafka) = &mut cluster.kafka {
        brokers::imply_connect(&mut kafka.settings, &connect, &kafka.chroot.value);
    }
    ensemble::bind_secure_ports(&mut cluster);
    ensemble::bind_apart_among_peers(&mut cluster);
    endpoints::resolve(&mut cluster);
    cluster
}

fn here<T>(value: T) -> Sourced<T> {
    Sourced::new(value, Origin::Default(REASON))
}

fn move_service(service: &mut Service, host: &str, to: &impl Elsewhere) {
    for Directories { paths, .. } in &mut service.directories {
        *paths = here(paths.value.iter().map(|path| to.directory(host, path)).collect());
    }
    service.heap = here(to.heap(service.role, service.heap.value));
    service.stores = service.stores.take().map(|_| to.stores(host, service.role));
}

fn move_server(server: &mut Server, host: &str, to: &impl Elsewhere) {
    (server.address, server.bind) = (here(to.address(server.address.value)), here(Bind::Address));
    server.state = to.state(host);
    let implied = ensemble::own_settings(server);
    server.settings.extend(implied);
}

fn move_broker(broker: &mut Broker, rack: Option<&str>, to: &impl Elsewhere) {
    for listener in &mut broker.listeners {
        (listener.address, listener.bind) = (here(to.address(listener.address.value)), here(Bind::Address));
        listener.advertised_host = here(listener.address.value.to_string());
        listener.advertised_port = here(listener.port.value);
    }
    let implied = brokers::own_settings(broker, rack);
    broker.settings.extend(implied);
}
