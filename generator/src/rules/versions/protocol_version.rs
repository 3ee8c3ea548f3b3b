//! Every broker speaks the protocol between brokers.

use crate::rules::changes::protocol_lowered;
use crate::rules::message::unless_meant;
use crate::rules::prelude::*;
use crate::pins::Product;
use crate::rules::versions::releases::{Release, oldest_broker, without_zookeeper};
use crate::spec::ProtocolVersion;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K509",
        severity: Error,
        title: "inter-broker protocol version unknown to a broker",
        why: "A broker does not start with an `inter.broker.protocol.version` that it does not know, which is \
              every one newer than itself (ConfigException).",
        help: "set `kafka.interBrokerProtocolVersion` to what the oldest broker speaks, if brokers have not \
               spoken a newer one yet",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(kafka) = &draft.cluster.kafka else { return };
    let Some((host, version, place)) = oldest_broker(draft) else { return };
    // A rule of its own refuses a Kafka without ZooKeeper, which has other protocols.
    if without_zookeeper(Release { product: Product::Kafka, version }) {
        return;
    }
    let protocol = kafka.protocol_version.value;
    let spoken = version.protocol();
    if protocol > spoken && known(protocol) {
        let problem =
            found.problem(format!("protocol version {protocol} is newer than Kafka {version} on `{host}`"));
        let speaks = format!("speaks {spoken} at most");
        let locked = draft.lock.and_then(|lock| lock.inter_broker_protocol_version);
        // Below what the lock holds a protocol can be set on purpose alone: it is the broker that changes.
        let help = match locked.filter(|locked| *locked > spoken) {
            Some(locked) => {
                let safe = format!(
                    "the lock has {locked}, from which brokers do not go back: use Kafka {locked} or later. Where no \
                     broker has started with {locked} yet, set `interBrokerProtocolVersion` to `{spoken}`"
                );
                unless_meant(&safe, protocol_lowered::RULE.diagnostic.code)
            }
            None => format!("set `interBrokerProtocolVersion` to `{spoken}` until every broker is upgraded"),
        };
        let problem = match kafka.protocol_version.pointer() {
            Some(at) => problem.at(at, "newer than the oldest broker").at(place, speaks),
            None => problem.at(place, speaks),
        };
        found.add(problem.help(help));
    } else if !known(protocol) {
        let at = kafka.protocol_version.pointer().unwrap_or("/kafka/interBrokerProtocolVersion");
        let problem = found.problem(format!("no Kafka with ZooKeeper has the protocol version {protocol}"));
        found.add(problem.at(at, "no such protocol").help(format!(
            "set it to `{spoken}`, which the oldest broker speaks, or leave it out"
        )));
    }
}

/// Whether it is one of a release with ZooKeeper. The last of those know steps to the next line, which no broker of
/// theirs speaks.
fn known(protocol: ProtocolVersion) -> bool {
    protocol.line[0] < 4 && protocol.exists()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, one, says_after};
    use crate::rules::changes::protocol_lowered;
    use super::RULE;
    use serde_json::{Value, json};

    fn protocol(protocol: &str, kafka: &str) -> Value {
        json!({ "versions": { "kafka": kafka }, "kafka": { "interBrokerProtocolVersion": protocol } })
    }

    #[test]
    fn a_protocol_newer_than_the_oldest_broker_is_refused() {
        let problem = breaks(&RULE, protocol("3.9", "3.8.1"));
        assert_eq!(problem.title, "protocol version 3.9 is newer than Kafka 3.8.1 on `a`");
        let one_is_old = json!({ "hosts": { "c": { "versions": { "kafka": "3.7.0" } } },
                                 "kafka": { "interBrokerProtocolVersion": "3.8" } });
        assert!(breaks(&RULE, one_is_old).title.ends_with("3.7.0 on `c`"));
        breaks(&RULE, protocol("3.10", "3.9.2"));
        breaks(&RULE, protocol("4.0", "3.9.2"));
    }

    #[test]
    fn a_protocol_that_no_release_had_is_refused() {
        for unknown in ["2.9", "1.2", "0.11", "0.10", "2.8-IV7", "3.9-IV1", "4.0-IV0"] {
            assert!(breaks(&RULE, protocol(unknown, "3.9.2")).title.contains(unknown));
        }
    }

    #[test]
    fn a_broker_older_than_the_protocol_of_the_lock_cannot_be() {
        let problem = one(says_after(&RULE, json!({}), json!({ "versions": { "kafka": "3.8.1" } })));
        assert_eq!(problem.labels.len(), 1);
        assert!(problem.help.contains(": use Kafka 3.9 or later. Where no broker"), "{}", problem.help);
        // also where the protocol is written: lowering it is refused, too
        let problem = one(says_after(&RULE, json!({}), protocol("3.9", "3.8.1")));
        assert!(problem.help.contains(": use Kafka 3.9 or later. Where no broker"), "{}", problem.help);
    }

    #[test]
    fn the_way_back_that_is_named_leads_to_what_can_be_accepted() {
        let problem = one(says_after(&RULE, json!({}), json!({ "versions": { "kafka": "3.8.1" } })));
        assert!(problem.help.contains("has started with 3.9 yet, set `interBrokerProtocolVersion` to `3.8`; "));
        assert!(problem.help.contains("--accept K707`"), "{}", problem.help);
        assert_eq!(says_after(&RULE, json!({}), protocol("3.8", "3.8.1")), []);
        one(says_after(&protocol_lowered::RULE, json!({}), protocol("3.8", "3.8.1")));
    }

    #[test]
    fn a_step_is_spoken_where_its_line_is() {
        holds(&RULE, protocol("2.8-IV0", "2.8.2"));
        breaks(&RULE, protocol("2.8-IV0", "2.7.2"));
        breaks(&RULE, protocol("2.8-IV7", "2.8.2"));
    }

    #[test]
    fn what_every_broker_speaks_is_fine() {
        holds(&RULE, protocol("3.9", "3.9.0"));
        holds(&RULE, protocol("1.0", "3.9.2"));
        holds(&RULE, json!({ "versions": { "kafka": "2.7.0" } }));
        // K502 says what there is to say
        holds(&RULE, json!({ "versions": { "kafka": "4.0.0" } }));
    }
}
