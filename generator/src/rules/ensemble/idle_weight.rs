//! A weight is that of a server which votes.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K220",
        severity: Warning,
        title: "a weight belongs to no voting server",
        why: "ZooKeeper accepts `weight.N` for any N. It has no effect unless server N is in a group. A voter \
              without a weight has the weight 1 (QuorumHierarchical.java).",
        help: "write `weight.N` with the id of a server that votes; `kafnix show cluster` names the ids",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let ensemble = draft.cluster.ensemble();
    let voters = draft.cluster.electorate().voters;
    for (key, setting) in ensemble.counting(draft.cluster.voters().next().map(|(_, first)| first)) {
        let id = key.strip_prefix("weight.").and_then(|id| id.parse().ok());
        let (Some(id), Some(at)) = (id, setting.pointer()) else { continue };
        if !voters.contains(&id) && !ensemble.quorum.names(id) {
            let problem = found.problem(format!("`{key}` is the weight of no server that votes"));
            found.add(problem.at_key(at, format!("server {id} has no vote")));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_weight_of_nobody_and_one_of_an_observer_are_warned_of() {
        let settings = json!({ "group.1": "1:2:3", "weight.9": 2 });
        let problem = breaks(&RULE, json!({ "zookeeper": { "settings": settings } }));
        assert_eq!(problem.title, "`weight.9` is the weight of no server that votes");
        let hosts = json!({ "a": {}, "b": {}, "c": { "observer": true } });
        let settings = json!({ "group.1": "1:2", "weight.3": 2 });
        breaks(&RULE, json!({ "zookeeper": { "hosts": hosts, "settings": settings } }));
    }

    #[test]
    fn the_weight_of_a_voter_and_of_who_is_in_a_group_are_fine() {
        let settings = json!({ "group.1": "1:2:3:9", "weight.9": 0, "weight.2": 2 });
        holds(&RULE, json!({ "zookeeper": { "settings": settings } }));
    }
}
