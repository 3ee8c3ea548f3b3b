//! A given cluster id is one that Kafka could have made.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K317",
        severity: Error,
        title: "invalid cluster id",
        why: "Kafka makes the id from 16 random bytes, written as 22 characters of base64 for URLs without padding \
              (CoreUtils, `generateUuidAsBase64`). It stands in every `meta.properties`, and a broker whose \
              directories name another id does not start.",
        help: "copy it from `cluster.id` in a broker's `meta.properties`, or leave `clusterId` out",
    },
    check,
};

const LENGTH: usize = 22;

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(id) = &draft.spec.kafka.cluster_id else { return };
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    let fault = match id.chars().find(|letter| !allowed(*letter)) {
        Some(letter) => format!("it holds {letter:?}"),
        None if id.len() != LENGTH => format!("it has {} characters and not {LENGTH}", id.len()),
        None => return,
    };
    let problem = found.problem(format!("`{id}` is not a valid cluster id: {fault}"));
    found.add(problem.at("/kafka/clusterId", "this id"));
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn id(id: &str) -> Value {
        json!({ "kafka": { "clusterId": id } })
    }

    #[test]
    fn another_length_and_other_characters_are_refused() {
        assert!(breaks(&RULE, id("Xk3qM1TjQdWJvZ0m2m8b4")).title.contains("21 characters"));
        assert!(breaks(&RULE, id("Xk3qM1TjQdWJvZ0m2m8b+A")).title.contains("it holds '+'"));
        assert!(breaks(&RULE, id("Xk3qM1TjQdWJvZ0m2m8b4A==")).title.contains("it holds '='"));
    }

    #[test]
    fn twenty_two_characters_of_base64_for_urls_are_an_id() {
        holds(&RULE, id("-k3qM1TjQdWJvZ0m2m8b_A"));
    }
}
