//! A restart of each server of a cluster that is whole, and of one that is not.

use std::collections::BTreeMap;

use kafnix_generator::Cluster;
use kafnix_generator::role::Role;
use kafnix_protocol::four_letter_words::Fault;
use serde_json::json;

use super::*;
use crate::snapshot::{Missing, Snapshot};
use crate::testing::{cluster, dead, healthy, patched, refused, topic};

const BOTH: [Role; 2] = [Role::ZooKeeper, Role::Broker];

fn judged(cluster: &Cluster, snapshot: &Snapshot, host: &str, roles: &[Role]) -> (Vec<String>, Vec<String>) {
    let host = cluster.host(host).unwrap();
    let Judgement { refusals, warnings } = judge(cluster, snapshot, host, roles, Policy::MinIsr);
    (refusals, warnings)
}

/// Why a restart is refused; it is for one reason.
fn refusal(cluster: &Cluster, snapshot: &Snapshot, host: &str, role: Role) -> String {
    let (mut refusals, _) = judged(cluster, snapshot, host, &[role]);
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    refusals.remove(0)
}

fn warning(cluster: &Cluster, snapshot: &Snapshot, host: &str, role: Role) -> String {
    let (refusals, mut warnings) = judged(cluster, snapshot, host, &[role]);
    assert_eq!((refusals.len(), warnings.len()), (0, 1), "{refusals:?} {warnings:?}");
    warnings.remove(0)
}

fn may(cluster: &Cluster, snapshot: &Snapshot, host: &str, roles: &[Role]) {
    assert_eq!(judged(cluster, snapshot, host, roles), (Vec::new(), Vec::new()));
}

/// The replicas of `orders` that are in sync, in each of its partitions.
fn in_sync(snapshot: &mut Snapshot, ids: &[i64]) {
    let topics = &mut snapshot.topics.as_mut().unwrap().topics;
    topics[0].partitions.iter_mut().for_each(|partition| partition.in_sync = ids.to_vec());
}

#[test]
fn each_host_of_a_healthy_cluster_may_restart() {
    let cluster = cluster();
    for host in ["a", "b", "c"] {
        may(&cluster, &healthy(&cluster).0, host, &BOTH);
    }
}

#[test]
fn a_server_without_which_there_is_no_quorum_may_not() {
    let cluster = cluster();
    let (mut snapshot, _) = healthy(&cluster);
    refused(&mut snapshot, "c");
    let said = refusal(&cluster, &snapshot, "a", Role::ZooKeeper);
    assert!(said.contains("`a` the ensemble has no quorum, since others do not serve: `c`"), "{said}");
    // The one that is down is repaired.
    may(&cluster, &snapshot, "c", &BOTH);
}

#[test]
fn an_ensemble_that_cannot_do_without_a_server_is_no_reason_to_refuse_for_ever() {
    for (patch, host) in [
        (json!({ "hosts": { "a": { "address": "10.0.0.1" } }, "topics": {} }), "a"),
        (
            json!({ "zookeeper": { "settings": {
            "group.1": "1:2:3", "weight.1": 3, "weight.2": 1, "weight.3": 1 } } }),
            "a",
        ),
    ] {
        let cluster = patched(&patch);
        let (snapshot, _) = healthy(&cluster);
        let said = warning(&cluster, &snapshot, host, Role::ZooKeeper);
        assert!(said.contains("it cannot do without it"), "{said}");
    }
}

#[test]
fn without_a_quorum_what_does_not_serve_may_restart_and_what_serves_may_not() {
    let cluster = cluster();
    let (mut snapshot, _) = healthy(&cluster);
    for server in snapshot.servers.values_mut() {
        server.srvr = Err(Missing::Passing(format!("asked `srvr`: {}", Fault::NotServing)));
        server.session = Err(Missing::Unasked("the server does not serve requests".into()));
    }
    snapshot.registry = Err(Missing::Unasked("no ZooKeeper server opens a session".into()));
    may(&cluster, &snapshot, "a", &[Role::ZooKeeper]);
    let said = refusal(&cluster, &snapshot, "a", Role::Broker);
    assert!(said.contains("no quorum"), "{said}");
    refused(&mut snapshot, "a");
    may(&cluster, &snapshot, "a", &BOTH);
}

#[test]
fn a_server_that_answers_nothing_is_not_taken_for_one_that_is_down() {
    let cluster = cluster();
    let (mut snapshot, _) = healthy(&cluster);
    refused(&mut snapshot, "c");
    snapshot.servers.get_mut("a").unwrap().srvr = Err(Missing::Passing("no answer within 5 s".into()));
    let said = refusal(&cluster, &snapshot, "a", Role::ZooKeeper);
    assert!(said.contains("too few others can be reached from here for a quorum"), "{said}");
}

#[test]
fn a_broker_that_has_died_is_not_in_sync_any_more() {
    let cluster = cluster();
    let (mut snapshot, _) = healthy(&cluster);
    // Its session lives on for some seconds.
    refused(&mut snapshot, "c");
    let said = refusal(&cluster, &snapshot, "b", Role::Broker);
    assert!(said.contains("orders (0, 1, 2, and 3 more)"), "{said}");
    snapshot.registry.as_mut().unwrap().brokers.remove(&3);
    assert_eq!(refusal(&cluster, &snapshot, "b", Role::Broker), said);
}

