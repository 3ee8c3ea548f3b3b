//! An ensemble changes so slowly that it never forgets.

mod quorums;

use crate::rules::changes::id_moved;
use crate::rules::prelude::*;
use crate::rules::ensemble::voters;
use crate::rules::message::{and, at_all, plural, unless_meant};
use crate::cluster::{Host, Server};
use crate::lock::Lock;
use crate::problem::Problem;
use crate::quorum::Meeting;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K704",
        severity: Error,
        title: "the ensemble changes too much at once",
        why: "A write that ZooKeeper has acknowledged is on a quorum of its voters, and perhaps on no other server. If \
              a quorum of the new ensemble has no server in common with some quorum of the old one, it can elect a \
              leader that lacks acknowledged writes, and the others then discard theirs. By default a quorum is a \
              majority, n/2 + 1 of n voters (integer division; observers do not count). New voters have no data, so \
              what is left of the smallest majority of m voters without them must meet every old majority: m/2 + 1 - \
              new >= n - n/2. Adding or removing one voter always satisfies this; going from one to three or from \
              three to five, or replacing one of three, does not. Groups, weights and an oracle (`group.N`, \
              `weight.N`, `oraclePath`) make other quorums; the lock keeps them and every old quorum is compared with \
              every new one, as long as at most 16 voters stay. An older lock, which does not hold them, means \
              majorities.",
        help: "change one server in a generation; `kafnix generate --accept K704` takes the change once, on \
               purpose. Its new servers then have the `state` `existing`: they vote once they have synced. An \
               ensemble that never ran has nothing to lose: delete `hosts/lock.json`, and it starts anew",
    },
    check,
};

/// A step longer than these is told by its number only.
const MOST_STEPS: usize = 6;

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(lock) = draft.lock else { return };
    if let Some(problem) = other_ensemble(draft, lock, found) {
        found.add(problem);
        return;
    }
    let Some((old, new)) = voters::of_both(draft) else { return };
    match old.meets(&new) {
        Meeting::Always => {}
        Meeting::Apart(_) if old.rule == new.rule && old.rule.is_majority() => {
            let change = Change::of(draft, lock);
            found.add(other_voters(draft, lock, &change, found).follows(change.is_of_ids(draft)));
        }
        meeting => {
            let change = Change::of(draft, lock);
            let problem = quorums::other(draft, &change, (&old, &new), &meeting, found);
            // A change of how votes are counted is told in any case.
            found.add(problem.follows(change.is_of_ids(draft).filter(|_| old.rule == new.rule)));
        }
    }
}

/// Who votes now and did not, and the reverse.
struct Change<'a> {
    fresh: Vec<(&'a Host, &'a Server)>,
    gone: Vec<&'a str>,
}

impl<'a> Change<'a> {
    fn of(draft: &'a Draft<'_>, lock: &'a Lock) -> Self {
        let (old, new) = (lock.electorate().voters, draft.cluster.electorate().voters);
        let mut fresh: Vec<_> =
            draft.cluster.voters().filter(|(_, server)| !old.contains(&server.id.value)).collect();
        fresh.sort_by_key(|(_, server)| server.id.value);
        let gone = lock.zookeeper.iter().filter(|(_, server)| !server.observer && !new.contains(&server.id));
        let mut gone: Vec<_> = gone.collect();
        gone.sort_by_key(|(_, server)| server.id);
        Self { fresh, gone: gone.into_iter().map(|(name, _)| name.as_str()).collect() }
    }

