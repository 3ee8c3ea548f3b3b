//! A topic that survives the loss of power needs a ZooKeeper that does.

use indexmap::IndexSet;

use crate::role::Role;
use crate::rules::prelude::*;
use crate::rules::message::at_all;
use crate::rules::settings::effective::{Effective, services};
use crate::spec::Survives;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K609",
        severity: Error,
        title: "topics survive power loss and ZooKeeper does not",
        why: "Which replicas were in sync stands in ZooKeeper. With `forceSync=no` it answers before its log is on \
              the disk (FileTxnLog), so after a loss of power it may name a replica that lacks acknowledged \
              records as the leader.",
        help: "take `forceSync` out, or take `survives` out of the topics",
    },
    check,
};

const KEY: &str = "forceSync";

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut topics = draft.cluster.topics.iter().filter(|topic| topic.survives.value == Survives::PowerLoss);
    let Some(topic) = topics.next() else { return };
    let answers_early = |server: &Effective<'_>| server.text(KEY).as_deref() == Some("no");
    let early = services(draft, Role::ZooKeeper).filter(answers_early);
    let places: IndexSet<_> = early.filter_map(|server| server.place(KEY)).collect();
    if places.is_empty() {
        return;
    }
    let title = format!("topic `{}` survives power loss, and ZooKeeper does not", topic.name);
    let problem = at_all(found.problem(title), places, "answers before its log is on the disk", "and here");
    found.add(problem.at(pointer(["topics", &topic.name, "survives"]), "no acknowledged record may be lost"));
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn spec(survives: &str, force_sync: &str) -> Value {
        json!({
            "zookeeper": { "settings": { "forceSync": force_sync } },
            "topics": { "orders": { "survives": survives } }
        })
    }

    #[test]
    fn a_zookeeper_that_does_not_wait_for_its_disk_is_refused() {
        breaks(&RULE, spec("power-loss", "no"));
        // which it trims
        breaks(&RULE, spec("power-loss", "no "));
        let mut own = spec("power-loss", "yes");
        own["zookeeper"]["hosts"] = json!({ "a": { "settings": { "forceSync": "no" } }, "b": {}, "c": {} });
        assert_eq!(breaks(&RULE, own).labels.len(), 2);
    }

    #[test]
    fn one_that_waits_and_topics_that_do_not_ask_are_fine() {
        holds(&RULE, spec("power-loss", "yes"));
        holds(&RULE, spec("host-loss", "no"));
        let waits = json!({ "settings": { "forceSync": "yes" } });
        let mut own = spec("power-loss", "no");
        own["zookeeper"]["hosts"] = json!({ "a": waits, "b": waits, "c": waits });
        holds(&RULE, own);
    }
}
