//! Topics of the spec against those that are there.

use std::collections::{BTreeMap, BTreeSet};

use kafnix_client::kafka::admin::{Entry, Partition, Source};
use kafnix_generator::Cluster;
use kafnix_generator::cluster::Topic;
use kafnix_generator::keys::TOPIC;
use kafnix_generator::retention::may_delete_records;
use kafnix_generator::spec::Version;
use kafnix_protocol::registry::OwnedTopic;

use super::brokers::{bootstrap, reassign};
use super::{Change, Kind, Plan, Risk, Step};
use crate::compare::{kind, same};
use crate::snapshot::{Snapshot, THROTTLED};

pub(super) fn plan(cluster: &Cluster, snapshot: &Snapshot, plan: &mut Plan) {
    let facts = match &snapshot.topics {
        Ok(facts) => facts,
        Err(missing) => return plan.unknown(Kind::Topics, "topics", "which there are", missing),
    };
    let newest = cluster.brokers().map(|(_, broker)| broker.release.value).max();
    let known = facts.topics.iter().filter(|topic| !topic.partitions.is_empty());
    let known: BTreeMap<_, _> = known.map(|topic| (topic.name.as_str(), &topic.partitions)).collect();
    let mut there = BTreeMap::new();
    for topic in &cluster.topics {
        match known.get(topic.name.as_str()) {
            None => plan.steps.push(create(topic)),
            Some(partitions) => _ = there.insert(topic.name.as_str(), (topic, *partitions)),
        }
    }
    let moving = moving(snapshot, plan);
    if let Ok(registry) = &snapshot.registry {
        left(
            registry.topics.keys().filter(|name| known.contains_key(name.as_str())),
            cluster,
            snapshot.local,
            plan,
        );
    }
    for (topic, partitions) in there.values() {
        shape(cluster, topic, partitions, plan);
    }
    match (&facts.configs, &snapshot.registry) {
        (Ok(configs), Ok(registry)) => {
            for (name, (topic, _)) in &there {
                let config = configs.get(*name).map(Vec::as_slice).unwrap_or_default();
                settings(topic, config, registry.topics.get(*name), newest, plan);
            }
            // A reassignment that is under way needs its throttles.
            for (name, config) in configs.iter().filter(|(name, _)| !moving.contains_key(*name)) {
                throttles(cluster, name, config, plan);
            }
        }
        (Err(missing), _) | (_, Err(missing)) => {
            plan.unknown(Kind::TopicSettings, "topics", "their settings", missing);
        }
    }
    for (topic, partitions) in there.values().filter(|_| moves_leaders(cluster)) {
        leaders(topic, partitions, plan);
    }
}

fn create(topic: &Topic) -> Step {
    let settings = topic.settings.iter();
    let settings =
        settings.filter_map(|(key, setting)| Some((key.clone(), setting.value.plain()?.into_owned())));
    Step::CreateTopic {
        topic: topic.name.clone(),
        partitions: topic.partitions.value,
        replicas: topic.replicas.value,
        settings: settings.collect(),
    }
}

/// Which topics are being given other replicas.
fn moving(snapshot: &Snapshot, plan: &mut Plan) -> BTreeMap<String, Vec<i32>> {
    let moving = match &snapshot.reassignments {
        Ok(moving) => moving,
        Err(missing) => {
            plan.unknown(Kind::Reassignment, "topics", "reassignments of their partitions", missing);
            return BTreeMap::new();
        }
    };
    for (name, partitions) in moving {
        let partitions: Vec<_> = partitions.iter().map(ToString::to_string).collect();
        let what = format!("a reassignment of its partitions {} is under way", partitions.join(", "));
        plan.note(Kind::Reassignment, name, what, String::new());
    }
    moving.clone()
}

/// Topics that kafnix has created or changed and that the spec does not declare any more.
fn left<'a>(names: impl Iterator<Item = &'a String>, cluster: &Cluster, local: bool, plan: &mut Plan) {
    let declared: BTreeSet<_> = cluster.topics.iter().map(|topic| &topic.name).collect();
    let local = if local { "--local " } else { "" };
    for name in names.filter(|name| !declared.contains(name)) {
        plan.note(
            Kind::TopicNotInSpec,
            name,
            "is not in the spec any more, and stays as kafnix has left it".to_owned(),
            format!("`kafnix apply {local}--delete {name}` deletes it with its records"),
        );
    }
}

