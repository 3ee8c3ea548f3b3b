//! Kafka's own topics have the replicas that the spec wants for them.

use kafnix_generator::Cluster;

use super::{Check, Expect, Judge, Snapshot, Verdict, count};

pub(super) static CHECK: Check = Check {
    code: "V311",
    title: "internal topics have their replicas",
    why: "Kafka creates `__consumer_offsets` and `__transaction_state` when a client first needs them, with the \
          replicas that its configuration said then; a later change of the setting does not change the topic. \
          With fewer replicas, the loss of one broker stops every consumer group or transaction.",
    help: "give the topic its replicas with `kafka-reassign-partitions.sh`: settings only count when the topic \
           is created",
    judge: Judge::Snapshot(run),
};

/// Each internal topic with the setting that says how many replicas it gets.
const TOPICS: [(&str, &str); 2] = [
    ("__consumer_offsets", "offsets.topic.replication.factor"),
    ("__transaction_state", "transaction.state.log.replication.factor"),
];

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    let Some(kafka) = &cluster.kafka else { return Vec::new() };
    let verdict = |(name, key): (&str, &str)| {
        let wanted = kafka.settings.get(key).and_then(|setting| setting.value.integer());
        let wanted = wanted.and_then(|wanted| usize::try_from(wanted).ok());
        let expected = wanted.map_or(format!("`{key}` replicas"), |wanted| count(wanted, "replica"));
        let expect = Expect::of(name, expected);
        let Some(wanted) = wanted else { return expect.skipped(format!("the spec does not set `{key}`")) };
        expect.judge(&snapshot.topics, |snapshot| {
            let Some(topic) = snapshot.topics.iter().find(|topic| topic.name == name) else {
                return Ok("not there yet: Kafka makes it when a client first needs it".to_owned());
            };
            let off = topic.partitions.iter().find(|partition| partition.replicas.len() != wanted);
            match off {
                None => Ok(format!(
                    "{} of {}",
                    count(wanted, "replica"),
                    count(topic.partitions.len(), "partition")
                )),
                Some(off) => {
                    Err(format!("partition {} has {}", off.index, count(off.replicas.len(), "replica")))
                }
            }
        })
    };
    TOPICS.into_iter().map(verdict).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good, topic};
    use super::CHECK;

    #[test]
    fn a_topic_that_is_not_there_yet_is_good() {
        good(&CHECK, |_| ());
    }

    #[test]
    fn a_topic_with_too_few_replicas_fails() {
        let found = failed(&CHECK, |snapshot| {
            let mut offsets = topic("__consumer_offsets", 50);
            offsets.partitions[7].replicas = vec![1];
            snapshot.topics.as_mut().unwrap().topics.push(offsets);
        });
        assert_eq!(found, "partition 7 has 1 replica");
    }
}
