//! While hosts are switched one after the other, a quorum of servers finds itself.

use crate::rules::changes::{id_moved, moves};
use crate::rules::prelude::*;
use crate::rules::message::{and, unless_meant};
use crate::lock::Lock;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K711",
        severity: Error,
        title: "all ZooKeeper servers move at once",
        why: "Hosts are switched one after the other. A server with the new configuration looks for the others at \
              their new addresses and ports, with the new `sslQuorum` and `quorum.auth.*`; those with the old one \
              look for it where it was. Neither finds the other, so about half-way neither side has a quorum, and \
              the first server never comes up. The servers that stay as they are must be a quorum of the old and of \
              the new ensemble. An ensemble of one server is not affected, and an older lock, which does not hold \
              addresses and ports, is not compared.",
        help: "change a few servers in a generation",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(voters) = moves::voters(draft) else { return };
    let title = format!("{}: no quorum is left while hosts are switched", moves::told(&voters.moved));
    let problem = moves::at_places(found.problem(title), &voters.moved);
    let follows = id_moved::tells_of(draft, voters.moved.iter().map(|moved| moved.host.name.as_str()));
    found.add(problem.help(unless_meant(&safe_way(draft, &voters), RULE.diagnostic.code)).follows(follows));
}

fn safe_way(draft: &Draft<'_>, voters: &moves::Voters<'_>) -> String {
    if !voters.elsewhere {
        return walk(draft, voters);
    }
    match voters.first.as_slice() {
        [] if draft.lock.map(Lock::electorate) != Some(draft.cluster.electorate()) => {
            "change who votes in one generation, and this in another, once every host runs with the first".to_owned()
        }
        [] => "without any one of its servers this ensemble serves nobody: stop what writes, and switch all hosts \
               at once"
            .to_owned(),
        first => moves::first_alone(first, &voters.moved),
    }
}

