//! A key that only other versions of the product know does nothing.

use crate::rules::prelude::*;
use crate::rules::settings::settings_view::free;
use crate::keys::Lookup;
use crate::pins::{Product, pins};
use crate::rules::message::and;
use crate::spec::Version;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K413",
        severity: Error,
        title: "setting unknown to the version in use",
        why: "A key from the documentation of another version is silently accepted and has no effect.",
        help: "take the setting out, or use a version that knows it",
    },
    check,
};

/// What to do in place of a key that later versions no longer have.
const GONE: &[(&str, &str)] = &[
    ("leader.maxConcurrentSnapshots", "write it as `leader.maxConcurrentSnapSyncs`"),
    ("leader.maxConcurrentSnapshotTimeout", "leave it out: a leader no longer waits for a snapshot to end"),
    ("quota.consumer.default", CONSUMER_QUOTA),
    ("quota.producer.default", PRODUCER_QUOTA),
    ("unstable.metadata.versions.enable", "write it as `unstable.feature.versions.enable`"),
    ("zookeeper.sync.time.ms", "leave it out: no broker did anything with it"),
];

const CONSUMER_QUOTA: &str = "leave it out, and set the quota once in the running cluster: `kafka-configs.sh --alter \
                              --entity-type clients --entity-default --add-config consumer_byte_rate=…`";

const PRODUCER_QUOTA: &str = "leave it out, and set the quota once in the running cluster: `kafka-configs.sh --alter \
                              --entity-type clients --entity-default --add-config producer_byte_rate=…`";

fn check(draft: &Draft<'_>, found: &mut Found) {
    for setting in free(draft) {
        let elsewhere = setting.lookups().find_map(|(version, lookup)| match lookup {
            Lookup::Elsewhere(ranges) => Some((version, ranges)),
            _ => None,
        });
        let Some((version, ranges)) = elsewhere else { continue };
        let product = setting.product;
        let problem = found.problem(format!("{product} {version} knows no setting `{}`", setting.key));
        let known = joined(product, &ranges);
        let problem = problem.at_key(setting.pointer, format!("known {known}, among the pinned versions"));
        found.add(match instead(setting.key, version, ranges.last().and_then(|(_, last)| *last)) {
            Some(instead) => problem.help(instead),
            None => problem,
        });
    }
}

/// `from 3.8.6 to 3.8.7 and from 3.9.5 on`. What only changes between two pinned versions has no gap there.
fn joined(product: Product, ranges: &[(Version, Option<Version>)]) -> String {
    let meets = |last: Version, first: Version| {
        !pins().of(product).keys().any(|version| last < *version && *version < first)
    };
    let mut whole: Vec<(Version, Option<Version>)> = Vec::new();
    for (first, last) in ranges {
        match whole.last_mut() {
            Some((_, end)) if end.is_some_and(|end| meets(end, *first)) => *end = *last,
            _ => whole.push((*first, *last)),
        }
    }
    and(whole.into_iter().map(|(first, last)| match last {
        Some(last) if last == first => format!("in {last} alone"),
        Some(last) => format!("from {first} to {last}"),
        None => format!("from {first} on"),
    }))
}

fn instead(key: &str, version: Version, last: Option<Version>) -> Option<&'static str> {
    let (_, instead) = GONE.iter().find(|(gone, _)| *gone == key)?;
    last.is_some_and(|last| last < version).then_some(*instead)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::{RULE, instead};
    use crate::keys::{KAFKA, Lookup, TOPIC, ZOOKEEPER};
    use crate::resolve::reserved_settings;
    use serde_json::json;

    #[test]
    fn a_key_of_a_later_or_an_earlier_version_is_refused() {
        let tiered = json!({ "remote.log.storage.system.enable": true });
        let problem =
            breaks(&RULE, json!({ "versions": { "kafka": "2.7.0" }, "kafka": { "settings": tiered } }));
        assert!(problem.labels[0].text.starts_with("known from 3."), "{problem:?}");
        breaks(&RULE, json!({ "kafka": { "settings": { "zookeeper.sync.time.ms": 2000 } } }));
    }

    #[test]
    fn the_same_key_is_fine_where_it_is_known() {
        let settings = json!({ "zookeeper.sync.time.ms": 2000 });
        holds(&RULE, json!({ "versions": { "kafka": "2.7.0" }, "kafka": { "settings": settings } }));
    }

    #[test]
    fn every_time_that_a_key_was_known_is_told_and_no_other() {
        let label = |zookeeper: &str, key: &str| {
            let settings = json!({ "settings": { key: true } });
            let versions = json!({ "zookeeper": zookeeper, "kafka": "2.7.0" });
            let problem = breaks(&RULE, json!({ "versions": versions, "zookeeper": settings }));
            problem.labels[0].text.clone()
        };
        for (version, key, known) in [
            ("3.9.4", "ssl.allowReverseDnsLookup", "known from 3.8.6 to 3.8.7 and from 3.9.5 on, among"),
            // 3.7.0 takes it as a system property alone
            ("3.7.0", "leader.closeSocketAsync", "known from 3.7.1 on, among"),
            ("3.7.0", "client.certReload", "known in 3.7.2 alone and from 3.8.5 on, among"),
            // whose default changed in between
            ("3.6.2", "fips-mode", "known from 3.8.2 on, among"),
        ] {
            assert!(label(version, key).starts_with(known), "{}", label(version, key));
        }
    }

    #[test]
    fn for_every_key_that_is_gone_the_help_names_what_to_do() {
        let newest = "99.0.0".parse().expect("a version");
        let (brokers, servers) = (reserved_settings::KAFKA, reserved_settings::ZOOKEEPER);
        for (table, owned) in [(&*KAFKA, brokers), (&*ZOOKEEPER, servers), (&*TOPIC, &[])] {
            for key in table.names().filter(|key| owned.iter().all(|(owned, _)| owned != key)) {
                let Lookup::Elsewhere(ranges) = table.find(key, newest) else { continue };
                let last = ranges.last().and_then(|(_, last)| *last);
                assert!(instead(key, newest, last).is_some(), "{key}");
            }
        }
        let settings = json!({ "quota.consumer.default": 1_048_576 });
        let quota = breaks(&RULE, json!({ "kafka": { "settings": settings } }));
        assert!(quota.help.contains("consumer_byte_rate="), "{quota:?}");
    }

    #[test]
    fn a_later_key_has_no_successor_yet() {
        let versions = json!({ "zookeeper": "3.5.9", "kafka": "2.7.0" });
        let settings = json!({ "leader.maxConcurrentSnapSyncs": 2 });
        let early = breaks(&RULE, json!({ "versions": versions, "zookeeper": { "settings": settings } }));
        assert_eq!(early.help, RULE.diagnostic.help);
    }
}
