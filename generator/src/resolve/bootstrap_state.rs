//! Whether each server may still form the ensemble: its `state`. What the lock knows of the ensemble
//! stands before what the spec says for all; what the spec says of one server stands before both.

use super::{Choice, Draft, Role, defaults};
use crate::cluster::{Model, Origin, Sourced};
use crate::lock::Lock;
use crate::problem::pointer;
use crate::quorum::Meeting;
use crate::spec::{ServerSpec, State};

/// Gives every server its state, once all of them are known.
pub(super) fn resolve(draft: &mut Draft<'_>) {
    let spec = draft.spec;
    let learns = draft.lock.is_some_and(|lock| newcomers_learn(lock, &draft.cluster));
    let none = ServerSpec::default();
    for machine in &mut draft.cluster.hosts {
        let Some(server) = &mut machine.zookeeper else { continue };
        let locked = draft.lock.and_then(|lock| lock.zookeeper.get(&machine.name));
        server.joined = locked.map_or(learns, |locked| locked.joined);
        let listed = spec.zookeeper.hosts.as_ref().and_then(|hosts| hosts.get(&machine.name));
        let own = listed.unwrap_or(&none).state;
        let choice = Choice { role: Role::ZooKeeper, host: &machine.name };
        let reason = defaults::STATE_REASON;
        server.state = if server.joined && own.is_none() {
            // One that comes now is not in it yet.
            let knows = locked.filter(|locked| locked.joined);
            let at = knows
                .map_or_else(|| "/zookeeper".into(), |_| pointer(["zookeeper", &machine.name, "joined"]));
            Sourced::new(State::Existing, Origin::Lock(at))
        } else {
            choice.of("state", own, spec.zookeeper.state, State::default(), reason)
        };
    }
}

/// Whether servers that are new to an ensemble wait until they have synced before they vote. Not
/// where nobody of the old one is left, and not where those that are left are no quorum by
/// themselves (one server becomes two), as long as voting on nothing is safe: nothing could form.
fn newcomers_learn(lock: &Lock, cluster: &Model) -> bool {
    let (old, new) = (lock.electorate(), cluster.electorate());
    let kept = |id: i64| old.voters.contains(&id);
    new.has_quorum(kept) || (new.voters.iter().any(|id| kept(*id)) && old.meets(&new) != Meeting::Always)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::resolve;
    use crate::spec::read::read;
    use serde_json::{Value, json};

    /// Host → state and origin, for an ensemble of these hosts after the lock of another one.
    fn states(zookeeper: &Value, lock: Option<&Lock>) -> (Vec<(String, State, Origin)>, Lock) {
        let hosts: serde_json::Map<_, _> = (1..=5)
            .zip('a'..='e')
            .map(|(n, name)| (name.to_string(), json!({ "address": format!("10.0.0.{n}") })))
            .collect();
        let text = json!({ "hosts": hosts, "zookeeper": zookeeper }).to_string();
        let spec = read(text.as_bytes()).spec.unwrap();
        let draft = resolve(&spec, lock);
        let states = draft
            .cluster
            .servers()
            .map(|(host, server)| (host.name.clone(), server.state.value, server.state.origin.clone()))
            .collect();
        (states, Lock::of(&draft.cluster, lock))
    }

    fn servers(names: &str) -> Value {
        let hosts: serde_json::Map<_, _> = names.chars().map(|name| (name.to_string(), json!({}))).collect();
        json!({ "hosts": hosts })
    }

    fn existing(states: &[(String, State, Origin)]) -> String {
        states
            .iter()
            .filter(|(_, state, _)| *state == State::Existing)
            .map(|(name, ..)| name.as_str())
            .collect()
    }

    /// Which servers of each ensemble, one generation after the other, are `existing`.
    fn history(ensembles: &[&str]) -> Vec<String> {
        let mut lock = None;
        let mut seen = Vec::new();
        for names in ensembles {
            let (states, next) = states(&servers(names), lock.as_ref());
            seen.push(existing(&states));
            lock = Some(next);
        }
        seen
    }

    #[test]
    fn a_member_that_comes_to_an_ensemble_learns_then_and_later() {
        assert_eq!(history(&["abc", "abc", "abcd", "abcde", "bcde"]), ["", "", "d", "de", "de"]);
        assert_eq!(history(&["abc", "ab", "abc"]), ["", "", "c"]);
    }

    #[test]
    fn who_is_needed_for_a_majority_votes_at_once_where_that_is_safe() {
        assert_eq!(history(&["a", "ab", "abc"]), ["", "", "c"]);
        assert_eq!(history(&["ab", "abcd"]), ["", ""]);
        // refused by a rule; where it is accepted, nothing forms, and nothing is lost
        assert_eq!(history(&["a", "abc"]), ["", "bc"]);
        // nobody is left who could remember anything
        assert_eq!(history(&["ab", "cde"]), ["", ""]);
    }

    #[test]
    fn an_observer_that_comes_later_learns_and_stays_so_as_a_voter() {
        let with = |observer: bool| {
            let mut zookeeper = servers("abcd");
            zookeeper["hosts"]["d"] = json!({ "observer": observer });
            zookeeper
        };
        let (_, lock) = states(&servers("abc"), None);
        let (observes, lock) = states(&with(true), Some(&lock));
        assert_eq!(existing(&observes), "d");
        assert_eq!(existing(&states(&with(false), Some(&lock)).0), "d");
    }

    #[test]
    fn a_servers_own_word_stands_before_the_lock_and_the_lock_before_that_for_all() {
        let (_, lock) = states(&servers("ab"), None);
        let mut zookeeper = servers("abc");
        zookeeper["state"] = json!("new");
        zookeeper["hosts"]["b"] = json!({ "state": "existing" });
        let (said, lock) = states(&zookeeper, Some(&lock));
        assert_eq!(existing(&said), "bc");
        assert_eq!(said[0].2, Origin::Spec("/zookeeper/state".into()));
        assert_eq!(said[1].2, Origin::Spec("/zookeeper/hosts/b/state".into()));
        assert_eq!(said[2].2, Origin::Lock("/zookeeper".into()));
        zookeeper["hosts"]["c"] = json!({ "state": "new" });
        let (said, lock) = states(&zookeeper, Some(&lock));
        assert_eq!(existing(&said), "b");
        // the lock remembers what was, not what the spec said of it
        assert_eq!(existing(&states(&servers("abc"), Some(&lock)).0), "c");
    }
}
