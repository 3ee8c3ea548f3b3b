//! Kafka makes its own topics.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K610",
        severity: Error,
        title: "internal topic of Kafka",
        why: "Kafka creates these topics when they are first needed, with the settings that they need to work \
              (GroupCoordinator, `offsetsTopicConfigs`; TransactionStateManager, `transactionTopicConfigs`). If they \
              were created by hand without compaction, committed offsets would be lost.",
        help: "take the topic out",
    },
    check,
};

/// (topic, where its partitions and replicas are set)
const INTERNAL: &[(&str, &str)] = &[
    ("__consumer_offsets", "`offsets.topic.num.partitions` and `offsets.topic.replication.factor`"),
    (
        "__transaction_state",
        "`transaction.state.log.num.partitions` and `transaction.state.log.replication.factor`",
    ),
];

fn check(draft: &Draft<'_>, found: &mut Found) {
    for (name, settings) in INTERNAL.iter().filter(|(name, _)| draft.spec.topics.contains_key(*name)) {
        let problem = found.problem(format!("topic `{name}` is Kafka's own"));
        let help = format!("take it out, and set {settings} in `kafka.settings`");
        found.add(problem.at_key(pointer(["topics", name]), "made by the brokers").help(help));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn the_topics_that_kafka_makes_are_refused() {
        let problem = breaks(&RULE, json!({ "topics": { "__consumer_offsets": {} } }));
        assert!(problem.help.contains("offsets.topic.num.partitions"), "{}", problem.help);
        breaks(&RULE, json!({ "topics": { "__transaction_state": {} } }));
    }

    #[test]
    fn underscores_alone_make_no_topic_kafkas() {
        holds(&RULE, json!({ "topics": { "__consumer_offsets_copy": {} } }));
    }
}
