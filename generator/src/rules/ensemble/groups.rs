//! Groups and weights from which quorums can be counted.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K214",
        severity: Error,
        title: "no quorum can be counted with these groups and weights",
        why: "As soon as one `group.N` or `weight.N` is set, ZooKeeper counts hierarchical quorums: more than half \
              of the weight in more than half of the groups. It does not start where a voter is in no group or in \
              two, where a group names a server that neither votes nor has a weight, or where an id or a weight is \
              not a number (a blank beside it is enough). If no group has any weight, it never elects a leader. \
              With negative weights two quorums may have no server in common (QuorumPeerConfig.java, \
              QuorumHierarchical.java).",
        help: "name every voter's id in one `group.N`, with colons between the ids",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for gap in &draft.gaps {
        let Gap::NoQuorum(fault) = gap else { continue };
        let mut problem = found.problem(&*fault.title).help(&*fault.help);
        problem.labels.clone_from(&fault.labels);
        found.add(problem);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, says};
    use super::RULE;
    use serde_json::{Value, json};

    fn settings(settings: &Value) -> Value {
        json!({ "zookeeper": { "settings": settings } })
    }

    fn title(of: &Value) -> String {
        breaks(&RULE, settings(of)).title
    }

    #[test]
    fn a_voter_in_no_group_or_in_two_is_refused() {
        assert_eq!(says(&RULE, settings(&json!({ "weight.1": 3 }))).len(), 3);
        assert_eq!(title(&json!({ "group.1": "1:2" })), "server 3 (`c`) is in no group");
        assert_eq!(title(&json!({ "group.1": "1:2:3", "group.2": "3" })), "server 3 (`c`) is in two groups");
        assert_eq!(title(&json!({ "group.1": "1:2:3:3" })), "server 3 (`c`) is in two groups");
    }

    #[test]
    fn a_server_that_does_not_vote_in_a_group_is_refused() {
        let stranger = breaks(&RULE, settings(&json!({ "group.1": "1:2:3:9" })));
        assert_eq!(stranger.title, "a group names server 9, which has no vote");
        assert!(stranger.labels[0].text.contains("NullPointerException"));
        let dead = breaks(&RULE, settings(&json!({ "group.1": "1:2:3:9", "weight.9": 1 })));
        assert!(dead.labels[0].text.contains("never votes"));
        let mut observer = settings(&json!({ "group.1": "1:2:3" }));
        observer["zookeeper"]["hosts"] = json!({ "a": {}, "b": {}, "c": { "observer": true } });
        assert_eq!(breaks(&RULE, observer).title, "a group names server 3, which has no vote");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        assert_eq!(title(&json!({ "group.1": "1: 2:3" })), "`group.1`: \" 2\" is not a server id");
        assert_eq!(title(&json!({ "group.1": "1:2:3 " })), "`group.1`: \"3 \" is not a server id");
        assert_eq!(title(&json!({ "group.1": ":1:2:3" })), "`group.1`: \"\" is not a server id");
        assert_eq!(title(&json!({ "group.1": "1::2:3" })), "`group.1`: \"\" is not a server id");
        assert_eq!(title(&json!({ "group.1": "1:2:3", "group.2": "" })), "`group.2`: \"\" is not a server id");
        assert_eq!(title(&json!({ "group.1": "1:2:3", "group.2": ":" })), "`group.2`: \"\" is not a server id");
        assert_eq!(title(&json!({ "group.1": "1,2,3" })), "`group.1`: \"1,2,3\" is not a server id");
        holds(&RULE, json!({ "zookeeper": { "settings": { "group.1": [1, 2, 3] } } }));
        for key in ["group.x", "group", "group1", "groups", "group.1.2"] {
            assert_eq!(title(&json!({ key: "1:2:3" })), format!("`{key}` names no group by a number"));
        }
        let groups = |weight: &Value| {
            let mut all = json!({ "group.1": "1:2:3" });
            all.as_object_mut().unwrap().extend(weight.as_object().unwrap().clone());
            title(&all)
        };
        assert_eq!(groups(&json!({ "weight.1": "x" })), "`weight.1`: \"x\" is not a number");
        assert_eq!(groups(&json!({ "weight.1": "2 " })), "`weight.1`: \"2 \" is not a number");
        assert_eq!(groups(&json!({ "weight.1": 0.5 })), "`weight.1`: \"0.5\" is not a number");
        assert_eq!(groups(&json!({ "weight.a": 1 })), "`weight.a` names no server by its id");
        assert_eq!(groups(&json!({ "weights": 1 })), "`weights` names no server by its id");
    }

    #[test]
    fn weights_that_elect_nobody_or_two_leaders_are_refused() {
        let weights = |a: i64, b: i64, c: i64| {
            title(&json!({ "group.1": "1:2:3", "weight.1": a, "weight.2": b, "weight.3": c }))
        };
        assert_eq!(weights(0, 0, 0), "no group has any weight");
        assert_eq!(weights(-1, 1, 1), "`weight.1` is negative");
        assert_eq!(weights(i64::MAX, 1, 0), "the weights of a group are too large");
    }

    #[test]
    fn one_name_of_a_group_or_a_server_in_two_spellings_is_refused() {
        assert_eq!(title(&json!({ "group.1": "1:2", "group.01": "3" })), "group 1 is there twice");
        let twice = json!({ "group.1": "1:2:3", "weight.1": 2, "weight.01": 1 });
        assert_eq!(title(&twice), "server 1 has two weights");
    }

    #[test]
    fn what_zookeeper_counts_is_fine() {
        for fine in [
            json!({ "group.1": "1:2", "group.2": "3", "weight.3": 2 }),
            json!({ "group.1": "1:2:3:", "group.7": null }),
            json!({ "group.1": "1", "group.2": "2", "group.3": 3, "weight.3": 0 }),
            json!({ "group.-1": "+1:02:3" }),
            // of no weight, nor missed
            json!({ "group.1": "1:2:3:9", "weight.9": 0 }),
            json!({ "oraclePath": "/run/oracle", "group.1": "1" }),
            json!({}),
        ] {
            holds(&RULE, settings(&fine));
        }
    }
}
