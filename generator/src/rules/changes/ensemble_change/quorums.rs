//! What K704 says where groups or weights make the quorums.

use crate::rules::prelude::*;
use crate::rules::message::{at_all, unless_meant};
use super::{Change, RULE};
use crate::lock::Lock;
use crate::problem::Problem;
use crate::quorum::{Electorate, Ids, Meeting};

pub(super) fn other(
    draft: &Draft<'_>,
    change: &Change<'_>,
    (old, new): (&Electorate, &Electorate),
    meeting: &Meeting,
    found: &Found,
) -> Problem {
    let ids = |ids: &Ids| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(":");
    let title = match meeting {
        Meeting::Apart(Some((before, after))) => format!(
            "what is a quorum changes too much at once: servers {} were one, and {} are one without any of them",
            ids(before),
            ids(after)
        ),
        _ => format!(
            "what is a quorum changes, and {} voters are too many to compare every old one with every new one",
            old.voters.len()
        ),
    };
    let settings = draft.cluster.ensemble().counting(draft.cluster.voters().next().map(|(_, first)| first));
    let places: Vec<_> = settings.values().filter_map(|setting| setting.pointer()).collect();
    let problem = found.problem(title);
    let problem = if old.rule == new.rule {
        problem
    } else if places.is_empty() {
        problem.at("/zookeeper", "groups and weights are gone")
    } else {
        at_all(problem, places, "quorums are counted another way than before", "here, too")
    };
    let mut problem = change.places(draft, problem);
    if problem.labels.is_empty() {
        problem = problem.at("/zookeeper", "this ensemble");
    }
    problem.help(unless_meant(&way_between(old, new, change.is_none(), draft.lock), RULE.diagnostic.code))
}

