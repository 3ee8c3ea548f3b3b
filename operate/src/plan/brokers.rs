//! Brokers whose running settings are not the generated ones, and what beats these.

use std::collections::{BTreeMap, BTreeSet};

use kafnix_client::kafka::admin::{Entry, Source};
use kafnix_generator::Cluster;
use kafnix_generator::cluster::{Host, Listener};

use super::{Identity, Kind, Plan};
use crate::compare::broker::{Differs, Override, differences, generated, overrides};
use crate::snapshot::Snapshot;

/// Dynamic settings that hold a reassignment back, and that nobody needs when it has ended.
const THROTTLES: [&str; 3] = [
    "leader.replication.throttled.rate",
    "follower.replication.throttled.rate",
    "replica.alter.log.dirs.io.max.bytes.per.second",
];

/// Where a tool reaches the brokers.
pub(super) fn bootstrap(cluster: &Cluster) -> String {
    let first = cluster.brokers().next();
    let listener = first.and_then(|(_, broker)| cluster.best_known_first(broker).into_iter().next());
    listener.map_or_else(|| "ADDRESS".to_owned(), Listener::endpoint)
}

/// What gives partitions other replicas.
pub(super) fn reassign(cluster: &Cluster) -> String {
    format!(
        "`kafka-reassign-partitions.sh --bootstrap-server {}` gives partitions other replicas",
        bootstrap(cluster)
    )
}

pub(super) fn plan(cluster: &Cluster, snapshot: &Snapshot, plan: &mut Plan) {
    strangers(cluster, snapshot, plan);
    let generated = generated(cluster);
    // What is set for all brokers is told once.
    let mut of_all: Vec<&str> = Vec::new();
    for (host, broker) in cluster.brokers() {
        let (Some(file), Some(facts)) = (generated.get(host.name.as_str()), snapshot.brokers.get(&host.name))
        else {
            continue;
        };
        let config = match &facts.config {
            Ok(config) => config,
            Err(missing) => {
                plan.unknown(Kind::BrokerSettings, &host.name, "the settings of its broker", missing);
                continue;
            }
        };
        stale(host, &differences(file, config).0, snapshot.local, plan);
        for over in overrides(file, config) {
            let for_all = over.entry.source == Source::DynamicDefault;
            if !for_all || !of_all.contains(&over.entry.key.as_str()) {
                dynamic(cluster, snapshot, (host, broker.id.value), &over, plan);
                of_all.extend(for_all.then_some(over.entry.key.as_str()));
            }
        }
    }
}

fn stale(host: &Host, differs: &[Differs<'_>], local: bool, plan: &mut Plan) {
    if differs.is_empty() {
        return;
    }
    let told = |of: &Differs<'_>| format!("{}: {} → {}", of.key, of.theirs.unwrap_or("(not set)"), of.ours);
    let all: Vec<_> = differs.iter().map(told).collect();
    plan.open(
        Kind::BrokerSettings,
        &host.name,
        format!("its broker runs with other settings than the generated ones: {}", all.join("; ")),
        if local {
            "`kafnix local up`, which restarts it".to_owned()
        } else {
            format!("`nixos-rebuild switch --flake .#{}`, which restarts it", host.name)
        },
    );
}

/// Brokers that the spec does not have: those that are registered, and those that are gone and have replicas.
fn strangers(cluster: &Cluster, snapshot: &Snapshot, plan: &mut Plan) {
    let (Ok(registry), Ok(facts)) = (&snapshot.registry, &snapshot.topics) else { return };
    let ours: BTreeSet<_> = cluster.brokers().map(|(_, broker)| broker.id.value).collect();
    for (id, broker) in registry.brokers.iter().filter(|(id, _)| !ours.contains(id)) {
        let endpoints = broker.endpoints.join(", ");
        let what = format!("is registered at {endpoints}, and not in the spec");
        plan.note(Kind::BrokerNotInSpec, &format!("broker {id}"), what, String::new());
    }
    let mut gone: BTreeMap<i64, usize> = BTreeMap::new();
    for partition in facts.topics.iter().flat_map(|topic| &topic.partitions) {
        for id in partition.replicas.iter().filter(|id| !ours.contains(id)) {
            *gone.entry(*id).or_default() += 1;
        }
    }
    for (id, count) in gone.iter().filter(|(id, _)| !registry.brokers.contains_key(id)) {
        plan.open(
            Kind::BrokerGone,
            &format!("broker {id}"),
            format!("is neither in the spec nor registered, and is to have replicas (partitions: {count})"),
            reassign(cluster),
        );
    }
}

fn dynamic(
    cluster: &Cluster,
    snapshot: &Snapshot,
    (host, id): (&Host, i64),
    over: &Override<'_>,
    plan: &mut Plan,
) {
    let Entry { key, value, source, .. } = over.entry;
    let value = value.as_deref().unwrap_or("(secret)");
    let for_all = *source == Source::DynamicDefault;
    let (subject, entity) = if for_all {
        ("all brokers", "--entity-default".to_owned())
    } else {
        (host.name.as_str(), format!("--entity-name {id}"))
    };
    let is_throttle = THROTTLES.contains(&key.as_str());
    // A reassignment that is under way needs its throttles.
    let is_moving = snapshot.reassignments.as_ref().is_ok_and(|moving| !moving.is_empty());
    let (kind, what) = match &over.beats {
        Some(ours) => (
            Kind::SettingOverridden,
            format!("the dynamic setting {key} = {value} beats the generated {ours}"),
        ),
        None if is_throttle && !is_moving => {
            (Kind::BrokerThrottle, format!("the throttle {key} = {value} is still there"))
        }
        None if is_throttle => return,
        None => {
            let what = format!("the dynamic setting {key} = {value} is not in the spec");
            return plan.note(Kind::DynamicSetting, subject, what, String::new());
        }
    };
    let remove = format!(
        "`kafka-configs.sh --bootstrap-server {} --alter --entity-type brokers {entity} --delete-config {key}` \
         removes it",
        bootstrap(cluster)
    );
    plan.open(kind, subject, what, remove);
}

/// Whether it may be the cluster of the spec that has answered.
pub(super) fn identify(cluster: &Cluster, snapshot: &Snapshot, plan: &mut Plan) -> bool {
    let (Some(kafka), Ok(registry)) = (&cluster.kafka, &snapshot.registry) else { return true };
    let Some(there) = &registry.cluster_id else {
        plan.open(
            Kind::NoCluster,
            "the cluster",
            format!("no Kafka cluster is known below the chroot `{}`", kafka.chroot.value),
            "look at `kafka.chroot` and at the addresses of the spec, and whether a broker has ever started"
                .to_owned(),
        );
        return false;
    };
    plan.identity = match &kafka.cluster_id {
        Some(ours) if ours.value == *there => Identity::Same(there.clone()),
        Some(_) => Identity::Other(there.clone()),
        // The one on this machine has another id than the one on the hosts.
        None if snapshot.local => Identity::Same(there.clone()),
        None => Identity::Unwritten(there.clone()),
    };
    let (Identity::Other(_), Some(ours)) = (&plan.identity, &kafka.cluster_id) else { return true };
    plan.open(
        Kind::OtherCluster,
        "the cluster",
        format!("its cluster id is {there}, and that of the spec {}: it is another cluster", ours.value),
        "look at the addresses of the spec, and at `kafka.clusterId`".to_owned(),
    );
    false
}
