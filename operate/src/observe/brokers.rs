//! What each broker says of the cluster and of itself.

use std::collections::BTreeMap;

use kafnix_generator::Cluster;
use tokio::task::JoinSet;

use super::{collect, port};
use crate::brokers::target;
use crate::snapshot::{Answer, BrokerFacts, Missing, Port, Snapshot, answer};
use kafnix_client::kafka::Connection;
use kafnix_client::kafka::admin::Of;
use kafnix_client::{Access, Target, Transport};

/// A broker that was asked, with the connection to it if it takes one.
pub(super) struct Asked {
    pub(super) id: i64,
    pub(super) facts: BrokerFacts,
    pub(super) connection: Option<Connection>,
}

/// A broker that takes connections: its host, its id and a connection to it.
pub(crate) type Live = (String, i64, Connection);

pub(super) async fn ask(cluster: &Cluster, access: &Access) -> BTreeMap<String, Asked> {
    let mut asking = JoinSet::new();
    for (host, broker) in cluster.brokers() {
        let (host, id) = (host.name.clone(), broker.id.value);
        let listeners = cluster.best_known_first(broker).into_iter();
        let listeners: Vec<_> =
            listeners.map(|listener| (listener.name.clone(), target(listener, access))).collect();
        asking.spawn(async move { (host, ask_one(id, listeners).await) });
    }
    collect(asking).await
}

/// Brokers that do not answer where the spec has them, and are registered elsewhere: they run with another
/// configuration, and are asked where they are.
pub(super) async fn ask_elsewhere(
    cluster: &Cluster,
    access: &Access,
    snapshot: &Snapshot,
) -> BTreeMap<String, Asked> {
    let mut asking = JoinSet::new();
    let Ok(registry) = &snapshot.registry else { return BTreeMap::new() };
    for (host, broker) in cluster.brokers() {
        let Some(facts) = snapshot.brokers.get(&host.name).filter(|facts| facts.connection.is_err()) else {
            continue;
        };
        let Some(registration) = registry.brokers.get(&broker.id.value) else { continue };
        let (host, id) = (host.name.clone(), broker.id.value);
        let tried: Vec<_> = facts.listeners.iter().map(|(_, port)| port.address.as_str()).collect();
        let elsewhere = registration.plaintext().filter(|(_, address)| !tried.contains(address));
        let listeners: Vec<_> =
            elsewhere.map(|(name, address)| (name.to_owned(), access.to(address))).collect();
        if !listeners.is_empty() {
            asking.spawn(async move { (host, ask_one(id, listeners).await) });
        }
    }
    collect(asking).await
}

async fn ask_one(id: i64, listeners: Vec<(String, Target)>) -> Asked {
    let names: Vec<_> = listeners.iter().map(|(name, _)| name.clone()).collect();
    let mut trying = JoinSet::new();
    for (place, (_, target)) in listeners.into_iter().enumerate() {
        trying.spawn(async move { (place, port(&target).await) });
    }
    let mut transport = None;
    let mut listeners: Vec<(String, Port)> = Vec::new();
    for (name, (port, opened)) in names.into_iter().zip(collect(trying).await.into_values()) {
        transport = transport.or(opened);
        listeners.push((name, port));
    }
    let connection = open(transport, &listeners).await;
    let mut facts = BrokerFacts {
        listeners,
        connection: connection.as_ref().map(|_| ()).map_err(Clone::clone),
        metadata: missing(&connection),
        config: missing(&connection),
        log_dirs: missing(&connection),
    };
    let mut connection = connection.ok();
    if let Some(connection) = &mut connection {
        facts.metadata = answer(connection.metadata(Some(&[])).await);
        let config = connection.configs(&[Of::Broker(id)], None).await;
        facts.config = answer(config.map(|mut configs| configs.pop().unwrap_or_default()));
        facts.log_dirs = answer(connection.log_dirs().await);
    }
    Asked { id, facts, connection }
}

/// Greets the broker behind the first of its listeners that is open.
async fn open(transport: Option<Transport>, listeners: &[(String, Port)]) -> Answer<Connection> {
    let Some(transport) = transport else {
        let closed = listeners.iter().filter_map(|(_, port)| {
            let closed = port.state.as_ref().err()?;
            Some(format!("{} {closed}", port.address))
        });
        return Err(Missing::Unasked(closed.collect::<Vec<_>>().join(", ")));
    };
    answer(Connection::over(transport).await)
}

/// The same reason for a question that was not asked.
fn missing<T>(connection: &Answer<Connection>) -> Answer<T> {
    let reason = match connection {
        Ok(_) => Missing::Unasked("it was not asked".to_owned()),
        Err(reason) => reason.clone(),
    };
    Err(reason)
}
