//! The healthy cluster with one thing changed, and the plan for it.

use std::collections::BTreeMap;

use kafnix_client::kafka::admin::{Entry, Source};
use kafnix_client::zookeeper::session::PublishedHost;
use kafnix_generator::render;
use kafnix_protocol::registry::{Generation, OwnedTopic, Registration, Running};
use serde_json::json;

use super::{Change, Identity, Kind, Plan, Remark, Risk, Step, plan};
use crate::snapshot::{Missing, Snapshot};
use crate::testing::{cluster, entry, healthy, patched, topic};

/// The plan for the healthy cluster with a change.
fn after(change: impl FnOnce(&mut Snapshot)) -> Plan {
    let cluster = cluster();
    let (mut snapshot, _) = healthy(&cluster);
    change(&mut snapshot);
    plan(&cluster, &snapshot)
}

/// What a plan tells beside its steps and what is open.
fn noted(plan: &Plan) -> Vec<(Kind, &str, &str)> {
    plan.notes.iter().map(|of| (of.kind, of.subject.as_str(), of.what.as_str())).collect()
}

fn config<'a>(snapshot: &'a mut Snapshot, topic: &str) -> &'a mut Vec<Entry> {
    snapshot.topics.as_mut().unwrap().configs.as_mut().unwrap().get_mut(topic).unwrap()
}

fn of_broker<'a>(snapshot: &'a mut Snapshot, host: &str, key: &str) -> &'a mut Entry {
    let config = snapshot.brokers.get_mut(host).unwrap().config.as_mut().unwrap();
    config.iter_mut().find(|entry| entry.key == key).unwrap()
}

#[test]
fn a_healthy_cluster_leaves_nothing_to_do() {
    let plan = after(|_| ());
    let identity = Identity::Unwritten("cluster-1".into());
    assert_eq!(plan, Plan { identity, ..Plan::default() });
    assert!(plan.is_empty());
}

#[test]
fn a_missing_topic_is_created_with_all_that_the_spec_says_of_it() {
    let plan = after(|snapshot| snapshot.topics.as_mut().unwrap().topics.clear());
    let settings = [("flush.messages".to_owned(), "1".to_owned())].into();
    assert_eq!(
        plan.steps,
        [Step::CreateTopic { topic: "orders".into(), partitions: 6, replicas: 3, settings }]
    );
    assert!(!plan.is_empty());
}

#[test]
fn partitions_are_added_and_fewer_are_a_matter_for_a_person() {
    let with = |count| {
        after(move |snapshot| snapshot.topics.as_mut().unwrap().topics = vec![topic("orders", count)])
    };
    assert_eq!(with(4).steps, [Step::AddPartitions { topic: "orders".into(), from: 4, to: 6 }]);
    let fewer = with(8);
    assert_eq!(fewer.steps, []);
    assert_eq!(fewer.open[0].what, "has 8 partitions, and the spec 6: Kafka takes none away");
}

#[test]
fn another_number_of_replicas_is_told() {
    let plan = after(|snapshot| {
        _ = snapshot.topics.as_mut().unwrap().topics[0].partitions[2].replicas.pop();
    });
    let what = "1 of 6 partitions have another number of replicas than 3: partition 2 has 2";
    assert_eq!((plan.steps.len(), plan.open[0].what.as_str()), (0, what));
}

#[test]
fn a_setting_is_set_for_the_topic_even_where_the_brokers_value_is_the_same() {
    for (value, source) in [("2", Source::Topic), ("1", Source::Default), ("1", Source::Static)] {
        let plan = after(|snapshot| config(snapshot, "orders")[0] = entry("flush.messages", value, source));
        let (from, to) = (Some(value.into()), Some("1".into()));
        let change = Change { key: "flush.messages".into(), from, to, risk: None };
        assert_eq!(plan.steps, [Step::AlterTopic { topic: "orders".into(), settings: vec![change] }]);
    }
}

