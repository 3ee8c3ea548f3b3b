//! A topic has no setting but those that Kafka knows.

use crate::rules::prelude::*;
use crate::rules::settings::setting_typo::close_to;
use crate::rules::settings::settings_view::{Written, free};
use crate::keys::Lookup;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K417",
        severity: Error,
        title: "unknown topic setting",
        why: "Kafka passes no setting of a topic on to plug-ins: it refuses to create a topic with a key that it \
              does not know (LogConfig.validateNames, \"Unknown topic config name\").",
        help: "take it out, or write it under `kafka.settings` if it is a broker's",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for setting in free(draft).filter(Written::of_topic) {
        let unknown = setting.lookups().any(|(_, lookup)| matches!(lookup, Lookup::Unknown));
        if unknown && close_to(&setting).is_empty() {
            let problem = found.problem(format!("no topic has a setting `{}`", setting.key));
            found.add(problem.at_key(setting.pointer, "Kafka refuses to create the topic"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn topic(key: &str) -> Value {
        json!({ "topics": { "t": { "settings": { key: 1 } } } })
    }

    #[test]
    fn a_key_that_no_topic_has_is_refused() {
        breaks(&RULE, topic("com.example.quota"));
        breaks(&RULE, topic("num.io.threads"));
    }

    #[test]
    fn a_key_of_topics_and_what_the_rule_for_slips_tells_are_not() {
        holds(&RULE, topic("retention.ms"));
        holds(&RULE, topic("log.retention.ms"));
        holds(&RULE, topic("retention.m"));
        holds(&RULE, json!({ "kafka": { "settings": { "com.example.quota": 1 } } }));
    }
}
