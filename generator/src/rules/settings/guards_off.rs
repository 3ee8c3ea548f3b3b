//! What protects data or disks is not turned off.

use std::collections::BTreeSet;

use crate::role::Role;
use crate::rules::prelude::*;
use crate::rules::settings::effective::{Effective, services};
use crate::spec::Survives;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K427",
        severity: Warning,
        title: "a setting turns a protection off",
        why: "Some settings of both products only remove a protection: that writes are on the disk before they are \
              acknowledged, permissions, the removal of old data. The products accept them silently, and the loss \
              shows only after a power failure, or when a disk is full (ZooKeeper's administrator's guide, Unsafe \
              Options; Kafka's documentation, Broker Configs).",
        help: "leave the setting out",
    },
    check,
};

struct Guard {
    role: Role,
    key: &'static str,
    is_off: fn(&Effective<'_>, &str) -> bool,
    then: &'static str,
}

const fn guard(
    role: Role,
    key: &'static str,
    is_off: fn(&Effective<'_>, &str) -> bool,
    then: &'static str,
) -> Guard {
    Guard { role, key, is_off, then }
}

/// An ensemble that waits longer for a server hides that it does not come.
const LONG_MS: i64 = 3_600_000;

/// What is counted in ticks.
const LIMITS: [&str; 2] = ["initLimit", "syncLimit"];

/// Whether so many ticks are longer.
fn is_long(server: &Effective<'_>, ticks: &str) -> bool {
    let tick = server.number("tickTime").unwrap_or(0);
    ticks.parse().is_ok_and(|ticks: i64| ticks.saturating_mul(tick) > LONG_MS)
}

/// Whether the ticks make a limit too long that the author has not written, and that says nothing itself.
fn makes_long(server: &Effective<'_>) -> bool {
    let mut limits = LIMITS.into_iter().filter(|limit| server.place(limit).is_none());
    limits.any(|limit| server.text(limit).is_some_and(|ticks| is_long(server, &ticks)))
}

/// Topics have it, too.
const UNCLEAN: &str = "unclean.leader.election.enable";
const UNCLEAN_THEN: &str = "a replica out of sync may lead, and acknowledged records are lost";

const GUARDS: &[Guard] = &[
    // FileTxnLog
    guard(Role::ZooKeeper, "forceSync", |_, value| value == "no", "a power loss can take acknowledged writes"),
    // ZooKeeperServer
    guard(Role::ZooKeeper, "skipACL", |_, value| value == "yes", "everybody may change and delete every znode"),
    // FileTxnSnapLog
    guard(
        Role::ZooKeeper,
        "snapshot.trust.empty",
        |_, value| value.eq_ignore_ascii_case("true"),
        "a server whose snapshots are lost serves without their data",
    ),
    // DatadirCleanupManager
    guard(
        Role::ZooKeeper,
        "autopurge.purgeInterval",
        |_, value| value.parse().is_ok_and(|hours: i64| hours <= 0),
        "snapshots and transaction logs are never removed and fill the disk",
    ),
    // Learner, LearnerHandler: with ticks as long as `tickTime` says
    guard(Role::ZooKeeper, LIMITS[0], is_long, "a server that cannot sync is waited for longer than an hour"),
    guard(
        Role::ZooKeeper,
        LIMITS[1],
        is_long,
        "a leader or follower that no longer answers is waited for longer than an hour",
    ),
    guard(
        Role::ZooKeeper,
        "tickTime",
        |server, _| makes_long(server),
        "`initLimit` or `syncLimit` ticks are longer than an hour, and so long is a server waited for",
    ),
    // LogManager; compacted topics, `__consumer_offsets` among them, grow without end
    guard(
        Role::Broker,
        "log.cleaner.enable",
        |_, value| value.eq_ignore_ascii_case("false"),
        "compacted topics, `__consumer_offsets` among them, grow until the disk is full",
    ),
    guard(
        Role::Broker,
        UNCLEAN,
        |_, value| value.eq_ignore_ascii_case("true"),
        UNCLEAN_THEN,
    ),
];

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut told = BTreeSet::new();
    for guard in GUARDS {
        for service in services(draft, guard.role) {
            // What the author wrote, `null` included: it takes kafnix's default out.
            let Some(at) = service.get(guard.key).and_then(|setting| setting.pointer()) else { continue };
            let value = service.text(guard.key).unwrap_or_default();
            if (guard.is_off)(&service, &value) && told.insert(at) {
                let problem = found.problem(format!("`{}` is {value}: {}", guard.key, guard.then));
                found.add(problem.at(at, OFF));
            }
        }
    }
    // Of one that survives power loss a rule of its own refuses it.
    for topic in draft.cluster.topics.iter().filter(|topic| topic.survives.value != Survives::PowerLoss) {
        let Some(own) = topic.settings.get(UNCLEAN).filter(|own| own.value.is_true()) else { continue };
        let title = format!("`{UNCLEAN}` of topic `{}` is true: {UNCLEAN_THEN}", topic.name);
        found.add(found.problem(title).at(own.pointer().unwrap_or("/topics"), OFF));
    }
}

const OFF: &str = "turns a protection off";

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::problem::Place;
    use crate::rules::testing::{breaks, holds, says};
    use serde_json::{Value, json};

