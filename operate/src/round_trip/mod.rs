//! What only a write tells: ephemeral nodes go through every `ZooKeeper` server and records through every broker, and
//! nothing of it stays.

mod ephemerals;
mod records;

pub(crate) use ephemerals::close;
pub use records::Codecs;
pub(crate) use records::is_ours;

use std::collections::BTreeMap;
use std::time::Duration;

use kafnix_client::Access;
use kafnix_generator::Cluster;

use crate::observe::{Observation, chroot};
use crate::snapshot::{Answer, Snapshot};

/// What was left of the topics that a round trip created.
#[derive(Clone, Debug, Default)]
pub struct Cleanup {
    /// Topics of runs that crashed, which this one removed.
    pub removed: Vec<String>,
    /// Topics that could not be removed, with the reason.
    pub left: Vec<(String, String)>,
}

/// What came of the round trips, by the names that the snapshot has for the servers.
#[derive(Clone, Debug)]
pub struct RoundTrips {
    /// How long the part of each `ZooKeeper` server took.
    pub servers: BTreeMap<String, Answer<Duration>>,
    pub brokers: BTreeMap<String, Answer<Codecs>>,
    /// Whether the topic of the round trip could be created.
    pub created: Answer<()>,
    pub cleanup: Answer<Cleanup>,
}

/// Makes the round trips over the connections of an observation, and ends these.
pub(crate) async fn run(
    cluster: &Cluster,
    observation: Observation,
    access: &Access,
) -> (Snapshot, RoundTrips) {
    let Observation { snapshot, sessions, connections } = observation;
    let through_servers = async {
        let took = ephemerals::round_trip(&sessions, chroot(cluster), access.limit).await;
        close(sessions.into_values()).await;
        took
    };
    let through_brokers = records::round_trip(cluster, connections, &snapshot, access);
    let (mut servers, mut records) = tokio::join!(through_servers, through_brokers);
    // Whoever could not be reached has the reason of that.
    for (name, server) in &snapshot.servers {
        if let Err(missing) = &server.session {
            servers.insert(name.clone(), Err(missing.clone()));
        }
    }
    for (host, broker) in &snapshot.brokers {
        if let Err(missing) = &broker.connection {
            records.through.insert(host.clone(), Err(missing.clone()));
        }
    }
    let records::Trips { through, created, cleanup } = records;
    (snapshot, RoundTrips { servers, brokers: through, created, cleanup })
}
