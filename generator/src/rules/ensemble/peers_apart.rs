//! Servers of one generation speak to each other.

use std::collections::BTreeMap;

use crate::rules::prelude::*;
use crate::peering::Peering;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K219",
        severity: Error,
        title: "two servers do not speak to each other",
        why: "A server with `sslQuorum` speaks TLS to all others, and accepts no other connection unless it also \
              has `portUnification`. A server with `quorum.auth.learnerRequireSasl` authenticates itself to all \
              others; one with `quorum.auth.serverRequireSasl` demands that of them. A server that the others do \
              not reach is no member.",
        help: "write these settings in `zookeeper.settings`, for all servers",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut kinds: BTreeMap<Peering, &str> = BTreeMap::new();
    for (host, server) in draft.cluster.servers() {
        let own = Peering::of(&draft.cluster, server);
        if kinds.contains_key(&own) {
            continue;
        }
        if let Some((other, name)) = kinds.iter().find(|(other, _)| !own.meets(other)) {
            let problem =
                found.problem(format!("`{name}` and `{}` do not speak to each other", host.name));
            let place = |key| draft.cluster.setting(server, key).and_then(|setting| setting.pointer());
            let at = own.unlike(other).find_map(place).unwrap_or(&server.pointer);
            found.add(problem.at(at, format!("different on `{name}`")));
        }
        kinds.insert(own, &host.name);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn own(all: &Value, own: &Value) -> Value {
        json!({ "zookeeper": { "settings": all, "hosts": { "a": {}, "b": { "settings": own }, "c": {} } } })
    }

    #[test]
    fn a_server_that_speaks_otherwise_than_another_one_is_refused() {
        let problem = breaks(&RULE, own(&json!({}), &json!({ "sslQuorum": true })));
        assert_eq!(problem.title, "`a` and `b` do not speak to each other");
        breaks(&RULE, own(&json!({ "sslQuorum": true }), &json!({ "sslQuorum": null })));
        let alone = json!({ "sslQuorum": true, "portUnification": false });
        breaks(&RULE, own(&json!({ "portUnification": "true" }), &alone));
        let sasl = json!({ "quorum.auth.enableSasl": true, "quorum.auth.learnerRequireSasl": true });
        breaks(&RULE, own(&json!({}), &sasl));
    }

    #[test]
    fn what_takes_both_speaks_to_both() {
        holds(&RULE, json!({}));
        holds(&RULE, own(&json!({}), &json!({ "portUnification": true })));
        let both = json!({ "portUnification": true, "sslQuorum": true });
        holds(&RULE, own(&json!({ "portUnification": true }), &both));
        holds(&RULE, own(&json!({}), &json!({ "quorum.auth.enableSasl": true })));
        holds(&RULE, json!({ "zookeeper": { "settings": { "sslQuorum": true } } }));
    }
}