    /// The code that tells already that ids move, where nothing else changes.
    fn is_of_ids(&self, draft: &Draft<'_>) -> Option<&'static str> {
        let fresh = self.fresh.iter().map(|(host, _)| host.name.as_str());
        id_moved::tells_of(draft, fresh.chain(self.gone.iter().copied()))
    }

    fn is_none(&self) -> bool {
        self.fresh.is_empty() && self.gone.is_empty()
    }

    /// At the places of the servers that are new, and of the list from which others are gone.
    fn places(&self, draft: &Draft<'_>, problem: Problem) -> Problem {
        let fresh = self.fresh.iter().map(|(_, server)| server.pointer.as_str());
        let problem = at_all(problem, fresh, "had no vote so far", "nor this one");
        let list = if draft.spec.zookeeper.hosts.is_some() { "/zookeeper/hosts" } else { "/hosts" };
        match self.gone.as_slice() {
            [] => problem,
            gone => problem.at(list, format!("{} voted in the last generation", names(gone))),
        }
    }
}

/// Votes are counted by majorities before and after.
fn other_voters(draft: &Draft<'_>, lock: &Lock, change: &Change<'_>, found: &Found) -> Problem {
    let title = format!("the ensemble changes too much at once: {}", change.text());
    let problem = change.places(draft, found.problem(title));
    problem.help(unless_meant(&safe_way(draft, lock, change), RULE.diagnostic.code))
}

/// From servers of this spec to others, or the reverse.
fn other_ensemble(draft: &Draft<'_>, lock: &Lock, found: &Found) -> Option<Problem> {
    let external = draft.cluster.ensemble().external;
    let (before, now) = (&lock.zookeeper_connect, &draft.cluster.ensemble().connect.value);
    let title = match (lock.zookeeper.is_empty(), external) {
        (true, true) if !before.is_empty() && !now.iter().any(|server| before.contains(server)) => {
            "`connect` names none of the servers that it named before"
        }
        (false, true) => "the brokers leave the ensemble of this spec for another one",
        (true, false) if !lock.kafka.is_empty() && draft.cluster.servers().next().is_some() => {
            "the brokers leave their ensemble for one in this spec"
        }
        _ => return None,
    };
    let problem = found.problem(format!("{title}: all metadata stays behind"));
    let problem = if external {
        problem.at("/zookeeper/connect", "servers that the last generation did not know")
    } else {
        problem.at("/zookeeper", "until now `connect` named the servers")
    };
    let safe = "grow the ensemble that there is over the new servers, one at a time. Where these are the same \
                servers under the same ids, nothing is lost";
    Some(problem.help(unless_meant(safe, RULE.diagnostic.code)))
}

fn names(names: &[&str]) -> String {
    and(names.iter().map(|name| format!("`{name}`")))
}

impl Change<'_> {
    fn text(&self) -> String {
        let (renumbered, fresh, gone) = self.by_kind();
        let hosts = match (fresh.as_slice(), gone.as_slice()) {
            ([], []) => None,
            ([], gone) => Some(format!("it loses {}", names(gone))),
            (fresh, []) => Some(format!("it gains {}", names(fresh))),
            (fresh, gone) => Some(format!("{} instead of {}", names(fresh), names(gone))),
        };
        let ids = (!renumbered.is_empty()).then(|| {
            format!("{} {}", names(&renumbered), plural(renumbered.len(), "gets another id", "get other ids"))
        });
        ids.into_iter().chain(hosts).collect::<Vec<_>>().join(", and ")
    }

    /// Hosts that vote under another id, those that are new, and those that are gone.
    fn by_kind(&self) -> (Vec<&str>, Vec<&str>, Vec<&str>) {
        let fresh = self.fresh.iter().map(|(host, _)| host.name.as_str());
        let (renumbered, fresh): (Vec<_>, Vec<_>) = fresh.partition(|name| self.gone.contains(name));
        let gone = self.gone.iter().copied().filter(|name| !renumbered.contains(name)).collect();
        (renumbered, fresh, gone)
    }
}

/// Joining before leaving keeps the number of servers that may fail; a dead one only costs votes.
fn safe_way(draft: &Draft<'_>, lock: &Lock, change: &Change<'_>) -> String {
    let (renumbered, fresh, gone) = change.by_kind();
    let number = change.fresh.len() + change.gone.len();
    let way = if number > MOST_STEPS {
        format!("in {number} generations")
    } else {
        let again = renumbered.iter().flat_map(|name| {
            [format!("take `{name}` away"), format!("add `{name}` under its new id, with empty directories")]
        });
        let join = fresh.iter().map(|name| joins(lock, name));
        let leave = gone.iter().map(|name| leaves(draft, name));
        again.chain(join).chain(leave).collect::<Vec<_>>().join(", then ")
    };
    let dead = if fresh.is_empty() || gone.is_empty() { "" } else { " (one that is dead leaves first)" };
    format!(
        "change one server in a generation: {way}{dead}; a new one joins as a learner, and the next step waits \
         until it has synced"
    )
}

fn joins(lock: &Lock, name: &str) -> String {
    match lock.zookeeper.get(name) {
        Some(server) if server.observer => format!("let `{name}` vote"),
        _ => format!("add `{name}`"),
    }
}