fn shape(cluster: &Cluster, topic: &Topic, partitions: &[Partition], plan: &mut Plan) {
    let (has, wanted) = (partitions.len(), topic.partitions.value);
    // A default is for topics that are created.
    let is_written = topic.partitions.pointer().is_some();
    if is_written && usize::try_from(wanted).is_ok_and(|wanted| wanted > has) {
        plan.steps.push(Step::AddPartitions { topic: topic.name.clone(), from: has, to: wanted });
    } else if is_written && usize::try_from(wanted) != Ok(has) {
        plan.open(
            Kind::MorePartitions,
            &topic.name,
            format!("has {has} partitions, and the spec {wanted}: Kafka takes none away"),
            format!("write `\"partitions\": {has}`, or move the records to another topic"),
        );
    }
    let replicas = usize::try_from(topic.replicas.value);
    let is_off = |of: &&Partition| topic.replicas.pointer().is_some() && replicas != Ok(of.replicas.len());
    let off: Vec<_> = partitions.iter().filter(is_off).collect();
    if let Some(first) = off.first() {
        plan.open(
            Kind::OtherReplicas,
            &topic.name,
            format!(
                "{} of {has} partitions have another number of replicas than {}: partition {} has {}",
                off.len(),
                topic.replicas.value,
                first.index,
                first.replicas.len()
            ),
            reassign(cluster),
        );
    }
}

fn settings(
    topic: &Topic,
    config: &[Entry],
    owned: Option<&OwnedTopic>,
    version: Option<Version>,
    plan: &mut Plan,
) {
    let own = |key: &str| config.iter().find(|entry| entry.key == key && entry.source == Source::Topic);
    let now = |key: &str| config.iter().find(|entry| entry.key == key).and_then(|entry| entry.value.clone());
    let mut changes = Vec::new();
    for (key, setting) in &topic.settings {
        let Some(ours) = setting.value.plain() else { continue };
        let kind = version.and_then(|version| kind(&TOPIC, key, version));
        // Where the topic has none of its own, the broker's may change.
        let there = own(key)
            .is_some_and(|entry| entry.value.as_deref().is_none_or(|theirs| same(kind, &ours, theirs)));
        if !there {
            let (from, to) = (now(key), ours.into_owned());
            let risk = risk(key, from.as_deref(), Some(&to));
            changes.push(Change { key: key.clone(), from, to: Some(to), risk });
        }
    }
    let mut foreign = Vec::new();
    for entry in config.iter().filter(|entry| entry.source == Source::Topic) {
        if topic.settings.contains_key(&entry.key) || THROTTLED.contains(&entry.key.as_str()) {
            continue;
        }
        if owned.is_some_and(|owned| owned.keys.contains(&entry.key)) {
            let from = entry.value.clone();
            // What the broker has may stand under another key, in another unit.
            let risk = risk(&entry.key, from.as_deref(), None);
            changes.push(Change { key: entry.key.clone(), from, to: None, risk });
        } else {
            foreign.push(format!("{}={}", entry.key, entry.value.as_deref().unwrap_or("(secret)")));
        }
    }
    if !changes.is_empty() {
        changes.sort();
        plan.steps.push(Step::AlterTopic { topic: topic.name.clone(), settings: changes });
    }
    if !foreign.is_empty() {
        let what = format!(
            "has settings that are not in the spec and that kafnix did not set: {}",
            foreign.join(", ")
        );
        plan.note(Kind::TopicSettings, &topic.name, what, String::new());
    }
}

fn risk(key: &str, from: Option<&str>, to: Option<&str>) -> Option<Risk> {
    may_delete_records(key, from, to).then_some(Risk::DeletesRecords)
}

fn throttles(cluster: &Cluster, name: &str, config: &[Entry], plan: &mut Plan) {
    let left = |entry: &&Entry| {
        let is_set = entry.value.as_deref().is_none_or(|value| !value.is_empty());
        THROTTLED.contains(&entry.key.as_str()) && entry.source == Source::Topic && is_set
    };
    for entry in config.iter().filter(left) {
        plan.open(
            Kind::TopicThrottle,
            name,
            format!(
                "{} = {}: a reassignment has throttled it",
                entry.key,
                entry.value.as_deref().unwrap_or("")
            ),
            format!(
                "`kafka-reassign-partitions.sh --bootstrap-server {0} --verify` removes it once the reassignment has \
                 ended; else `kafka-configs.sh --bootstrap-server {0} --alter --topic {name} --delete-config {1}`",
                bootstrap(cluster),
                entry.key
            ),
        );
    }
}

/// Leaders of the topics of the spec that are not the first replica though that one is in sync.
fn leaders(topic: &Topic, partitions: &[Partition], plan: &mut Plan) {
    let moved = |of: &&Partition| {
        let preferred = of.replicas.first();
        preferred.is_some_and(|first| {
            of.leader.is_some_and(|leader| leader != *first) && of.in_sync.contains(first)
        })
    };
    let mut partitions: Vec<_> = partitions.iter().filter(moved).map(|of| of.index).collect();
    if !partitions.is_empty() {
        partitions.sort_unstable();
        plan.steps.push(Step::ElectLeaders { topic: topic.name.clone(), partitions });
    }
}

/// Whoever turns the balancer off wants leaders to stay where they are.
fn moves_leaders(cluster: &Cluster) -> bool {
    let key = cluster.kafka.as_ref().and_then(|kafka| kafka.settings.get("auto.leader.rebalance.enable"));
    key.and_then(|setting| setting.value.plain()).is_none_or(|value| !value.eq_ignore_ascii_case("false"))
}
