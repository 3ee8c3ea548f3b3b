//! Topics of round trips are `kafnix verify`'s.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K613",
        severity: Error,
        title: "topic name that `kafnix verify` uses",
        why: "`kafnix verify` creates a topic with a name of this kind for its round trip, and deletes it and those \
              that are an hour old. `kafnix plan` and the other checks ignore these topics.",
        help: "give the topic another name",
    },
    check,
};

/// With what the names of these topics begin.
const RESERVED: &str = "kafnix-verify-";

fn check(draft: &Draft<'_>, found: &mut Found) {
    for name in draft.spec.topics.keys().filter(|name| name.starts_with(RESERVED)) {
        let problem = found.problem(format!("topic `{name}` begins with `{RESERVED}`, as those of `kafnix verify`"));
        found.add(problem.at_key(pointer(["topics", name]), "reserved"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_topic_named_like_those_of_verify_is_refused() {
        let problem = breaks(&RULE, json!({ "topics": { "kafnix-verify-19ab-7": {} } }));
        assert!(problem.title.contains("`kafnix-verify-19ab-7`"), "{}", problem.title);
    }

    #[test]
    fn other_topics_of_kafnix_are_fine() {
        holds(&RULE, json!({ "topics": { "kafnix-verify": {}, "my-kafnix-verify-1": {} } }));
    }
}
