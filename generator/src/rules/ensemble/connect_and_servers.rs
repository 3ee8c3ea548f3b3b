//! An ensemble stands in the spec or elsewhere.

use crate::rules::prelude::*;
use crate::rules::message::and;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K204",
        severity: Error,
        title: "`zookeeper.connect` stands beside keys for servers of this spec",
        why: "With `zookeeper.connect` the hosts run no ZooKeeper, so whatever describes its servers would do \
              nothing.",
        help: "take `connect` out if the servers are hosts of this spec, else take out the others",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let zookeeper = &draft.spec.zookeeper;
    if zookeeper.connect.is_none() {
        return;
    }
    let keys: Vec<_> = [
        ("hosts", zookeeper.hosts.as_ref().is_some_and(|hosts| !hosts.is_empty())),
        ("network", zookeeper.network.is_some()),
        ("bind", zookeeper.bind.is_some()),
        ("from", !zookeeper.from.is_empty()),
        ("clientPort", zookeeper.client_port.is_some()),
        ("peerPort", zookeeper.peer_port.is_some()),
        ("electionPort", zookeeper.election_port.is_some()),
        ("heap", zookeeper.heap.is_some()),
        ("dataDir", zookeeper.data_dir.is_some()),
        ("dataLogDir", zookeeper.data_log_dir.is_some()),
        ("state", zookeeper.state.is_some()),
        ("settings", !zookeeper.settings.is_empty()),
        ("extraJars", !zookeeper.extra_jars.is_empty()),
    ]
    .into_iter()
    .filter_map(|(key, written)| written.then_some(key))
    .collect();
    if keys.is_empty() {
        return;
    }
    let quoted = keys.iter().map(|key| format!("`{key}`"));
    let problem = found.problem(format!("{} would do nothing beside `zookeeper.connect`", and(quoted)));
    let problem = keys.iter().fold(problem, |problem, key| {
        problem.at_key(pointer(["zookeeper", key]), "for a server of this spec")
    });
    found.add(problem.at_key("/zookeeper/connect", "the ensemble is elsewhere"));
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, one, says_of};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn whatever_describes_a_server_is_refused_beside_connect() {
        let zookeeper = json!({ "connect": ["zk:2181"], "hosts": { "a": {} }, "clientPort": 2182 });
        let problem = breaks(&RULE, json!({ "zookeeper": zookeeper }));
        let title = "`hosts`, `clientPort` and `dataDir` would do nothing beside `zookeeper.connect`";
        assert_eq!(problem.title, title);
        assert_eq!(problem.labels.len(), 4);
        for (key, value) in [
            ("network", json!("default")),
            ("bind", json!("all")),
            ("peerPort", json!(1)),
            ("electionPort", json!(1)),
            ("heap", json!("1g")),
            ("dataLogDir", json!("/log")),
            ("state", json!("new")),
            ("settings", json!({ "tickTime": 1 })),
            ("extraJars", json!(["a.jar"])),
        ] {
            let zookeeper = json!({ "connect": ["zk:2181"], key: value });
            let spec = json!({ "hosts": { "a": { "address": "10.0.0.1" } }, "zookeeper": zookeeper });
            one(says_of(&RULE, &spec.to_string(), None));
        }
    }

    #[test]
    fn connect_alone_or_with_no_servers_is_fine() {
        for zookeeper in ["\"connect\": [\"zk:2181\"]", "\"connect\": [\"zk:2181\"], \"hosts\": {}"] {
            let spec = format!(
                "{{\"hosts\": {{\"a\": {{\"address\": \"10.0.0.1\"}}}}, \"zookeeper\": {{{zookeeper}}}}}"
            );
            assert_eq!(says_of(&RULE, &spec, None), []);
        }
    }
}
