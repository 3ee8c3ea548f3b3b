//! Brokers find each other while they change to another listener.

use indexmap::IndexSet;

use crate::lock::Lock;
use crate::rules::message::{and, at_all, unless_meant};
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K710",
        severity: Error,
        title: "brokers do not find each other while they change to other names",
        why: "Brokers find each other by their listener between brokers: a broker looks for the name of its own \
              `inter.broker.listener.name` among the listeners that the other one advertises. Brokers are restarted \
              one after another. One that has the new name finds no such listener on the brokers that are not \
              restarted yet, and replication stops until all have it (seen with 3.9.2: every partition is down to \
              one replica in sync). The same happens with full names of another domain, where brokers advertise \
              them among themselves: hosts that are not switched yet do not have these names in `/etc/hosts`.",
        help: "keep the old listener beside the new one until every broker has both; \
               `kafnix generate --accept K710` takes the change once, on purpose",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(lock) = draft.lock else { return };
    domain(draft, lock, found);
    let Some(was) = lock.inter_broker_listener.as_deref() else { return };
    let Some(kafka) = &draft.cluster.kafka else { return };
    let now = &kafka.inter_broker_listener.value;
    // Which one it is may be what is missing, and a single broker asks nobody.
    let unknown = draft.gaps.iter().any(|gap| matches!(gap, Gap::NoInterBrokerListener { .. }));
    if now == was || unknown || draft.cluster.brokers().nth(1).is_none() {
        return;
    }
    let place = match kafka.inter_broker_listener.pointer() {
        Some(at) => at.to_owned(),
        None if draft.spec.kafka.listeners.is_some() => pointer(["kafka", "listeners", now]),
        None => "/kafka".to_owned(),
    };
    let everywhere = lock.kafka.values().all(|broker| broker.listeners.contains(now));
    let kept = draft.cluster.is_on_every_broker(was);
    // Each broker is found under both names for as long as the switch takes.
    if kept && everywhere {
        return;
    }
    let safe = if kept {
        format!(
            "write `\"interBrokerListener\": \"{was}\"` and bring that to every broker first; once each of them \
             has both listeners, switch to `{now}`, and only then take `{was}` out"
        )
    } else {
        format!(
            "keep `{was}` beside `{now}`, with `\"interBrokerListener\": \"{was}\"`, until every broker has both; \
             then switch to `{now}`, and take `{was}` out in a third generation"
        )
    };
    let problem = found.problem(format!("the listener between brokers was {was} and is {now} now"));
    let problem = problem.at(place, format!("{was} in the last generation"));
    found.add(problem.help(unless_meant(&safe, RULE.diagnostic.code)));
}

