//! No two topics have names that are one to Kafka's metrics.

use indexmap::IndexMap;

use crate::rules::prelude::*;
use crate::rules::message::and;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K604",
        severity: Error,
        title: "topic names collide: they differ only in `.` and `_`",
        why: "In metric names both characters are the same, so Kafka refuses to create the second of such topics \
              (AdminZkClient, `collides with existing topics`).",
        help: "use either `.` or `_`, and rename one of the topics",
    },
    check,
};

/// For the last of them and those before it; more places would make it no clearer.
const LABELS: [&str; 4] = ["Kafka refuses this one", "beside this one", "and this one", "and this one"];

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut same: IndexMap<String, Vec<&str>> = IndexMap::new();
    for name in draft.spec.topics.keys() {
        same.entry(name.replace('.', "_")).or_default().push(name);
    }
    for names in same.values().filter(|names| names.len() > 1) {
        let quoted = and(names.iter().map(|name| format!("`{name}`")));
        let problem = found.problem(format!("topics {quoted} differ only in `.` and `_`"));
        let labels = names.iter().rev().zip(LABELS);
        found.add(
            labels.fold(problem, |problem, (name, text)| problem.at_key(pointer(["topics", name]), text)),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn names_that_differ_only_in_dots_and_underscores_are_one_problem() {
        let problem = breaks(&RULE, json!({ "topics": { "a.b.c": {}, "a_b.c": {}, "d": {}, "a.b_c": {} } }));
        assert_eq!(problem.title, "topics `a.b.c`, `a_b.c` and `a.b_c` differ only in `.` and `_`");
        assert_eq!(problem.labels.len(), 3);
    }

    #[test]
    fn another_character_tells_them_apart() {
        holds(&RULE, json!({ "topics": { "a.b": {}, "a-b": {}, "ab": {} } }));
    }
}
