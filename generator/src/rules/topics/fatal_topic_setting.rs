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

/// What stays on the brokers' disks beside tiered storage, and all that is kept.
struct Retention {
    local: &'static str,
    all: &'static str,
    /// Where brokers have it for all topics, the first one that is set, and by how much that is multiplied.
    of_brokers: &'static [(&'static str, i64)],
}

const RETENTIONS: [Retention; 2] = [
    Retention {
        local: "local.retention.ms",
        all: "retention.ms",
        of_brokers: &[
            ("log.retention.ms", 1),
            ("log.retention.minutes", 60_000),
            ("log.retention.hours", 3_600_000),
        ],
    },
    Retention {
        local: "local.retention.bytes",
        all: "retention.bytes",
        of_brokers: &[("log.retention.bytes", 1)],
    },
];

/// `local.retention.*`: as much as is kept in all.
const SAME: i64 = -2;

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
        for retention in &RETENTIONS {
            beyond_retention(draft, name, topic, retention, found);
        }
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

/// From 3.0 to 3.5 Kafka compares the two whether a topic has tiered storage or not; earlier releases do not know the
/// key, later ones look at it for topics with tiered storage alone (seen in 3.0.2, 3.2.3, 3.4.1, 3.5.2 and 3.6.2).
fn beyond_retention(
    draft: &Draft<'_>,
    name: &str,
    topic: &TopicSpec,
    retention: &Retention,
    found: &mut Found,
) {
    let number = |key: &str| topic.settings.get(key).and_then(Setting::integer);
    let Some(local) = number(retention.local).filter(|local| *local != SAME) else { return };
    for broker in services(draft, Role::Broker) {
        let version = broker.version().0;
        let of_broker = || {
            let mut set = retention.of_brokers.iter();
            set.find_map(|(key, times)| Some(broker.number(key)?.saturating_mul(*times)))
        };
        let Some(all) = number(retention.all).or_else(of_broker) else { continue };
        // -1 is no limit, and below every limit for Kafka.
        let is_refused = local > all || local == -1 && all != -1;
        if is_refused && ([3, 0, 0]..[3, 6, 0]).contains(&version) {
            let problem = found.problem(format!(
                "`{}` is {local}; with Kafka {} it must be at most `{}`, which is {all}",
                retention.local,
                broker.version(),
                retention.all
            ));
            found.add(problem.at(pointer(["topics", name, "settings", retention.local]), "more than is kept"));
            return;
        }
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
    fn no_more_stays_on_disks_than_is_kept_where_the_release_compares_them() {
        let of = |version: &str, settings: Value| {
            let mut spec = topic(&settings);
            spec["versions"] = json!({ "kafka": version });
            spec
        };
        for settings in [
            json!({ "local.retention.ms": 10, "retention.ms": 5 }),
            json!({ "local.retention.ms": 10, "retention.ms": -1 }),
            json!({ "local.retention.ms": -1 }),
            // seven days and a millisecond
            json!({ "local.retention.ms": 604_800_001 }),
            json!({ "local.retention.bytes": 10 }),
            json!({ "local.retention.bytes": -1, "retention.bytes": 5 }),
        ] {
            breaks(&RULE, of("3.0.2", settings.clone()));
            breaks(&RULE, of("3.5.2", settings.clone()));
            holds(&RULE, of("3.6.2", settings));
        }
        for settings in [
            json!({ "local.retention.ms": 5, "retention.ms": 5 }),
            json!({ "local.retention.ms": -1, "retention.ms": -1 }),
            json!({ "local.retention.ms": -2, "retention.ms": 5 }),
            json!({ "local.retention.bytes": 10, "retention.bytes": 10 }),
        ] {
            holds(&RULE, of("3.5.2", settings));
        }
        let mut minutes = of("3.4.1", json!({ "local.retention.ms": 60_001 }));
        minutes["kafka"] = json!({ "settings": { "log.retention.minutes": 1 } });
        breaks(&RULE, minutes);
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
