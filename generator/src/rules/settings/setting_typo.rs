//! A key that nothing knows and that is close to a known one is a slip.

use crate::rules::prelude::*;
use crate::rules::settings::settings_view::{Written, free};
use crate::keys::Lookup;
use crate::problem::equally_near;
use crate::rules::message::or;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K412",
        severity: Error,
        title: "misspelt setting",
        why: "Both products silently accept an unknown key: the server starts, and the setting has no effect. Topics \
              have other names for settings that a broker sets for all topics (TopicConfig.java).",
        help: "write the known key",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for setting in free(draft) {
        let names = close_to(&setting);
        if names.is_empty() {
            continue;
        }
        let names = or(names.iter().map(|name| format!("`{name}`")));
        let title = if setting.of_topic() {
            format!("no topic has a setting `{}`", setting.key)
        } else {
            format!("{} knows no setting `{}`", setting.product, setting.key)
        };
        let problem = found.problem(title).at_key(&*setting.pointer, format!("did you mean {names}?"));
        found.add(problem.help(format!("write {names}")));
    }
}

/// The known keys that an unknown one may have been meant to be.
pub(in crate::rules) fn close_to(setting: &Written<'_>) -> Vec<&'static str> {
    let near = setting.lookups().map(|(_, lookup)| match lookup {
        Lookup::Misnamed(name) => vec![name],
        Lookup::Unknown => {
            // ZooKeeper puts `zookeeper.` before every key that its reader does not know.
            let known = |name: &&str| setting.key.strip_prefix("zookeeper.") == Some(*name);
            let doubled = setting.table.names().find(known);
            let meant = doubled.or_else(|| setting.table.of_broker(setting.key));
            meant.map_or_else(|| equally_near(setting.key, setting.table.names()), |meant| vec![meant])
        }
        _ => Vec::new(),
    });
    near.into_iter().find(|near| !near.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_slip_is_refused_with_the_known_key() {
        let problem = breaks(&RULE, json!({ "kafka": { "settings": { "num.io.thread": 8 } } }));
        assert_eq!(problem.help, "write `num.io.threads`");
        breaks(&RULE, json!({ "zookeeper": { "settings": { "ticktime": 2000 } } }));
        breaks(&RULE, json!({ "topics": { "t": { "settings": { "retention.m": 1 } } } }));
    }

    #[test]
    fn the_name_of_the_manual_that_nothing_reads_is_a_slip_too() {
        let problem = breaks(&RULE, json!({ "zookeeper": { "settings": { "requestThrottleLimit": 10 } } }));
        assert_eq!(problem.help, "write `request_throttle_max_requests`");
        let doubled = json!({ "zookeeper.sessionRequireClientSASLAuth": true });
        let problem = breaks(&RULE, json!({ "zookeeper": { "settings": doubled } }));
        assert_eq!(problem.help, "write `sessionRequireClientSASLAuth`");
    }

    #[test]
    fn a_key_of_the_broker_under_a_topic_is_told_as_that_of_the_topic() {
        for (broker, topic) in [
            ("log.retention.ms", "retention.ms"),
            ("message.max.bytes", "max.message.bytes"),
            ("log.roll.ms", "segment.ms"),
        ] {
            let problem = breaks(&RULE, json!({ "topics": { "t": { "settings": { broker: 1 } } } }));
            assert_eq!(problem.help, format!("write `{topic}`"));
        }
    }

    #[test]
    fn a_known_key_and_one_of_somebody_else_are_not_slips() {
        let settings = json!({ "num.io.threads": 8, "com.example.plugin.url": "x" });
        holds(&RULE, json!({ "kafka": { "settings": settings } }));
    }
}
