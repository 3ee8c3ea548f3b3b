//! Topics of two clusters: what `kafnix apply` does about the difference, and what it leaves to a person, as its plan
//! decides.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Class, Difference, Subject};
use crate::cluster::{Model, Sourced, Topic};
use crate::retention::may_delete_records;

const DELETES: &str = "this may delete records that the topic holds";

pub(super) fn changes(before: &Model, after: &Model) -> Vec<Change> {
    let by_name = |model: &Model| -> BTreeMap<String, Topic> {
        model.topics.iter().map(|topic| (topic.name.clone(), topic.clone())).collect()
    };
    let (before, after) = (by_name(before), by_name(after));
    let mut changes = Vec::new();
    for (name, topic) in &after {
        match before.get(name) {
            Some(before) => changes.extend(altered(before, topic)),
            None => changes.push(live(name, "", Difference::between(None, Some(&shape(topic))))),
        }
    }
    let gone = before.iter().filter(|(name, _)| !after.contains_key(*name));
    changes.extend(gone.map(|(name, topic)| {
        let help = format!(
            "a topic that leaves the spec stays as it is; `kafnix apply --delete {name}` deletes it, with its records"
        );
        manual(name, "", Difference::between(Some(&shape(topic)), None), &help)
    }));
    changes
}

fn live(topic: &str, key: &str, difference: Difference) -> Change {
    let (key, subject) = (key.to_owned(), Subject::Topic(topic.to_owned()));
    Change { class: Class::Live, subject, key, difference, hosts: Vec::new(), help: None }
}

fn manual(topic: &str, key: &str, difference: Difference, help: &str) -> Change {
    Change { class: Class::Manual, help: Some(help.to_owned()), ..live(topic, key, difference) }
}

/// All of it in a line.
fn shape(topic: &Topic) -> String {
    let settings =
        topic.settings.iter().filter_map(|(key, value)| Some(format!("{key}={}", value.value.plain()?)));
    let numbers =
        [format!("partitions: {}", topic.partitions.value), format!("replicas: {}", topic.replicas.value)];
    numbers.into_iter().chain(settings).collect::<Vec<_>>().join(", ")
}

fn altered(before: &Topic, after: &Topic) -> Vec<Change> {
    let name = after.name.as_str();
    let mut changes = Vec::new();
    // A default is for topics that are created.
    let numbers = |from: &Sourced<i64>, to: &Sourced<i64>| {
        let differ = to.pointer().is_some() && from.value != to.value;
        differ.then(|| Difference::between(Some(&from.value.to_string()), Some(&to.value.to_string())))
    };
    if let Some(difference) = numbers(&before.partitions, &after.partitions) {
        changes.push(if before.partitions.value < after.partitions.value {
            live(name, "partitions", difference)
        } else {
            let help =
                "Kafka takes no partitions away: keep the number, or move the records to another topic";
            manual(name, "partitions", difference, help)
        });
    }
    if let Some(difference) = numbers(&before.replicas, &after.replicas) {
        let help = "`kafka-reassign-partitions.sh` gives partitions other replicas";
        changes.push(manual(name, "replicas", difference, help));
    }
    let keys: BTreeSet<&String> = before.settings.keys().chain(after.settings.keys()).collect();
    for key in keys {
        let value = |topic: &Topic| topic.settings.get(key)?.value.plain().map(Cow::into_owned);
        let (from, to) = (value(before), value(after));
        if from != to {
            let help = may_delete_records(key, from.as_deref(), to.as_deref()).then(|| DELETES.to_owned());
            let difference = Difference::between(from.as_deref(), to.as_deref());
            changes.push(Change { help, ..live(name, key, difference) });
        }
    }
    changes
}
