//! Which host is next, and what it waits for.

use std::cell::Cell;
use std::collections::BTreeMap;

use kafnix_client::kafka::admin::LogDir;
use kafnix_client::zookeeper::session::PublishedHost;
use kafnix_generator::Cluster;
use kafnix_generator::role::Role;
use kafnix_protocol::four_letter_words::Mode;
use kafnix_protocol::registry::{Generation, Running, Turn};
use serde_json::json;

use super::*;
use crate::progress::Silent;
use crate::snapshot::Missing;
use crate::testing::{cluster, healthy, patched, refused};
use crate::turn::Held;

const UNITS: [&str; 2] = ["kafka.service", "zookeeper.service"];

fn target(system: &str, digest: &str) -> Target {
    let services = UNITS.map(|unit| (unit.to_owned(), digest.to_owned()));
    Target { system: system.to_owned(), services: services.into(), versions: versions("3.9.2") }
}

fn versions(kafka: &str) -> BTreeMap<String, String> {
    let all = [("zookeeper", "3.9.5"), ("kafka", kafka), ("jdk", "17.0.17")];
    all.map(|(what, version)| (what.to_owned(), version.to_owned())).into()
}

fn targets(digest: &str) -> BTreeMap<String, Target> {
    ["a", "b", "c"].map(|host| (host.to_owned(), target("new", digest))).into()
}

/// Every host runs `old`.
fn running(cluster: &Cluster) -> Snapshot {
    let (mut snapshot, _) = healthy(cluster);
    for host in ["a", "b", "c"] {
        publish(&mut snapshot, host, "old", "0");
    }
    snapshot
}

fn publish(snapshot: &mut Snapshot, host: &str, system: &str, digest: &str) {
    let services = UNITS.map(|unit| (unit.to_owned(), Some(digest.to_owned())));
    let running =
        Running { services: services.into(), system: Some(system.to_owned()), ..Running::default() };
    let published = PublishedHost { running: Some(running), ..PublishedHost::default() };
    snapshot.registry.as_mut().unwrap().hosts.insert(host.to_owned(), published);
}

fn order(snapshot: &Snapshot, targets: &BTreeMap<String, Target>) -> Vec<(String, Place)> {
    pending(&cluster(), snapshot, targets).into_iter().map(|next| (next.host, next.place)).collect()
}

#[test]
fn plain_hosts_come_first_then_the_leader_and_the_controller_last() {
    let cluster = cluster();
    let mut snapshot = running(&cluster);
    snapshot.registry.as_mut().unwrap().controller = Some(2);
    let places = [("c", Place::Plain), ("a", Place::LeadsEnsemble), ("b", Place::Controls)];
    assert_eq!(order(&snapshot, &targets("1")), places.map(|(host, place)| (host.to_owned(), place)));
    // One that is down is repaired before all others, the controller too.
    refused(&mut snapshot, "b");
    assert_eq!(order(&snapshot, &targets("1"))[0], ("b".to_owned(), Place::Down));
}

#[test]
fn a_host_that_runs_its_target_is_passed_over() {
    let cluster = cluster();
    let mut snapshot = running(&cluster);
    publish(&mut snapshot, "a", "new", "1");
    publish(&mut snapshot, "b", "new", "1");
    let left = pending(&cluster, &snapshot, &targets("1"));
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].host, "c");
    assert!(left[0].restarts.keys().eq(&Role::ALL), "{:?}", left[0].restarts);
    publish(&mut snapshot, "c", "new", "1");
    assert!(order(&snapshot, &targets("1")).is_empty());
    // It was switched, and a server of it was not restarted.
    publish(&mut snapshot, "c", "new", "0");
    assert_eq!(order(&snapshot, &targets("1")).len(), 1);
}

