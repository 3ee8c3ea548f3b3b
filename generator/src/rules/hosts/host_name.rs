//! Names of machines are such that every resolver takes them.

use crate::rules::hosts::names::{label_fault, name_fault};
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K103",
        severity: Error,
        title: "invalid host name",
        why: "A host's name becomes its `networking.hostName`, a folder and a line of `/etc/hosts`. Host names \
              are labels of letters, digits and inner hyphens, at most 63 characters each (RFC 1123, section \
              2.1); Linux takes no more than 64. What follows the first dot of a full name is the host's \
              `domain`. Further names may be several labels between dots, at most 253 characters. A name whose \
              last label is a number would be taken for an address.",
        help: "use letters, digits and hyphens, at most 63 characters, like `kafka01`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for name in draft.spec.hosts.keys() {
        let Some(fault) = label_fault(name) else { continue };
        let problem = found
            .problem(format!("`{name}` is not a valid host name: {fault}"))
            .at_key(pointer(["hosts", name]), "this name");
        found.add(match name.split_once('.') {
            Some((short, domain)) if name_fault(name).is_none() && is_free(draft, short) => problem.help(format!(
                "write `\"{short}\": {{ \"domain\": \"{domain}\", … }}`, and `{short}` wherever else the spec names \
                 it; a `domain` at the top level is that of every host"
            )),
            _ => match name.to_lowercase().replace('_', "-") {
                meant if is_free(draft, &meant) => problem.help(format!("write `{meant}`")),
                _ => problem,
            },
        });
    }
    for name in draft.spec.names.keys() {
        let Some(fault) = name_fault(name) else { continue };
        let problem = found.problem(format!("`{name}` is not a valid host name: {fault}"));
        let help = "use labels of letters, digits and hyphens between dots, like `registry.example.org`";
        found.add(problem.at_key(pointer(["names", name]), "this name").help(help));
    }
}

/// Whether a host may have this name and none has it.
fn is_free(draft: &Draft<'_>, name: &str) -> bool {
    let is_it = |other: &String| other.eq_ignore_ascii_case(name);
    label_fault(name).is_none() && !draft.spec.hosts.keys().chain(draft.spec.names.keys()).any(is_it)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    fn host(name: &str) -> serde_json::Value {
        json!({ "hosts": { name: { "address": "10.0.0.9" } } })
    }

    #[test]
    fn what_is_no_label_names_no_host() {
        for (name, fault) in [
            ("", "it is empty"),
            ("kafka_01", "it holds '_'"),
            ("käfka", "it holds 'ä'"),
            ("-kafka", "hyphen"),
            ("kafka-", "hyphen"),
            ("../x", "it holds '.'"),
            ("10", "take for an address"),
            (&"k".repeat(64), "64 characters"),
        ] {
            let title = breaks(&RULE, host(name)).title;
            assert!(title.contains(fault), "{title}");
        }
    }

    #[test]
    fn a_label_of_63_characters_names_a_host() {
        holds(&RULE, host(&"k".repeat(63)));
        holds(&RULE, host("3com-01"));
    }

    #[test]
    fn a_full_name_is_told_as_a_name_and_a_domain() {
        let problem = breaks(&RULE, host("kafka01.example.org"));
        let help = r#"write `"kafka01": { "domain": "example.org", … }`, and `kafka01` wherever else"#;
        assert!(problem.help.starts_with(help), "{}", problem.help);
        holds(&RULE, json!({ "hosts": { "a": { "domain": "example.org" } } }));
    }

    #[test]
    fn no_name_is_proposed_that_is_refused_itself() {
        assert_eq!(breaks(&RULE, host("broker_1")).help, "write `broker-1`");
        for name in ["10.example.org", "a.example.org", "a_"] {
            let help = breaks(&RULE, host(name)).help;
            assert!(help.starts_with("use letters"), "{name}: {help}");
        }
    }

    #[test]
    fn a_further_name_has_labels_between_its_dots() {
        let label = "l".repeat(63);
        for name in ["a..b", "a.b.", "a_b.org", "10.0.0.1", &vec!["abc"; 64].join(".")] {
            breaks(&RULE, json!({ "names": { name: "10.0.0.9" } }));
        }
        for name in ["true.null.if", "1.example", &format!("{label}.{label}.org")] {
            holds(&RULE, json!({ "names": { name: "10.0.0.9" } }));
        }
    }
}
