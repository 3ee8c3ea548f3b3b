//! A listener that is to start early is one that the broker has.

use std::collections::BTreeSet;

use crate::rules::prelude::*;
use crate::rules::message::or;
use crate::rules::settings::settings_view::{LISTENERS, by_hand};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K433",
        severity: Error,
        title: "a listener that the broker does not have is to start early",
        why: "`early.start.listeners` names listeners as they stand in `listeners`, capitals included. A broker with \
              an authorizer asks for them when it starts and exits where it has no such listener (KafkaConfig, \
              `earlyStartListeners`); without one nobody reads the key.",
        help: "name listeners of `kafka.listeners`, or leave the key out",
    },
    check,
};

const KEY: &str = "early.start.listeners";

fn check(draft: &Draft<'_>, found: &mut Found) {
    if draft.spec.kafka.listeners.is_none() && by_hand(draft, LISTENERS) {
        return;
    }
    // What stands for all brokers is one problem.
    let mut told = BTreeSet::new();
    for (host, broker) in draft.cluster.brokers() {
        let Some(setting) = draft.cluster.setting(broker, KEY) else { continue };
        let (Some(at), Some(text)) = (setting.pointer(), setting.value.plain()) else { continue };
        let has = |name: &str| broker.listeners.iter().any(|listener| listener.name == name);
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let Some(missing) = names.clone().find(|name| !has(name)).filter(|_| told.insert(at)) else { continue };
        let problem = found.problem(format!("`{KEY}` names `{missing}`, which is no listener of `{}`", host.name));
        let own = or(broker.listeners.iter().map(|listener| format!("`{}`", listener.name)));
        found.add(problem.at(at, "not one of its listeners").help(format!("name {own}, or leave the key out")));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn early(names: &Value) -> Value {
        json!({ "kafka": { "settings": { "early.start.listeners": names } } })
    }

    #[test]
    fn a_name_that_no_listener_has_is_refused_once() {
        let problem = breaks(&RULE, early(&json!("PLAINTEXT,CLIENTS")));
        assert_eq!(problem.title, "`early.start.listeners` names `CLIENTS`, which is no listener of `a`");
        breaks(&RULE, early(&json!("plaintext")));
        let own = json!({ "settings": { "early.start.listeners": ["X"] } });
        breaks(&RULE, json!({ "kafka": { "hosts": { "a": own, "b": {} } } }));
    }

    #[test]
    fn a_listener_that_some_brokers_lack_is_none_of_theirs() {
        let on = |hosts: Value| {
            let listeners = json!({ "EARLY": { "port": 9091, "from": "brokers", "hosts": hosts } });
            let settings = json!({ "early.start.listeners": ["EARLY", "PLAINTEXT"] });
            json!({ "kafka": { "interBrokerListener": "PLAINTEXT", "listeners": listeners, "settings": settings } })
        };
        assert!(breaks(&RULE, on(json!(["a", "b"]))).title.ends_with("no listener of `c`"));
        holds(&RULE, on(json!(["a", "b", "c"])));
    }

    #[test]
    fn the_default_listener_is_not_meant_while_listeners_stand_elsewhere_by_hand() {
        let settings = json!({ "listeners": "C://:9091", "early.start.listeners": "C" });
        holds(&RULE, json!({ "kafka": { "listeners": null, "settings": settings } }));
        breaks(&RULE, json!({ "kafka": { "settings": settings } }));
    }

    #[test]
    fn its_own_listeners_and_none_are_fine() {
        holds(&RULE, early(&json!(["PLAINTEXT"])));
        holds(&RULE, early(&json!("PLAINTEXT, ")));
        holds(&RULE, early(&json!("")));
        holds(&RULE, early(&Value::Null));
    }
}