#[test]
fn what_kafnix_set_is_taken_back_and_what_others_set_is_left() {
    let more = |snapshot: &mut Snapshot| {
        config(snapshot, "orders").push(entry("retention.ms", "5", Source::Topic));
    };
    let plan = after(more);
    assert_eq!(plan.steps, []);
    let what = "has settings that are not in the spec and that kafnix did not set: retention.ms=5";
    assert_eq!(noted(&plan), [(Kind::TopicSettings, "orders", what)]);
    assert!(plan.is_empty(), "{plan:?}");
    let plan = after(|snapshot| {
        more(snapshot);
        let keys = ["retention.ms".to_owned()].into();
        let owned = [("orders".to_owned(), OwnedTopic { keys, created: None })].into();
        snapshot.registry.as_mut().unwrap().topics = owned;
    });
    let risk = Some(Risk::DeletesRecords);
    let change = Change { key: "retention.ms".into(), from: Some("5".into()), to: None, risk };
    assert_eq!(plan.steps, [Step::AlterTopic { topic: "orders".into(), settings: vec![change] }]);
    assert!(plan.notes.is_empty(), "{plan:?}");
}

#[test]
fn leaders_go_back_to_preferred_replicas_that_are_in_sync() {
    let plan = after(|snapshot| {
        let partitions = &mut snapshot.topics.as_mut().unwrap().topics[0].partitions;
        partitions[1].leader = Some(2);
        (partitions[3].leader, partitions[3].in_sync) = (Some(2), vec![2, 3]);
        partitions[4].leader = None;
    });
    assert_eq!(plan.steps, [Step::ElectLeaders { topic: "orders".into(), partitions: vec![1] }]);
}

#[test]
fn what_beats_the_generated_settings_comes_with_the_command_that_removes_it() {
    let plan = after(|snapshot| {
        for host in ["a", "b", "c"] {
            let entry = of_broker(snapshot, host, "min.insync.replicas");
            (entry.value, entry.source) = (Some("1".into()), Source::DynamicDefault);
            entry.layers.insert(0, (Source::DynamicDefault, Some("1".into())));
        }
        let entry = of_broker(snapshot, "b", "num.io.threads");
        (entry.value, entry.source) = (Some("9".into()), Source::DynamicBroker);
    });
    assert_eq!(plan.open.len(), 1, "{plan:?}");
    assert_eq!(plan.open[0].subject, "all brokers");
    assert!(plan.open[0].help.contains("--entity-default --delete-config min.insync.replicas"), "{plan:?}");
    let what = "the dynamic setting num.io.threads = 9 is not in the spec";
    assert_eq!(noted(&plan), [(Kind::DynamicSetting, "b", what)]);
}

#[test]
fn throttles_that_are_left_are_told() {
    let plan = after(|snapshot| {
        config(snapshot, "orders").push(entry("leader.replication.throttled.replicas", "0:1", Source::Topic));
        let config = snapshot.brokers.get_mut("c").unwrap().config.as_mut().unwrap();
        config.push(entry("leader.replication.throttled.rate", "1000", Source::DynamicBroker));
    });
    let told: Vec<_> = plan.open.iter().map(|open| open.subject.as_str()).collect();
    assert_eq!((told.as_slice(), plan.notes.len()), (["orders", "c"].as_slice(), 0), "{plan:?}");
}

#[test]
fn a_host_that_runs_other_settings_is_told_with_both_values() {
    let plan = after(|snapshot| of_broker(snapshot, "b", "num.partitions").value = Some("5".into()));
    assert_eq!(plan.open[0].subject, "b");
    assert!(plan.open[0].what.ends_with("num.partitions: 5 → 3"), "{plan:?}");
}

