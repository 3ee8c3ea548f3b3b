//! An authorizer of Kafka's own is one that this Kafka has.

use std::collections::BTreeSet;

use crate::rules::brokers::authorizers::CLASS;
use crate::rules::settings::effective::services;
use crate::role::Role;
use crate::rules::prelude::*;
use crate::spec::Version;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K326",
        severity: Error,
        title: "an authorizer is not in this Kafka",
        why: "A broker whose authorizer is not there ends as it starts (ClassNotFoundException). Kafka's own is \
              `kafka.security.authorizer.AclAuthorizer`, since 2.4. `kafka.security.auth.SimpleAclAuthorizer`, \
              whose ACLs it reads, went with 3.0.",
        help: "write `kafka.security.authorizer.AclAuthorizer`",
    },
    check,
};

const ACL: &str = "kafka.security.authorizer.AclAuthorizer";
const SIMPLE: &str = "kafka.security.auth.SimpleAclAuthorizer";
const WITHOUT_SIMPLE: Version = Version([3, 0, 0]);
/// Of `KRaft`, which K416 refuses.
const STANDARD: &str = "StandardAuthorizer";

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut told = BTreeSet::new();
    for broker in services(draft, Role::Broker) {
        let Some(class) = broker.text(CLASS).filter(|class| is_missing(class, broker.version())) else { continue };
        let at = broker.get(CLASS).and_then(|written| written.pointer());
        if let Some(at) = at.filter(|at| told.insert(*at)) {
            let problem = found.problem(format!("Kafka {} has no `{class}`", broker.version()));
            let label = if class == SIMPLE { "gone since 3.0" } else { "no class of Kafka" };
            found.add(problem.at(at, label));
        }
    }
}

/// Of classes in other packages only the host knows.
fn is_missing(class: &str, version: Version) -> bool {
    let own = class.starts_with("kafka.") || class.starts_with("org.apache.kafka.");
    match class {
        ACL => false,
        SIMPLE => version >= WITHOUT_SIMPLE,
        _ => own && !class.ends_with(STANDARD),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
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
    fn a_slip_in_the_class_is_refused_and_other_packages_are_fine() {
        for (class, there) in [
            ("kafka.security.authorizer.AclAuthorizer", true),
            ("com.example.Authorizer", true),
            ("kafka.security.authorizer.AclAuthoriser", false),
            ("kafka.security.auth.AclAuthorizer", false),
            ("org.apache.kafka.security.AclAuthorizer", false),
        ] {
            let spec = json!({ "kafka": { "settings": { "authorizer.class.name": class } } });
            if there { holds(&RULE, spec) } else { drop(breaks(&RULE, spec)) }
        }
    }
}
