//! Brokers know on which listener they reach each other.

use crate::rules::prelude::*;
use crate::rules::message::{and, or, plural};
use crate::problem::nearest;
use crate::resolve::defaults::LISTENER;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K303",
        severity: Error,
        title: "the inter-broker listener does not exist",
        why: "Brokers replicate over one listener, which has the same name on all of them. A broker whose \
              `inter.broker.listener.name` is not one of its listeners does not start (KafkaConfig), and kafnix \
              does not guess among several: the wrong one could be closed to brokers.",
        help: "name it in `kafka.interBrokerListener`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let names: Vec<&str> = match &draft.spec.kafka.listeners {
        // That there is none at all is another rule's fault.
        Some(listeners) if listeners.is_empty() => return,
        Some(listeners) => listeners.keys().map(String::as_str).collect(),
        None => vec![LISTENER],
    };
    let quoted = or(names.iter().map(|name| format!("`{name}`")));
    lacking(draft, found);
    for gap in &draft.gaps {
        let Gap::NoInterBrokerListener { pointer, written } = gap else { continue };
        found.add(match written {
            Some(name) => {
                let near = nearest(name, names.iter().copied());
                let problem = found.problem(format!("`{name}` is not one of the listeners"));
                problem.at(pointer, "this name").help(format!("write {}", near.as_ref().unwrap_or(&quoted)))
            }
            None => found
                .problem(format!("nothing says whether brokers use {quoted} among themselves"))
                .at(pointer, "several of these could be the one")
                .help(format!("set `kafka.interBrokerListener` to {quoted}")),
        });
    }
}

/// Brokers without the listener that all of them need.
fn lacking(draft: &Draft<'_>, found: &mut Found) {
    let Some(name) = draft.cluster.kafka.as_ref().map(|kafka| &kafka.inter_broker_listener.value) else { return };
    let hosts = draft.spec.kafka.listeners.as_ref().and_then(|all| all.get(name)?.hosts.as_ref());
    let Some(hosts) = hosts.filter(|hosts| !hosts.is_empty()) else { return };
    let without: Vec<_> =
        draft.cluster.brokers().map(|(host, _)| &host.name).filter(|host| !hosts.contains(host)).collect();
    if !without.is_empty() {
        let lack = plural(without.len(), "lacks", "lack");
        let problem =
            found.problem(format!("{name} is the listener between brokers, and {} {lack} it", and(&without)));
        let problem = problem.at(pointer(["kafka", "listeners", name, "hosts"]), "not all brokers");
        found.add(problem.help(format!(
            "take `hosts` of {name} out, or name another listener, which every broker has, in \
             `kafka.interBrokerListener`"
        )));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_name_that_no_listener_has_is_refused_with_the_nearest() {
        let problem = breaks(&RULE, json!({ "kafka": { "interBrokerListener": "PLAINTXT" } }));
        assert_eq!(problem.help, "write `PLAINTEXT`");
        breaks(&RULE, json!({ "kafka": { "interBrokerListener": "INTERNAL", "listeners": null } }));
    }

    #[test]
    fn the_listener_between_brokers_is_on_all_of_them() {
        let listeners = json!({ "PLAINTEXT": { "hosts": ["a"] } });
        let problem = breaks(&RULE, json!({ "kafka": { "listeners": listeners } }));
        assert_eq!(problem.title, "PLAINTEXT is the listener between brokers, and b and c lack it");
        let listeners = json!({ "X": { "port": 9094, "hosts": ["a"] } });
        holds(&RULE, json!({ "kafka": { "listeners": listeners, "interBrokerListener": "PLAINTEXT" } }));
    }

    #[test]
    fn nobody_guesses_between_two_listeners() {
        let problem = breaks(&RULE, json!({ "kafka": { "listeners": { "EXTERNAL": { "port": 9094 } } } }));
        assert_eq!(problem.help, "set `kafka.interBrokerListener` to `PLAINTEXT` or `EXTERNAL`");
    }

    #[test]
    fn one_of_two_that_is_for_brokers_needs_no_word() {
        let internal = json!({ "port": 9094, "from": "brokers" });
        holds(&RULE, json!({ "kafka": { "listeners": { "INTERNAL": internal } } }));
    }

    #[test]
    fn without_any_listener_the_missing_one_is_not_reported_again() {
        let none = json!({ "PLAINTEXT": null });
        holds(&RULE, json!({ "kafka": { "listeners": none, "interBrokerListener": "INTERNAL" } }));
    }
}
