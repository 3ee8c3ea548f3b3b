//! A topic has partitions.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K601",
        severity: Error,
        title: "number of partitions out of range",
        why: "A topic has at least one partition, and Kafka counts them in 32 bits. Partitions can be added later, \
              but never removed.",
        help: "use 1 or more",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for topic in &draft.cluster.topics {
        let number = topic.partitions.value;
        // What comes from `num.partitions` is checked where that is written.
        let Some(place) = topic.partitions.pointer() else { continue };
        if !(1..=i64::from(i32::MAX)).contains(&number) {
            let problem = found.problem(format!("topic `{}` cannot have {number} partitions", topic.name));
            found.add(problem.at(place, "1 to 2147483647 are possible"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn partitions(number: i64) -> Value {
        json!({ "topics": { "orders": { "partitions": number } } })
    }

    #[test]
    fn none_and_more_than_32_bits_are_refused() {
        assert_eq!(breaks(&RULE, partitions(0)).title, "topic `orders` cannot have 0 partitions");
        breaks(&RULE, partitions(2_147_483_648));
    }

    #[test]
    fn one_partition_is_enough() {
        holds(&RULE, partitions(1));
        holds(&RULE, json!({ "topics": { "orders": {} } }));
    }
}
