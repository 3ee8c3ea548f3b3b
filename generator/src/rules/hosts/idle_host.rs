//! A host without a role gets a file that does nothing.

use crate::role::Role;
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K113",
        severity: Warning,
        title: "a host is neither ZooKeeper server nor broker",
        why: "It gets a host file that configures no service. Once `zookeeper.hosts` and `kafka.hosts` are written \
              they list all members, and the host is in neither.",
        help: "add it to `zookeeper.hosts` or `kafka.hosts`, or write its name under `names` if only its \
               address matters",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let spec = draft.spec;
    let has = |name: &str, role| match spec.listed(role) {
        Some(_) => spec.of_one(role, name).is_some(),
        None => !spec.is_external(role),
    };
    let is_idle = |name: &&String| !Role::ALL.into_iter().any(|role| has(name, role));
    for name in spec.hosts.keys().filter(is_idle) {
        let problem = found.problem(format!("`{name}` is neither ZooKeeper server nor broker"));
        found.add(problem.at_key(pointer(["hosts", name]), "no role"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_host_that_is_listed_nowhere_is_told() {
        let of_a_and_b = json!({ "hosts": { "a": {}, "b": {} } });
        let problem = breaks(&RULE, json!({ "zookeeper": of_a_and_b, "kafka": of_a_and_b }));
        assert!(problem.title.starts_with("`c`"), "{}", problem.title);
    }

    #[test]
    fn one_role_is_enough() {
        holds(&RULE, json!({ "zookeeper": { "hosts": { "a": {} } } }));
        holds(&RULE, json!({ "kafka": { "hosts": { "a": {} } } }));
    }
}