#[test]
fn a_host_of_which_nothing_restarts_is_switched_first_and_waits_for_nothing() {
    let cluster = cluster();
    let mut snapshot = running(&cluster);
    refused(&mut snapshot, "c");
    let left = pending(&cluster, &snapshot, &BTreeMap::from([("a".to_owned(), target("new", "0"))]));
    assert_eq!((left[0].place, left[0].restarts.len()), (Place::RestartsNothing, 0));
    let host = cluster.host("a").unwrap();
    assert!(hold(&cluster, &snapshot, &left[0], host, &Tolerance::default()).may_restart());
}

#[test]
fn an_ensemble_without_brokers_needs_no_controller() {
    let cluster = patched(&json!({ "kafka": { "hosts": {} }, "topics": {} }));
    let (mut snapshot, _) = healthy(&crate::testing::cluster());
    let registry = snapshot.registry.as_mut().unwrap();
    (registry.brokers, registry.controller) = (BTreeMap::new(), None);
    snapshot.brokers.clear();
    let restarts =
        ["a", "b", "c"].map(|host| (host.to_owned(), Restarts::from([(Role::ZooKeeper, "why".into())])));
    let all = to_restart(&cluster, &snapshot, &restarts.into());
    assert_eq!(all.iter().map(|next| next.host.as_str()).collect::<Vec<_>>(), ["b", "c", "a"]);
    let held = hold(&cluster, &snapshot, &all[0], cluster.host("b").unwrap(), &Tolerance::default());
    assert!(held.may_restart(), "{held:?}");
}

fn held_up(change: impl FnOnce(&mut Snapshot), tolerance: &Tolerance) -> Vec<String> {
    let cluster = cluster();
    let mut snapshot = running(&cluster);
    change(&mut snapshot);
    let all = pending(&cluster, &snapshot, &targets("1"));
    let next = all.iter().find(|next| next.host == "b").unwrap();
    hold(&cluster, &snapshot, next, cluster.host("b").unwrap(), tolerance).refusals
}

#[test]
fn a_host_waits_until_the_rest_of_the_cluster_is_whole() {
    let any = &Tolerance::default();
    assert!(held_up(|_| (), any).is_empty());
    let told = held_up(|snapshot| drop(snapshot.registry.as_mut().unwrap().brokers.remove(&3)), any);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("fewer replicas in sync") && told[1] == "the broker of `c` is not registered");
    let told = held_up(
        |snapshot| {
            let dirs = &mut snapshot.brokers.get_mut("a").unwrap().log_dirs;
            *dirs =
                Ok(vec![LogDir { path: "/x".into(), error: Some("KafkaStorageError".into()), space: None }]);
        },
        any,
    );
    assert_eq!(told, ["the log directory /x of `a` is offline"]);
    let told = held_up(|snapshot| snapshot.registry.as_mut().unwrap().controller = None, any);
    assert_eq!(told, ["the cluster has no controller"]);
    let told =
        held_up(|snapshot| snapshot.servers.get_mut("a").unwrap().srvr.as_mut().unwrap().zxid = -1, any);
    assert!(told.iter().any(|why| why.contains("`a` does not serve")), "{told:?}");
    let mode = |snapshot: &mut Snapshot| {
        snapshot.servers.get_mut("a").unwrap().srvr.as_mut().unwrap().mode = Mode::Follower;
    };
    assert!(held_up(mode, any).is_empty());
}

#[test]
fn a_reassignment_holds_it_up_unless_it_may_not() {
    let moving =
        |snapshot: &mut Snapshot| snapshot.reassignments = Ok([("orders".to_owned(), vec![1])].into());
    assert_eq!(held_up(moving, &Tolerance::default()), ["partitions are being reassigned: orders"]);
    let during = Tolerance { during_reassignment: true, ..Tolerance::default() };
    assert!(held_up(moving, &during).is_empty());
}

