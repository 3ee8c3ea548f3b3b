//! A broker may restart where no partition falls below its min ISR without it, but for those that would fall below it
//! whichever of their brokers is away.

use std::collections::BTreeMap;

use kafnix_client::Closed;
use kafnix_client::kafka::admin::{Partition, Topic};
use kafnix_client::zookeeper::session::Registry;
use kafnix_generator::Cluster;
use kafnix_generator::cluster::Host;

use super::{Judgement, Policy, has_quorum};
use crate::brokers::named;
use crate::round_trip::is_ours;
use crate::snapshot::{BrokerFacts, MIN_ISR, Snapshot, TopicFacts};

/// How many topics a sentence names.
const NAMED: usize = 3;

pub(super) fn judge(
    cluster: &Cluster,
    snapshot: &Snapshot,
    host: &Host,
    policy: Policy,
    judgement: &mut Judgement,
) {
    let Some(broker) = &host.broker else { return };
    let (id, name) = (broker.id.value, &host.name);
    let serves = snapshot.brokers.get(name).is_some_and(|facts| facts.connection.is_ok());
    if !serves && !is_silent(snapshot, name, id) {
        return;
    }
    if !has_quorum(cluster, snapshot) {
        judgement.refuse(format!(
            "the ensemble has no quorum that can be reached from here, and the broker of `{name}` still serves: it \
             could not come back without one"
        ));
        return;
    }
    let (registry, facts) = match (&snapshot.registry, &snapshot.topics) {
        (Err(missing), _) | (_, Err(missing)) => return judgement.refuse(unknown(name, missing.reason())),
        (Ok(registry), Ok(facts)) => (registry, facts),
    };
    let configs = match &facts.configs {
        Ok(configs) => configs,
        Err(missing) => return judgement.refuse(unknown(name, missing.reason())),
    };
    let min_isr = |topic: &str| {
        let entry = configs.get(topic)?.iter().find(|entry| entry.key == MIN_ISR)?;
        entry.value.as_ref()?.parse::<usize>().ok()
    };
    let replicas = Replicas { cluster, snapshot, registry };
    let (mut short, mut alone) = (Found::default(), Found::default());
    for topic in facts.topics.iter().filter(|topic| !is_ours(&topic.name)) {
        let min = min_isr(&topic.name).unwrap_or(1);
        for partition in topic.partitions.iter().filter(|partition| partition.in_sync.contains(&id)) {
            let left =
                partition.in_sync.iter().filter(|other| **other != id && replicas.serves(**other)).count();
            if left >= min {
                continue;
            }
            // By waiting it may have as many in sync as there are besides this one, and no more.
            let may_be_left = replicas.that_may_serve(partition).saturating_sub(1);
            let found = if left < min.min(may_be_left) { &mut short } else { &mut alone };
            found.add(topic, partition);
        }
    }
    if !short.is_empty() {
        let away = replicas.away(id);
        let since = if away.is_empty() {
            String::new()
        } else {
            format!(", since these do not serve: {}", away.join(", "))
        };
        judgement.refuse(format!(
            "without the broker of `{name}` partitions have fewer replicas in sync than `{MIN_ISR}`: {short}{since}"
        ));
    }
    if !alone.is_empty() {
        judgement.warn(format!(
            "partitions refuse writes with acks=all, and are offline where this is their only replica, while the \
             broker of `{name}` restarts, since the brokers of the spec have no more replicas of them than \
             `{MIN_ISR}`: {alone}"
        ));
    }
    if policy == Policy::NoUrp {
        under_replicated(facts, name, judgement);
    }
}

/// Whether a broker is registered and takes no request, though nothing says that it has ended: it hangs, or cannot be
/// reached from here, and its replicas are in sync for as long as the ensemble says so.
fn is_silent(snapshot: &Snapshot, name: &str, id: i64) -> bool {
    let is_registered = |registry: &Registry| registry.brokers.contains_key(&id);
    let listens = |facts: &BrokerFacts| {
        facts.listeners.iter().any(|(_, port)| port.state.as_ref().err() != Some(&Closed::Refused))
    };
    snapshot.registry.as_ref().is_ok_and(is_registered) && snapshot.brokers.get(name).is_some_and(listens)
}

fn unknown(name: &str, why: &str) -> String {
    format!("whether the others can do without the broker of `{name}` is not known: {why}")
}

fn under_replicated(facts: &TopicFacts, name: &str, judgement: &mut Judgement) {
    let mut found = Found::default();
    for topic in &facts.topics {
        for partition in topic.partitions.iter().filter(|of| of.in_sync.len() < of.replicas.len()) {
            found.add(topic, partition);
        }
    }
    if !found.is_empty() {
        judgement
            .refuse(format!("partitions are under-replicated before the broker of `{name}` goes: {found}"));
    }
}

/// Where replicas are.
struct Replicas<'a> {
    cluster: &'a Cluster,
    snapshot: &'a Snapshot,
    registry: &'a Registry,
}

impl Replicas<'_> {
    fn host(&self, id: i64) -> Option<&Host> {
        self.cluster.brokers().find(|(_, broker)| broker.id.value == id).map(|(host, _)| host)
    }

    /// Whether a broker is there. One that has died is in sync until its session has ended.
    fn serves(&self, id: i64) -> bool {
        let answers =
            |host: &Host| self.snapshot.brokers.get(&host.name).is_some_and(|facts| facts.connection.is_ok());
        self.registry.brokers.contains_key(&id) && self.host(id).is_none_or(answers)
    }

    /// The other brokers of the spec that are not there.
    fn away(&self, id: i64) -> Vec<String> {
        let ids = self.cluster.brokers().map(|(_, broker)| broker.id.value);
        ids.filter(|other| *other != id && !self.serves(*other))
            .map(|other| named(self.cluster, other))
            .collect()
    }

    /// How many replicas may be in sync. Those on a broker that has left the spec do not come back by waiting.
    fn that_may_serve(&self, partition: &Partition) -> usize {
        let may = |id: &&i64| self.host(**id).is_some() || partition.in_sync.contains(id);
        partition.replicas.iter().filter(may).count()
    }
}

/// Partitions by their topics.
#[derive(Debug, Default)]
struct Found<'a>(BTreeMap<&'a str, Vec<i32>>);

impl<'a> Found<'a> {
    fn add(&mut self, topic: &'a Topic, partition: &Partition) {
        self.0.entry(&topic.name).or_default().push(partition.index);
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `orders (0, 3), payments (2)`
impl std::fmt::Display for Found<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, (topic, partitions)) in self.0.iter().take(NAMED).enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            let mut shown: Vec<_> = partitions.iter().take(NAMED).map(ToString::to_string).collect();
            if partitions.len() > NAMED {
                shown.push(format!("and {} more", partitions.len() - NAMED));
            }
            write!(out, "{comma}{topic} ({})", shown.join(", "))?;
        }
        match self.0.len().saturating_sub(NAMED) {
            0 => Ok(()),
            more => write!(out, " and {more} more"),
        }
    }
}
