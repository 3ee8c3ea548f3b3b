//! Settings of Kafka that are each fine and do not fit together.

use std::collections::BTreeSet;

use crate::rules::prelude::*;
use crate::role::Role;
use crate::rules::settings::effective::services;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K415",
        severity: Error,
        title: "two settings of Kafka do not fit together",
        why: "Beyond each key's own range Kafka checks some pairs when it starts, and does not start where one \
              is violated (KafkaConfig.scala, validateValues).",
        help: "change one of the two",
    },
    check,
};

/// The first key's value must not be above the second's; `below` means that it must be smaller.
struct Pair {
    lower: &'static str,
    upper: &'static str,
    below: bool,
    /// Values of `upper` up to this one mean that there is no limit.
    unlimited: Option<i64>,
}

const PAIRS: &[Pair] = &[
    at_most("replica.fetch.wait.max.ms", "replica.socket.timeout.ms"),
    at_most("replica.fetch.wait.max.ms", "replica.lag.time.max.ms"),
    Pair { unlimited: Some(0), ..at_most("socket.request.max.bytes", "queued.max.request.bytes") },
    at_most("offsets.commit.required.acks", "offsets.topic.replication.factor"),
    Pair {
        below: true,
        unlimited: Some(-1),
        ..at_most("connection.failed.authentication.delay.ms", "connections.max.idle.ms")
    },
    // LogConfig
    at_most("log.cleaner.min.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms"),
    // GroupCoordinatorConfig, ShareGroupConfig
    at_most("group.consumer.min.heartbeat.interval.ms", "group.consumer.max.heartbeat.interval.ms"),
    at_most("group.consumer.min.heartbeat.interval.ms", "group.consumer.heartbeat.interval.ms"),
    at_most("group.consumer.heartbeat.interval.ms", "group.consumer.max.heartbeat.interval.ms"),
    at_most("group.consumer.min.session.timeout.ms", "group.consumer.max.session.timeout.ms"),
    at_most("group.consumer.min.session.timeout.ms", "group.consumer.session.timeout.ms"),
    at_most("group.consumer.session.timeout.ms", "group.consumer.max.session.timeout.ms"),
    at_most("group.share.min.heartbeat.interval.ms", "group.share.max.heartbeat.interval.ms"),
    at_most("group.share.min.heartbeat.interval.ms", "group.share.heartbeat.interval.ms"),
    at_most("group.share.heartbeat.interval.ms", "group.share.max.heartbeat.interval.ms"),
    at_most("group.share.min.session.timeout.ms", "group.share.max.session.timeout.ms"),
    at_most("group.share.min.session.timeout.ms", "group.share.session.timeout.ms"),
    at_most("group.share.session.timeout.ms", "group.share.max.session.timeout.ms"),
    at_most("group.share.min.record.lock.duration.ms", "group.share.record.lock.duration.ms"),
    at_most("group.share.record.lock.duration.ms", "group.share.max.record.lock.duration.ms"),
];

/// Each cleaner thread needs more than this of the buffer.
const BUFFER_PER_THREAD: i64 = 1 << 20;
const BUFFER: &str = "log.cleaner.dedupe.buffer.size";
const THREADS: &str = "log.cleaner.threads";

const fn at_most(lower: &'static str, upper: &'static str) -> Pair {
    Pair { lower, upper, below: false, unlimited: None }
}

fn check(draft: &Draft<'_>, found: &mut Found) {
    // A pair of cluster-wide settings is one problem, not one a broker.
    let mut reported = BTreeSet::new();
    for broker in services(draft, Role::Broker) {
        let places = |keys: [&str; 2]| -> Vec<String> {
            keys.iter().filter_map(|key| broker.get(key)?.pointer().map(str::to_owned)).collect()
        };
        for pair in PAIRS {
            let (Some(lower), Some(upper)) = (broker.number(pair.lower), broker.number(pair.upper)) else {
                continue;
            };
            let unlimited = pair.unlimited.is_some_and(|none| upper <= none);
            let fits = unlimited || lower < upper || (lower == upper && !pair.below);
            let relation = if pair.below { "below" } else { "at most" };
            let title = || {
                format!(
                    "`{}` is {lower}; it must be {relation} `{}`, which is {upper}",
                    pair.lower, pair.upper
                )
            };
            report(found, &mut reported, fits, &places([pair.lower, pair.upper]), title);
        }
        let (Some(buffer), Some(threads)) = (broker.number(BUFFER), broker.number(THREADS)) else { continue };
        let fits = threads < 1 || buffer / threads > BUFFER_PER_THREAD;
        let title = || {
            format!("`{BUFFER}` is {buffer}; each of the {threads} `{THREADS}` needs more than 1048576 of it")
        };
        report(found, &mut reported, fits, &places([BUFFER, THREADS]), title);
    }
}

fn report(
    found: &mut Found,
    reported: &mut BTreeSet<Vec<String>>,
    fits: bool,
    places: &[String],
    title: impl Fn() -> String,
) {
    // Where neither is written, the defaults are the product's own affair.
    if fits || places.is_empty() || !reported.insert(places.to_vec()) {
        return;
    }
    let problem = found.problem(title());
    let problem = places.iter().fold(problem, |problem, place| problem.at(place, "one of the two"));
    found.add(problem);
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_pair_that_kafka_refuses_is_reported_once() {
        let problem =
            breaks(&RULE, json!({ "kafka": { "settings": { "replica.fetch.wait.max.ms": 30_001 } } }));
        assert!(problem.title.ends_with("which is 30000"), "{}", problem.title);
        breaks(&RULE, json!({ "kafka": { "settings": { "log.cleaner.threads": 128 } } }));
        breaks(
            &RULE,
            json!({ "kafka": { "hosts": { "a": { "settings": { "queued.max.request.bytes": 1 } } } } }),
        );
    }

    #[test]
    fn the_bounds_of_groups_hold_what_lies_between_them() {
        for (key, wrong, right) in [
            ("group.consumer.min.heartbeat.interval.ms", 5001, 5000),
            ("group.consumer.max.heartbeat.interval.ms", 4999, 5000),
            ("group.consumer.heartbeat.interval.ms", 15_001, 15_000),
            ("group.consumer.session.timeout.ms", 44_999, 45_000),
            ("group.consumer.max.session.timeout.ms", 44_999, 45_000),
            ("group.share.min.session.timeout.ms", 45_001, 45_000),
            ("group.share.heartbeat.interval.ms", 4999, 5000),
            ("group.share.record.lock.duration.ms", 14_999, 15_000),
        ] {
            breaks(&RULE, json!({ "kafka": { "settings": { key: wrong } } }));
            holds(&RULE, json!({ "kafka": { "settings": { key: right } } }));
        }
        let lags = |least: i64| {
            let settings =
                json!({ "log.cleaner.min.compaction.lag.ms": least, "log.cleaner.max.compaction.lag.ms": 10 });
            json!({ "kafka": { "settings": settings } })
        };
        breaks(&RULE, lags(11));
        holds(&RULE, lags(10));
    }

    #[test]
    fn a_limit_as_low_as_can_be_is_one() {
        breaks(&RULE, json!({ "kafka": { "settings": { "replica.lag.time.max.ms": i64::MIN } } }));
    }

    #[test]
    fn the_edge_and_no_limit_are_fine() {
        let settings = json!({ "replica.fetch.wait.max.ms": 30_000, "queued.max.request.bytes": -1 });
        holds(&RULE, json!({ "kafka": { "settings": settings } }));
    }
}