#[test]
fn a_partition_with_as_many_replicas_as_its_min_isr_waits_for_those_that_come_back() {
    let cluster = cluster();
    let (mut snapshot, _) = healthy(&cluster);
    let topics = &mut snapshot.topics.as_mut().unwrap().topics;
    for partition in &mut topics[0].partitions {
        (partition.replicas, partition.in_sync) = (vec![1, 2], vec![1, 2]);
    }
    assert!(warning(&cluster, &snapshot, "a", Role::Broker).contains("refuse writes with acks=all"));
    in_sync(&mut snapshot, &[1]);
    assert!(refusal(&cluster, &snapshot, "a", Role::Broker).contains("fewer replicas in sync"));
    // Nobody comes back on a broker that has left the spec.
    let topics = &mut snapshot.topics.as_mut().unwrap().topics;
    topics[0].partitions.iter_mut().for_each(|partition| partition.replicas = vec![1, 9]);
    assert!(warning(&cluster, &snapshot, "a", Role::Broker).contains("refuse writes with acks=all"));
}

#[test]
fn a_server_that_serves_and_reaches_no_other_is_cut_off() {
    let cluster = cluster();
    let (mut snapshot, _) = healthy(&cluster);
    dead(&mut snapshot, "b");
    dead(&mut snapshot, "c");
    let said = refusal(&cluster, &snapshot, "a", Role::ZooKeeper);
    assert!(said.contains("mend the network") && said.contains("`b`, `c`"), "{said}");
}

#[test]
fn an_observer_is_missed_by_no_quorum() {
    let hosts = ["a", "b", "c", "d"];
    let addresses: BTreeMap<_, _> =
        hosts.iter().zip(1..).map(|(host, n)| (host, json!({ "address": format!("10.0.0.{n}") }))).collect();
    let servers = json!({ "a": {}, "b": {}, "c": {}, "d": { "observer": true } });
    let cluster = patched(&json!({ "hosts": addresses, "zookeeper": { "hosts": servers } }));
    let (mut snapshot, _) = healthy(&cluster);
    refused(&mut snapshot, "c");
    may(&cluster, &snapshot, "d", &[Role::ZooKeeper]);
}

#[test]
fn a_broker_that_a_partition_needs_may_not() {
    let cluster = cluster();
    let (mut snapshot, _) = healthy(&cluster);
    in_sync(&mut snapshot, &[1, 2]);
    let said = refusal(&cluster, &snapshot, "a", Role::Broker);
    assert!(said.ends_with("than `min.insync.replicas`: orders (0, 1, 2, and 3 more)"), "{said}");
    // It is not in sync, so nothing gets worse.
    may(&cluster, &snapshot, "c", &[Role::Broker]);
}

#[test]
fn a_broker_that_hangs_is_in_sync_for_as_long_as_it_is_registered() {
    let cluster = cluster();
    let (mut snapshot, _) = healthy(&cluster);
    in_sync(&mut snapshot, &[1, 2]);
    dead(&mut snapshot, "b");
    let said = refusal(&cluster, &snapshot, "b", Role::Broker);
    assert!(said.contains("fewer replicas in sync than `min.insync.replicas`: orders (0"), "{said}");
    // It takes the connection, and no request.
    let broker = snapshot.brokers.get_mut("b").unwrap();
    broker.listeners[0].1.state = Ok("10.0.0.9".parse().unwrap());
    broker.connection = Err(Missing::Passing("10.0.0.2:9092 gives no answer within 5 s".into()));
    assert_eq!(refusal(&cluster, &snapshot, "b", Role::Broker), said);
    // Nothing listens there: its process has ended, and the session has not.
    let mut ended = snapshot.clone();
    refused(&mut ended, "b");
    may(&cluster, &ended, "b", &[Role::Broker]);
    snapshot.registry.as_mut().unwrap().brokers.remove(&2);
    may(&cluster, &snapshot, "b", &[Role::Broker]);
}

#[test]
fn a_topic_that_has_no_replica_to_spare_is_named_and_holds_up_nothing() {
    let cluster = cluster();
    let (mut snapshot, _) = healthy(&cluster);
    let mut single = topic("single", 1);
    single.partitions[0].replicas = vec![1];
    single.partitions[0].in_sync = vec![1];
    snapshot.topics.as_mut().unwrap().topics.push(single);
    let said = warning(&cluster, &snapshot, "a", Role::Broker);
    assert!(said.ends_with("single (0)"), "{said}");
    may(&cluster, &snapshot, "b", &[Role::Broker]);
}

#[test]
fn a_partition_that_lags_holds_up_a_roll_that_wants_none() {
    let cluster = cluster();
    let (mut snapshot, _) = healthy(&cluster);
    in_sync(&mut snapshot, &[1, 2, 3]);
    let host = cluster.host("b").unwrap();
    let judged = |snapshot: &Snapshot| judge(&cluster, snapshot, host, &[Role::Broker], Policy::NoUrp);
    assert!(judged(&snapshot).may_restart());
    snapshot.topics.as_mut().unwrap().topics[0].partitions[4].in_sync = vec![1, 3];
    let refusals = judged(&snapshot).refusals;
    assert!(refusals[0].ends_with("before the broker of `b` goes: orders (4)"), "{refusals:?}");
}

#[test]
fn what_is_not_known_is_no_leave() {
    let cluster = cluster();
    let (mut snapshot, _) = healthy(&cluster);
    snapshot.topics.as_mut().unwrap().configs = Err(Missing::Wrong("it answers nothing".into()));
    let said = refusal(&cluster, &snapshot, "a", Role::Broker);
    assert!(said.ends_with("is not known: it answers nothing"), "{said}");
}
