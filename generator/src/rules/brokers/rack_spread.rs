//! The loss of one rack leaves enough replicas for writes.

use std::collections::BTreeMap;

use crate::rules::prelude::*;
use crate::rules::brokers::replication::min_isr_of;
use crate::cluster::Model;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K312",
        severity: Warning,
        title: "the loss of one rack can stop writes",
        why: "Kafka puts one replica into each rack before it puts a second one into any. Where there are more \
              replicas than racks, all further ones may be in the same rack (AdminUtils, rack-aware assignment). If \
              fewer than `min.insync.replicas` are outside of that rack, its loss stops `acks=all` writes.",
        help: "spread the brokers over as many racks as there are replicas, or lower the min ISR",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(kafka) = &draft.cluster.kafka else { return };
    let Some(racks) = Racks::of(&draft.cluster) else { return };
    let (factor, min_isr) = (&kafka.replication_factor, &kafka.min_insync_replicas);
    if let Some(left) = racks.too_few_left(factor.value.into(), min_isr.value.into()) {
        let title = racks.title("a topic", factor.value.into(), left, min_isr.value.into());
        let place = factor.pointer().or(min_isr.pointer()).unwrap_or("/kafka");
        found.add(found.problem(title).at(place, racks.label(factor.value.into())));
    }
    for topic in &draft.cluster.topics {
        let min_isr = min_isr_of(topic, kafka);
        let Some(place) = topic.replicas.pointer().or(min_isr.pointer) else { continue };
        let replicas = topic.replicas.value;
        if let Some(left) = racks.too_few_left(replicas, min_isr.value) {
            let title = racks.title(&format!("topic `{}`", topic.name), replicas, left, min_isr.value);
            found.add(found.problem(title).at(place, racks.label(replicas)));
        }
    }
}

struct Racks {
    number: i64,
    /// Brokers in the largest.
    largest: i64,
}

impl Racks {
    /// Nothing where not every broker has one: then Kafka does not look at racks.
    fn of(cluster: &Model) -> Option<Self> {
        let mut sizes: BTreeMap<&str, i64> = BTreeMap::new();
        for (host, _) in cluster.brokers() {
            *sizes.entry(&host.rack.as_ref()?.value).or_default() += 1;
        }
        Some(Self { number: i64::try_from(sizes.len()).ok()?, largest: sizes.into_values().max()? })
    }

    /// How many replicas the loss of a rack may leave, where that stops writes and one broker
    /// alone would not.
    fn too_few_left(&self, replicas: i64, min_isr: i64) -> Option<i64> {
        let in_one_rack = replicas.saturating_sub(self.number - 1).clamp(1, self.largest);
        let left = replicas.saturating_sub(in_one_rack);
        (min_isr < replicas && left < min_isr).then_some(left)
    }

    fn title(&self, what: &str, replicas: i64, left: i64, min_isr: i64) -> String {
        let racks = if self.number == 1 { "rack" } else { "racks" };
        format!(
            "the loss of one rack can leave {what} {left} of {replicas} replicas, and writes need {min_isr}: \
             the brokers stand in {} {racks}",
            self.number
        )
    }

    fn label(&self, replicas: i64) -> String {
        format!("{replicas} replicas, racks: {}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn racks(a: &str, b: &str, c: &str) -> Value {
        json!({ "a": { "rack": a }, "b": { "rack": b }, "c": { "rack": c } })
    }

    #[test]
    fn three_replicas_in_two_racks_are_warned_of() {
        let title = breaks(&RULE, json!({ "hosts": racks("1", "1", "2") })).title;
        assert!(title.contains("can leave a topic 1 of 3 replicas, and writes need 2"), "{title}");
    }

    #[test]
    fn one_rack_for_all_is_warned_of() {
        breaks(&RULE, json!({ "hosts": racks("1", "1", "1") }));
    }

    #[test]
    fn a_rack_for_each_replica_is_enough() {
        holds(&RULE, json!({ "hosts": racks("1", "2", "3") }));
    }

    #[test]
    fn one_replica_outside_is_enough_where_one_must_answer() {
        holds(&RULE, json!({ "hosts": racks("1", "1", "2"), "kafka": { "minInsyncReplicas": 1 } }));
    }

    #[test]
    fn a_topic_has_replicas_of_its_own() {
        let mut spec = json!({ "hosts": racks("1", "1", "2"), "topics": { "t": { "replicas": 3 } } });
        spec["kafka"] = json!({ "replicationFactor": 2 });
        holds(&RULE, spec.clone());
        spec["topics"]["t"]["settings"] = json!({ "min.insync.replicas": 2 });
        assert!(breaks(&RULE, spec).title.contains("topic `t`"));
    }
}