#[test]
fn the_turn_of_another_host_is_waited_for() {
    let taken_by = |host: &'static str| {
        move |snapshot: &mut Snapshot| {
            let turn = Turn { host: host.to_owned(), ..Turn::default() };
            snapshot.turns = Ok(vec![Held::new("/kafnix/turn", turn, 0)]);
        }
    };
    let told = held_up(taken_by("c"), &Tolerance::default());
    assert_eq!(told, ["`c` has had the turn since 1970-01-01T00:00:00Z"]);
    assert!(held_up(taken_by("b"), &Tolerance::default()).is_empty());
}

#[test]
fn a_restart_has_its_reason() {
    let cluster = cluster();
    let files = kafnix_generator::generate(&cluster, None).unwrap();
    let mut snapshot = running(&cluster);
    let mut why = |generated: Option<String>, change: &dyn Fn(&mut Snapshot)| {
        let published = snapshot.registry.as_mut().unwrap().hosts.get_mut("b").unwrap();
        published.generation = Some(Generation { generated, ..Generation::default() });
        change(&mut snapshot);
        let all = pending(&cluster, &snapshot, &targets("1"));
        all.into_iter().find(|next| next.host == "b").unwrap().restarts.into_values().collect::<Vec<_>>()
    };
    let same = kafnix_generator::render::digest(&files, "b");
    assert!(why(None, &|_| ()).iter().all(|why| why.contains("not known")));
    assert!(why(same.clone(), &|_| ()).iter().all(|why| why.starts_with("only store paths")));
    let changed = |snapshot: &mut Snapshot| {
        let config = snapshot.brokers.get_mut("b").unwrap().config.as_mut().unwrap();
        config.iter_mut().find(|entry| entry.key == "num.partitions").unwrap().value = Some("7".into());
    };
    let told = why(Some("other".into()), &changed);
    assert_eq!(told, ["what was generated for its host", "settings: num.partitions"]);
    let ticks = |snapshot: &mut Snapshot| {
        let conf = snapshot.servers.get_mut("b").unwrap().conf.as_mut().unwrap();
        conf.values.insert("tickTime".into(), "3000".into());
    };
    assert_eq!(why(Some("other".into()), &ticks), ["settings: tickTime", "settings: num.partitions"]);
    // What a server was not asked for is no setting that differs.
    let silent = |snapshot: &mut Snapshot| {
        snapshot.servers.get_mut("b").unwrap().conf = Err(Missing::Unasked("no words".into()));
    };
    assert_eq!(why(Some("other".into()), &silent)[0], "what was generated for its host");
    let released = |snapshot: &mut Snapshot| {
        let host = snapshot.registry.as_mut().unwrap().hosts.get_mut("b").unwrap();
        host.running.as_mut().unwrap().versions = BTreeMap::from([
            ("jdk".to_owned(), "17.0.16".to_owned()),
            ("kafka".to_owned(), "3.8.1".to_owned()),
        ]);
    };
    let told = why(same, &released);
    assert_eq!(told, ["JDK 17.0.16 → 17.0.17", "release 3.8.1 → 3.9.2; JDK 17.0.16 → 17.0.17"]);
}

#[test]
fn a_restart_of_one_role_moves_no_more_than_that_role_leads() {
    let cluster = cluster();
    let mut snapshot = running(&cluster);
    snapshot.registry.as_mut().unwrap().controller = Some(2);
    let restarts = |role: Role| {
        let of_each =
            ["a", "b", "c"].map(|host| (host.to_owned(), Restarts::from([(role, "why".to_owned())])));
        to_restart(&cluster, &snapshot, &of_each.into()).into_iter().map(|next| next.host).collect::<Vec<_>>()
    };
    assert_eq!(restarts(Role::Broker), ["a", "c", "b"]);
    assert_eq!(restarts(Role::ZooKeeper), ["b", "c", "a"]);
}

#[test]
fn a_host_that_somebody_has_stopped_is_not_waited_for() {
    let stopped = |snapshot: &mut Snapshot| {
        refused(snapshot, "c");
        snapshot.registry.as_mut().unwrap().brokers.remove(&3);
        snapshot.topics.as_mut().unwrap().topics.clear();
    };
    assert!(!held_up(stopped, &Tolerance::default()).is_empty());
    let absent = Tolerance { absent: ["c".to_owned()].into(), ..Tolerance::default() };
    assert!(held_up(stopped, &absent).iter().all(|why| !why.contains("`c` is not registered")));
}

