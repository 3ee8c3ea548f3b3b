//! Values that fit their key and with which no broker starts or serves.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::rules::prelude::*;
use crate::rules::settings::settings_view::{Written, free};
use crate::cluster::Broker;
use crate::keys::Lookup;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K416",
        severity: Error,
        title: "a value keeps Kafka from starting or working",
        why: "Kafka's `ConfigDef` takes more than the broker can run with: with some values it exits only later in its \
              start, and with some it keeps running and serves nobody (each seen with 3.9.2).",
        help: "write another value, or leave the key out",
    },
    check,
};

/// A key, the values with which no broker works, and what happens with them.
type Fatal = (&'static str, Test, &'static str);

pub(in crate::rules) enum Test {
    Below(i64),
    Is(i64),
    /// A fraction that is not above 0.
    NotPositive,
    True,
    Names(&'static [&'static str]),
    EndsWith(&'static str),
    /// A list without this entry.
    Lacks(&'static str),
    /// A list with an empty entry.
    EmptyEntry,
    /// What the product cannot read.
    Unlike(fn(&str) -> bool),
    /// The test, and keys of which each makes it good.
    Without(&'static Test, &'static [&'static str]),
}
use Test::{Below, EmptyEntry, EndsWith, Is, Lacks, Names, NotPositive, True, Unlike, Without};

const NO_RETENTION: &str = "it must be above 0, or -1 for no limit (KafkaConfig)";
const NO_CONNECTION: &str = "no broker connects to ZooKeeper in no time";
const KRAFT: &str = "it needs brokers without ZooKeeper (KRaft)";
const NO_CLASS: &str = "an entry is empty, and Kafka makes an instance of each class that the list names";
const NO_THREADS: &str = "it must be above 0, or -1 for the value of `remote.log.manager.thread.pool.size`";
const NO_BUFFER: &str = "no socket has such a buffer; -1 takes that of the system";

const FATAL: &[Fatal] = &[
    ("authorizer.class.name", EndsWith("StandardAuthorizer"), KRAFT),
    ("group.consumer.assignors", EmptyEntry, NO_CLASS),
    ("group.coordinator.rebalance.protocols", Names(&["consumer", "share"]), KRAFT),
    ("group.coordinator.rebalance.protocols", Lacks("classic"), "Kafka does not turn `classic` off"),
    ("log.cleaner.io.buffer.load.factor", NotPositive, "the log cleaner needs room in its buffer"),
    ("log.cleaner.threads", Below(1), "the log cleaner needs a thread"),
    (
        "log.flush.scheduler.interval.ms",
        Without(&Below(0), &["log.flush.interval.ms"]),
        "without `log.flush.interval.ms` it is the `flush.ms` of topics, which must be 0 or more",
    ),
    ("log.retention.hours", Without(&Is(0), &["log.retention.ms", "log.retention.minutes"]), NO_RETENTION),
    ("log.retention.minutes", Without(&Is(0), &["log.retention.ms"]), NO_RETENTION),
    ("log.retention.ms", Is(0), NO_RETENTION),
    (
        "max.connections.per.ip",
        Without(&Is(0), &["max.connections.per.ip.overrides"]),
        "nobody may connect without `max.connections.per.ip.overrides`",
    ),
    ("max.connections.per.ip.overrides", Unlike(overrides), "an entry must be an address or a name, `:` and a number"),
    ("metric.reporters", EmptyEntry, NO_CLASS),
    ("num.replica.fetchers", Below(1), "nothing is replicated without a fetcher"),
    ("offsets.commit.required.acks", Below(-1), "it must be -1 for all replicas in sync, or a number of replicas"),
    ("remote.log.manager.copier.thread.pool.size", Below(-1), NO_THREADS),
    ("remote.log.manager.copier.thread.pool.size", Is(0), NO_THREADS),
    ("remote.log.manager.expiration.thread.pool.size", Below(-1), NO_THREADS),
    ("remote.log.manager.expiration.thread.pool.size", Is(0), NO_THREADS),
    (
        "remote.log.storage.system.enable",
        Without(&True, &["remote.log.storage.manager.class.name"]),
        "it needs `remote.log.storage.manager.class.name`",
    ),
    ("socket.receive.buffer.bytes", Below(-1), NO_BUFFER),
    ("socket.receive.buffer.bytes", Is(0), NO_BUFFER),
    ("socket.send.buffer.bytes", Below(-1), NO_BUFFER),
    ("socket.send.buffer.bytes", Is(0), NO_BUFFER),
    ("zookeeper.connection.timeout.ms", Below(1), NO_CONNECTION),
    (
        "zookeeper.metadata.migration.enable",
        True,
        "it needs KRaft controllers, which the spec cannot name yet",
    ),
    ("zookeeper.session.timeout.ms", Below(1), NO_CONNECTION),
];

fn check(draft: &Draft<'_>, found: &mut Found) {
    let lacking: BTreeMap<_, _> = FATAL
        .iter()
        .filter_map(|(key, test, _)| match test {
            Without(_, others) => Some((*key, lacking(draft, key, others))),
            _ => None,
        })
        .collect();
    for setting in free(draft).filter(Written::of_broker) {
        let Some(text) = setting.value.plain() else { continue };
        // A key or value that this version does not take is told by rules of their own.
        let known = setting.lookups().any(|(_, lookup)| matches!(lookup, Lookup::Known(_)));
        if !known || setting.refusal().is_some() || (setting.key == SESSION && told_by_session_timeout(draft)) {
            continue;
        }
        let text = text.trim();
        let mut fatal = FATAL.iter().filter(|(key, ..)| *key == setting.key);
        if let Some((key, _, reason)) = fatal.find(|(_, test, _)| test.fails(text)) {
            if lacking.get(key).is_some_and(|places| !places.contains(setting.pointer.as_str())) {
                continue;
            }
            let problem = found.problem(format!("`{key}` is {text}: {reason}"));
            found.add(problem.at(setting.pointer, *reason));
        }
    }
}

const SESSION: &str = "zookeeper.session.timeout.ms";

/// Whose bounds are known: those of an ensemble in this spec.
fn told_by_session_timeout(draft: &Draft<'_>) -> bool {
    !draft.cluster.ensemble().external && draft.cluster.servers().next().is_some()
}

impl Test {
    pub(in crate::rules) fn fails(&self, text: &str) -> bool {
        let number = || text.parse::<i64>().ok();
        match self {
            Below(least) => number().is_some_and(|number| number < *least),
            Is(value) => number() == Some(*value),
            NotPositive => text.parse::<f64>().is_ok_and(|number| number <= 0.0),
            True => text.eq_ignore_ascii_case("true"),
            Names(names) => text.split(',').any(|part| names.contains(&part.trim())),
            EndsWith(end) => text.ends_with(end),
            Lacks(entry) => !text.split(',').any(|part| part.trim() == *entry),
            EmptyEntry => !text.is_empty() && text.split(',').any(|part| part.trim().is_empty()),
            Unlike(reads) => !reads(text),
            Without(inner, _) => inner.fails(text),
        }
    }
}

/// Hosts with their numbers of connections (`CoreUtils.parseCsvMap`, which passes over empty entries at the end).
fn overrides(text: &str) -> bool {
    let is_host = |host: &str| !host.contains(':') || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    let is_one = |entry: &str| {
        let parts = entry.rsplit_once(':');
        parts.is_some_and(|(host, most)| is_host(host.trim()) && most.trim().parse::<i32>().is_ok())
    };
    let text = text.trim_end_matches([',', ' ']);
    text.is_empty() || text.split(',').map(str::trim).all(is_one)
}

/// Where the key is written for some broker that has no value of the others. What stands for all
/// brokers may be made good by each of its own.
fn lacking<'a>(draft: &'a Draft<'_>, key: &str, others: &[&str]) -> BTreeSet<&'a str> {
    let brokers = draft.cluster.brokers().map(|(_, broker)| broker);
    let has = |broker: &Broker, other: &str| {
        let value = draft.cluster.setting(broker, other).and_then(|setting| setting.value.plain());
        value.is_some_and(|text| !text.trim().is_empty())
    };
    let lacks = |broker: &&Broker| !others.iter().any(|other| has(broker, other));
    brokers.filter(lacks).filter_map(|broker| draft.cluster.setting(broker, key)?.pointer()).collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::*;
    use serde_json::{Value, json};

    fn all(key: &str, value: &Value) -> Value {
        json!({ "kafka": { "settings": { key: value } } })
    }

    #[test]
    fn a_value_with_which_no_broker_works_is_refused() {
        for (key, value) in [
            ("authorizer.class.name", json!("org.apache.kafka.metadata.authorizer.StandardAuthorizer")),
            ("group.consumer.assignors", json!("uniform,")),
            ("group.coordinator.rebalance.protocols", json!(["classic", "consumer"])),
            ("group.coordinator.rebalance.protocols", json!("classic, share")),
            ("group.coordinator.rebalance.protocols", json!("unknown")),
            ("log.cleaner.io.buffer.load.factor", json!("0.0")),
            ("log.cleaner.threads", json!(0)),
            ("log.retention.hours", json!(0)),
            ("log.retention.minutes", json!("0")),
            ("log.retention.ms", json!(0)),
            ("log.flush.scheduler.interval.ms", json!(-1)),
            ("max.connections.per.ip", json!(0)),
            ("max.connections.per.ip.overrides", json!("10.0.0.9")),
            ("max.connections.per.ip.overrides", json!("10.0.0.9:")),
            ("max.connections.per.ip.overrides", json!("10.0.0.9:5:6")),
            ("max.connections.per.ip.overrides", json!("10.0.0.9:5,,10.0.0.8:5")),
            ("max.connections.per.ip.overrides", json!(["10.0.0.9:5", "a:2147483648"])),
            ("metric.reporters", json!(",com.example.Reporter")),
            ("num.replica.fetchers", json!(0)),
            ("offsets.commit.required.acks", json!(-2)),
            ("remote.log.manager.copier.thread.pool.size", json!(0)),
            ("remote.log.manager.expiration.thread.pool.size", json!(-2)),
            ("remote.log.storage.system.enable", json!(true)),
            ("socket.receive.buffer.bytes", json!(0)),
            ("socket.send.buffer.bytes", json!(-2)),
            ("zookeeper.connection.timeout.ms", json!(0)),
            ("zookeeper.metadata.migration.enable", json!(true)),
        ] {
            let problem = breaks(&RULE, all(key, &value));
            assert!(problem.title.starts_with(&format!("`{key}` is ")), "{}", problem.title);
        }
        breaks(&RULE, json!({ "kafka": { "hosts": { "a": { "settings": { "log.retention.ms": 0 } } } } }));
    }

    #[test]
    fn the_nearest_values_that_work_are_fine() {
        for (key, value) in [
            ("authorizer.class.name", json!("kafka.security.authorizer.AclAuthorizer")),
            ("group.consumer.assignors", json!("uniform,range")),
            ("group.coordinator.rebalance.protocols", json!("classic")),
            ("log.cleaner.io.buffer.load.factor", json!("0.1")),
            ("log.cleaner.threads", json!(1)),
            ("log.retention.ms", json!(-1)),
            ("log.retention.ms", Value::Null),
            ("log.flush.scheduler.interval.ms", json!(0)),
            ("max.connections.per.ip", json!(1)),
            ("max.connections.per.ip.overrides", json!("10.0.0.9:5, ::1 : 6,")),
            ("max.connections.per.ip.overrides", json!("")),
            ("metric.reporters", json!("")),
            ("num.replica.fetchers", json!(1)),
            ("offsets.commit.required.acks", json!(-1)),
            ("remote.log.manager.copier.thread.pool.size", json!(-1)),
            ("remote.log.storage.system.enable", json!(false)),
            ("socket.send.buffer.bytes", json!(-1)),
            ("zookeeper.metadata.migration.enable", json!("false")),
        ] {
            holds(&RULE, all(key, &value));
        }
    }

    #[test]
    fn what_makes_a_value_good_may_stand_with_each_broker() {
        let settings =
            json!({ "max.connections.per.ip": 0, "max.connections.per.ip.overrides": "10.0.0.9:5" });
        holds(&RULE, json!({ "kafka": { "settings": settings } }));
        let own = json!({ "settings": { "max.connections.per.ip.overrides": "10.0.0.9:5" } });
        let zero = json!({ "max.connections.per.ip": 0 });
        let hosts = json!({ "a": own, "b": own, "c": own });
        holds(&RULE, json!({ "kafka": { "settings": zero, "hosts": hosts } }));
        let hosts = json!({ "a": own, "b": {} });
        breaks(&RULE, json!({ "kafka": { "settings": zero, "hosts": hosts } }));
    }

    #[test]
    fn a_retention_that_another_one_overrides_is_not_looked_at() {
        let both = |key: &str, other: &str| json!({ "kafka": { "settings": { key: 0, other: 604_800_000 } } });
        for (key, other) in [
            ("log.retention.hours", "log.retention.ms"),
            ("log.retention.minutes", "log.retention.ms"),
            ("log.retention.hours", "log.retention.minutes"),
        ] {
            holds(&RULE, both(key, other));
            let problem = breaks(&RULE, both(other, key));
            assert!(problem.title.starts_with(&format!("`{other}` is 0")), "{}", problem.title);
        }
    }

    #[test]
    fn a_session_of_no_time_is_told_once() {
        holds(&RULE, all(SESSION, &json!(0)));
        let mut outside = all(SESSION, &json!(0));
        outside["zookeeper"] = json!({ "connect": ["zk:2181"], "dataDir": null });
        breaks(&RULE, outside);
    }

    #[test]
    fn every_key_is_one_of_kafka() {
        for (key, ..) in FATAL {
            assert!(crate::keys::KAFKA.names().any(|name| name == *key), "{key}");
        }
    }
}
