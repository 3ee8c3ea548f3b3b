//! A setting for one listener names a listener that there is, as Kafka reads it.

use indexmap::IndexMap;

use crate::cluster::Broker;
use crate::rules::prelude::*;
use crate::rules::message::or;
use crate::problem::equally_near;
use crate::resolve::defaults::LISTENER;
use crate::role::Role;
use crate::rules::settings::needs::is_never_read;
use crate::rules::settings::settings_view::{LISTENERS, by_hand};
use crate::spec::Setting;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K320",
        severity: Error,
        title: "a setting is for a listener that the brokers do not have",
        why: "Kafka reads `listener.name.<name>.…` with the listener's name in small letters (ListenerName, \
              `configPrefix`) and silently ignores a name that matches no listener: the setting would have no \
              effect.",
        help: "use the name of a listener of `kafka.listeners`, in small letters",
    },
    check,
};

const PREFIX: &str = "listener.name.";

fn check(draft: &Draft<'_>, found: &mut Found) {
    let kafka = &draft.spec.kafka;
    let listeners: Vec<String> = match &kafka.listeners {
        Some(listeners) => listeners.keys().map(|name| name.to_lowercase()).collect(),
        None => vec![LISTENER.to_lowercase()],
    };
    if listeners.is_empty() || (kafka.listeners.is_none() && by_hand(draft, LISTENERS)) {
        return;
    }
    look_at(&kafka.settings, &["kafka"], &listeners, found);
    for (host, own) in kafka.hosts.iter().flatten() {
        let broker = draft.cluster.host(host).and_then(|host| host.broker.as_ref());
        let of_host = |broker: &Broker| broker.listeners.iter().map(|it| it.name.to_lowercase()).collect();
        let here: Vec<_> = broker.map(of_host).unwrap_or_default();
        let listeners = if here.is_empty() { &listeners } else { &here };
        look_at(&own.settings, &["kafka", "hosts", host], listeners, found);
    }
}

fn look_at(settings: &IndexMap<String, Setting>, at: &[&str], listeners: &[String], found: &mut Found) {
    // What is to be left out for every listener is told by a rule of its own.
    let is_read = |value: &Setting, key: &str| {
        value.plain().is_none_or(|value| !is_never_read(Role::Broker, key, &value))
    };
    let is_ours = |key: &str| Role::Broker.reserved(key).is_some();
    for (key, _) in settings.iter().filter(|(key, value)| is_read(value, key) && !is_ours(key)) {
        let Some((name, rest)) = key.strip_prefix(PREFIX).and_then(|key| key.split_once('.')) else {
            continue;
        };
        if listeners.iter().any(|listener| listener == name) {
            continue;
        }
        let at = pointer(at.iter().copied().chain(["settings", key.as_str()]));
        let near = equally_near(name, listeners.iter().map(String::as_str));
        let help = match near.as_slice() {
            [_, ..] => format!("write {}", or(near.iter().map(|near| format!("`{PREFIX}{near}.{rest}`")))),
            [] => format!("write {} for `{name}`", or(listeners.iter().map(|name| format!("`{name}`")))),
        };
        let problem = found.problem(format!("`{key}` has no effect: no listener is read as `{name}`"));
        found.add(problem.at_key(at, "this key").help(help));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn key(key: &str) -> Value {
        json!({ "kafka": { "settings": { key: 100 } } })
    }

    #[test]
    fn another_name_and_capitals_have_no_effect() {
        let problem = breaks(&RULE, key("listener.name.PLAINTEXT.max.connections"));
        assert_eq!(problem.help, "write `listener.name.plaintext.max.connections`");
        assert_eq!(
            breaks(&RULE, key("listener.name.outside.max.connections")).help,
            "write `plaintext` for `outside`"
        );
        let own = json!({ "a": { "settings": { "listener.name.x.max.connections": 1 } } });
        breaks(&RULE, json!({ "kafka": { "hosts": own, "listeners": null } }));
    }

    #[test]
    fn the_default_listener_is_not_meant_while_listeners_stand_elsewhere_by_hand() {
        let settings = json!({ "listeners": "X://:9094", "listener.name.x.max.connections": 1 });
        holds(&RULE, json!({ "kafka": { "listeners": null, "settings": settings } }));
        breaks(&RULE, json!({ "kafka": { "settings": settings } }));
    }

    #[test]
    fn what_no_listener_reads_is_told_by_its_own_rule() {
        holds(&RULE, json!({ "kafka": { "settings": { "listener.name.x.sasl.enabled.mechanisms": "PLAIN" } } }));
    }

    #[test]
    fn a_listener_of_other_brokers_is_none_of_this_one() {
        let on = |host: &str| {
            let x = json!({ "port": 9094, "hosts": ["a"] });
            let own = json!({ host: { "settings": { "listener.name.x.max.connections": 1 } } });
            json!({ "kafka": { "hosts": own, "listeners": { "X": x }, "interBrokerListener": "PLAINTEXT" } })
        };
        let mut spec = on("b");
        spec["kafka"]["hosts"]["a"] = json!({});
        breaks(&RULE, spec);
        holds(&RULE, on("a"));
    }

    #[test]
    fn small_letters_of_a_listener_are_read() {
        holds(&RULE, key("listener.name.plaintext.max.connections"));
    }
}
