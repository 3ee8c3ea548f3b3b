//! Asks the servers, all at the same time: first each for itself, then what needs several of them. A
//! server that takes no connection is asked nothing else.

mod brokers;
mod ephemerals;
mod round_trip;
mod servers;
mod topics;

pub(super) use round_trip::is_ours;
pub(super) use topics::MIN_ISR;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use kafnix_generator::Cluster;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use self::round_trip::Trips;
use super::Options;
use super::facts::{Answer, BrokerFacts, Facts, Missing, Port, ServerFacts, TopicFacts, answer};
use kafnix_client as client;
use kafnix_client::Closed;
use kafnix_client::zookeeper::session;

/// `before` holds what was asked a moment ago: a connection to a port among peers leaves a line in the
/// journal there, and whoever watches need not leave one every few seconds.
pub(super) async fn gather(cluster: &Cluster, options: &Options, before: Option<&Facts>) -> Facts {
    let limit = options.timeout;
    let (mut servers, mut brokers) =
        tokio::join!(servers::ask(cluster, before, limit), brokers::ask(cluster, limit));
    let sessions: BTreeMap<_, _> =
        servers.iter_mut().filter_map(|(name, asked)| Some((name.clone(), asked.session.take()?))).collect();
    let connections: Vec<_> = brokers
        .iter_mut()
        .filter_map(|(host, asked)| Some((host.clone(), asked.id, asked.connection.take()?)))
        .collect();
    let mut servers: BTreeMap<_, _> = servers.into_iter().map(|(name, asked)| (name, asked.facts)).collect();
    let mut brokers: BTreeMap<_, _> = brokers.into_iter().map(|(host, asked)| (host, asked.facts)).collect();

    let chroot = cluster.kafka.as_ref().map_or("/", |kafka| kafka.chroot.value.as_str());
    let of_zookeeper = async {
        let registry = match sessions.values().next() {
            Some(client) => answer(session::registry(client, chroot, limit).await),
            None => Err(Missing::Unasked("no ZooKeeper server opens a session".to_owned())),
        };
        let round_trips = ephemerals::round_trip(&sessions, chroot, limit).await;
        ephemerals::close(sessions).await;
        (registry, round_trips)
    };
    let no_quorum = no_quorum(&servers);
    let of_kafka = kafka(cluster, connections, &brokers, no_quorum.as_ref(), limit);
    let ((registry, round_trips), (topics, mut trips)) = tokio::join!(of_zookeeper, of_kafka);

    for (name, round_trip) in round_trips {
        if let Some(server) = servers.get_mut(&name) {
            server.round_trip = round_trip;
        }
    }
    for (host, round_trip) in std::mem::take(&mut trips.through) {
        if let Some(broker) = brokers.get_mut(&host) {
            broker.round_trip = round_trip;
        }
    }
    let round_trip::Trips { created, cleanup, .. } = trips;
    Facts { servers, brokers, registry, topics, created, cleanup, local: options.local }
}

/// Why brokers are not asked what they would ask `ZooKeeper` for: as far as is seen, nobody there serves.
fn no_quorum(servers: &BTreeMap<String, ServerFacts>) -> Option<Missing> {
    let is_out = |server: &ServerFacts| {
        server.client.state == Err(Closed::Refused) || matches!(server.srvr, Err(Missing::Wrong(_)))
    };
    let out = !servers.is_empty() && servers.values().all(is_out);
    out.then(|| Missing::Unasked("no ZooKeeper server serves, and brokers wait for one".to_owned()))
}

/// The topics, and then a round trip through every broker that takes connections.
async fn kafka(
    cluster: &Cluster,
    mut connections: Vec<brokers::Live>,
    brokers: &BTreeMap<String, BrokerFacts>,
    no_quorum: Option<&Missing>,
    limit: Duration,
) -> (Answer<TopicFacts>, Trips) {
    let Some((_, _, first)) = connections.first_mut() else {
        let nobody = Missing::Unasked("no broker can be asked".to_owned());
        return (Err(nobody.clone()), Trips::none(std::iter::empty(), &nobody));
    };
    let topics = topics::ask(cluster, first, no_quorum).await;
    if let Some(missing) = no_quorum {
        return (topics, Trips::none(connections.iter().map(|(host, ..)| host), missing));
    }
    let names = topics.as_ref().map(|facts| facts.topics.iter().map(|topic| topic.name.clone()).collect());
    let names: Vec<String> = names.unwrap_or_default();
    let trips = round_trip::run(cluster, connections, brokers, &names, limit).await;
    (topics, trips)
}

/// Connects to a port. The stream is for whoever wants to go on talking.
async fn port(address: String, limit: Duration) -> (Port, Option<TcpStream>) {
    match client::connect(&address, limit).await {
        Err(closed) => (Port { address, state: Err(closed) }, None),
        Ok(stream) => {
            let own = stream.local_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |own| own.ip());
            (Port { address, state: Ok(own) }, Some(stream))
        }
    }
}

/// The results of tasks that ran side by side. One that broke on what it read leaves none.
async fn collect<K: Ord + 'static, V: 'static>(mut tasks: JoinSet<(K, V)>) -> BTreeMap<K, V> {
    let mut results = BTreeMap::new();
    while let Some(result) = tasks.join_next().await {
        results.extend(result);
    }
    results
}
