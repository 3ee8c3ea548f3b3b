//! A listener for the controller is a listener, and not the one between brokers.

use crate::rules::prelude::*;
use crate::rules::message::or;
use crate::problem::nearest;
use crate::resolve::defaults::LISTENER;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K319",
        severity: Error,
        title: "the control plane listener is not a listener of its own",
        why: "A broker whose `control.plane.listener.name` is not one of its listeners, or is the one between \
              brokers, does not start (KafkaConfig, 2.7 and 3.9).",
        help: "define a listener for the controller in `kafka.listeners`, or take the setting out",
    },
    check,
};

const KEY: &str = "control.plane.listener.name";

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(kafka) = &draft.cluster.kafka else { return };
    let listeners: Vec<&str> = match &draft.spec.kafka.listeners {
        Some(listeners) => listeners.keys().map(String::as_str).collect(),
        None => vec![LISTENER],
    };
    let inter_broker = &kafka.inter_broker_listener.value;
    let own = draft.cluster.brokers().map(|(_, broker)| &broker.settings);
    for setting in std::iter::once(&kafka.settings).chain(own).filter_map(|settings| settings.get(KEY)) {
        let (Some(name), Some(place)) = (setting.value.plain(), setting.pointer()) else { continue };
        let capitals = name.trim().to_uppercase();
        if !listeners.contains(&capitals.as_str()) {
            let problem = found.problem(format!("`{KEY}` is `{name}`, which is not one of the listeners"));
            let problem = problem.at(place, "this name");
            found.add(
                match nearest(&capitals, listeners.iter().copied().filter(|name| *name != inter_broker)) {
                    Some(near) => problem.help(format!("write `{near}`")),
                    None => problem,
                },
            );
        } else if capitals == *inter_broker {
            let others =
                or(listeners.iter().filter(|name| *name != inter_broker).map(|name| format!("`{name}`")));
            let problem =
                found.problem(format!("`{name}` is the listener between brokers, and `{KEY}` names it, too"));
            let problem = problem.at(place, "this name");
            found.add(if others.is_empty() { problem } else { problem.help(format!("write {others}")) });
        }
    }
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
    }

    #[test]
    fn a_listener_of_its_own_is_fine() {
        holds(&RULE, named("CONTROLLER"));
        holds(&RULE, named("controller"));
    }
}
