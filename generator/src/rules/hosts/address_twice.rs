//! A host has one address in the network `default`.

use crate::resolve::DEFAULT_NETWORK;
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K109",
        severity: Error,
        title: "two addresses in the network `default` for one host",
        why: "`address` is short for the network `default` of `addresses`. With both, one of the two would be \
              ignored without a word.",
        help: "keep one of the two; with several networks, give this one a name of its own in `addresses`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for (name, host) in &draft.spec.hosts {
        let (Some(short), Some(long)) = (host.address, host.addresses.get(DEFAULT_NETWORK)) else { continue };
        let title = format!("{name} has two addresses in the network `default`: {short} and {long}");
        let problem = found.problem(title).at(pointer(["hosts", name, "address"]), "short for `default`");
        found.add(problem.at(pointer(["hosts", name, "addresses", DEFAULT_NETWORK]), "and `default` itself"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn the_short_and_the_long_form_for_one_network_are_refused() {
        let hosts = json!({ "a": { "addresses": { "default": "10.0.0.9" } } });
        let problem = breaks(&RULE, json!({ "hosts": hosts }));
        assert_eq!(problem.title, "a has two addresses in the network `default`: 10.0.0.1 and 10.0.0.9");
    }

    #[test]
    fn the_short_form_beside_another_network_is_fine() {
        holds(&RULE, json!({ "hosts": { "a": { "addresses": { "outer": "203.0.113.1" } } } }));
    }
}
