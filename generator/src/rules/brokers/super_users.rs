//! Every entry of `super.users` is a principal that somebody can be.

use std::collections::BTreeSet;

use crate::rules::brokers::authorizers::SUPER_USERS;
use crate::rules::settings::effective::services;
use crate::role::Role;
use crate::rules::prelude::*;
use crate::references::references;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K327",
        severity: Error,
        title: "invalid principal in `super.users`",
        why: "Kafka splits `super.users` at `;` and each entry at its first colon. With an entry without a colon the \
              broker does not start (SecurityUtils, `parseKafkaPrincipal`). Entries separated by commas are read as \
              one principal, which no client has; nor has any client a principal whose type is not `User`.",
        help: "write a JSON list with one principal an entry, like `[\"User:ANONYMOUS\", \"User:admin\"]`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut told = BTreeSet::new();
    for broker in services(draft, Role::Broker) {
        let at = broker.get(SUPER_USERS).and_then(|written| written.pointer());
        let (Some(at), Some(text)) = (at, broker.text(SUPER_USERS)) else { continue };
        if references(&text).next().is_some() || !told.insert(at) {
            continue;
        }
        // Java drops what is empty at the end.
        for entry in text.trim_end_matches(';').split(';').map(str::trim).filter(|_| !text.is_empty()) {
            if let Some(fault) = fault(entry) {
                found.add(found.problem(format!("the super user `{entry}` {fault}")).at(at, "this list"));
            }
        }
    }
}

fn fault(entry: &str) -> Option<&'static str> {
    let Some((kind, name)) = entry.split_once(':') else {
        return Some("has no type: the broker ends as it reads it");
    };
    if kind.eq_ignore_ascii_case("User") && kind != "User" {
        return Some("is nobody: the type is written `User`");
    }
    // A distinguished name has commas of its own.
    let mut others = name.split(',').skip(1);
    let is_list = others.any(|part| part.trim_start().starts_with("User:"));
    is_list.then_some("is one principal: entries are separated by `;`")
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn users(value: &Value) -> Value {
        json!({ "kafka": { "settings": { "super.users": value } } })
    }

    #[test]
    fn what_is_no_principal_is_refused() {
        for (value, words) in [
            (json!("admin"), "has no type"),
            (json!(["User:a", "admin"]), "`admin` has no type"),
            (json!("User:a;;User:b"), "`` has no type"),
            (json!("User:ANONYMOUS,User:admin"), "is one principal"),
            (json!("User:ANONYMOUS;User:a, User:b"), "`User:a, User:b` is one principal"),
            (json!("user:admin"), "written `User`"),
        ] {
            let title = breaks(&RULE, users(&value)).title;
            assert!(title.contains(words), "{title}");
        }
        let own = json!({ "a": { "settings": { "super.users": "admin" } } });
        breaks(&RULE, json!({ "kafka": { "hosts": own } }));
    }

    #[test]
    fn principals_are_fine_as_a_list_and_as_kafkas_text() {
        for value in [
            json!(["User:ANONYMOUS", "User:CN=kafka,O=example"]),
            json!("User:ANONYMOUS; User:admin;"),
            json!("${file:/run/secrets/users:super}"),
            json!(""),
            json!(["Group:admins"]),
        ] {
            holds(&RULE, users(&value));
        }
    }
}
