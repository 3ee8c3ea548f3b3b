//! Values that fit the key of a topic and with which no broker creates it.

use crate::rules::prelude::*;
use crate::role::Role;
use crate::rules::settings::effective::services;
use crate::rules::settings::fatal_setting::Test::{self, True, Unlike};
use crate::rules::settings::settings_view::{Written, free};
use crate::spec::{Setting, TopicSpec};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K611",
        severity: Error,
        title: "a topic has settings with which Kafka does not create it",
        why: "Beyond the range of each key, a broker that is to create a topic looks at what its settings mean \
              together and for the cluster, and refuses the topic (LogConfig, `validate`).",
        help: "write another value, or leave the key out",
    },
    check,
};

/// A key, the values with which no broker creates a topic, and why.
const FATAL: &[(&str, Test, &str)] = &[
    ("follower.replication.throttled.replicas", Unlike(replicas), REPLICAS),
    ("leader.replication.throttled.replicas", Unlike(replicas), REPLICAS),
    ("remote.log.copy.disable", True, KRAFT),
    ("remote.log.delete.on.disable", True, KRAFT),
];

const REPLICAS: &str = "it must be `*`, or pairs of a partition and a broker like `0:1`";
const KRAFT: &str = "it needs brokers without ZooKeeper (KRaft)";
const TIERED: &str = "remote.storage.enable";
const TIERED_BROKER: &str = "remote.log.storage.system.enable";
const LEAST: &str = "min.compaction.lag.ms";
const MOST: &str = "max.compaction.lag.ms";

fn check(draft: &Draft<'_>, found: &mut Found) {
    for setting in free(draft).filter(|setting| setting.of_topic() && setting.refusal().is_none()) {
        let Some(text) = setting.value.plain() else { continue };
        let fatal = FATAL.iter().find(|(key, test, _)| *key == setting.key && test.fails(text.trim()));
        let reason = fatal.map(|(.., reason)| *reason).or_else(|| without_tiers(draft, &setting));
        if let Some(reason) = reason {
            let problem = found.problem(format!("`{}` is {}: {reason}", setting.key, text.trim()));
            found.add(problem.at(setting.pointer, reason));
        }
    }
    for (name, topic) in &draft.spec.topics {
        crossed(name, topic, found);
    }
}

/// Before 3.6 Kafka knew the key and did nothing with it.
fn without_tiers(draft: &Draft<'_>, setting: &Written<'_>) -> Option<&'static str> {
    let lacks = services(draft, Role::Broker)
        .any(|broker| broker.version().0 >= [3, 6, 0] && broker.text(TIERED_BROKER).is_none_or(|on| !is_true(&on)));
    (setting.key == TIERED && setting.value.is_true() && lacks)
        .then_some("the brokers have no tiered storage (`remote.log.storage.system.enable`)")
}

fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

fn crossed(name: &str, topic: &TopicSpec, found: &mut Found) {
    let at = |key: &str| pointer(["topics", name, "settings", key]);
    let number = |key: &str| topic.settings.get(key).and_then(Setting::integer);
    let (Some(least), Some(most)) = (number(LEAST), number(MOST)) else { return };
    if least > most {
        let problem = found.problem(format!("`{LEAST}` is {least}; it must be at most `{MOST}`, which is {most}"));
        found.add(problem.at(at(LEAST), "one of the two").at(at(MOST), "one of the two"));
    }
}

/// `*`, or PARTITION:BROKER, each, unless it is empty (`ThrottledReplicaListValidator`).
fn replicas(text: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_pair = |(partition, broker): (&str, &str)| is_number(partition) && is_number(broker);
    let is_one = |one: &str| one.is_empty() || one.split_once(':').is_some_and(is_pair);
    text == "*" || text.split(',').map(str::trim).all(is_one)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn topic(settings: &Value) -> Value {
        json!({ "topics": { "t": { "settings": settings } } })
    }

    #[test]
    fn a_value_with_which_no_topic_is_created_is_refused() {
        for (key, value) in [
            ("follower.replication.throttled.replicas", json!("0")),
            ("leader.replication.throttled.replicas", json!("*,0:1")),
            ("leader.replication.throttled.replicas", json!(["0:1", "a:b"])),
            ("remote.log.copy.disable", json!(true)),
            ("remote.log.delete.on.disable", json!("TRUE")),
            ("remote.storage.enable", json!(true)),
        ] {
            let problem = breaks(&RULE, topic(&json!({ key: value })));
            assert!(problem.title.starts_with(&format!("`{key}` is ")), "{}", problem.title);
        }
        breaks(&RULE, topic(&json!({ "min.compaction.lag.ms": 10, "max.compaction.lag.ms": 9 })));
    }

    #[test]
    fn the_nearest_settings_with_which_it_is_created_are_fine() {
        for (key, value) in [
            ("follower.replication.throttled.replicas", json!("*")),
            ("leader.replication.throttled.replicas", json!(["0:1", "1:2"])),
            ("leader.replication.throttled.replicas", json!("")),
            ("remote.log.copy.disable", json!(false)),
            ("remote.storage.enable", json!("false")),
        ] {
            holds(&RULE, topic(&json!({ key: value })));
        }
        holds(&RULE, topic(&json!({ "min.compaction.lag.ms": 10, "max.compaction.lag.ms": 10 })));
        let mut tiered = topic(&json!({ "remote.storage.enable": true }));
        tiered["kafka"] = json!({ "settings": { "remote.log.storage.system.enable": true } });
        holds(&RULE, tiered);
        let mut old = topic(&json!({ "remote.storage.enable": true }));
        old["versions"] = json!({ "kafka": "3.5.2" });
        holds(&RULE, old);
    }
}
