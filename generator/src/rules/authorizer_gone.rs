//! The authorizer that Kafka had until 2.8 is not named to a later one.

use std::collections::BTreeSet;

use super::authorizers::CLASS;
use super::effective::brokers;
use super::prelude::*;
use crate::spec::Version;

pub static RULE: Rule = Rule {
    page: Page {
        code: "K326",
        severity: Error,
        title: "an authorizer is not in this Kafka any more",
        why: "`kafka.security.auth.SimpleAclAuthorizer` went with Kafka 3.0, and a broker whose authorizer is not \
              there ends as it starts (ClassNotFoundException). `AclAuthorizer` has been in its place since 2.4, \
              and reads the same ACLs.",
        help: "write `kafka.security.authorizer.AclAuthorizer`",
    },
    check,
};

const GONE: &str = "kafka.security.auth.SimpleAclAuthorizer";
const SINCE: Version = Version([3, 0, 0]);

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut told = BTreeSet::new();
    for broker in brokers(draft).filter(|broker| broker.version >= SINCE) {
        let named = broker.text(CLASS).is_some_and(|class| class == GONE);
        let at = broker.get(CLASS).and_then(|written| written.pointer());
        if let Some(at) = at.filter(|at| named && told.insert(*at)) {
            let problem = found.problem(format!("Kafka {} has no `SimpleAclAuthorizer`", broker.version));
            found.add(problem.at(at, "gone since 3.0"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn the_old_authorizer_is_refused_where_it_is_gone() {
        let settings = json!({ "authorizer.class.name": "kafka.security.auth.SimpleAclAuthorizer" });
        breaks(&RULE, json!({ "kafka": { "settings": settings } }));
        let old = json!({ "kafka": "2.8.2", "jdk": "11" });
        holds(&RULE, json!({ "versions": old, "kafka": { "settings": settings } }));
    }

    #[test]
    fn its_successor_is_fine() {
        let settings = json!({ "authorizer.class.name": "kafka.security.authorizer.AclAuthorizer" });
        holds(&RULE, json!({ "kafka": { "settings": settings } }));
    }
}
