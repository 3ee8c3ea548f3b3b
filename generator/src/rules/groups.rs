//! With groups or weights, every voter is in exactly one group.

use std::collections::BTreeMap;

use super::prelude::*;

pub static RULE: Rule = Rule {
    page: Page {
        code: "K214",
        severity: Error,
        title: "a voter is not in exactly one group",
        why: "As soon as one `group.N` or `weight.N` is set, ZooKeeper counts hierarchical quorums, and ends at \
              the start where a voter is in no group or in two (QuorumHierarchical.java).",
        help: "name every voter's id in one `group.N`, with colons between the ids",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let settings = &draft.spec.zookeeper.settings;
    let hierarchical = |key: &&String| key.starts_with("group.") || key.starts_with("weight.");
    let Some(first) = settings.keys().find(hierarchical) else { return };
    let mut groups: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    for (key, value) in settings.iter().filter(|(key, _)| key.starts_with("group.")) {
        let ids = value.plain().unwrap_or_default();
        for id in ids.split(':').filter_map(|id| id.trim().parse().ok()) {
            groups.entry(id).or_default().push(key);
        }
    }
    let voters = draft.cluster.servers().filter(|(_, server)| !server.observer);
    for (host, server) in voters {
        let id = server.id.value;
        let at = |key: &str| pointer(["zookeeper", "settings", key]);
        match groups.get(&id).map(Vec::as_slice) {
            Some([_]) => {}
            Some([one, other, ..]) => {
                let problem = found.problem(format!("server {id} (`{}`) is in two groups", host.name));
                found.add(problem.at(at(other), "here").at(at(one), "and here"));
            }
            _ => {
                let problem = found.problem(format!("server {id} (`{}`) is in no group", host.name));
                found.add(problem.at_key(at(first), "this makes quorums hierarchical"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{breaks, holds, says};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_voter_in_no_group_or_in_two_is_refused() {
        assert_eq!(says(&RULE, json!({ "zookeeper": { "settings": { "weight.1": 3 } } })).len(), 3);
        let problem = breaks(&RULE, json!({ "zookeeper": { "settings": { "group.1": "1:2" } } }));
        assert!(problem.title.contains("server 3 (`c`) is in no group"), "{}", problem.title);
        let twice = json!({ "group.1": "1:2:3", "group.2": "3" });
        assert!(breaks(&RULE, json!({ "zookeeper": { "settings": twice } })).title.contains("two groups"));
    }

    #[test]
    fn one_group_each_is_fine_and_so_are_none_at_all() {
        holds(
            &RULE,
            json!({ "zookeeper": { "settings": { "group.1": "1:2", "group.2": "3", "weight.3": 2 } } }),
        );
        holds(&RULE, json!({}));
    }
}
