//! An authorizer lets the brokers in to each other.

use std::collections::BTreeSet;

use crate::rules::brokers::authorizers::{CLASS, has_acls, is_open, let_in};
use crate::rules::settings::effective::services;
use crate::role::Role;
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K324",
        severity: Error,
        title: "an authorizer keeps the brokers out of their own cluster",
        why: "On PLAINTEXT listeners every broker is `User:ANONYMOUS` to the others. An authorizer that does not \
              allow that user refuses what the controller asks of brokers and what they fetch from each other: the \
              brokers run, and none learns of the controller or gets a leader for a partition (seen with 3.9.2).",
        help: "leave the authorizer out until the listeners authenticate, and with it `super.users` and \
               `allow.everyone.if.no.acl.found`, which nothing else reads; `\"super.users\": [\"User:ANONYMOUS\"]` or \
               `\"allow.everyone.if.no.acl.found\": true` lets the brokers in, and everybody else with them",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut told = BTreeSet::new();
    for broker in services(draft, Role::Broker).filter(|broker| has_acls(broker) && !is_open(broker)) {
        let at = broker.get(CLASS).and_then(|written| written.pointer());
        if let Some(at) = at.filter(|at| let_in(&broker).next().is_none() && told.insert(*at)) {
            let problem = found.problem("the authorizer lets no broker in: all of them are `User:ANONYMOUS`");
            found.add(problem.at(at, "asks who they are, and every listener is PLAINTEXT"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    const CLASS: &str = "kafka.security.authorizer.AclAuthorizer";

    fn with(key: &str, value: &Value) -> Value {
        json!({ "kafka": { "settings": { "authorizer.class.name": CLASS, key: value } } })
    }

    #[test]
    fn brokers_whom_nobody_lets_in_are_refused() {
        breaks(&RULE, with("num.io.threads", &json!(8)));
        breaks(&RULE, with("super.users", &json!(["User:admin"])));
        breaks(&RULE, with("super.users", &json!("User:ANONYMOUS,User:admin")));
        breaks(&RULE, with("allow.everyone.if.no.acl.found", &json!(false)));
        let own = json!({ "a": { "settings": { "authorizer.class.name": CLASS } }, "b": {} });
        breaks(&RULE, json!({ "kafka": { "hosts": own } }));
    }

    #[test]
    fn brokers_that_are_let_in_are_fine() {
        holds(&RULE, with("super.users", &json!(["User:ANONYMOUS", "User:admin"])));
        holds(&RULE, with("super.users", &json!("${file:/run/secrets/kafka:users}")));
        holds(&RULE, with("allow.everyone.if.no.acl.found", &json!(true)));
        holds(&RULE, with("authorizer.class.name", &json!("")));
        holds(&RULE, with("authorizer.class.name", &json!("com.example.OpaAuthorizer")));
    }
}
