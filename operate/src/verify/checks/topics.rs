//! The topics of the spec are there, as it declares them.

use kafnix_generator::Cluster;
use kafnix_generator::cluster::Topic;
use kafnix_generator::keys::TOPIC;
use kafnix_generator::spec::Version;

use super::{Check, Expect, Judge, Snapshot, Verdict, count};
use crate::compare::{kind, same};
use crate::snapshot::TopicFacts;
use crate::verify::Finding;
use kafnix_client::kafka::admin::{Entry, Partition, Source};

pub(super) static CHECK: Check = Check {
    code: "V404",
    title: "declared topics are as declared",
    why: "Each topic of the spec exists with its settings, and with the partitions and replicas that the spec writes: \
          a default is for topics that are created. A setting that the topic \
          has of its own and that the spec does not declare is worth knowing. Topics that the spec does not name \
          are not checked.",
    help: "`kafnix apply` creates topics, adds partitions and changes settings; \
           `kafka-reassign-partitions.sh` gives a topic other replicas, and partitions cannot be removed: change the \
           spec there",
    judge: Judge::Snapshot(run),
};

/// What is found of the topics of the spec.
pub fn findings(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Finding> {
    run(cluster, snapshot).into_iter().map(|verdict| CHECK.finding(cluster, verdict)).collect()
}

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    let newest = cluster.brokers().map(|(_, broker)| broker.release.value).max();
    let verdict = |topic: &Topic| {
        let (partitions, replicas) = (topic.partitions.value, topic.replicas.value);
        let settings = count(topic.settings.len(), "setting");
        let expected = format!("{partitions} partitions, {replicas} replicas, {settings}");
        let expect = Expect::of(&topic.name, expected);
        match &snapshot.topics {
            Err(missing) => expect.skipped(missing.reason()),
            Ok(facts) => judge(topic, facts, newest, expect),
        }
    };
    cluster.topics.iter().map(verdict).collect()
}

fn judge(topic: &Topic, facts: &TopicFacts, version: Option<Version>, expect: Expect) -> Verdict {
    let found = facts.topics.iter().find(|found| found.name == topic.name && !found.partitions.is_empty());
    let Some(found) = found else {
        return expect.failed("there is no such topic").with_help("`kafnix apply` creates it");
    };
    let mut faults = shape(topic, &found.partitions);
    let configs = match &facts.configs {
        Ok(configs) => configs,
        Err(missing) if faults.is_empty() => return expect.skipped(missing.reason()),
        Err(_) => return expect.failed(faults.join("; ")),
    };
    let config = configs.get(&topic.name).map(Vec::as_slice).unwrap_or_default();
    faults.extend(settings(topic, config, version));
    let own = |entry: &&Entry| entry.source == Source::Topic && !topic.settings.contains_key(&entry.key);
    let more = config
        .iter()
        .filter(own)
        .map(|entry| format!("{} = {}", entry.key, entry.value.as_deref().unwrap_or("(secret)")));
    let more: Vec<_> = more.collect();
    match (faults.is_empty(), more.is_empty()) {
        (true, true) => expect.good("as declared"),
        (true, false) => expect.note(format!("not declared: {}", more.join("; "))),
        (false, _) => expect.failed(faults.join("; ")),
    }
}

fn shape(topic: &Topic, partitions: &[Partition]) -> Vec<String> {
    let mut faults = Vec::new();
    let is_written = topic.partitions.pointer().is_some();
    if is_written && usize::try_from(topic.partitions.value) != Ok(partitions.len()) {
        faults.push(count(partitions.len(), "partition"));
    }
    let wanted = usize::try_from(topic.replicas.value);
    let is_off = |of: &&Partition| topic.replicas.pointer().is_some() && wanted != Ok(of.replicas.len());
    if let Some(off) = partitions.iter().find(is_off) {
        faults.push(format!("partition {} has {}", off.index, count(off.replicas.len(), "replica")));
    }
    faults
}

fn settings(topic: &Topic, config: &[Entry], version: Option<Version>) -> Vec<String> {
    let mut faults = Vec::new();
    for (key, setting) in &topic.settings {
        let Some(ours) = setting.value.plain() else { continue };
        let theirs = config.iter().find(|entry| entry.key == *key);
        let kind = version.and_then(|version| kind(&TOPIC, key, version));
        match theirs.map(|entry| entry.value.as_deref()) {
            Some(Some(theirs)) if same(kind, &ours, theirs) => {}
            // A secret, which Kafka does not tell.
            Some(None) => {}
            Some(Some(theirs)) => faults.push(format!("{key} is {theirs} (declared: {ours})")),
            None => faults.push(format!("{key} is not set (declared: {ours})")),
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good, noted};
    use super::{CHECK, Entry, Snapshot, Source, findings};
    use crate::testing::{healthy, patched, topic};
    use crate::verify::Outcome;
    use serde_json::json;

    fn config(snapshot: &mut Snapshot) -> &mut Vec<Entry> {
        snapshot.topics.as_mut().unwrap().configs.as_mut().unwrap().get_mut("orders").unwrap()
    }

    #[test]
    fn a_missing_topic_fails() {
        good(&CHECK, |_| ());
        let found = failed(&CHECK, |snapshot| snapshot.topics.as_mut().unwrap().topics.clear());
        assert_eq!(found, "there is no such topic");
    }

    #[test]
    fn another_shape_fails() {
        let found = failed(&CHECK, |snapshot| {
            let partitions = &mut snapshot.topics.as_mut().unwrap().topics[0].partitions;
            partitions.pop();
            partitions[0].replicas.pop();
        });
        assert_eq!(found, "5 partitions; partition 0 has 2 replicas");
    }

    #[test]
    fn a_default_is_no_shape_that_a_topic_must_have() {
        let cluster = patched(&json!({ "topics": { "orders": {} } }));
        let (mut snapshot, _) = healthy(&cluster);
        config(&mut snapshot).clear();
        snapshot.topics.as_mut().unwrap().topics = vec![topic("orders", 1)];
        assert_eq!(findings(&cluster, &snapshot)[0].outcome, Outcome::Good);
    }

    #[test]
    fn another_setting_fails_and_one_more_is_worth_a_note() {
        let found = failed(&CHECK, |snapshot| config(snapshot)[0].value = Some("10".into()));
        assert_eq!(found, "flush.messages is 10 (declared: 1)");
        noted(&CHECK, |snapshot| {
            let mut more = config(snapshot)[0].clone();
            more.key = "retention.ms".into();
            assert_eq!(more.source, Source::Topic);
            config(snapshot).push(more);
        });
    }
}
