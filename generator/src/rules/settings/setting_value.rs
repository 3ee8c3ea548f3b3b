//! A value has the type and the range that the product itself declares.

use crate::rules::prelude::*;
use crate::rules::settings::settings_view::{Written, before_comment, free};
use crate::keys::Entry;
use crate::references::references;
use crate::resolve::settings;
use crate::role::Role;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K411",
        severity: Error,
        title: "a setting has a value that the product does not take",
        why: "Kafka checks every value against its `ConfigDef` and does not start with a wrong one; ZooKeeper \
              takes some wrong values silently for others. The types and ranges are those of the pinned \
              versions themselves.",
        help: "write a value of the right type and range",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for setting in free(draft).filter(|setting| !is_elsewhere(setting)) {
        let Some((version, entry, reason)) = setting.refusal() else { continue };
        let problem = found.problem(format!("`{}`: {reason}", setting.key)).at(&*setting.pointer, &*reason);
        let help = if let Some(value) = without_comment(&setting, entry) {
            format!("write `{value}`: a comment behind a value is a part of it to the product")
        } else {
            let default = default(draft, &setting, entry).unwrap_or_default();
            format!("write a value that {} {version} takes{default}", setting.product)
        };
        found.add(problem.help(help));
    }
}

/// The value before a comment, where the product takes that.
fn without_comment(setting: &Written<'_>, entry: &Entry) -> Option<String> {
    let text = setting.value.plain()?;
    let value = before_comment(&text);
    (value != text.trim() && entry.refuses(&value.into()).is_none()).then(|| value.to_owned())
}

/// What holds where the key is left out: kafnix's default, that of the brokers for a topic, or the product's.
fn default(draft: &Draft<'_>, setting: &Written<'_>, entry: &Entry) -> Option<String> {
    let of_product = entry.default.as_deref().filter(|default| !default.is_empty());
    let of_brokers = || {
        let value = draft.cluster.kafka.as_ref()?.settings.get(entry.broker?)?.value.plain()?;
        Some(format!(", or leave it out: the brokers have {value}"))
    };
    let role = Role::ALL.into_iter().find(|role| std::ptr::eq(role.settings(), setting.table));
    let of_kafnix = role.and_then(|role| settings::default_of(&draft.cluster, role, setting.key));
    of_kafnix
        .and_then(|value| Some(format!(", or leave it out: kafnix writes {}", value.plain()?)))
        .or_else(|| of_brokers().filter(|_| setting.of_topic()))
        .or_else(|| Some(format!("; its default is {}", of_product?)))
}

