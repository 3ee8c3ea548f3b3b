//! How long it takes to plan for 100 brokers with 50,000 partitions of 1,000 topics, out of a simulated snapshot. A
//! first plan that takes longer than the bound is an error.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use divan::Bencher;
use kafnix_client::kafka::admin::{Entry, Metadata, Partition, Source, Topic};
use kafnix_client::zookeeper::session::Registry;
use kafnix_generator::Cluster;
use kafnix_generator::hosts::hosts;
use kafnix_generator::role::Role;
use kafnix_operate::plan::{Plan, plan};
use kafnix_operate::snapshot::{BrokerFacts, Missing, Snapshot, TopicFacts};
use kafnix_protocol::registry::{OwnedTopic, Registration};

const BROKERS: i64 = 100;
const TOPICS: usize = 1_000;
const PARTITIONS: i32 = 50;
const BOUND: Duration = Duration::from_secs(2);

fn main() {
    divan::main();
}

/// All is as the spec says.
#[divan::bench(sample_count = 20)]
fn nothing_to_do(bencher: Bencher<'_, '_>) {
    let cluster = cluster();
    let snapshot = snapshot(&cluster);
    assert!(first(&cluster, &snapshot).is_empty(), "something is to do");
    bencher.bench(|| plan(&cluster, &snapshot));
}

/// Each topic lacks partitions, has other settings and is led by others, each broker runs another setting; with the
/// digest of it all.
#[divan::bench(sample_count = 20)]
fn all_to_do(bencher: Bencher<'_, '_>) {
    let cluster = cluster();
    let mut snapshot = snapshot(&cluster);
    let topics = snapshot.topics.iter_mut();
    for facts in topics {
        for topic in &mut facts.topics {
            topic.partitions.pop();
            topic.partitions.iter_mut().for_each(|of| of.leader = of.replicas.last().copied());
        }
        let configs = facts.configs.iter_mut().flat_map(BTreeMap::values_mut).flatten();
        configs.for_each(|entry| entry.value = Some("1".to_owned()));
    }
    for broker in snapshot.brokers.values_mut() {
        let config = broker.config.iter_mut().flatten();
        config
            .filter(|entry| entry.key == "num.partitions")
            .for_each(|entry| entry.value = Some("77".to_owned()));
    }
    let made = first(&cluster, &snapshot);
    assert_eq!((made.steps.len(), made.open.len()), (3 * TOPICS, 100), "not all is to do");
    bencher.bench(|| plan(&cluster, &snapshot).digest());
}

/// Within the bound, as whoever calls the program once has it.
fn first(cluster: &Cluster, snapshot: &Snapshot) -> Plan {
    let begun = Instant::now();
    let made = plan(cluster, snapshot);
    let took = begun.elapsed();
    assert!(took < BOUND, "a plan takes {took:?}, and may take {BOUND:?}");
    made
}

#[allow(clippy::expect_used, reason = "a benchmark that cannot run says why")]
fn cluster() -> Cluster {
    let mut text = String::from("{ \"hosts\": {");
    for id in 1..=BROKERS {
        let comma = if id == 1 { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = write!(text, "{comma} \"broker{id}\": {{ \"address\": \"10.0.0.{id}\" }}");
    }
    text.push_str(
        "}, \"zookeeper\": { \"hosts\": { \"broker1\": {}, \"broker2\": {}, \"broker3\": {} } }, \
         \"kafka\": { \"settings\": { \"num.partitions\": 3 } }, \"topics\": {",
    );
    for topic in 0..TOPICS {
        let comma = if topic == 0 { "" } else { "," };
        let _ = write!(
            text,
            "{comma} \"topic-{topic}\": {{ \"partitions\": {PARTITIONS}, \"replicas\": 3, \
             \"settings\": {{ \"retention.ms\": 3600000, \"min.insync.replicas\": 2 }} }}"
        );
    }
    text.push_str("} }");
    kafnix_generator::check(text.as_bytes(), None, &[]).cluster.expect("a spec without problems")
}

fn snapshot(cluster: &Cluster) -> Snapshot {
    let names = || (0..TOPICS).map(|topic| format!("topic-{topic}"));
    let topics = names().map(|name| Topic {
        name,
        partitions: (0..PARTITIONS).map(partition).collect(),
        ..Topic::default()
    });
    let own = || {
        vec![
            entry("retention.ms", "3600000", Source::Topic),
            entry("min.insync.replicas", "2", Source::Topic),
        ]
    };
    let keys: std::collections::BTreeSet<_> = own().into_iter().map(|entry| entry.key).collect();
    let owned = || OwnedTopic { keys: keys.clone(), created: Some(1) };
    let registry = Registry {
        brokers: (1..=BROKERS).map(|id| (id, Registration::default())).collect(),
        controller: Some(1),
        cluster_id: Some("one".to_owned()),
        topics: names().map(|name| (name, owned())).collect(),
        ..Registry::default()
    };
    let brokers = hosts(cluster).into_iter().map(|host| {
        let settings = host.services[&Role::Broker].settings.iter();
        let config =
            settings.filter_map(|(key, setting)| Some(entry(key, &setting.plain()?, Source::Static)));
        let facts = BrokerFacts {
            listeners: Vec::new(),
            connection: Ok(()),
            metadata: Ok(Metadata::default()),
            config: Ok(config.collect()),
            log_dirs: Err(Missing::Unasked("it is not compared".to_owned())),
        };
        (host.name.to_owned(), facts)
    });
    Snapshot {
        servers: BTreeMap::new(),
        brokers: brokers.collect(),
        registry: Ok(registry),
        topics: Ok(TopicFacts {
            topics: topics.collect(),
            configs: Ok(names().map(|name| (name, own())).collect()),
        }),
        reassignments: Ok(BTreeMap::new()),
        turns: Ok(Vec::new()),
        local: false,
    }
}

fn partition(index: i32) -> Partition {
    let first = i64::from(index) % BROKERS;
    let replicas: Vec<_> = (0..3).map(|next| (first + next) % BROKERS + 1).collect();
    Partition {
        index,
        leader: replicas.first().copied(),
        in_sync: replicas.clone(),
        replicas,
        offline: Vec::new(),
    }
}

fn entry(key: &str, value: &str, source: Source) -> Entry {
    let value = Some(value.to_owned());
    Entry { key: key.to_owned(), value: value.clone(), secret: false, source, layers: vec![(source, value)] }
}
