//! What a host says of a listener is about one that there is.

use crate::rules::prelude::*;
use crate::rules::message::{and, or};
use crate::problem::nearest;
use crate::resolve::defaults::LISTENER;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K308",
        severity: Error,
        title: "a host overrides a listener that the brokers do not have",
        why: "Listeners are those of `kafka.listeners`, the same on every broker that has them; a host says only what \
              differs. An override of any other listener would have no effect.",
        help: "define the listener in `kafka.listeners`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let kafka = &draft.spec.kafka;
    let known: Vec<&str> = match &kafka.listeners {
        // That there is none at all is another rule's fault.
        Some(listeners) if listeners.is_empty() => return,
        Some(listeners) => listeners.keys().map(String::as_str).collect(),
        None => vec![LISTENER],
    };
    let quoted = || or(known.iter().map(|name| format!("`{name}`")));
    for (host, broker) in kafka.hosts.iter().flatten() {
        for name in broker.listeners.keys().filter(|name| !known.contains(&name.as_str())) {
            let help = match nearest(name, known.iter().copied()) {
                Some(near) => format!("write {near}"),
                None => format!("override {}, or define `{name}` in `kafka.listeners`", quoted()),
            };
            let at = pointer(["kafka", "hosts", host, "listeners", name]);
            let problem = found.problem(format!("{host} overrides `{name}`, which is not one of the listeners"));
            found.add(problem.at_key(at, "no such listener").help(help));
        }
        for name in broker.listeners.keys() {
            let on = kafka.listeners.as_ref().and_then(|all| all.get(name)?.hosts.as_ref());
            // A listener of no host at all is told by a rule of its own.
            let Some(on) = on.filter(|on| !on.is_empty() && !on.contains(host)) else { continue };
            let at = pointer(["kafka", "hosts", host, "listeners", name]);
            let title = format!("{host} overrides `{name}`, which is on {} alone", and(on));
            let help = format!("add `{host}` to `hosts` of `{name}`, or take the override out");
            found.add(found.problem(title).at_key(at, "not on this host").help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn overrides(name: &str) -> Value {
        json!({ "kafka": { "hosts": { "a": { "listeners": { name: { "port": 9093 } } } } } })
    }

    #[test]
    fn an_override_of_no_listener_is_refused_with_the_nearest() {
        assert_eq!(breaks(&RULE, overrides("PLAINTXT")).help, "write `PLAINTEXT`");
        assert!(breaks(&RULE, overrides("EXTERNAL")).help.starts_with("override `PLAINTEXT`, or define"));
    }

    #[test]
    fn an_override_of_a_listener_of_others_is_refused() {
        let on = |hosts: Value| {
            let mut spec = overrides("PLAINTEXT");
            spec["kafka"]["listeners"] = json!({ "PLAINTEXT": { "hosts": hosts } });
            spec
        };
        assert_eq!(breaks(&RULE, on(json!(["b"]))).title, "a overrides `PLAINTEXT`, which is on b alone");
        holds(&RULE, on(json!(["a", "b"])));
        holds(&RULE, on(json!([])));
    }

    #[test]
    fn an_override_of_a_listener_is_taken() {
        holds(&RULE, overrides("PLAINTEXT"));
        let default = json!({ "kafka": { "listeners": null } });
        holds(&RULE, default);
    }
}
