//! What must be the same on all servers is.

use std::collections::BTreeMap;

use crate::role::Role;
use crate::rules::message::and;
use crate::rules::prelude::*;
use crate::rules::settings::effective::services;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K222",
        severity: Warning,
        title: "ZooKeeper servers differ in a setting that must be the same on all",
        why: "A server cannot read a znode that is larger than its `jute.maxbuffer`. If another server has accepted \
              such a znode, this one stays out of the ensemble (ZooKeeper's administrator's guide: it must be set \
              on all servers and clients). With ticks of different length, the same `initLimit`, `syncLimit` and \
              session timeout mean something else on each server.",
        help: "write the setting in `zookeeper.settings`, for all servers",
    },
    check,
};

const SAME: [&str; 2] = ["jute.maxbuffer", "tickTime"];

fn check(draft: &Draft<'_>, found: &mut Found) {
    for key in SAME {
        let mut values: BTreeMap<String, Vec<(&str, Option<&str>)>> = BTreeMap::new();
        for server in services(draft, Role::ZooKeeper) {
            let value = server.text(key).map(String::from).unwrap_or_default();
            let at = server.get(key).and_then(|setting| setting.pointer());
            values.entry(value).or_default().push((server.host, at));
        }
        if values.len() < 2 {
            continue;
        }
        let told = values.iter().map(|(value, servers)| {
            let value = if value.is_empty() { "the default" } else { value };
            format!("{value} on {}", and(servers.iter().map(|(host, _)| format!("`{host}`"))))
        });
        let problem = found.problem(format!("`{key}` is {}", and(told)));
        let places = values.values().flatten().filter_map(|(_, at)| *at);
        let places: std::collections::BTreeSet<_> = places.collect();
        found.add(crate::rules::message::at_all(problem, places, "one of the values", "and another"));
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{breaks, holds};
    use serde_json::{Value, json};

    fn own(key: &str, value: &Value) -> Value {
        let own = json!({ "a": { "settings": { key: value } }, "b": {}, "c": {} });
        json!({ "zookeeper": { "hosts": own } })
    }

    #[test]
    fn one_server_with_a_value_of_its_own_is_told() {
        let problem = breaks(&RULE, own("jute.maxbuffer", &json!(4_194_304)));
        assert!(problem.title.contains("4194304 on `a`"), "{}", problem.title);
        breaks(&RULE, own("tickTime", &json!(3000)));
    }

    #[test]
    fn the_same_for_all_is_fine() {
        holds(&RULE, json!({ "zookeeper": { "settings": { "jute.maxbuffer": 4_194_304 } } }));
        holds(&RULE, own("tickTime", &json!(2000)));
    }
}
