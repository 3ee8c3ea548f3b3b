//! The cluster's name stands in paths, in ZooKeeper and in markers on the disks.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K102",
        severity: Error,
        title: "invalid cluster name",
        why: "The name becomes the chroot in ZooKeeper and is written into the data directories, so it is \
              kept to lower-case letters, digits and hyphens.",
        help: "use lower-case letters, digits and hyphens, like `peter-kafka`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(name) = &draft.spec.name else { return };
    if !is_name(name) {
        found.add(found.problem(format!("`{name}` is not a valid cluster name")).at("/name", "this name"));
    }
}

pub(in crate::rules) fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !name.is_empty() && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn capitals_and_an_empty_name_are_refused() {
        breaks(&RULE, json!({ "name": "Peter" }));
        breaks(&RULE, json!({ "name": "" }));
    }

    #[test]
    fn lower_case_letters_digits_and_hyphens_are_a_name() {
        holds(&RULE, json!({ "name": "peter-kafka-2" }));
    }
}
