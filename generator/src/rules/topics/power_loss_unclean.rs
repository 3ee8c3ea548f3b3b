//! A topic that survives the loss of power keeps its leaders in sync.

use crate::rules::prelude::*;
use crate::cluster::{Model, Topic};
use crate::spec::{Setting, Survives};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K608",
        severity: Error,
        title: "unclean leader election for a topic that survives power loss",
        why: "After all hosts lost power they come back one by one. With `unclean.leader.election.enable` a replica \
              that was out of sync becomes leader while none in sync is back, and the others truncate their logs to \
              its own: acknowledged records are gone.",
        help: "set `unclean.leader.election.enable` to `false`, or take `survives` out",
    },
    check,
};

const KEY: &str = "unclean.leader.election.enable";

fn check(draft: &Draft<'_>, found: &mut Found) {
    let of_brokers = of_brokers(&draft.cluster);
    for topic in draft.cluster.topics.iter().filter(|topic| topic.survives.value == Survives::PowerLoss) {
        let Some(place) = unclean(topic, of_brokers) else { continue };
        let name = &topic.name;
        let problem = found
            .problem(format!("a replica out of sync may lead topic `{name}`, which survives power loss"));
        let survives = pointer(["topics", name, "survives"]);
        let problem = problem.at(place, "a replica out of sync may become leader");
        found.add(problem.at(survives, "no acknowledged record may be lost"));
    }
}

/// Where the author allows it for this topic.
fn unclean<'a>(topic: &'a Topic, of_brokers: Option<&'a str>) -> Option<&'a str> {
    match topic.settings.get(KEY).filter(|own| own.value != Setting::Absent) {
        Some(own) => own.pointer().filter(|_| own.value.is_true()),
        None => of_brokers,
    }
}

/// Where the author allows it for all topics, if on any broker.
fn of_brokers(cluster: &Model) -> Option<&str> {
    let mut settings = cluster.brokers().filter_map(|(_, broker)| cluster.setting(broker, KEY));
    settings.find(|setting| setting.value.is_true() && setting.pointer().is_some())?.pointer()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use crate::problem::Place;
    use serde_json::{Value, json};

    fn topic(survives: &str, settings: &Value) -> Value {
        json!({ "topics": { "orders": { "survives": survives, "settings": settings } } })
    }

    #[test]
    fn an_unclean_election_takes_back_what_power_loss_promises() {
        breaks(&RULE, topic("power-loss", &json!({ "unclean.leader.election.enable": true })));
        let mut spec = topic("power-loss", &json!({}));
        spec["kafka"] = json!({ "settings": { "unclean.leader.election.enable": "TRUE" } });
        let at = "/kafka/settings/unclean.leader.election.enable";
        assert_eq!(breaks(&RULE, spec).labels[0].place, Place::Pointer(at.into()));
    }

    #[test]
    fn the_topics_own_word_and_the_default_are_clean() {
        let mut spec = topic("power-loss", &json!({ "unclean.leader.election.enable": false }));
        spec["kafka"] = json!({ "settings": { "unclean.leader.election.enable": true } });
        holds(&RULE, spec);
        holds(&RULE, topic("power-loss", &json!({})));
    }

    #[test]
    fn another_topic_may_be_led_by_any_replica() {
        holds(&RULE, topic("host-loss", &json!({ "unclean.leader.election.enable": true })));
    }
}
