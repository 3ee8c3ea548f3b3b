//! A host without a role gets a file that does nothing.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K113",
        severity: Warning,
        title: "a host is neither ZooKeeper server nor broker",
        why: "It gets a host file that configures no service. As a rule it was forgotten in `zookeeper.hosts` \
              or `kafka.hosts`, which name exactly the members once they are there.",
        help: "add it to `zookeeper.hosts` or `kafka.hosts`, or write its name under `names` if only its \
               address matters",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let (zookeeper, kafka) = (&draft.spec.zookeeper, &draft.spec.kafka);
    let server = |name: &String| match &zookeeper.hosts {
        Some(hosts) => hosts.contains_key(name),
        None => zookeeper.connect.is_none(),
    };
    let broker = |name: &String| kafka.hosts.as_ref().is_none_or(|hosts| hosts.contains_key(name));
    for name in draft.spec.hosts.keys().filter(|name| !server(name) && !broker(name)) {
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