    fn zookeeper(key: &str, value: &Value) -> Value {
        json!({ "zookeeper": { "settings": { key: value } } })
    }

    fn kafka(key: &str, value: &Value) -> Value {
        json!({ "kafka": { "settings": { key: value } } })
    }

    #[test]
    fn what_takes_a_protection_away_is_warned_of_once() {
        for (key, value) in [
            ("forceSync", json!("no")),
            ("skipACL", json!("yes")),
            ("snapshot.trust.empty", json!(true)),
            ("autopurge.purgeInterval", json!(0)),
            ("autopurge.purgeInterval", json!(null)),
            ("initLimit", json!(5000)),
            ("syncLimit", json!(5000)),
            ("tickTime", json!(360_001)),
        ] {
            breaks(&RULE, zookeeper(key, &value));
        }
        breaks(&RULE, kafka("log.cleaner.enable", &json!(false)));
        breaks(&RULE, kafka("unclean.leader.election.enable", &json!("TRUE")));
    }

    #[test]
    fn ticks_that_make_a_limit_too_long_are_told_where_one_of_both_is_written() {
        let settings = |settings: Value| json!({ "zookeeper": { "settings": settings } });
        let told = |spec: Value| {
            let problem = breaks(&RULE, spec);
            format!("{:?}", problem.labels[0].place)
        };
        let long = told(settings(json!({ "tickTime": 1_000_000, "initLimit": 4, "syncLimit": 3 })));
        assert!(long.contains("/initLimit"), "{long}");
        let long = told(settings(json!({ "tickTime": 1_000_000, "initLimit": 3 })));
        assert!(long.contains("/tickTime"), "{long}");
        holds(&RULE, settings(json!({ "tickTime": 1_000_000, "initLimit": 3, "syncLimit": 3 })));
    }

    #[test]
    fn one_server_alone_is_told_by_its_place() {
        let own = json!({ "a": { "settings": { "forceSync": "no" } }, "b": {}, "c": {} });
        let problem = breaks(&RULE, json!({ "zookeeper": { "hosts": own } }));
        assert_eq!(problem.labels[0].place, Place::Pointer("/zookeeper/hosts/a/settings/forceSync".into()));
        assert_eq!(problem.title, "`forceSync` is no: a power loss can take acknowledged writes");
    }

    #[test]
    fn a_topic_that_turns_it_off_for_itself_is_told_as_well() {
        let topic = |survives: &str, unclean: &str| {
            let settings = json!({ "unclean.leader.election.enable": unclean });
            json!({ "topics": { "t": { "survives": survives, "settings": settings } } })
        };
        let problem = breaks(&RULE, topic("host-loss", "TRUE"));
        let at = "/topics/t/settings/unclean.leader.election.enable";
        assert_eq!(problem.labels[0].place, Place::Pointer(at.into()));
        holds(&RULE, topic("host-loss", "false"));
        holds(&RULE, topic("power-loss", "true"));
    }

    #[test]
    fn what_protects_is_fine() {
        holds(&RULE, zookeeper("forceSync", &json!("yes")));
        holds(&RULE, zookeeper("initLimit", &json!(100)));
        holds(&RULE, zookeeper("syncLimit", &json!(100)));
        holds(&RULE, zookeeper("tickTime", &json!(360_000)));
        holds(&RULE, kafka("log.cleaner.enable", &json!(true)));
        assert_eq!(says(&RULE, json!({})), []);
    }
}
