//! A topic's name is one that Kafka takes.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K603",
        severity: Error,
        title: "invalid topic name",
        why: "The name becomes a part of directories' names on the brokers, so Kafka takes only ASCII letters, \
              digits, `.`, `_` and `-`, at most 249 of them, and neither `.` nor `..` alone (Topic, `validate`).",
        help: "use letters, digits, `.`, `_` and `-`, like `orders.v1`",
    },
    check,
};

const LONGEST: usize = 249;

fn check(draft: &Draft<'_>, found: &mut Found) {
    for name in draft.spec.topics.keys() {
        if let Some(fault) = fault(name) {
            let problem = found.problem(format!("`{name}` is not a valid topic name: {fault}"));
            found.add(problem.at_key(pointer(["topics", name]), "this name"));
        }
    }
}

/// Why Kafka does not take a name, if it does not.
pub fn fault(name: &str) -> Option<String> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    if name.is_empty() {
        return Some("it is empty".to_owned());
    }
    if let Some(letter) = name.chars().find(|letter| !allowed(*letter)) {
        return Some(format!("it holds {letter:?}"));
    }
    if matches!(name, "." | "..") {
        return Some("it would be a directory of the file system".to_owned());
    }
    (name.len() > LONGEST).then(|| format!("it has {} characters; {LONGEST} are the most", name.len()))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn named(name: &str) -> Value {
        json!({ "topics": { name: {} } })
    }

    #[test]
    fn what_kafka_refuses_is_refused() {
        for (name, fault) in [
            ("", "it is empty"),
            (".", "a directory"),
            ("..", "a directory"),
            ("a/b", "it holds '/'"),
            ("größe", "it holds 'ö'"),
            (&"t".repeat(250), "250 characters"),
        ] {
            let title = breaks(&RULE, named(name)).title;
            assert!(title.contains(fault), "{title}");
        }
    }

    #[test]
    fn letters_digits_dots_underscores_and_hyphens_are_a_name() {
        for name in ["orders.v1", "_A-9", "...", &"t".repeat(249)] {
            holds(&RULE, named(name));
        }
    }
}
