//! New binaries first, the new protocol later.

use crate::rules::prelude::*;
use crate::rules::versions::releases::place;
use crate::rules::message::{at_all, unless_meant};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K703",
        severity: Error,
        title: "Kafka and the inter-broker protocol are raised in one generation",
        why: "While hosts are switched one after the other, a broker with the new protocol meets brokers that \
              do not speak it, and once it is spoken there is no way back to the old release. So an upgrade \
              takes two generations: the new binaries with the old protocol, then the protocol (Kafka's \
              upgrade notes).",
        help: "raise the version now and the protocol in the next generation; `kafnix generate --accept K703` \
               takes the change once, on purpose",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let (Some(lock), Some(kafka)) = (draft.lock, &draft.cluster.kafka) else { return };
    let Some(held) = lock.inter_broker_protocol_version else { return };
    let protocol = kafka.protocol_version.value;
    let (Some(at), true) = (kafka.protocol_version.pointer(), protocol > held) else { return };
    let mut raised = draft.cluster.brokers().filter_map(|(host, broker)| {
        let now = &broker.release;
        let was = lock.kafka.get(&host.name)?.version;
        // Brokers of a release that speaks it already understand the new ones.
        (now.value > was && was.protocol() < protocol).then(|| (was, now.value, place(now, "/versions/kafka")))
    });
    let Some((was, now, first)) = raised.next() else { return };
    let mut places: indexmap::IndexSet<_> = raised.map(|(.., place)| place).collect();
    places.shift_insert(0, first);
    let title = format!(
        "Kafka is raised from {was} to {now} and the protocol between brokers from {held} to {protocol} in one \
         generation"
    );
    let problem = found.problem(title).at(at, format!("{held} in the last generation"));
    let problem = at_all(problem, places, &format!("{was} in the last generation"), "and here");
    let safe = format!(
        "leave `interBrokerProtocolVersion` at `{held}` (or out) until every broker has run {now} well, and \
         raise it in a generation of its own"
    );
    found.add(problem.help(unless_meant(&safe, RULE.diagnostic.code)));
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{one, says_after};
    use super::RULE;
    use serde_json::{Value, json};

    fn kafka(version: &str, protocol: Option<&str>) -> Value {
        json!({ "versions": { "kafka": version }, "kafka": { "interBrokerProtocolVersion": protocol } })
    }

    #[test]
    fn a_version_and_the_protocol_raised_together_are_refused() {
        let problem = one(says_after(&RULE, kafka("3.8.1", None), kafka("3.9.2", Some("3.9"))));
        assert!(problem.title.starts_with("Kafka is raised from 3.8.1 to 3.9.2 and"));
        assert!(problem.help.contains("at `3.8` (or out)"));
    }

    #[test]
    fn the_version_alone_holds_the_protocol_by_itself() {
        assert_eq!(says_after(&RULE, kafka("3.8.1", None), kafka("3.9.2", None)), []);
        assert_eq!(says_after(&RULE, kafka("3.8.1", Some("3.8")), kafka("3.9.2", Some("3.8"))), []);
    }

    #[test]
    fn the_protocol_alone_is_the_second_half() {
        assert_eq!(says_after(&RULE, kafka("3.9.2", Some("3.8")), kafka("3.9.2", Some("3.9"))), []);
        // also beside a release whose line speaks it already
        assert_eq!(says_after(&RULE, kafka("3.9.1", Some("3.8")), kafka("3.9.2", Some("3.9"))), []);
    }
}
