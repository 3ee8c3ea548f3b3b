//! Asks the servers, all at the same time: first each for itself, then what needs several of them. A server that takes
//! no connection is asked nothing else. Nothing is written: what needs that are the round trips.

mod brokers;
mod servers;
pub(crate) mod topics;

pub(crate) use brokers::Live;

use std::collections::BTreeMap;
use std::time::Duration;

use kafnix_client::zookeeper::session;
use kafnix_client::{Access, Target, Transport, within};
use kafnix_generator::Cluster;
use tokio::task::JoinSet;
use zookeeper_client::Client;

use crate::motion::{self, observe_until_still};
use crate::progress::Progress;
use crate::round_trip::close;
use crate::snapshot::{BrokerFacts, Missing, Port, Snapshot, answer};
use crate::turn;

/// How a cluster is asked.
#[derive(Clone, Debug)]
pub struct Options {
    pub access: Access,
    /// Whether it is the cluster that `kafnix local` runs: what only concerns deployed hosts is left out.
    pub local: bool,
    /// Whether ports among peers are tried, too: a connection leaves a line in the journal there.
    pub peers: bool,
    /// How long a cluster in motion is asked again, before what it does not tell is taken for unknown. None where the
    /// whole work is repeated.
    pub patience: Duration,
}

/// What the servers answered, and the connections to those that did.
pub struct Observation {
    pub snapshot: Snapshot,
    /// By the names that the snapshot has for them.
    pub(crate) sessions: BTreeMap<String, Client>,
    pub(crate) connections: Vec<Live>,
}

/// What the servers answer, where nobody goes on talking to them.
pub(crate) async fn look(cluster: &Cluster, options: &Options, progress: &dyn Progress) -> Snapshot {
    look_until(cluster, options, |_| None, progress).await
}

/// The same as long as there is a reason to ask again.
pub(crate) async fn look_until(
    cluster: &Cluster,
    options: &Options,
    again: impl Fn(&Snapshot) -> Option<String>,
    progress: &dyn Progress,
) -> Snapshot {
    let moves = |snapshot: &Snapshot| motion::of_any(cluster, snapshot).or_else(|| again(snapshot));
    let Observation { snapshot, sessions, .. } = observe_until_still(cluster, options, moves, progress).await;
    close(sessions.into_values()).await;
    snapshot
}

/// `before` holds what was asked a moment ago: whoever watches need not try a port among peers every few seconds.
pub async fn observe(cluster: &Cluster, options: &Options, before: Option<&Snapshot>) -> Observation {
    let Access { limit, .. } = options.access;
    let unasked = |why: &str| Missing::Unasked(why.to_owned());
    let mut snapshot = Snapshot {
        servers: BTreeMap::new(),
        brokers: BTreeMap::new(),
        registry: Err(unasked("no ZooKeeper server opens a session")),
        topics: Err(unasked("no broker can be asked")),
        reassignments: Err(unasked("no broker can be asked")),
        turns: Err(unasked("no ZooKeeper server opens a session")),
        local: options.local,
    };
    let (mut sessions, mut connections) = (BTreeMap::new(), Vec::new());
    let (servers, brokers) =
        tokio::join!(servers::ask(cluster, options, before), brokers::ask(cluster, &options.access));
    for (name, server) in servers {
        sessions.extend(server.session.map(|session| (name.clone(), session)));
        snapshot.servers.insert(name, server.facts);
    }
    for (host, broker) in brokers {
        connections.extend(broker.connection.map(|connection| (host.clone(), broker.id, connection)));
        snapshot.brokers.insert(host, broker.facts);
    }

    let chroot = chroot(cluster);
    let registry = async {
        let session = sessions.values().next()?;
        let nodes = turn::all_paths(cluster);
        let turns = within(limit, "the ensemble", turn::holders(session, &nodes));
        Some((answer(session::registry(session, chroot, limit).await), answer(turns.await)))
    };
    if let Some((registry, turns)) = registry.await {
        (snapshot.registry, snapshot.turns) = (registry, turns);
    }
    let elsewhere = brokers::ask_elsewhere(cluster, &options.access, &snapshot).await;
    for (host, broker) in elsewhere {
        let Some(connection) = broker.connection else { continue };
        connections.push((host.clone(), broker.id, connection));
        if let Some(facts) = snapshot.brokers.get_mut(&host) {
            let listeners = std::mem::take(&mut facts.listeners);
            *facts = BrokerFacts { listeners, ..broker.facts };
        }
    }

    let no_quorum = snapshot.no_quorum();
    let controller = snapshot.brokers.values().find_map(|broker| broker.metadata.as_ref().ok()?.controller);
    let topics = async {
        // Others may not know yet what it has decided.
        let best = connections.iter().position(|(_, id, _)| controller == Some(*id)).unwrap_or(0);
        let asked = connections.get_mut(best)?;
        let topics = topics::ask(cluster, &mut asked.2, no_quorum.as_ref()).await;
        Some((topics, topics::reassignments(controller, &mut connections, no_quorum.as_ref()).await))
    };
    let topics = topics.await;
    (snapshot.topics, snapshot.reassignments) = topics.unwrap_or((snapshot.topics, snapshot.reassignments));
    Observation { snapshot, sessions, connections }
}

/// Where Kafka's nodes are.
pub(crate) fn chroot(cluster: &Cluster) -> &str {
    cluster.kafka.as_ref().map_or("/", |kafka| &kafka.chroot.value)
}

/// Connects to a port. The connection is for whoever wants to go on talking.
async fn port(target: &Target) -> (Port, Option<Transport>) {
    let (state, opened) = match target.connect().await {
        Err(closed) => (Err(closed), None),
        Ok(transport) => (Ok(transport.own), Some(transport)),
    };
    (Port { address: target.address.clone(), state }, opened)
}

/// The results of tasks that ran side by side. One that broke on what it read leaves none.
pub(crate) async fn collect<K: Ord + 'static, V: 'static>(mut tasks: JoinSet<(K, V)>) -> BTreeMap<K, V> {
    let mut results = BTreeMap::new();
    while let Some(result) = tasks.join_next().await {
        results.extend(result);
    }
    results
}
