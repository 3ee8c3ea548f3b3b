//! A listener for the controller is a listener, and not the one between brokers.

use std::collections::BTreeMap;

use crate::cluster::{Broker, Host};
use crate::rules::prelude::*;
use crate::rules::message::{and, or, plural};
use crate::problem::nearest;
use crate::resolve::defaults::LISTENER;
use crate::rules::settings::settings_view::{LISTENERS, by_hand};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K319",
        severity: Error,
        title: "the control plane listener is not a listener of its own",
        why: "A broker whose `control.plane.listener.name` is not one of its listeners, or is the one between \
              brokers, does not start (KafkaConfig, 2.7 and 3.9).",
        help: "define the listener in `kafka.listeners`, or take the setting out",
    },
    check,
};

const KEY: &str = "control.plane.listener.name";

/// The name that is written at each place, and the brokers that it holds for.
type Named<'a> = BTreeMap<&'a str, (String, Vec<(&'a Host, &'a Broker)>)>;

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(kafka) = &draft.cluster.kafka else { return };
    let listeners: Vec<&str> = match &draft.spec.kafka.listeners {
        Some(listeners) => listeners.keys().map(String::as_str).collect(),
        None if by_hand(draft, LISTENERS) => return,
        None => vec![LISTENER],
    };
    let inter_broker = &kafka.inter_broker_listener.value;
    for (place, (name, brokers)) in named(draft) {
        let capitals = name.to_uppercase();
        let lacks = |(_, broker): &&(&Host, &Broker)| !broker.listeners.iter().any(|it| it.name == capitals);
        let lacking: Vec<_> = brokers.iter().filter(lacks).map(|(host, _)| &host.name).collect();
        if !listeners.contains(&capitals.as_str()) {
            let problem = found.problem(format!("`{KEY}` is `{name}`, which is not one of the listeners"));
            let problem = problem.at(place, "this name");
            let others = listeners.iter().copied().filter(|name| *name != inter_broker);
            found.add(match nearest(&capitals, others) {
                Some(near) => problem.help(format!("write {near}")),
                None => problem,
            });
        } else if capitals == *inter_broker {
            let others =
                or(listeners.iter().filter(|name| *name != inter_broker).map(|name| format!("`{name}`")));
            let problem =
                found.problem(format!("`{name}` is the listener between brokers, and `{KEY}` names it, too"));
            let problem = problem.at(place, "this name");
            found.add(if others.is_empty() { problem } else { problem.help(format!("write {others}")) });
        } else if !lacking.is_empty() {
            let lack = plural(lacking.len(), "lacks", "lack");
            let problem = found.problem(format!("`{KEY}` names `{name}`, and {} {lack} it", and(lacking)));
            found.add(problem.at(place, "not a listener of theirs").help(format!(
                "take `hosts` of `{capitals}` out, or set `{KEY}` in `kafka.hosts.<host>.settings` of the brokers \
                 that have it"
            )));
        }
    }
}

fn named<'a>(draft: &'a Draft<'_>) -> Named<'a> {
    let mut all = Named::new();
    for (host, broker) in draft.cluster.brokers() {
        let Some(setting) = draft.cluster.setting(broker, KEY) else { continue };
        let (Some(name), Some(place)) = (setting.value.plain(), setting.pointer()) else { continue };
        let first = || (name.trim().to_owned(), Vec::new());
        all.entry(place).or_insert_with(first).1.push((host, broker));
    }
    all
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn named(name: &str) -> Value {
        let listeners = json!({ "CONTROLLER": { "port": 9091, "from": ["10.0.0.0/24"] } });
        let settings = json!({ "control.plane.listener.name": name });
        json!({ "kafka": { "interBrokerListener": "PLAINTEXT", "listeners": listeners, "settings": settings } })
    }

    #[test]
    fn no_listener_and_the_one_between_brokers_are_refused() {
        assert_eq!(breaks(&RULE, named("CONTROLER")).help, "write `CONTROLLER`");
        assert_eq!(breaks(&RULE, named("plaintext")).help, "write `CONTROLLER`");
        breaks(&RULE, named(""));
    }

    #[test]
    fn the_default_listener_is_not_meant_while_listeners_stand_elsewhere_by_hand() {
        let settings = json!({ "listeners": "C://:9091", "control.plane.listener.name": "C" });
        holds(&RULE, json!({ "kafka": { "listeners": null, "settings": settings } }));
        breaks(&RULE, json!({ "kafka": { "settings": settings } }));
    }

    #[test]
    fn a_listener_that_a_broker_lacks_is_none_of_its_own() {
        let on = |hosts: Value| {
            let mut spec = named("CONTROLLER");
            spec["kafka"]["listeners"]["CONTROLLER"]["hosts"] = hosts;
            spec
        };
        let problem = breaks(&RULE, on(json!(["a"])));
        assert_eq!(problem.title, "`control.plane.listener.name` names `CONTROLLER`, and b and c lack it");
        holds(&RULE, on(json!(["a", "b", "c"])));
        let mut own = on(json!(["a"]));
        let settings = own["kafka"]["settings"].take();
        own["kafka"]["hosts"] = json!({ "a": { "settings": settings }, "b": {} });
        own["kafka"]["settings"] = json!({});
        holds(&RULE, own);
    }

    #[test]
    fn listeners_that_start_early_are_left_to_their_rule() {
        holds(&RULE, json!({ "kafka": { "settings": { "early.start.listeners": "X" } } }));
    }

    #[test]
    fn a_listener_of_its_own_is_fine() {
        holds(&RULE, named("CONTROLLER"));
        holds(&RULE, named("controller"));
    }
}
