//! A key that is close to no known one may belong to a plug-in: it is passed on, with a warning.

use indexmap::IndexMap;

use crate::rules::prelude::*;
use crate::rules::message::at_all_keys;
use crate::rules::settings::setting_typo::close_to;
use crate::rules::settings::settings_view::{Written, free};
use crate::keys::Lookup;
use crate::pins::Product;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K414",
        severity: Warning,
        title: "unknown setting",
        why: "Kafka silently passes keys that it does not know to plug-ins; ZooKeeper makes a system property of \
              each (QuorumPeerConfig.java). If no plug-in reads the key, it does nothing.",
        help: "check the key against the documentation of the plug-in that is to read it",
    },
    check,
};

/// Keys that often stand in a file of settings and that no server reads, with what to do; `*` stands for the rest.
const ELSEWHERE: &[(&[&str], &str)] = &[
    (&["confluent.*", "kafka.rest.*"], "leave it out: Confluent's server reads it, and kafnix runs Apache Kafka"),
    (&["log4j.*"], "leave it out: no server reads log levels from its settings, and each logs to the journal"),
    (&["heap.opts"], "write `heap` in `kafka`: container images make a flag of the JVM of it"),
    (
        &["opts", "jmx.*", "jvm.performance.opts", "gc.log.opts", "enable.kraft", "cfg.*"],
        "leave it out: container images alone read it; flags of the JVM are `services.kafnix.kafka.javaOptions` in a \
         machine file",
    ),
    (
        &["java.*", "jute.*", "zookeeper.sasl.*"],
        "leave it out: a broker does not read it; a system property of its JVM is `-DNAME=VALUE` in \
         `services.kafnix.kafka.javaOptions` of a machine file",
    ),
    (&["create.topics"], "declare the topics in `topics`: a container image alone creates those named here"),
    // ProducerConfig and ConsumerConfig, and their forerunners in Scala.
    (
        &[
            "acks",
            "auto.offset.reset",
            "batch.size",
            "bootstrap.servers",
            "buffer.memory",
            "enable.auto.commit",
            "fetch.message.max.bytes",
            "group.id",
            "linger.ms",
            "max.poll.*",
            "max.request.size",
            "metadata.broker.list",
            "producer.type",
            "retries",
        ],
        "leave it out: producers and consumers have it in their own configuration, and a broker does not read it",
    ),
    // Kafka's upgrade notes for 0.8.1, 0.8.2 and 0.9.0.
    (&["log.cleanup.interval.mins"], "write `log.retention.check.interval.ms`, in milliseconds"),
    (
        &["controller.message.queue.size", "replica.lag.max.messages"],
        "leave it out: Kafka has not read it since 0.9",
    ),
];

fn check(draft: &Draft<'_>, found: &mut Found) {
    // A key that stands with several hosts is one question, and so are those of one family.
    let mut unknown: IndexMap<(Product, &str), Vec<Written<'_>>> = IndexMap::new();
    for setting in free(draft) {
        let is_unknown = setting.lookups().any(|(_, lookup)| matches!(lookup, Lookup::Unknown));
        // Kafka refuses a topic's: another rule.
        if is_unknown && !setting.of_topic() && close_to(&setting).is_empty() {
            let of_all = elsewhere(draft, &setting).map_or(setting.key, |(pattern, _)| pattern);
            unknown.entry((setting.product, of_all)).or_default().push(setting);
        }
    }
    for ((product, of_all), written) in unknown {
        let key = written.first().map(|first| first.key).filter(|key| written.iter().all(|one| one.key == *key));
        let problem = found.problem(format!("{product} knows no setting `{}`", key.unwrap_or(of_all)));
        let places = written.iter().map(|setting| setting.pointer.as_str());
        let problem = at_all_keys(problem, places, "passed on as it is", "this one as well");
        let help = written.first().and_then(|setting| elsewhere(draft, setting));
        found.add(help.map_or(problem.clone(), |(_, help)| problem.help(help)));
    }
}

/// The pattern that a key is of and what to do, where no jar is there that could read it.
fn elsewhere(draft: &Draft<'_>, setting: &Written<'_>) -> Option<(&'static str, &'static str)> {
    if !setting.of_broker() || !draft.spec.kafka.extra_jars.is_empty() {
        return None;
    }
    let is_of = |pattern: &&&str| match pattern.strip_suffix('*') {
        Some(family) => setting.key.starts_with(family),
        None => setting.key == **pattern,
    };
    ELSEWHERE.iter().find_map(|(patterns, help)| Some((*patterns.iter().find(is_of)?, *help)))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_key_of_nobody_is_warned_of() {
        breaks(&RULE, json!({ "kafka": { "settings": { "com.example.quota.url": "x" } } }));
        breaks(&RULE, json!({ "zookeeper": { "settings": { "com.example.audit": "x" } } }));
    }

    #[test]
    fn a_key_of_somebody_else_is_told_what_to_do_with_unless_a_jar_may_read_it() {
        for (key, help) in [
            ("confluent.balancer.enable", "leave it out: Confluent's"),
            ("log4j.logger.kafka", "leave it out: no server"),
            ("heap.opts", "write `heap`"),
            ("jmx.port", "leave it out: container"),
            ("jute.maxbuffer", "leave it out: a broker does not read it; a system property"),
            ("max.request.size", "leave it out: producers"),
            ("replica.lag.max.messages", "leave it out: Kafka has not"),
            ("com.example.quota.url", "check the key"),
        ] {
            let mut spec = json!({ "kafka": { "settings": { key: "x" } } });
            let told = breaks(&RULE, spec.clone()).help;
            assert!(told.starts_with(help), "{key}: {told}");
            spec["kafka"]["extraJars"] = json!(["jars/reporter.jar"]);
            assert!(breaks(&RULE, spec).help.starts_with("check the key"), "{key}");
        }
    }

    #[test]
    fn a_key_that_stands_with_several_hosts_is_told_once() {
        let own = json!({ "settings": { "com.example.quota.url": "x" } });
        let problem = breaks(&RULE, json!({ "kafka": { "hosts": { "a": own, "b": own, "c": own } } }));
        assert_eq!(problem.labels.len(), 3);
    }

    #[test]
    fn a_family_that_a_broker_does_not_read_is_told_once() {
        let settings = json!({ "confluent.balancer.enable": true, "confluent.support.customer.id": "x" });
        let problem = breaks(&RULE, json!({ "kafka": { "settings": settings } }));
        assert_eq!(problem.title, "Kafka knows no setting `confluent.*`");
        assert_eq!(problem.labels.len(), 2);
    }

    #[test]
    fn what_is_told_to_be_somebody_elses_is_no_key_of_kafka() {
        let patterns = super::ELSEWHERE.iter().flat_map(|(patterns, _)| *patterns);
        for pattern in patterns {
            let is_of = |name: &str| match pattern.strip_suffix('*') {
                Some(family) => name.starts_with(family),
                None => name == *pattern,
            };
            assert!(!crate::keys::KAFKA.names().any(is_of), "{pattern}");
        }
    }

    #[test]
    fn a_key_of_a_family_a_slip_and_one_of_a_topic_are_not() {
        let settings = json!({ "listener.name.x.ssl.client.auth": "none", "num.io.thread": 8 });
        holds(&RULE, json!({ "kafka": { "settings": settings } }));
        holds(&RULE, json!({ "topics": { "t": { "settings": { "com.example.audit": "x" } } } }));
    }
}
