//! A protocol that brokers may have spoken is not lowered: where they have, there is no way back.

use crate::rules::prelude::*;
use crate::rules::message::unless_meant;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K707",
        severity: Error,
        title: "the inter-broker protocol is lowered",
        why: "Once brokers speak a protocol they write what older ones cannot read; Kafka's upgrade notes rule out a \
              downgrade from there. The lock is what is compared: where spec and lock are reverted together, nothing \
              tells that brokers have spoken the newer protocol.",
        help: "keep the protocol version; `kafnix generate --accept K707` takes the change once, on purpose",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let (Some(lock), Some(kafka)) = (draft.lock, &draft.cluster.kafka) else { return };
    let Some(was) = lock.inter_broker_protocol_version else { return };
    let now = kafka.protocol_version.value;
    if let (Some(at), true) = (kafka.protocol_version.pointer(), now < was) {
        let problem = found.problem(format!("the protocol between brokers goes back from {was} to {now}"));
        let safe = format!("write `{was}`, or leave it out: the lock keeps it");
        let safe = format!("{safe}. Where no broker has started with {was} yet, going back is safe");
        let problem = problem.at(at, format!("{was} in the last generation"));
        found.add(problem.help(unless_meant(&safe, RULE.diagnostic.code)));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{one, says_after};
    use super::RULE;
    use serde_json::{Value, json};

    fn protocol(protocol: &str) -> Value {
        json!({ "kafka": { "interBrokerProtocolVersion": protocol } })
    }

    #[test]
    fn a_protocol_below_that_of_the_lock_is_refused_with_or_without_older_binaries() {
        let problem = one(says_after(&RULE, json!({}), protocol("3.8")));
        assert_eq!(problem.title, "the protocol between brokers goes back from 3.9 to 3.8");
        let mut after = protocol("3.8");
        after["versions"] = json!({ "kafka": "3.8.1" });
        one(says_after(&RULE, json!({}), after));
    }

    #[test]
    fn the_same_or_a_newer_protocol_is_fine() {
        assert_eq!(says_after(&RULE, protocol("3.8"), protocol("3.8")), []);
        assert_eq!(says_after(&RULE, protocol("3.8"), protocol("3.9")), []);
        // the one step to its line, by another name
        assert_eq!(says_after(&RULE, protocol("3.9"), protocol("3.9-IV0")), []);
    }

    #[test]
    fn older_binaries_that_speak_the_protocol_are_fine() {
        let kafka = |version: &str| json!({ "versions": { "kafka": version } });
        assert_eq!(says_after(&RULE, kafka("3.9.2"), kafka("3.9.1")), []);
    }
}
