//! The way to the brokers of a cluster: at the addresses that their listeners are bound to, which are
//! those of the spec, whatever the brokers advertise.

use anyhow::{Context, Result, bail};
use kafnix_generator::Cluster;
use kafnix_generator::cluster::Listener;

use kafnix_client::kafka::Connection;
use kafnix_client::zookeeper::session::Registry;
use kafnix_client::{Access, Target};

/// A connection to the broker with this id, over the first of its listeners that takes one.
pub async fn connect(cluster: &Cluster, id: i64, access: &Access) -> Result<Connection> {
    let found = cluster.brokers().find(|(_, broker)| broker.id.value == id);
    let (host, broker) = found.with_context(|| format!("broker {id} is not in the spec"))?;
    let mut last = None;
    for listener in cluster.best_known_first(broker) {
        match Connection::open(&target(listener, access)).await {
            Ok(connection) => return Ok(connection),
            Err(error) => last = Some(error),
        }
    }
    let error = last.context("it has no listener").and_then(Err);
    error.with_context(|| format!("broker {id} on {} cannot be asked", host.name))
}

/// The way to a listener of the spec.
pub(crate) fn target(listener: &Listener, access: &Access) -> Target {
    let to = if listener.protocol.value.has_tls() { Access::to_tls } else { Access::to };
    to(access, listener.endpoint())
}

/// A connection to the controller, which alone makes and removes topics. The brokers in `ids` are asked in
/// turn who it is; it has to be one of them, since no other is worth waiting for.
pub async fn controller(cluster: &Cluster, ids: &[i64], access: &Access) -> Result<Connection> {
    let mut last = None;
    for &id in ids {
        let asked = async {
            let mut connection = connect(cluster, id, access).await?;
            let controller = connection.metadata(Some(&[])).await?.controller;
            let controller = controller.with_context(|| format!("broker {id} knows no controller"))?;
            if !ids.contains(&controller) {
                bail!(
                    "the controller is broker {controller}, which is not in the spec or takes no connection"
                );
            }
            if controller == id { Ok(connection) } else { connect(cluster, controller, access).await }
        };
        match asked.await {
            Ok(connection) => return Ok(connection),
            Err(error) => last = Some(error),
        }
    }
    match last {
        Some(error) => Err(error),
        None => bail!("there is no broker to ask who the controller is"),
    }
}

/// The brokers of the spec that are not registered, each with its host.
pub(crate) fn unregistered(cluster: &Cluster, registry: &Registry) -> Vec<String> {
    let ids = cluster.brokers().map(|(_, broker)| broker.id.value);
    ids.filter(|id| !registry.brokers.contains_key(id)).map(|id| named(cluster, id)).collect()
}

/// A broker with its host, where the spec has it.
pub(crate) fn named(cluster: &Cluster, id: i64) -> String {
    match cluster.brokers().find(|(_, broker)| broker.id.value == id) {
        Some((host, _)) => format!("broker {id} on {}", host.name),
        None => format!("broker {id}"),
    }
}
