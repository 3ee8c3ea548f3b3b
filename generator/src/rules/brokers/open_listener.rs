//! The spec says who may reach a listener.

use crate::rules::prelude::*;
use crate::problem::Problem;
use crate::resolve::defaults::{LISTENER, LISTENER_PORT};
use crate::rules::settings::settings_view::{LISTENERS, by_hand};
use crate::spec::Reach;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K314",
        severity: Warning,
        title: "everybody may reach a listener",
        why: "A PLAINTEXT listener does not authenticate clients: whoever reaches it reads and writes every topic. \
              `from` says who may reach it, and without `from` that is everybody.",
        help: "say who may reach it: `\"from\": [\"10.0.0.0/8\"]`, or `\"from\": \"brokers\"` for brokers alone",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    if draft.cluster.kafka.is_none() {
        return;
    }
    let Some(listeners) = &draft.spec.kafka.listeners else {
        if by_hand(draft, LISTENERS) {
            return;
        }
        let problem = found.problem(format!("everybody may reach {LISTENER} on port {LISTENER_PORT}"));
        let help = format!(
            "define it with who may reach it: `\"listeners\": {{ \"{LISTENER}\": {{ \"port\": {LISTENER_PORT}, \
             \"from\": [\"10.0.0.0/8\"] }} }}`"
        );
        found.add(problem.at("/kafka", "the default listener has no `from`").help(help));
        return;
    };
    for (name, listener) in listeners {
        let at = pointer(["kafka", "listeners", name]);
        let problem = found.problem(format!("everybody may reach {name} on port {}", listener.port));
        match &listener.from {
            None => found.add(problem.at(at, "without `from`")),
            Some(Reach::Brokers) => {}
            Some(Reach::Networks(networks)) => {
                let whole = networks.iter().enumerate().filter(|(_, network)| network.0.prefix_len() == 0);
                let label = |problem: Problem, index: usize| {
                    problem.at(format!("{at}/from/{index}"), "this is every address")
                };
                let problem = whole.fold(problem, |problem, (index, _)| label(problem, index));
                if !problem.labels.is_empty() {
                    found.add(problem);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use crate::problem::Place;
    use serde_json::{Value, json};

    fn from(from: &Value) -> Value {
        json!({ "kafka": { "listeners": { "PLAINTEXT": { "from": from } } } })
    }

    #[test]
    fn a_listener_for_nobody_in_particular_is_warned_of() {
        let problem = breaks(&RULE, from(&Value::Null));
        assert_eq!(problem.title, "everybody may reach PLAINTEXT on port 9092");
        let problem = breaks(&RULE, json!({ "kafka": { "listeners": null } }));
        assert_eq!(problem.labels[0].place, Place::Pointer("/kafka".into()));
    }

    #[test]
    fn a_network_of_all_addresses_is_everybody() {
        let problem = breaks(&RULE, from(&json!(["10.0.0.0/8", "0.0.0.0/0", "::/0"])));
        assert_eq!(problem.labels[0].place, Place::Pointer("/kafka/listeners/PLAINTEXT/from/1".into()));
        assert_eq!(problem.labels.len(), 2);
    }

    #[test]
    fn brokers_and_networks_are_somebody() {
        holds(&RULE, from(&json!("brokers")));
        holds(&RULE, from(&json!(["10.0.0.0/8"])));
        holds(&RULE, json!({ "kafka": { "hosts": {}, "listeners": null } }));
    }

    #[test]
    fn the_default_listener_is_not_told_while_listeners_stand_elsewhere_by_hand() {
        let settings = json!({ "listeners": "PLAINTEXT://:9094" });
        holds(&RULE, json!({ "kafka": { "listeners": null, "settings": settings } }));
    }
}
