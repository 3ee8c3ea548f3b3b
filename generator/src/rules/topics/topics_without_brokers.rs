//! Topics live on brokers.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K606",
        severity: Error,
        title: "there are topics and no brokers",
        why: "A cluster without brokers is an ensemble alone, which has no topics.",
        help: "name the brokers in `kafka.hosts`, or take `topics` out",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    // Where there is no host at all, that is the fault.
    let no_brokers = draft.cluster.kafka.is_none() && !draft.spec.hosts.is_empty();
    if no_brokers && !draft.spec.topics.is_empty() {
        let problem = found.problem(RULE.diagnostic.title).at("/topics", "no broker can hold these");
        found.add(problem.at("/kafka/hosts", "no broker here"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn topics_of_an_ensemble_alone_are_refused() {
        breaks(&RULE, json!({ "kafka": { "hosts": {} }, "topics": { "orders": {} } }));
    }

    #[test]
    fn an_ensemble_alone_and_topics_on_brokers_are_fine() {
        holds(&RULE, json!({ "kafka": { "hosts": {} } }));
        holds(&RULE, json!({ "topics": { "orders": {} } }));
    }
}