/// Each step is another generation of all servers.
fn walk(draft: &Draft<'_>, voters: &moves::Voters<'_>) -> String {
    let before = draft.lock.and_then(|lock| lock.zookeeper.values().find(|server| !server.observer));
    let (Some(before), Some(steps)) = (before, &voters.walk) else {
        return "write these settings in `zookeeper.settings`, for all servers, and change one in a generation"
            .to_owned();
    };
    let froms = std::iter::once(&before.peering).chain(steps);
    let told = froms.zip(steps).map(|(from, to)| and(to.differences(from)));
    format!(
        "in {} generations, each once every server runs with the one before: {}",
        steps.len(),
        told.collect::<Vec<_>>().join(", then ")
    )
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{lock_of, one, patched, says_after, says_of};
    use super::{Lock, RULE};
    use serde_json::{Value, json};

    fn zookeeper(zookeeper: &Value) -> Value {
        json!({ "zookeeper": zookeeper })
    }

    /// Each of these hosts with this key.
    fn own(names: &str, key: &str, value: u16) -> Value {
        let mut hosts = json!({ "a": {}, "b": {}, "c": {} });
        for name in names.chars() {
            hosts[name.to_string()] = json!({ key: value });
        }
        zookeeper(&json!({ "hosts": hosts }))
    }

    #[test]
    fn a_port_of_all_servers_at_once_is_refused_and_one_after_the_other_is_fine() {
        for (key, name) in [("peerPort", "peer port"), ("electionPort", "election port")] {
            let problem = one(says_after(&RULE, json!({}), zookeeper(&json!({ key: 4000 }))));
            let title = format!(
                "the {name} of `a`, `b` and `c` changes: no quorum is left while hosts are switched"
            );
            assert_eq!(problem.title, title);
            assert!(problem.help.starts_with("change `a` alone in this generation"), "{}", problem.help);
            one(says_after(&RULE, json!({}), own("ac", key, 4000)));
            for (before, after) in [("", "a"), ("a", "ab"), ("ab", "abc"), ("abc", "bc")] {
                assert_eq!(says_after(&RULE, own(before, key, 4000), own(after, key, 4000)), []);
            }
        }
    }

    #[test]
    fn a_server_that_joins_while_another_moves_is_a_generation_of_its_own() {
        let mut after = own("a", "peerPort", 4000);
        after["hosts"] = json!({ "d": { "address": "10.0.0.4" } });
        after["zookeeper"]["hosts"]["d"] = json!({});
        let problem = one(says_after(&RULE, json!({}), after));
        assert!(problem.help.starts_with("change who votes in one generation"), "{}", problem.help);
    }

    #[test]
    fn addresses_and_networks_of_all_servers_at_once_are_refused() {
        let moved = |names: &str| {
            let host = |(number, name): (u8, char)| {
                let net = u8::from(names.contains(name));
                (name.to_string(), json!({ "address": format!("10.0.{net}.{number}") }))
            };
            json!({ "hosts": (1..).zip('a'..='c').map(host).collect::<serde_json::Map<_, _>>() })
        };
        let problem = one(says_after(&RULE, json!({}), moved("abc")));
        assert!(problem.title.starts_with("the address of `a`, `b` and `c` changes"), "{}", problem.title);
        assert_eq!(problem.labels.len(), 3);
        assert_eq!(says_after(&RULE, json!({}), moved("b")), []);

        let network = |network: &str| {
            let host = |n: u8| {
                json!({ "address": null, "addresses": { "x": format!("10.1.0.{n}"), "y": format!("10.2.0.{n}") } })
            };
            json!({
                "hosts": { "a": host(1), "b": host(2), "c": host(3) },
                "zookeeper": { "network": network }
            })
        };
        let problem = one(says_after(&RULE, network("x"), network("y")));
        assert_eq!(problem.labels.len(), 1, "{problem:?}");
        assert!(problem.help.contains("in `hosts.NAME.addresses`, under"), "{}", problem.help);
        let mut first = network("x");
        first["hosts"]["a"]["addresses"] = json!({ "x": "10.2.0.1" });
        assert_eq!(says_after(&RULE, network("x"), first), []);
        assert_eq!(says_after(&RULE, network("x"), network("x")), []);
    }

    #[test]
    fn the_walk_to_tls_passes_and_each_short_cut_is_refused() {
        let with = |settings: Value| zookeeper(&json!({ "settings": settings }));
        let plain = with(json!({}));
        let both = with(json!({ "portUnification": true }));
        let tls = with(json!({ "sslQuorum": true, "portUnification": true }));
        let alone = with(json!({ "sslQuorum": true }));
        let walk = [&plain, &both, &tls, &alone, &tls, &both, &plain];
        for pair in walk.windows(2) {
            assert_eq!(says_after(&RULE, pair[0].clone(), pair[1].clone()), []);
        }
        let problem = one(says_after(&RULE, plain.clone(), alone.clone()));
        let steps = "in 3 generations, each once every server runs with the one before: `portUnification` true, \
                     then `sslQuorum` true, then `portUnification` false";
        assert!(problem.help.starts_with(steps), "{}", problem.help);
        one(says_after(&RULE, plain.clone(), tls));
        one(says_after(&RULE, both, alone.clone()));
        one(says_after(&RULE, alone, plain));
    }

    #[test]
    fn sasl_among_servers_is_a_walk_of_its_own() {
        let sasl = |keys: &[&str]| {
            let keys = keys.iter().map(|key| (format!("quorum.auth.{key}"), json!(true)));
            zookeeper(&json!({ "settings": keys.collect::<serde_json::Map<_, _>>() }))
        };
        let walk: [&[&str]; 4] = [
            &[],
            &["enableSasl"],
            &["enableSasl", "learnerRequireSasl"],
            &["enableSasl", "learnerRequireSasl", "serverRequireSasl"],
        ];
        for pair in walk.windows(2) {
            assert_eq!(says_after(&RULE, sasl(pair[0]), sasl(pair[1])), []);
        }
        one(says_after(&RULE, sasl(walk[0]), sasl(walk[3])));
        one(says_after(&RULE, sasl(walk[0]), sasl(walk[2])));
        one(says_after(&RULE, sasl(walk[1]), sasl(walk[3])));
    }

    #[test]
    fn one_of_two_has_no_other_way_and_a_single_server_nobody_to_find() {
        let hosts = |hosts: Value| zookeeper(&json!({ "hosts": hosts }));
        let two = hosts(json!({ "a": {}, "b": {} }));
        let problem = one(says_after(&RULE, two, hosts(json!({ "a": {}, "b": { "peerPort": 4000 } }))));
        assert!(problem.help.starts_with("without any one of its servers"), "{}", problem.help);
        let single = hosts(json!({ "a": {} }));
        assert_eq!(says_after(&RULE, single, hosts(json!({ "a": { "peerPort": 4000 } }))), []);
    }

    #[test]
    fn observers_move_as_they_like_and_groups_decide_who_must_stay() {
        let observers = |port: u16| {
            let observer = json!({ "observer": true, "peerPort": port });
            zookeeper(&json!({ "hosts": { "a": {}, "b": observer, "c": observer } }))
        };
        assert_eq!(says_after(&RULE, observers(2888), observers(4000)), []);
        let weighted = |names: &str| {
            let mut spec = own(names, "peerPort", 4000);
            spec["zookeeper"]["settings"] = json!({ "group.1": "1:2:3", "weight.1": 3 });
            spec
        };
        assert_eq!(says_after(&RULE, weighted(""), weighted("bc")), []);
        one(says_after(&RULE, weighted(""), weighted("a")));
    }

    #[test]
    fn a_lock_of_before_says_nothing() {
        let mut old: Value = serde_json::from_str(&lock_of(json!({})).text()).unwrap();
        for server in old["zookeeper"].as_object_mut().unwrap().values_mut() {
            server.as_object_mut().unwrap().retain(|key, _| key != "address" && key != "ports");
        }
        let old = Lock::read(old.to_string().as_bytes()).unwrap();
        let moved = zookeeper(&json!({ "peerPort": 4000, "settings": { "sslQuorum": true } }));
        assert_eq!(says_of(&RULE, &patched(moved), Some(&old)), []);
    }
}
