//! A cluster has at least one host.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K101",
        severity: Error,
        title: "the spec has no hosts",
        why: "Without a host there is nothing to configure.",
        help: "name each machine with its address: `\"hosts\": { \"kafka01\": { \"address\": \"10.0.0.11\" } }`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    if draft.spec.hosts.is_empty() {
        found.add(found.problem(RULE.diagnostic.title).at("/hosts", "no host here"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{holds, one, says_of};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn an_empty_list_of_hosts_is_refused() {
        one(says_of(&RULE, r#"{"hosts": {}}"#, None));
    }

    #[test]
    fn one_host_is_enough() {
        holds(&RULE, json!({ "hosts": { "b": null, "c": null } }));
    }
}
