//! An authorizer that lets in whom nobody knows guards nothing.

use std::collections::BTreeSet;

use crate::rules::brokers::authorizers::{has_acls, let_in};
use crate::rules::settings::effective::services;
use crate::role::Role;
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K325",
        severity: Warning,
        title: "an authorizer lets everybody in",
        why: "On PLAINTEXT listeners every client is `User:ANONYMOUS`, as the brokers are. As a super user it may do \
              everything; with `allow.everyone.if.no.acl.found` it may until a resource has an ACL, and the first \
              one for the cluster shuts the brokers out, too.",
        help: "rely on the firewall (`from` of each listener) and leave the authorizer and this setting out until the \
               listeners authenticate",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut told = BTreeSet::new();
    for broker in services(draft, Role::Broker).filter(has_acls) {
        for key in let_in(&broker) {
            if let Some(at) = broker.get(key).and_then(|written| written.pointer()).filter(|at| told.insert(*at)) {
                let problem = found.problem(format!("with `{key}` the authorizer lets everybody in"));
                found.add(problem.at(at, "every client is `User:ANONYMOUS`"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn with(key: &str, value: &Value) -> Value {
        let class = "kafka.security.authorizer.AclAuthorizer";
        json!({ "kafka": { "settings": { "authorizer.class.name": class, key: value } } })
    }

    #[test]
    fn whoever_lets_in_the_nameless_is_warned() {
        breaks(&RULE, with("super.users", &json!(["User:admin", "User:ANONYMOUS"])));
        breaks(&RULE, with("allow.everyone.if.no.acl.found", &json!("TRUE")));
    }

    #[test]
    fn named_super_users_are_another_matter() {
        holds(&RULE, with("super.users", &json!(["User:admin"])));
        holds(&RULE, json!({ "kafka": { "settings": { "super.users": ["User:ANONYMOUS"] } } }));
    }
}