fn leaves(draft: &Draft<'_>, name: &str) -> String {
    if draft.cluster.servers().any(|(host, server)| host.name == name && server.observer.value) {
        format!("make `{name}` an observer")
    } else {
        format!("take `{name}` away")
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{one, says_after};
    use super::*;
    use serde_json::{Map, Value, json};

    /// Seven hosts, of which those with these names vote.
    fn voters(names: &str) -> Value {
        let hosts: Map<_, _> = (1..=7)
            .zip('a'..='g')
            .map(|(n, name)| (name.to_string(), json!({ "address": format!("10.0.0.{n}") })))
            .collect();
        let servers: Map<_, _> = names.chars().map(|name| (name.to_string(), json!({}))).collect();
        json!({ "hosts": hosts, "zookeeper": { "hosts": servers } })
    }

    fn problems(before: &str, after: &str) -> Vec<Problem> {
        says_after(&RULE, voters(before), voters(after))
    }

    #[test]
    fn one_step_at_a_time_is_fine() {
        let steps = ["a", "ab", "abc", "abcd", "abcde", "abce", "abe", "be", "b"];
        for pair in steps.windows(2) {
            assert_eq!(problems(pair[0], pair[1]), [], "{pair:?}");
        }
    }

    #[test]
    fn two_more_two_fewer_or_one_replaced_of_three_is_refused_with_the_steps() {
        let help = |before, after| one(problems(before, after)).help;
        assert!(help("a", "abc").contains("add `b`, then add `c`; a new one joins as a learner"));
        assert!(help("abc", "abcde").contains("add `d`, then add `e`;"));
        assert!(help("abcde", "abc").contains("take `d` away, then take `e` away;"));
        let replaced = one(problems("abc", "abd"));
        assert!(replaced.title.ends_with("`d` instead of `c`"));
        assert!(replaced.help.contains("add `d`, then take `c` away (one that is dead leaves first)"));
        assert_eq!(replaced.labels.len(), 2);
    }

    #[test]
    fn a_server_under_another_id_is_not_told_as_one_that_takes_its_own_place() {
        let other = |more: &str| {
            let mut spec = voters("abc");
            spec["zookeeper"]["hosts"]["a"] = json!({ "id": 7 });
            more.chars().for_each(|name| spec["zookeeper"]["hosts"][name.to_string()] = json!({}));
            spec
        };
        let problem = one(says_after(&RULE, voters("abc"), other("")));
        assert!(problem.title.ends_with(": `a` gets another id"), "{}", problem.title);
        assert!(problem.help.contains("take `a` away, then add `a` under its new id"), "{}", problem.help);
        let problem = one(says_after(&RULE, voters("abc"), other("d")));
        assert!(problem.title.ends_with(": `a` gets another id, and it gains `d`"), "{}", problem.title);
    }

    #[test]
    fn an_observer_does_not_count_until_it_votes() {
        let observers = |names: &str| {
            let mut spec = voters("abcde");
            for name in names.chars() {
                spec["zookeeper"]["hosts"][name.to_string()] = json!({ "observer": true });
            }
            spec
        };
        assert_eq!(says_after(&RULE, voters("abc"), observers("de")), []);
        assert_eq!(says_after(&RULE, observers("de"), observers("e")), []);
        let promoted = one(says_after(&RULE, observers("de"), voters("abcde")));
        assert!(promoted.help.contains("let `d` vote, then let `e` vote;"));
        let demoted = one(says_after(&RULE, voters("abcde"), observers("de")));
        assert!(demoted.help.contains("make `d` an observer, then make `e` an observer;"));
    }

    #[test]
    fn another_ensemble_is_a_change_of_all_servers() {
        let external = json!({ "zookeeper": { "connect": ["zk.example:2181"] } });
        assert!(
            one(says_after(&RULE, json!({}), external.clone())).title.starts_with("the brokers leave the")
        );
        assert!(one(says_after(&RULE, external.clone(), json!({}))).title.contains("for one in this spec"));
        assert_eq!(says_after(&RULE, external.clone(), external), []);
    }

    #[test]
    fn an_outer_ensemble_may_change_a_server_and_not_all_of_them() {
        let outer = |servers: [&str; 2]| json!({ "zookeeper": { "dataDir": null, "connect": servers } });
        let before = outer(["zk1:2181", "zk2:2181"]);
        one(says_after(&RULE, before.clone(), outer(["zk3:2181", "zk4:2181"])));
        assert_eq!(says_after(&RULE, before, outer(["zk2:2181", "zk3:2181"])), []);
    }
}
