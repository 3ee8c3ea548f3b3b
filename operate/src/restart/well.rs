//! Whether the servers of a host are back: in the quorum, registered, and in sync wherever there is somebody to be
//! in sync with.

use kafnix_client::zookeeper::session::Registry;
use kafnix_generator::Cluster;
use kafnix_generator::cluster::Host;

use super::server::serves;
use crate::round_trip::is_ours;
use crate::snapshot::Snapshot;

/// What its servers lack, in sentences; nothing where they are well.
pub fn unwell(cluster: &Cluster, snapshot: &Snapshot, host: &Host) -> Vec<String> {
    let mut lacks = down(cluster, snapshot, host);
    if lacks.is_empty() {
        lacks.extend(behind(snapshot, host));
    }
    lacks
}

/// Which of its servers do not serve, in sentences.
pub fn down(cluster: &Cluster, snapshot: &Snapshot, host: &Host) -> Vec<String> {
    let name = &host.name;
    let mut lacks = Vec::new();
    if let Some(server) = &host.zookeeper
        && !serves(cluster, snapshot, server.id.value)
    {
        lacks.push(format!("the ZooKeeper server of `{name}` does not serve"));
    }
    let Some(broker) = &host.broker else { return lacks };
    let is_registered = |registry: &Registry| registry.brokers.contains_key(&broker.id.value);
    if !snapshot.registry.as_ref().is_ok_and(is_registered) {
        lacks.push(format!("the broker of `{name}` is not registered"));
    } else if snapshot.brokers.get(name).is_none_or(|facts| facts.connection.is_err()) {
        lacks.push(format!("the broker of `{name}` takes no request"));
    }
    lacks
}

/// Where its broker has yet to come into sync with a leader. A partition that is being given other replicas has some
/// that still copy all of it.
fn behind(snapshot: &Snapshot, host: &Host) -> Option<String> {
    let (broker, name) = (host.broker.as_ref()?, &host.name);
    let facts = match &snapshot.topics {
        Err(missing) => {
            return Some(format!("which replicas are in sync is not known: {}", missing.reason()));
        }
        Ok(facts) => facts,
    };
    let moving = |topic: &str, partition: i32| {
        let moving = snapshot.reassignments.as_ref().ok().and_then(|all| all.get(topic));
        moving.is_some_and(|partitions| partitions.contains(&partition))
    };
    let topics = facts.topics.iter().filter(|topic| !is_ours(&topic.name));
    let partitions =
        topics.flat_map(|topic| topic.partitions.iter().map(move |partition| (topic, partition)));
    let behind = partitions.filter(|(topic, partition)| {
        let is_replica = partition.replicas.contains(&broker.id.value);
        let is_behind = is_replica && !partition.in_sync.contains(&broker.id.value);
        partition.leader.is_some() && is_behind && !moving(&topic.name, partition.index)
    });
    match behind.count() {
        0 => None,
        count => Some(format!("the broker of `{name}` is not in sync yet (partitions: {count})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{cluster, healthy, refused};

    fn lacks(change: impl FnOnce(&mut Snapshot)) -> Vec<String> {
        let cluster = cluster();
        let (mut snapshot, _) = healthy(&cluster);
        change(&mut snapshot);
        unwell(&cluster, &snapshot, cluster.host("b").unwrap())
    }

    #[test]
    fn a_host_is_well_when_its_servers_serve_and_its_replicas_are_in_sync() {
        assert!(lacks(|_| ()).is_empty());
        // what another host lacks is not its own
        assert!(lacks(|snapshot| refused(snapshot, "c")).is_empty());
        let both = lacks(|snapshot| {
            refused(snapshot, "b");
            snapshot.registry.as_mut().unwrap().brokers.remove(&2);
        });
        assert!(both[0].contains("does not serve") && both[1].contains("not registered"), "{both:?}");
        let behind = lacks(|snapshot| {
            let partitions = &mut snapshot.topics.as_mut().unwrap().topics[0].partitions;
            partitions[0].in_sync = vec![1, 3];
            partitions[3].in_sync = vec![1];
            // Nobody is there to be in sync with.
            partitions[4].in_sync = vec![3];
            partitions[4].leader = None;
        });
        assert_eq!(behind, ["the broker of `b` is not in sync yet (partitions: 2)"]);
    }
}
