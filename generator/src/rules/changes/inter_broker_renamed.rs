//! Brokers find each other while they change to another listener.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K710",
        severity: Error,
        title: "the inter-broker listener is renamed",
        why: "A broker asks the others for their address on its own `inter.broker.listener.name`. Brokers are \
              restarted one after another, and one that has the new name finds no such listener on those \
              that are still to come: replication stops until all have it (seen with 3.9.2: every partition \
              is down to one replica in sync).",
        help: "keep the old listener beside the new one until every broker has both; \
               `kafnix generate --accept K710` takes the change once, on purpose",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(lock) = draft.lock else { return };
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
    let kept = draft.spec.kafka.listeners.as_ref().is_some_and(|listeners| listeners.contains_key(was));
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
    found.add(problem.at(place, format!("{was} in the last generation")).help(safe));
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
