//! A key that is close to no known one may belong to a plug-in: it is passed on, with a warning.

use crate::rules::prelude::*;
use crate::rules::settings::setting_typo::close_to;
use crate::rules::settings::settings_view::free;
use crate::keys::Lookup;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K414",
        severity: Warning,
        title: "unknown setting",
        why: "Kafka silently passes keys that it does not know to plug-ins; ZooKeeper makes a system property of \
              each (QuorumPeerConfig.java). If no plug-in reads the key, it does nothing.",
        help: "check the key against the documentation of the plug-in that is to read it",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for setting in free(draft) {
        let unknown = setting.lookups().any(|(_, lookup)| matches!(lookup, Lookup::Unknown));
        // Kafka refuses a topic's: another rule.
        if unknown && !setting.of_topic() && close_to(&setting).is_empty() {
            let problem = found.problem(format!("{} knows no setting `{}`", setting.product, setting.key));
            found.add(problem.at_key(setting.pointer, "passed on as it is"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_key_of_nobody_is_warned_of() {
        breaks(&RULE, json!({ "kafka": { "settings": { "com.example.quota.url": "x" } } }));
        breaks(&RULE, json!({ "zookeeper": { "settings": { "com.example.audit": "x" } } }));
    }

    #[test]
    fn a_key_of_a_family_a_slip_and_one_of_a_topic_are_not() {
        let settings = json!({ "listener.name.x.ssl.client.auth": "none", "num.io.thread": 8 });
        holds(&RULE, json!({ "kafka": { "settings": settings } }));
        holds(&RULE, json!({ "topics": { "t": { "settings": { "com.example.audit": "x" } } } }));
    }
}
