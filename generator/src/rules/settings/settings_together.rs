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
    unlimited: i64,
}

const PAIRS: &[Pair] = &[
    pair("replica.fetch.wait.max.ms", "replica.socket.timeout.ms", false, i64::MIN),
    pair("replica.fetch.wait.max.ms", "replica.lag.time.max.ms", false, i64::MIN),
    pair("socket.request.max.bytes", "queued.max.request.bytes", false, 0),
    pair("offsets.commit.required.acks", "offsets.topic.replication.factor", false, i64::MIN),
    pair("connection.failed.authentication.delay.ms", "connections.max.idle.ms", true, -1),
];

/// Each cleaner thread needs more than this of the buffer.
const BUFFER_PER_THREAD: i64 = 1 << 20;
const BUFFER: &str = "log.cleaner.dedupe.buffer.size";
const THREADS: &str = "log.cleaner.threads";

const fn pair(lower: &'static str, upper: &'static str, below: bool, unlimited: i64) -> Pair {
    Pair { lower, upper, below, unlimited }
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
            let fits = lower < upper || (lower == upper && !pair.below) || upper <= pair.unlimited;
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
    fn the_edge_and_no_limit_are_fine() {
        let settings = json!({ "replica.fetch.wait.max.ms": 30_000, "queued.max.request.bytes": -1 });
        holds(&RULE, json!({ "kafka": { "settings": settings } }));
    }
}
