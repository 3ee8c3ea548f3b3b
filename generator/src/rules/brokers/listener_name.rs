//! A listener's name is one that Kafka keeps as it is.

use std::collections::BTreeMap;

use crate::rules::prelude::*;
use crate::rules::message::and;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K304",
        severity: Error,
        title: "invalid listener name",
        why: "Kafka writes every listener's name in capitals (ListenerName, `normalised`), so two names that differ \
              only in case are the same. `,` and `:` end a name in `listener.security.protocol.map`, and a dot ends \
              it in `listener.name.<name>.…` (DynamicBrokerConfig). No name is reserved.",
        help: "use capitals, digits, `_` and `-`, like `EXTERNAL`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut spellings: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in draft.spec.kafka.listeners.iter().flatten().map(|(name, _)| name) {
        spellings.entry(name.to_uppercase()).or_default().push(name);
    }
    let at = |name: &str| pointer(["kafka", "listeners", name]);
    for (capitals, names) in spellings {
        if let Some(fault) = fault(&capitals) {
            for name in names {
                let problem = found.problem(format!("`{name}` is not a valid listener name: {fault}"));
                found.add(problem.at_key(at(name), "this name"));
            }
        } else if names.len() > 1 {
            let quoted = and(names.iter().map(|name| format!("`{name}`")));
            let problem = found.problem(format!("{quoted} are one listener to Kafka"));
            let help = format!("give each a name of its own: Kafka takes all of them for `{capitals}`");
            let labels = names.iter().fold(problem, |problem, name| problem.at_key(at(name), "this name"));
            found.add(labels.help(help));
        } else if let [name] = names.as_slice()
            && *name != capitals
        {
            let problem = found.problem(format!("`{name}` is not a valid listener name: it has small letters"));
            found.add(
                problem.at_key(at(name), "this name").help(format!("write `{capitals}`, as Kafka does")),
            );
        }
    }
}

/// What keeps a name in capitals from being one.
fn fault(capitals: &str) -> Option<String> {
    let allowed =
        |letter: &char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || matches!(letter, '_' | '-');
    if capitals.is_empty() {
        return Some("it is empty".to_owned());
    }
    capitals.chars().find(|letter| !allowed(letter)).map(|letter| format!("it holds {letter:?}"))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn named(name: &str) -> Value {
        json!({ "kafka": { "listeners": { "PLAINTEXT": null, name: { "port": 9092 } } } })
    }

    #[test]
    fn what_kafka_would_read_as_another_name_is_refused() {
        for (name, fault) in [("", "it is empty"), ("A:B", "it holds ':'"), ("A.B", "'.'"), ("Ä", "'Ä'")] {
            let title = breaks(&RULE, named(name)).title;
            assert!(title.contains(fault), "{title}");
        }
        assert_eq!(breaks(&RULE, named("external")).help, "write `EXTERNAL`, as Kafka does");
    }

    #[test]
    fn two_names_that_differ_in_case_are_one_problem() {
        let listeners = json!({ "plaintext": { "port": 9093 }, "PlainText": { "port": 9094 } });
        let problem = breaks(&RULE, json!({ "kafka": { "listeners": listeners } }));
        assert_eq!(problem.title, "`PLAINTEXT`, `plaintext` and `PlainText` are one listener to Kafka");
        assert_eq!(problem.labels.len(), 3);
    }

    #[test]
    fn capitals_digits_underscores_and_hyphens_are_a_name() {
        holds(&RULE, named("REPLICATION-9091"));
        holds(&RULE, named("CONTROLLER_2"));
    }
}