/// Whether the value is one that a broker asks a provider for; another rule tells whether it has one.
fn is_elsewhere(setting: &Written<'_>) -> bool {
    let value = setting.value.plain().filter(|_| setting.of_broker());
    value.is_some_and(|value| references(&value).next().is_some())
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_wrong_type_or_range_is_refused_wherever_it_stands() {
        let problem = breaks(&RULE, json!({ "kafka": { "settings": { "num.io.threads": 0 } } }));
        assert_eq!(problem.help, "write a value that Kafka 3.9.2 takes; its default is 8");
        breaks(
            &RULE,
            json!({ "kafka": { "hosts": { "a": { "settings": { "log.retention.ms": "long" } } } } }),
        );
        breaks(&RULE, json!({ "zookeeper": { "settings": { "tickTime": "2s" } } }));
        breaks(&RULE, json!({ "topics": { "t": { "settings": { "cleanup.policy": "none" } } } }));
    }

    #[test]
    fn the_default_that_is_named_is_the_one_that_holds() {
        let of_zookeeper = json!({ "zookeeper": { "settings": { "autopurge.purgeInterval": "daily" } } });
        assert!(breaks(&RULE, of_zookeeper).help.ends_with("takes, or leave it out: kafnix writes 1"));
        let of_kafka = json!({ "kafka": { "settings": { "offsets.topic.replication.factor": "all" } } });
        assert!(breaks(&RULE, of_kafka).help.ends_with("leave it out: kafnix writes 3"));
        let topic = |key: &str| json!({ "topics": { "t": { "settings": { key: "x" } } } });
        let help = breaks(&RULE, topic("unclean.leader.election.enable")).help;
        assert!(help.ends_with("leave it out: the brokers have false"), "{help}");
        assert!(breaks(&RULE, topic("segment.ms")).help.ends_with("its default is 604800000"));
    }

    #[test]
    fn a_comment_behind_a_value_is_told_to_be_a_part_of_it() {
        for (section, key, text, value) in [
            ("kafka", "log.retention.hours", "168 # a week", "168"),
            ("kafka", "log.cleanup.policy", "delete # or compact", "delete"),
            ("zookeeper", "leaderServes", "yes   #default", "yes"),
        ] {
            let problem = breaks(&RULE, json!({ section: { "settings": { key: text } } }));
            assert!(problem.help.starts_with(&format!("write `{value}`: a comment")), "{}", problem.help);
        }
        let other = breaks(&RULE, json!({ "kafka": { "settings": { "log.retention.hours": "a week # or so" } } }));
        assert!(other.help.starts_with("write a value that"), "{}", other.help);
    }

    #[test]
    fn a_key_of_one_listener_has_the_range_of_the_key_itself() {
        for key in ["num.network.threads", "scram-sha-256.num.network.threads"] {
            let settings = |threads: i64| {
                let key = format!("listener.name.plaintext.{key}");
                json!({ "kafka": { "settings": { key: threads } } })
            };
            breaks(&RULE, settings(0));
            holds(&RULE, settings(1));
        }
        holds(&RULE, json!({ "kafka": { "settings": { "listener.name.plaintext.com.example": 0 } } }));
    }

    #[test]
    fn a_default_of_topics_has_the_range_of_the_topics_key() {
        for (key, wrong, right) in
            [("log.flush.interval.ms", -1, 0), ("log.roll.ms", 0, 1), ("log.roll.jitter.ms", -1, 0)]
        {
            breaks(&RULE, json!({ "kafka": { "settings": { key: wrong } } }));
            holds(&RULE, json!({ "kafka": { "settings": { key: right } } }));
        }
        let codec = |codec: &str| {
            json!({ "versions": { "kafka": "2.7.0" }, "kafka": { "settings": { "compression.type": codec } } })
        };
        breaks(&RULE, codec("brotli"));
        holds(&RULE, codec("zstd"));
    }

    #[test]
    fn values_that_only_the_code_lists_are_those_of_the_version() {
        for (key, wrong, right) in [
            ("compression.gzip.level", "0", "-1"),
            ("compression.gzip.level", "10", "9"),
            ("compression.lz4.level", "18", "17"),
            ("log.message.format.version", "0.8", "0.8.2"),
            ("log.message.format.version", "4.1", "2.7-IV2"),
            ("metrics.recording.level", "WARN", "debug"),
            ("offsets.topic.compression.codec", "5", "4"),
            ("create.topic.policy.class.name", "", "com.example.Policy"),
        ] {
            breaks(&RULE, json!({ "kafka": { "settings": { key: wrong } } }));
            holds(&RULE, json!({ "kafka": { "settings": { key: right } } }));
        }
        breaks(&RULE, json!({ "topics": { "t": { "settings": { "compression.gzip.level": 0 } } } }));
        breaks(&RULE, json!({ "topics": { "t": { "settings": { "message.format.version": "4.1" } } } }));
        breaks(&RULE, json!({ "zookeeper": { "settings": { "secureClientPortAddress": "" } } }));
        breaks(&RULE, json!({ "zookeeper": { "settings": { "DigestAuthenticationProvider.digestAlg": "x" } } }));
    }

    #[test]
    fn the_edge_of_a_range_is_in_it_and_null_takes_a_line_out() {
        holds(&RULE, json!({ "kafka": { "settings": { "num.io.threads": 1, "log.retention.ms": -1 } } }));
        holds(&RULE, json!({ "zookeeper": { "hosts": { "a": { "settings": { "tickTime": 3000 } } } } }));
    }

    #[test]
    fn a_value_that_a_config_provider_knows_is_not_looked_at() {
        let value = "${file:/run/keys/kafka:threads}";
        holds(&RULE, json!({ "kafka": { "settings": { "num.io.threads": value } } }));
        holds(&RULE, json!({ "kafka": { "hosts": { "a": { "settings": { "num.io.threads": value } } } } }));
        breaks(&RULE, json!({ "zookeeper": { "settings": { "tickTime": value } } }));
    }
}
