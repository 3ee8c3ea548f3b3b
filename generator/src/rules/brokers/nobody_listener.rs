//! A listener has clients.

use crate::rules::prelude::*;
use crate::spec::Reach;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K315",
        severity: Error,
        title: "a listener has no clients",
        why: "An empty `from` names no client of the listener. It does not mean everybody: that is a listener \
              without `from`.",
        help: "name networks in `from`, use `\"from\": \"brokers\"`, or take the listener out",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for (name, listener) in draft.spec.kafka.listeners.iter().flatten() {
        if matches!(&listener.from, Some(Reach::Networks(networks)) if networks.is_empty()) {
            let at = pointer(["kafka", "listeners", name, "from"]);
            found.add(found.problem(format!("{name} has no clients")).at(at, "no network here"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn from(from: &Value) -> Value {
        json!({ "kafka": { "listeners": { "PLAINTEXT": { "from": from } } } })
    }

    #[test]
    fn an_empty_list_of_networks_is_refused() {
        breaks(&RULE, from(&json!([])));
    }

    #[test]
    fn a_single_address_is_somebody() {
        holds(&RULE, from(&json!(["10.0.0.1"])));
        holds(&RULE, from(&Value::Null));
    }
}
