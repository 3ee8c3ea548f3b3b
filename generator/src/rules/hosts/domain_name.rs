//! A domain makes full names that every resolver takes.

use crate::rules::hosts::names::name_fault;
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K122",
        severity: Error,
        title: "invalid domain",
        why: "A domain becomes `networking.domain` and the rest of a host's full name: labels of letters, digits and \
              inner hyphens between dots (RFC 1123, section 2.1), at most 253 characters together with the name of the \
              host. A name whose last label is a number would be read as an address.",
        help: "write labels between dots, like `example.com`, with no dot before or after them",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let spec = draft.spec;
    let of_all = spec.domain.iter().map(|domain| ("/domain".to_owned(), domain, spec.hosts.keys().collect()));
    let own = spec.hosts.iter().filter_map(|(name, host)| {
        Some((pointer(["hosts", name, "domain"]), host.domain.as_ref()?, vec![name]))
    });
    for (at, domain, hosts) in of_all.chain(own).filter(|(_, domain, _)| !domain.is_empty()) {
        let full = |host: &&String| name_fault(&format!("{host}.{domain}"));
        // What is wrong with the name of a host is told by a rule of its own.
        let fault = name_fault(domain)
            .or_else(|| hosts.iter().filter(|host| name_fault(host).is_none()).find_map(full));
        let Some(fault) = fault else { continue };
        let problem = found.problem(format!("`{domain}` is not a valid domain: {fault}")).at(at, "this domain");
        let bare = domain.trim_matches('.');
        let is_fine = bare.len() < domain.len() && name_fault(bare).is_none();
        let help = || format!("write `{bare}`, with no dot before or after it");
        found.add(if is_fine { problem.help(help()) } else { problem });
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{breaks, holds};
    use serde_json::json;

    #[test]
    fn what_is_no_name_is_no_domain_of_all_or_of_one() {
        for (domain, fault) in [
            ("exa_mple.com", "it holds '_'"),
            ("a..b", "between its dots is empty"),
            ("10.1", "take for an address"),
            (&vec!["abc"; 64].join("."), "253 are the most"),
        ] {
            let title = breaks(&RULE, json!({ "domain": domain })).title;
            assert!(title.contains(fault), "{title}");
            breaks(&RULE, json!({ "hosts": { "b": { "domain": domain } } }));
        }
    }

    #[test]
    fn a_dot_before_or_after_is_taken_off() {
        let help = breaks(&RULE, json!({ "domain": "example.com." })).help;
        assert_eq!(help, "write `example.com`, with no dot before or after it");
    }

    #[test]
    fn labels_between_dots_one_label_and_none_are_fine() {
        holds(&RULE, json!({ "domain": "example.com", "hosts": { "a": { "domain": "" }, "b": { "domain": "lan" } } }));
    }
}