/// Full names that hosts with the last generation's `/etc/hosts` do not have.
fn domain(draft: &Draft<'_>, lock: &Lock, found: &mut Found) {
    if draft.cluster.brokers().nth(1).is_none() {
        return;
    }
    let (mut names, mut places) = (Vec::new(), IndexSet::new());
    for (host, broker) in draft.cluster.brokers() {
        let now = host.domain.as_ref().map(|domain| &domain.value);
        let before = lock.kafka.get(&host.name).filter(|before| before.domain.as_ref() != now);
        let between = broker.listeners.iter().find(|listener| draft.cluster.is_between_brokers(listener));
        if let (Some(_), Some(listener), Some(full)) = (before, between, host.full_name())
            && listener.advertised_host.value == full
        {
            names.push(full);
            places.extend(listener.advertised_host.pointer());
        }
    }
    if names.is_empty() {
        return;
    }
    let names = and(names);
    let title =
        format!("brokers are to find each other by {names}, which hosts of the last generation do not know");
    let problem = at_all(found.problem(title), places, "by names of another domain", "here, too");
    let safe = "take this `advertised` out for one generation, so that brokers find each other by addresses, and \
                bring it back in the next one, once every host has the names in `/etc/hosts`; or let a name service \
                have them";
    found.add(problem.help(unless_meant(safe, RULE.diagnostic.code)));
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{lock_of, one, patched, says_after, says_of};
    use super::RULE;
    use crate::lock::Lock;
    use serde_json::{Value, json};

    fn listeners(listeners: &Value, between: &str) -> Value {
        json!({ "kafka": { "listeners": listeners, "interBrokerListener": between } })
    }

    fn both(between: &str) -> Value {
        listeners(&json!({ "NEW": { "port": 9093, "from": ["10.0.0.0/24"] } }), between)
    }

    fn renamed() -> Value {
        listeners(&json!({ "PLAINTEXT": null, "NEW": { "port": 9092, "from": ["10.0.0.0/24"] } }), "NEW")
    }

    #[test]
    fn a_listener_between_brokers_that_is_renamed_at_once_is_refused() {
        let problem = one(says_after(&RULE, json!({}), renamed()));
        assert_eq!(problem.title, "the listener between brokers was PLAINTEXT and is NEW now");
        assert!(problem.help.starts_with("keep `PLAINTEXT` beside `NEW`"), "{}", problem.help);
        assert!(problem.help.contains("--accept K710"), "{}", problem.help);
    }

    #[test]
    fn the_switch_passes_once_every_broker_has_both_and_keeps_the_old_one() {
        assert_eq!(says_after(&RULE, both("PLAINTEXT"), both("NEW")), []);
        let problem = one(says_after(&RULE, json!({}), both("NEW")));
        assert!(problem.help.contains("bring that to every broker first"), "{}", problem.help);
        one(says_after(&RULE, both("PLAINTEXT"), renamed()));
    }

    #[test]
    fn a_second_listener_and_the_end_of_the_old_one_are_fine() {
        assert_eq!(says_after(&RULE, json!({}), both("PLAINTEXT")), []);
        assert_eq!(says_after(&RULE, both("NEW"), renamed()), []);
    }

    #[test]
    fn an_old_listener_that_only_some_brokers_keep_is_not_kept() {
        let mut some = both("NEW");
        some["kafka"]["listeners"]["PLAINTEXT"] = json!({ "hosts": ["a"] });
        one(says_after(&RULE, both("PLAINTEXT"), some));
    }

    fn named(domain: &str, advertised: &Value) -> Value {
        let listeners = json!({ "PLAINTEXT": { "advertised": advertised } });
        json!({ "domain": domain, "kafka": { "listeners": listeners } })
    }

    #[test]
    fn full_names_that_no_host_has_yet_are_refused_among_brokers() {
        let (name, address) = (json!({ "host": "{host}" }), Value::Null);
        for before in [named("", &name), named("example.org", &name), named("example.org", &address)] {
            let problem = one(says_after(&RULE, before, named("example.com", &name)));
            assert!(problem.title.starts_with("brokers are to find each other by a.example.com, b"), "{problem:?}");
            assert_eq!(problem.labels.len(), 1);
        }
        assert_eq!(says_after(&RULE, named("", &name), named("example.com", &address)), []);
        assert_eq!(says_after(&RULE, named("example.com", &address), named("example.com", &name)), []);
        assert_eq!(says_after(&RULE, named("example.com", &name), named("", &name)), []);
    }

    #[test]
    fn a_single_broker_and_a_lock_of_before_are_fine() {
        let mut alone = renamed();
        alone["kafka"]["hosts"] = json!({ "a": {} });
        assert_eq!(says_after(&RULE, json!({}), alone), []);
        let old = lock_of(json!({})).text().replace("  \"interBrokerListener\": \"PLAINTEXT\",\n", "");
        let old = Lock::read(old.as_bytes()).unwrap();
        assert_eq!(old.inter_broker_listener, None);
        assert_eq!(says_of(&RULE, &patched(renamed()), Some(&old)), []);
    }
}