/// All hosts have published the generated configuration and run it.
fn published(snapshot: &mut Snapshot) -> &mut BTreeMap<String, PublishedHost> {
    let files = kafnix_generator::generate(&cluster(), None).unwrap();
    let registry = snapshot.registry.as_mut().unwrap();
    for host in ["a", "b", "c"] {
        let generated = render::digest(&files, host);
        let generation = Some(Generation { generated, ..Generation::default() });
        let wanted = ["kafka.service", "zookeeper.service"].map(|unit| (unit.to_owned(), "1".to_owned()));
        let services = wanted.clone().map(|(unit, digest)| (unit, Some(digest))).into();
        let running = Some(Running { wanted: wanted.into(), services, ..Running::default() });
        registry.hosts.insert(host.into(), PublishedHost { generation, written: 1, running });
    }
    &mut registry.hosts
}

fn older() -> Generation {
    Generation { generated: Some("of an older spec".into()), ..Generation::default() }
}

#[test]
fn a_host_that_was_not_switched_is_told() {
    assert!(after(|snapshot| _ = published(snapshot)).is_empty());
    let plan = after(|snapshot| {
        published(snapshot).get_mut("b").unwrap().generation = Some(older());
    });
    assert_eq!((plan.open.len(), plan.open[0].subject.as_str()), (1, "b"));
    assert!(plan.open[0].help.contains("nixos-rebuild switch --flake .#b"), "{plan:?}");
    // A host whose configuration was put together by hand does not know.
    let plan = after(|snapshot| {
        published(snapshot).get_mut("b").unwrap().generation = Some(Generation::default());
    });
    assert!(plan.is_empty(), "{plan:?}");
}

#[test]
fn a_host_that_was_not_switched_is_told_once() {
    let plan = after(|snapshot| {
        published(snapshot).get_mut("b").unwrap().generation = Some(older());
        of_broker(snapshot, "b", "num.partitions").value = Some("5".into());
    });
    assert_eq!(plan.open.len(), 1, "{plan:?}");
    assert!(plan.open[0].what.ends_with("num.partitions: 5 → 3"), "{plan:?}");
}

#[test]
fn a_service_that_runs_with_another_unit_is_told_and_one_that_does_not_run_is_not() {
    let with = |digest: Option<&str>| {
        let digest = digest.map(str::to_owned);
        after(move |snapshot| {
            let running = published(snapshot).get_mut("c").unwrap().running.as_mut().unwrap();
            running.services.insert("kafka.service".into(), digest);
        })
    };
    assert!(with(None).is_empty());
    let plan = with(Some("2"));
    assert_eq!((plan.open.len(), plan.open[0].subject.as_str()), (1, "c"));
    assert_eq!(plan.open[0].help, "`kafnix rollout restart --host c --only kafka`");
}

#[test]
fn a_host_that_says_nothing_is_noted_where_others_do() {
    let plan = after(|snapshot| _ = published(snapshot).remove("b"));
    assert_eq!(
        noted(&plan),
        [(Kind::HostSilent, "b", "has not published what it runs, as other hosts have")]
    );
    let plan = after(|snapshot| published(snapshot).get_mut("b").unwrap().running = None);
    assert_eq!(noted(&plan), [(Kind::HostSilent, "b", "has not published what its servers run")]);
    let plan = after(|snapshot| {
        let hosts = published(snapshot);
        let running = hosts["a"].running.clone();
        hosts.insert("old".into(), PublishedHost { generation: Some(older()), written: 1, running });
    });
    assert!(plan.is_empty(), "{plan:?}");
    assert_eq!(
        plan.notes.iter().map(|of| (of.kind, of.help.as_str())).collect::<Vec<_>>(),
        [(Kind::HostNotInSpec, "`zkCli.sh deleteall /t/kafnix/hosts/old` forgets it")]
    );
}

#[test]
fn what_a_host_has_published_and_nobody_can_read_is_unknown() {
    let plan = after(|snapshot| published(snapshot).get_mut("b").unwrap().generation = None);
    let [unknown] = plan.unknown.as_slice() else { panic!("{plan:?}") };
    assert_eq!((unknown.kind, unknown.subject.as_str()), (Kind::HostGeneration, "b"));
    assert!(unknown.what.contains("`/t/kafnix/hosts/b` cannot be read"), "{plan:?}");
    assert!(plan.is_empty(), "{plan:?}");
}

