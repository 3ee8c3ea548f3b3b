//! An upgrade is finished by its last step.

use crate::rules::prelude::*;
use crate::pins::Product;
use crate::rules::versions::releases::{Release, oldest_broker, without_zookeeper};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K510",
        severity: Warning,
        title: "the inter-broker protocol is older than Kafka's version",
        why: "An upgrade takes two generations: first the new binaries with the old protocol, from where the old \
              release can still come back; then the new protocol, from where it cannot (Kafka's upgrade notes). \
              Until the second one, features of the new release that need the new protocol stay off. The second one \
              is easily forgotten.",
        help: "once every broker has run the new version well, raise `kafka.interBrokerProtocolVersion`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(kafka) = &draft.cluster.kafka else { return };
    let Some((_, version, place)) = oldest_broker(draft) else { return };
    let protocol = kafka.protocol_version.value;
    let spoken = version.protocol();
    // A rule of its own refuses a Kafka without ZooKeeper.
    if protocol.line >= spoken.line || without_zookeeper(Release { product: Product::Kafka, version }) {
        return;
    }
    let problem =
        found.problem(format!("the brokers speak {protocol}, and each of them could speak {spoken}"));
    let problem = match kafka.protocol_version.pointer() {
        Some(at) => problem.at(at, "the upgrade is not finished"),
        None => problem.at("/kafka/interBrokerProtocolVersion", format!("the lock holds {protocol}")),
    };
    found.add(problem.at(place, format!("Kafka {version} or later on every broker")).help(format!(
        "once every broker has run the new version well, set `kafka.interBrokerProtocolVersion` to `{spoken}` \
         and generate again; from then on Kafka cannot go back below {spoken}"
    )));
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, one, says_after};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_protocol_behind_every_broker_is_told_with_the_last_step() {
        let problem = breaks(&RULE, json!({ "kafka": { "interBrokerProtocolVersion": "3.8" } }));
        assert!(problem.help.contains("to `3.9`"));
    }

    #[test]
    fn the_first_half_of_an_upgrade_is_told_as_well() {
        let before = json!({ "versions": { "kafka": "3.8.1" } });
        let after = json!({ "versions": { "kafka": "3.9.2" } });
        let problem = one(says_after(&RULE, before, after));
        assert_eq!(problem.labels[0].text, "the lock holds 3.8");
    }

    #[test]
    fn as_long_as_one_broker_is_old_there_is_nothing_to_do() {
        let one_is_old = json!({ "hosts": { "c": { "versions": { "kafka": "3.8.1" } } },
                                 "kafka": { "interBrokerProtocolVersion": "3.8" } });
        holds(&RULE, one_is_old);
        holds(&RULE, json!({}));
    }
}
