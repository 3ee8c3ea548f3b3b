//! The same cluster somewhere else: other addresses, directories and heaps, an ensemble that is still
//! to form, and nothing else, so that
//! what runs there is what the spec's own hosts get. The rules have been checked before: addresses
//! that they would refuse, such as loopback ones, are the point here.

use super::{brokers, ensemble};
use crate::cluster::{Broker, Machine, Model, Origin, Server, Sourced};
use crate::spec::{Address, Heap, State};

/// What is different there.
pub trait Elsewhere {
    fn address(&self, address: Address) -> Address;
    /// The directory of a host's server or broker that stands for `path`.
    fn directory(&self, host: &str, path: &str) -> String;
    fn zookeeper_heap(&self, heap: Heap) -> Heap;
    fn kafka_heap(&self, heap: Heap) -> Heap;
    /// It is another ensemble, whatever the first one has behind it.
    fn state(&self, host: &str) -> Sourced<State>;
}

pub const REASON: &str = "of the place where the cluster runs";

/// Moves every host, those that kafnix does not manage, too.
pub(crate) fn moved(mut cluster: Model, to: &impl Elsewhere) -> Model {
    for machine in &mut cluster.hosts {
        machine.managed = true;
        machine.addresses.values_mut().for_each(|address| *address = to.address(*address));
        let rack = machine.rack.clone();
        let Machine { name, zookeeper, kafka, .. } = machine;
        if let Some(server) = zookeeper {
            move_server(server, name, to);
        }
        if let Some(broker) = kafka {
            move_broker(broker, name, rack.as_deref(), to);
        }
    }
    let names = std::mem::take(&mut cluster.names);
    cluster.names = names.into_iter().map(|(address, names)| (to.address(address), names)).collect();
    if !cluster.zookeeper.external {
        let mut settings = std::mem::take(&mut cluster.zookeeper.settings);
        ensemble::imply_servers(&mut settings, &cluster);
        cluster.zookeeper.settings = settings;
        cluster.zookeeper.connect = ensemble::connect(&cluster);
    }
    if let Some(kafka) = &mut cluster.kafka {
        brokers::imply_connect(&mut kafka.settings, &cluster.zookeeper.connect, &kafka.chroot.value);
    }
    cluster
}

fn here<T>(value: T) -> Sourced<T> {
    Sourced::new(value, Origin::Default(REASON))
}

fn move_server(server: &mut Server, host: &str, to: &impl Elsewhere) {
    server.address = to.address(server.address);
    server.data_dir = here(to.directory(host, &server.data_dir.value));
    server.data_log_dir = server.data_log_dir.take().map(|dir| here(to.directory(host, &dir.value)));
    server.heap = here(to.zookeeper_heap(server.heap.value));
    server.state = to.state(host);
    let implied = ensemble::own_settings(server);
    server.settings.extend(implied);
}

fn move_broker(broker: &mut Broker, host: &str, rack: Option<&str>, to: &impl Elsewhere) {
    broker.log_dirs = here(broker.log_dirs.value.iter().map(|dir| to.directory(host, dir)).collect());
    broker.heap = here(to.kafka_heap(broker.heap.value));
    for listener in &mut broker.listeners {
        listener.address = to.address(listener.address);
        listener.advertised_host = here(listener.address.to_string());
        listener.advertised_port = here(listener.port.value);
    }
    let implied = brokers::own_settings(broker, rack);
    broker.settings.extend(implied);
}