#[test]
fn hosts_of_the_local_cluster_publish_nothing() {
    let plan = after(|snapshot| {
        published(snapshot).get_mut("b").unwrap().generation = Some(older());
        snapshot.local = true;
    });
    assert!(plan.is_empty(), "{plan:?}");
}

#[test]
fn another_cluster_behind_the_addresses_is_told() {
    let cluster = patched(&json!({ "kafka": { "clusterId": "kaCVvJKbSYCDDfHkl6OUkg" } }));
    let (snapshot, _) = healthy(&cluster);
    let plan = plan(&cluster, &snapshot);
    assert_eq!((plan.open.len(), plan.open[0].subject.as_str(), plan.steps.len()), (1, "the cluster", 0));
    assert_eq!(plan.identity, Identity::Other("cluster-1".into()));
}

#[test]
fn what_nobody_told_is_unknown_and_no_difference() {
    let plan = after(|snapshot| snapshot.topics = Err(Missing::Unasked("no broker answers".into())));
    let told: Vec<_> = plan.unknown.iter().map(|of| (of.kind, of.what.as_str())).collect();
    assert_eq!(told, [(Kind::Topics, "which there are: no broker answers")]);
    assert!(plan.is_empty());
    let plan = after(|snapshot| snapshot.registry = Err(Missing::Unasked("no session".into())));
    let told: Vec<_> = plan.unknown.iter().map(|of| of.kind).collect();
    assert_eq!(told, [Kind::Registry, Kind::TopicSettings]);
}

#[test]
fn an_ensemble_without_brokers_leaves_nothing_to_do() {
    let (mut snapshot, _) = healthy(&cluster());
    let cluster = patched(&json!({ "kafka": { "hosts": {} }, "topics": {} }));
    snapshot.topics = Err(Missing::Unasked("no broker can be asked".into()));
    assert_eq!(plan(&cluster, &snapshot).unknown, []);
}

#[test]
fn remarks_and_risks_have_the_names_that_programs_know() {
    let remark = |kind| Remark { kind, subject: "s".into(), what: "w".into(), help: String::new() };
    let told = serde_json::to_value(remark(Kind::TopicNotInSpec)).unwrap();
    assert_eq!(told, json!({ "kind": "topic-not-in-spec", "subject": "s", "what": "w" }));
    let change = Change { key: "k".into(), from: None, to: None, risk: Some(Risk::DeletesRecords) };
    let told = serde_json::to_value(&change).unwrap();
    assert_eq!(told, json!({ "key": "k", "from": null, "to": null, "risk": "deletes-records" }));
    let told = serde_json::to_value(Change { risk: None, ..change }).unwrap();
    assert_eq!(told, json!({ "key": "k", "from": null, "to": null }));
}

#[test]
fn a_digest_names_the_steps_and_nothing_else() {
    let none = after(|_| ());
    let remark =
        Remark { kind: Kind::HostSilent, subject: "a".into(), what: "w".into(), help: String::new() };
    let with_note = Plan { notes: vec![remark], ..none.clone() };
    assert_eq!(none.digest(), with_note.digest());
    let step = Step::ElectLeaders { topic: "t".into(), partitions: vec![1] };
    assert_ne!(none.digest(), Plan { steps: vec![step], ..none.clone() }.digest());
    assert_ne!(none.digest(), Plan { identity: Identity::Same("cluster-2".into()), ..none.clone() }.digest());
    assert_eq!(none.digest().len(), 12);
}

#[test]
fn an_empty_chroot_is_told_and_nothing_is_planned_there() {
    let plan = after(|snapshot| {
        snapshot.registry.as_mut().unwrap().cluster_id = None;
        snapshot.topics.as_mut().unwrap().topics.clear();
    });
    assert_eq!((plan.steps.len(), plan.open.len()), (0, 1), "{plan:?}");
    assert!(plan.open[0].what.contains("below the chroot"), "{plan:?}");
}

