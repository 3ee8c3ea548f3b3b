//! The name of a network is one word.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K116",
        severity: Error,
        title: "invalid network name",
        why: "The name of a network becomes a part of the name of a firewall group (`brokers@inside`), where nftables \
              takes letters, digits, `.`, `_` and `-`.",
        help: "name it with letters, digits, `.`, `_` and `-`, like `internal`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut told = std::collections::BTreeSet::new();
    for (host, spec) in &draft.spec.hosts {
        for network in spec.addresses.keys() {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            let is_word = !network.is_empty() && network.bytes().all(plain);
            if !is_word && told.insert(network) {
                let problem = found.problem(format!("{network:?} is not a valid network name"));
                found.add(problem.at_key(pointer(["hosts", host, "addresses", network]), "this one"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_name_with_other_letters_is_refused_once() {
        let own = json!({ "addresses": { "in side": "10.1.0.1" } });
        breaks(&RULE, json!({ "hosts": { "a": own, "b": own } }));
        breaks(&RULE, json!({ "hosts": { "a": { "addresses": { "": "10.1.0.1" } } } }));
    }

    #[test]
    fn a_word_is_fine() {
        holds(&RULE, json!({ "hosts": { "a": { "addresses": { "dmz-2.b_c": "10.1.0.1" } } } }));
    }
}
