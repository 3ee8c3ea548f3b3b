//! A host has an address.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K107",
        severity: Error,
        title: "a host has no address",
        why: "Servers bind addresses and find each other by them, never by name: a NixOS host resolves its own \
              name to a loopback address, so a server that binds its name is reached by nobody \
              (nixpkgs#57566).",
        help: "write its address: `\"address\": \"10.0.0.11\"`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for (name, host) in &draft.spec.hosts {
        if host.address.is_none() && host.addresses.is_empty() {
            let problem = found.problem(format!("{name} has no address"));
            found.add(problem.at(pointer(["hosts", name]), "no `address` here"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_host_without_an_address_is_refused() {
        let problem = breaks(&RULE, json!({ "hosts": { "d": { "rack": "4" } } }));
        assert_eq!(problem.title, "d has no address");
    }

    #[test]
    fn an_address_in_one_network_is_one() {
        holds(&RULE, json!({ "hosts": { "d": { "addresses": { "other": "fd00::4" } } } }));
    }
}
