//! Brokers know on which listener they reach each other.

use crate::rules::prelude::*;
use crate::rules::message::or;
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
    for gap in &draft.gaps {
        let Gap::NoInterBrokerListener { pointer, written } = gap else { continue };
        found.add(match written {
            Some(name) => {
                let near = nearest(name, names.iter().copied()).map(|near| format!("`{near}`"));
                let problem = found.problem(format!("`{name}` is not one of the listeners"));
                problem.at(pointer, "this name").help(format!("write {}", near.as_ref().unwrap_or(&quoted)))
            }
            None => found
                .problem(format!("nothing says whether brokers use {quoted} among themselves"))
                .at(pointer, "no single one of these is for brokers")
                .help(format!("set `kafka.interBrokerListener` to {quoted}")),
        });
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