#[test]
fn a_broker_that_runs_and_does_not_serve_is_not_restarted_unless_it_is_named() {
    let starts = |snapshot: &mut Snapshot| {
        refused(snapshot, "b");
        snapshot.registry.as_mut().unwrap().brokers.remove(&2);
    };
    let told = held_up(starts, &Tolerance::default());
    assert!(told[0].contains("it may be recovering its logs") && told.len() == 1, "{told:?}");
    assert!(held_up(starts, &Tolerance { restarts_what_starts: true, ..Tolerance::default() }).is_empty());
    let is_down = |snapshot: &mut Snapshot| {
        starts(snapshot);
        let published = snapshot.registry.as_mut().unwrap().hosts.get_mut("b").unwrap();
        published.running.as_mut().unwrap().services.insert("kafka.service".into(), None);
    };
    assert!(held_up(is_down, &Tolerance::default()).is_empty());
}

#[test]
fn what_changes_renews_the_patience_and_what_does_not_ends_it() {
    let cluster = cluster();
    let host = cluster.host("b").unwrap();
    // How many partitions lack the broker, at each look; the last one stays.
    let waited = |behind: &'static [usize], patience: Duration| {
        let looks = Cell::new(0);
        let look = || {
            let mut snapshot = running(&cluster);
            let partitions = &mut snapshot.topics.as_mut().unwrap().topics[0].partitions;
            let count = behind[looks.replace(looks.get() + 1).min(behind.len() - 1)];
            partitions.iter_mut().take(count).for_each(|partition| partition.in_sync = vec![1, 3]);
            Ok(snapshot)
        };
        let rollout = Rollout {
            cluster: &cluster,
            look: &look,
            tolerance: Tolerance::default(),
            patience,
            act: &|_| Ok(()),
            status: &|_| Vec::new(),
            progress: &Silent,
        };
        rollout.wait(|snapshot| Ok(("b".to_owned(), unwell(&cluster, snapshot, host))))
    };
    // Longer than the patience altogether, and not without a change.
    waited(&[2, 2, 1, 1, 0], PAUSE * 5 / 2).unwrap();
    let ended = waited(&[3, 2], Duration::ZERO).unwrap_err().to_string();
    assert!(ended.contains("nothing has changed") && ended.contains("(partitions: 2)"), "{ended}");
}

#[test]
fn a_wait_for_another_host_says_what_its_units_do() {
    let cluster = cluster();
    let look = || {
        let mut snapshot = running(&cluster);
        snapshot.topics.as_mut().unwrap().topics[0].partitions[0].in_sync = vec![1, 3];
        Ok(snapshot)
    };
    let rollout = Rollout {
        cluster: &cluster,
        look: &look,
        tolerance: Tolerance::default(),
        patience: Duration::ZERO,
        act: &|_| panic!("nothing is switched before its time"),
        status: &|host| vec![format!("kafka of {} is activating: 3 of 9 logs loaded", host.name)],
        progress: &Silent,
    };
    let ended = rollout.apply(&targets("1")).unwrap_err().to_string();
    assert!(ended.contains("b: kafka of b is activating: 3 of 9 logs loaded"), "{ended}");
    assert!(!ended.contains("kafka of c"), "{ended}");
}

#[test]
fn a_host_whose_replicas_are_behind_waits_for_them() {
    let behind = |snapshot: &mut Snapshot| {
        snapshot.topics.as_mut().unwrap().topics[0].partitions[0].in_sync = vec![1, 3];
    };
    assert_eq!(
        held_up(behind, &Tolerance::default()),
        ["the broker of `b` is not in sync yet (partitions: 1)"]
    );
}
