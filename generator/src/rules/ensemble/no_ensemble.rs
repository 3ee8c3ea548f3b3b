//! Brokers have an ensemble.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K203",
        severity: Error,
        title: "no ZooKeeper ensemble",
        why: "Brokers keep their metadata in ZooKeeper here, and a broker that reaches no server exits after 20 \
              seconds (seen with 3.9.2).",
        help: "list servers in `zookeeper.hosts`, leave that key out so that every host is one, or name an \
               ensemble elsewhere in `zookeeper.connect`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let zookeeper = &draft.spec.zookeeper;
    if zookeeper.connect.as_ref().is_some_and(Vec::is_empty) {
        let problem = found.problem("`zookeeper.connect` names no server");
        let help = "name its servers, like `\"zk1.example.org:2181\"`, or take the key out";
        found.add(problem.at("/zookeeper/connect", "an empty list").help(help));
    } else if draft.gaps.contains(&Gap::NoEnsemble)
        && zookeeper.hosts.as_ref().is_some_and(indexmap::IndexMap::is_empty)
    {
        // Members that are no hosts, or have no address, are reported as such.
        let problem = found.problem("the brokers have no ZooKeeper server");
        found.add(problem.at("/zookeeper/hosts", "no server here"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, one, says_of};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn brokers_without_a_server_are_refused() {
        let problem = breaks(&RULE, json!({ "zookeeper": { "hosts": {} } }));
        assert_eq!(problem.title, "the brokers have no ZooKeeper server");
    }

    #[test]
    fn an_ensemble_of_no_servers_elsewhere_is_none() {
        breaks(&RULE, json!({ "zookeeper": { "connect": [] } }));
        let spec = r#"{"hosts": {"a": {}}, "zookeeper": {"connect": []}, "kafka": {"hosts": {}}}"#;
        one(says_of(&RULE, spec, None));
    }

    #[test]
    fn one_server_here_or_elsewhere_is_enough() {
        holds(&RULE, json!({ "zookeeper": { "hosts": { "a": {} } } }));
        holds(&RULE, json!({ "zookeeper": { "connect": ["zk:2181"] } }));
    }

    #[test]
    fn members_that_are_no_hosts_are_left_to_their_own_rule() {
        holds(&RULE, json!({ "zookeeper": { "hosts": { "x": {} } } }));
    }
}