#[test]
fn a_default_changes_no_topic_that_is_there() {
    let cluster = patched(&json!({ "topics": { "orders": {} } }));
    let (mut snapshot, _) = healthy(&cluster);
    config(&mut snapshot, "orders").clear();
    snapshot.topics.as_mut().unwrap().topics = vec![topic("orders", 1)];
    assert!(plan(&cluster, &snapshot).is_empty());
}

#[test]
fn leaders_stay_where_nobody_declares_the_topic_or_the_balancer_is_off() {
    let moved = |snapshot: &mut Snapshot, name: &str| {
        let mut topic = topic(name, 1);
        topic.partitions[0].leader = Some(2);
        snapshot.topics.as_mut().unwrap().topics.push(topic);
    };
    assert!(after(|snapshot| moved(snapshot, "others")).is_empty());
    let off = json!({ "settings": { "auto.leader.rebalance.enable": false } });
    let cluster = patched(&json!({ "kafka": off }));
    let (mut snapshot, _) = healthy(&cluster);
    snapshot.topics.as_mut().unwrap().topics.clear();
    moved(&mut snapshot, "orders");
    let steps = plan(&cluster, &snapshot).steps;
    assert!(steps.iter().all(|step| !matches!(step, Step::ElectLeaders { .. })), "{steps:?}");
}

#[test]
fn a_topic_that_left_the_spec_stays_and_is_told() {
    let plan = after(|snapshot| {
        snapshot.topics.as_mut().unwrap().topics.push(topic("former", 1));
        let owned = ["former", "gone"].map(|name| (name.to_owned(), OwnedTopic::default()));
        snapshot.registry.as_mut().unwrap().topics = owned.into();
    });
    assert!(plan.is_empty());
    let [note] = plan.notes.as_slice() else { panic!("{plan:?}") };
    assert_eq!((note.kind, note.subject.as_str()), (Kind::TopicNotInSpec, "former"));
    assert!(note.help.starts_with("`kafnix apply --delete former`"), "{plan:?}");
}

#[test]
fn brokers_that_are_not_in_the_spec_are_told() {
    let plan = after(|snapshot| {
        let partitions = &mut snapshot.topics.as_mut().unwrap().topics[0].partitions;
        (partitions[0].replicas, partitions[1].replicas) = (vec![1, 2, 7], vec![1, 2, 8]);
        let endpoints = vec!["PLAINTEXT://10.0.0.7:9092".to_owned()];
        let registered = Registration { endpoints, ..Registration::default() };
        snapshot.registry.as_mut().unwrap().brokers.insert(7, registered);
    });
    let what = "is registered at PLAINTEXT://10.0.0.7:9092, and not in the spec";
    assert_eq!(noted(&plan), [(Kind::BrokerNotInSpec, "broker 7", what)]);
    let [gone] = plan.open.as_slice() else { panic!("{plan:?}") };
    assert_eq!(gone.subject, "broker 8");
    assert!(gone.what.ends_with("is to have replicas (partitions: 1)"), "{plan:?}");
    assert!(gone.help.contains("--bootstrap-server 10.0.0.1:9092"), "{plan:?}");
}

#[test]
fn a_reassignment_that_is_under_way_keeps_its_throttles() {
    let throttled = |snapshot: &mut Snapshot| {
        config(snapshot, "orders").push(entry("leader.replication.throttled.replicas", "0:1", Source::Topic));
        let config = snapshot.brokers.get_mut("c").unwrap().config.as_mut().unwrap();
        config.push(entry("leader.replication.throttled.rate", "1000", Source::DynamicBroker));
    };
    assert_eq!(after(throttled).open.len(), 2);
    let plan = after(|snapshot| {
        throttled(snapshot);
        snapshot.reassignments = Ok([("orders".to_owned(), vec![0, 2])].into());
    });
    let what = "a reassignment of its partitions 0, 2 is under way";
    assert_eq!(noted(&plan), [(Kind::Reassignment, "orders", what)]);
    assert!(plan.is_empty(), "{plan:?}");
}
