//! A broker has at least one listener.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K305",
        severity: Error,
        title: "the brokers have no listener",
        why: "A broker without a listener does not start, since it has none to replicate over (KafkaConfig), and \
              nobody could reach it.",
        help: "name a listener with its port, or leave `listeners` out: `PLAINTEXT` on port 9092 is the default",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let none = draft.spec.kafka.listeners.as_ref().is_some_and(indexmap::IndexMap::is_empty);
    if none && draft.cluster.kafka.is_some() {
        found.add(found.problem(RULE.diagnostic.title).at("/kafka/listeners", "no listener here"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn an_empty_list_of_listeners_is_refused() {
        breaks(&RULE, json!({ "kafka": { "listeners": { "PLAINTEXT": null } } }));
    }

    #[test]
    fn without_a_list_there_is_the_default_listener() {
        holds(&RULE, json!({ "kafka": { "listeners": null } }));
    }
}
