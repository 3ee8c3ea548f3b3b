//! The brokers that have a listener are brokers, each named once.

use std::collections::BTreeSet;

use crate::problem::{Problem, nearest};
use crate::rules::prelude::*;
use crate::role::Role;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K330",
        severity: Error,
        title: "a listener is on hosts that are no brokers",
        why: "`hosts` of a listener chooses among the brokers. A host that is no broker listens nowhere, a host that \
              is named twice most often stands for another one, and a listener without any broker has no effect.",
        help: "name brokers, each once, or take `hosts` out for every broker",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let members = draft.members(Role::Broker);
    let brokers: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    if brokers.is_empty() {
        return;
    }
    for (name, listener) in draft.spec.kafka.listeners.iter().flatten() {
        let Some(hosts) = &listener.hosts else { continue };
        let at = pointer(["kafka", "listeners", name, "hosts"]);
        if hosts.is_empty() {
            let problem = found.problem(format!("{name} is on no broker")).at(&at, "no host here");
            found.add(problem.help("name brokers, or take `hosts` out for every broker"));
        }
        let mut seen = BTreeSet::new();
        for (index, host) in hosts.iter().enumerate() {
            let at = format!("{at}/{index}");
            if !brokers.contains(&host.as_str()) {
                let left = brokers.iter().copied().filter(|broker| !hosts.iter().any(|host| host == broker));
                found.add(stranger(found, draft, (name, host), left).at(at, "this host"));
            } else if !seen.insert(host) {
                found.add(found.problem(format!("{name} names {host} twice")).at(at, "the same host again"));
            }
        }
    }
}

fn stranger<'a>(
    found: &Found,
    draft: &Draft<'_>,
    (listener, host): (&str, &str),
    left: impl Iterator<Item = &'a str>,
) -> Problem {
    let short = host.split_once('.').map(|(short, _)| short);
    let of_host = short.filter(|short| draft.spec.hosts.contains_key(*short)).map(|short| format!("`{short}`"));
    let meant = of_host.or_else(|| nearest(host, left));
    let what = if draft.spec.hosts.contains_key(host) { "no broker" } else { "not one of the hosts" };
    let problem = found.problem(format!("{listener} is to be on `{host}`, which is {what}"));
    match meant {
        Some(meant) => problem.help(format!("write {meant}")),
        None => problem,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{breaks, holds};
    use serde_json::{Value, json};

    fn on(hosts: &Value) -> Value {
        json!({ "kafka": { "listeners": { "X": { "port": 9094, "hosts": hosts } } } })
    }

    #[test]
    fn no_broker_one_that_is_none_and_one_twice_are_refused() {
        assert_eq!(breaks(&RULE, on(&json!([]))).title, "X is on no broker");
        let title = breaks(&RULE, on(&json!(["a", "elsewhere"]))).title;
        assert_eq!(title, "X is to be on `elsewhere`, which is not one of the hosts");
        assert_eq!(breaks(&RULE, on(&json!(["a", "b", "a"]))).title, "X names a twice");
        let mut spec = on(&json!(["a", "c"]));
        spec["kafka"]["hosts"] = json!({ "a": {}, "b": {} });
        assert_eq!(breaks(&RULE, spec).title, "X is to be on `c`, which is no broker");
    }

    #[test]
    fn a_slip_and_a_full_name_are_sent_to_the_broker() {
        let mut spec = on(&json!(["kafka1"]));
        spec["hosts"] = json!({ "kafka01": { "address": "10.0.0.9" } });
        assert_eq!(breaks(&RULE, spec).help, "write `kafka01`");
        assert_eq!(breaks(&RULE, on(&json!(["a.example.org"]))).help, "write `a`");
    }

    #[test]
    fn some_brokers_and_all_of_them_are_fine() {
        holds(&RULE, on(&json!(["a", "b"])));
        holds(&RULE, on(&Value::Null));
    }
}
