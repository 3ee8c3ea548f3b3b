//! Every partition of every topic has its leader and its replicas.

use kafnix_generator::Cluster;

use super::{Check, Expect, Judge, Snapshot, TOPICS, Verdict, count, list};
use crate::round_trip::is_ours;
use crate::snapshot::MIN_ISR;
use crate::snapshot::TopicFacts;
use kafnix_client::kafka::admin::{Partition, Topic};

pub(super) static LEADERS: Check = Check {
    code: "V307",
    title: "no partition is offline",
    why: "A partition without a leader can be neither written nor read.",
    help: "start the brokers that hold its replicas; where all of them lost their disks, the records are gone",
    judge: Judge::Snapshot(|cluster, snapshot| {
        every_topic(cluster, snapshot, "a leader for every partition", offline)
    }),
};

pub(super) static IN_SYNC: Check = Check {
    code: "V308",
    title: "no partition is under-replicated",
    why: "All replicas of every partition are in sync with its leader. Until they are, the next broker that is \
          lost may take records with it.",
    help: "wait where a broker has just come back; else see `journalctl -u kafka` on the brokers that are out \
           of sync, and whether their disks and network keep up",
    judge: Judge::Snapshot(|cluster, snapshot| {
        every_topic(cluster, snapshot, "every replica in sync", behind)
    }),
};

pub(super) static MIN_ISR_CHECK: Check = Check {
    code: "V309",
    title: "no partition is under its min ISR",
    why: "A partition with fewer in-sync replicas than `min.insync.replicas` rejects records that a producer sends \
          with `acks=all`. From 3.7 on Kafka asks for no more than the partition has replicas.",
    help: "start the brokers that are down; producers go on by themselves once enough replicas are in sync",
    judge: Judge::Snapshot(min_isr),
};

fn min_isr(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    const EXPECTED: &str = "`min.insync.replicas` in sync";
    match snapshot.topics.as_ref().map(|topics| &topics.configs) {
        Ok(Err(missing)) => vec![Expect::of(TOPICS, EXPECTED).skipped(missing.reason())],
        _ => every_topic(cluster, snapshot, EXPECTED, below_min_isr),
    }
}

/// Whether something is wrong with a partition, in words.
type Fault = fn(&Cluster, &Partition, Option<usize>) -> Option<String>;

fn offline(_: &Cluster, partition: &Partition, _: Option<usize>) -> Option<String> {
    let waits_for = || format!("has no leader, and replicas on {}", list(&partition.replicas));
    partition.leader.is_none().then(waits_for)
}

fn behind(_: &Cluster, partition: &Partition, _: Option<usize>) -> Option<String> {
    let behind: Vec<_> = partition.replicas.iter().filter(|id| !partition.in_sync.contains(id)).collect();
    (!behind.is_empty()).then(|| format!("is behind on broker {}", list(behind)))
}

/// Its leader judges that.
fn below_min_isr(cluster: &Cluster, partition: &Partition, least: Option<usize>) -> Option<String> {
    let leader = cluster.brokers().find(|(_, broker)| partition.leader == Some(broker.id.value));
    let is_bounded = leader.is_some_and(|(_, broker)| broker.bounds_min_isr());
    let least = if is_bounded { least?.min(partition.replicas.len()) } else { least? };
    let in_sync = partition.in_sync.len();
    (in_sync < least).then(|| format!("has {in_sync} in sync and needs {least}"))
}

/// One verdict for every topic with a fault, or one for all topics.
fn every_topic(cluster: &Cluster, snapshot: &Snapshot, expected: &str, fault: Fault) -> Vec<Verdict> {
    if cluster.kafka.is_none() {
        return Vec::new();
    }
    let topics = match &snapshot.topics {
        Ok(topics) => topics,
        Err(missing) => return vec![Expect::of(TOPICS, expected).skipped(missing.reason())],
    };
    let others = || topics.topics.iter().filter(|topic| !is_ours(&topic.name));
    let bad = others().filter_map(|topic| {
        Some(Expect::of(&topic.name, expected).failed(of_topic(cluster, topic, topics, fault)?))
    });
    let bad: Vec<_> = bad.collect();
    if bad.is_empty() {
        let partitions = others().map(|topic| topic.partitions.len()).sum();
        let (topics, partitions) = (count(others().count(), "topic"), count(partitions, "partition"));
        return vec![Expect::of(TOPICS, expected).good(format!("{partitions} of {topics}"))];
    }
    bad
}

/// The first fault of a topic, and how many more there are.
fn of_topic(cluster: &Cluster, topic: &Topic, facts: &TopicFacts, fault: Fault) -> Option<String> {
    if let Some(error) = topic.error.as_ref().filter(|_| topic.partitions.is_empty()) {
        return Some(error.clone());
    }
    let least = facts.configs.as_ref().ok().and_then(|configs| {
        let config = configs.get(&topic.name)?;
        config.iter().find(|entry| entry.key == MIN_ISR)?.value.as_ref()?.parse().ok()
    });
    let mut faults = topic.partitions.iter().filter_map(|partition| {
        Some(format!("partition {} {}", partition.index, fault(cluster, partition, least)?))
    });
    let first = faults.next()?;
    match faults.count() {
        0 => Some(first),
        more => Some(format!("{first}, and {} likewise", count(more, "other"))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Outcome;
    use super::super::testing::{expect_of, failed, good};
    use super::{Check, IN_SYNC, LEADERS, MIN_ISR_CHECK, Partition, Snapshot};
    use serde_json::json;

    fn partition(snapshot: &mut Snapshot) -> &mut Partition {
        &mut snapshot.topics.as_mut().unwrap().topics[0].partitions[1]
    }

    #[test]
    fn a_partition_without_a_leader_is_offline() {
        good(&LEADERS, |_| ());
        let found = failed(&LEADERS, |snapshot| partition(snapshot).leader = None);
        assert_eq!(found, "partition 1 has no leader, and replicas on 1, 2 and 3");
    }

    #[test]
    fn a_replica_that_is_behind_is_under_replication() {
        good(&IN_SYNC, |_| ());
        let found = failed(&IN_SYNC, |snapshot| partition(snapshot).in_sync = vec![1, 2]);
        assert_eq!(found, "partition 1 is behind on broker 3");
    }

    #[test]
    fn two_of_three_in_sync_are_not_under_a_min_isr_of_two() {
        let check: &'static Check = &MIN_ISR_CHECK;
        good(check, |snapshot| partition(snapshot).in_sync = vec![1, 2]);
        let found = failed(check, |snapshot| partition(snapshot).in_sync = vec![1]);
        assert_eq!(found, "partition 1 has 1 in sync and needs 2");
    }

    #[test]
    fn one_replica_is_enough_for_a_leader_that_asks_for_no_more_than_there_are() {
        let one_replica = |snapshot: &mut Snapshot| {
            (partition(snapshot).replicas, partition(snapshot).in_sync) = (vec![1], vec![1]);
            partition(snapshot).leader = Some(1);
        };
        let of = |version: &str| json!({ "versions": { "kafka": version, "jdk": "11" } });
        expect_of(&of("3.7.0"), Outcome::Good, &MIN_ISR_CHECK, one_replica);
        expect_of(&of("3.6.2"), Outcome::Failed, &MIN_ISR_CHECK, one_replica);
    }
}