/// A generation between the two whose quorums meet those of both, where there is one.
fn way_between(old: &Electorate, new: &Electorate, same_voters: bool, lock: Option<&Lock>) -> String {
    let kept = if lock.is_some_and(Lock::is_of_before) && old.rule.is_majority() && !new.rule.is_majority() {
        "the lock is of before groups and weights were kept: where these are as they were, nothing is lost. Else "
    } else {
        ""
    };
    let way = match old.between(new) {
        Some(between) => {
            let rule = between.rule.settings();
            let rule = if rule.is_empty() { "no group and no weight".to_owned() } else { rule };
            let voters = match (same_voters, between.voters == old.voters) {
                (true, _) => "",
                (false, true) => " for the voters of the last generation",
                (false, false) => " for the voters of this one",
            };
            format!(
                "first generate with {rule}{voters}, and once every server runs with that, make this change: each \
                 of its quorums meets all of both"
            )
        }
        None => "keep the quorums as they are. To change them all the same, stop all that writes, and let every \
                 server be in sync before one of them is switched"
            .to_owned(),
    };
    format!("{kept}{way}")
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{lock_of, one, patched, says_after, says_of};
    use super::*;
    use serde_json::{Map, Value, json};

    /// Of three hosts, those with these names.
    fn voters(names: &str) -> Value {
        let servers: Map<_, _> = names.chars().map(|name| (name.to_string(), json!({}))).collect();
        json!({ "zookeeper": { "hosts": servers } })
    }

    /// Nine voters that count like this.
    fn nine(settings: &Value) -> Value {
        let hosts: Map<_, _> = (1..=9)
            .zip('a'..='i')
            .map(|(n, name)| (name.to_string(), json!({ "address": format!("10.0.0.{n}") })))
            .collect();
        json!({ "hosts": hosts, "zookeeper": { "settings": settings } })
    }

    fn groups(one: &str, two: &str, three: &str) -> Value {
        nine(&json!({ "group.1": one, "group.2": two, "group.3": three }))
    }

    #[test]
    fn groups_that_come_and_groups_that_change_are_refused_with_a_way_between() {
        let (rows, columns) = (groups("1:2:3", "4:5:6", "7:8:9"), groups("1:4:7", "2:5:8", "3:6:9"));
        let between = nine(&json!({ "group.1": "1:2:3:4", "group.2": "5:6:7:8:9" }));
        let states = [nine(&json!({})), rows, columns];
        for (before, after) in [(0, 1), (1, 2), (2, 1), (1, 0)] {
            let (before, after) = (states[before].clone(), states[after].clone());
            let problem = one(says_after(&RULE, before.clone(), after.clone()));
            assert!(problem.title.starts_with("what is a quorum changes too much at once: servers "));
            assert!(problem.help.starts_with(
                r#"first generate with `"group.1": "1:2:3:4"` and `"group.2": "5:6:7:8:9"`, and once"#
            ));
            // and that is a way
            assert_eq!(says_after(&RULE, before, between.clone()), []);
            assert_eq!(says_after(&RULE, between.clone(), after), []);
        }
    }

    #[test]
    fn the_title_names_two_quorums_without_a_common_server() {
        let weight = json!({ "zookeeper": { "settings": { "group.1": "1:2:3", "weight.1": 3 } } });
        let problem = one(says_after(&RULE, json!({}), weight.clone()));
        assert!(problem.title.ends_with("servers 2:3 were one, and 1 are one without any of them"));
        assert!(problem.help.starts_with("keep the quorums as they are"), "{}", problem.help);
        let back = one(says_after(&RULE, weight, json!({})));
        assert_eq!(back.labels[0].text, "groups and weights are gone");
    }

    #[test]
    fn other_groups_with_the_same_quorums_are_fine() {
        let group = |more: Value| {
            let mut spec = json!({ "zookeeper": { "settings": { "group.1": "1:2:3" } } });
            spec["zookeeper"]["settings"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            spec
        };
        let weighted = group(json!({ "weight.1": 2, "weight.2": 2, "weight.3": 2 }));
        for pair in [
            [json!({}), group(json!({}))],
            [group(json!({})), json!({})],
            [group(json!({})), weighted.clone()],
            [weighted.clone(), weighted],
        ] {
            let [before, after] = pair;
            assert_eq!(says_after(&RULE, before, after), []);
        }
    }

    #[test]
    fn groups_in_the_settings_of_each_host_are_seen_as_well() {
        let own = |weight: i64| {
            let settings = json!({ "settings": { "group.1": "1:2:3", "weight.1": weight } });
            json!({ "zookeeper": { "hosts": { "a": settings, "b": settings, "c": settings } } })
        };
        one(says_after(&RULE, json!({}), own(3)));
        assert_eq!(says_after(&RULE, own(3), own(5)), []);
        one(says_after(&RULE, own(3), json!({})));
    }

    #[test]
    fn an_oracle_lets_either_of_two_decide_alone() {
        let oracle = |names: &str| {
            let mut spec = voters(names);
            spec["zookeeper"]["settings"] = json!({ "oraclePath": "/run/oracle" });
            spec
        };
        assert_eq!(says_after(&RULE, voters("ab"), voters("abc")), []);
        one(says_after(&RULE, oracle("ab"), voters("abc")));
        one(says_after(&RULE, voters("abc"), oracle("ab")));
        assert_eq!(says_after(&RULE, voters("ab"), oracle("ab")), []);
    }

    #[test]
    fn a_lock_of_before_quorums_were_kept_means_majorities_and_the_help_says_so() {
        let groups = groups("1:2:3", "4:5:6", "7:8:9");
        let before = serde_json::from_str::<Value>(&lock_of(groups.clone()).text()).map(|mut lock| {
            lock.as_object_mut().unwrap().remove("quorum");
            for server in lock["zookeeper"].as_object_mut().unwrap().values_mut() {
                server.as_object_mut().unwrap().remove("address");
                server.as_object_mut().unwrap().remove("ports");
            }
            lock
        });
        let before = Lock::read(before.unwrap().to_string().as_bytes()).unwrap();
        let problem = one(says_of(&RULE, &patched(groups), Some(&before)));
        assert!(problem.help.starts_with("the lock is of before groups and weights were kept: where these"));
        assert_eq!(says_of(&RULE, &patched(nine(&json!({}))), Some(&before)), []);
    }
}
