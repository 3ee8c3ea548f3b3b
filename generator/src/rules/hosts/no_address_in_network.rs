//! Who serves in a network has an address there.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::rules::prelude::*;
use crate::rules::message::{and, at_all};
use crate::problem::{Problem, nearest};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K108",
        severity: Error,
        title: "a host has no address in the network in which it serves",
        why: "`zookeeper.network` and the `network` of a listener say which address of a host is bound. Where no \
              network is named, it is that of the last generation; in the first generation it is the first network \
              of the first host. A server on a host without an address in that network could bind nothing.",
        help: "add the address of each such host in that network under its `addresses`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut missing: IndexMap<&str, BTreeSet<&str>> = IndexMap::new();
    for gap in &draft.gaps {
        let Gap::NoAddress { host, network, .. } = gap else { continue };
        let machine = draft.cluster.host(host);
        // A host without any address is refused as such.
        if machine.is_some_and(|machine| !machine.addresses.is_empty()) {
            missing.entry(network).or_default().insert(host);
        }
    }
    if missing.is_empty() {
        return;
    }
    let known: BTreeSet<&str> =
        draft.cluster.hosts.iter().flat_map(|host| host.addresses.keys().map(String::as_str)).collect();
    for (network, hosts) in missing {
        let problem = if known.contains(network) {
            without(found, network, &hosts, named_at(draft, network).first(), draft.lock.is_some())
        } else {
            unknown(found, network, &known, named_at(draft, network))
        };
        found.add(problem);
    }
}

/// Some hosts are in the network and these are not.
fn without(
    found: &Found,
    network: &str,
    hosts: &BTreeSet<&str>,
    named: Option<&String>,
    locked: bool,
) -> Problem {
    let verb = if hosts.len() == 1 { "has" } else { "have" };
    let title = format!("{} {verb} no address in the network `{network}`", and(hosts));
    let places = hosts.iter().map(|host| pointer(["hosts", host]));
    let here = format!("no address in `{network}` here");
    let problem = at_all(found.problem(title), places, &here, "nor here");
    match named {
        Some(at) => problem.at(at, "this network is served"),
        None => problem.help(format!(
            "where no network is named it is `{network}`, {}: name another one with `network`, or add each host's \
             address there to its `addresses`",
            if locked { "as the lock keeps it" } else { "the first of the first host" }
        )),
    }
}

/// Nobody is in the network: its name is probably a slip.
fn unknown(found: &Found, network: &str, known: &BTreeSet<&str>, named: Vec<String>) -> Problem {
    let problem = found.problem(format!("no host has an address in the network `{network}`"));
    let problem = at_all(problem, named, "no such network", "nor here");
    match nearest(network, known.iter().copied()) {
        Some(name) => problem.help(format!("write {name}")),
        None => problem.help(format!(
            "name a network of the hosts: {}; or add `{network}` to their `addresses`",
            and(known)
        )),
    }
}

/// Where the author says that something serves in this network.
fn named_at(draft: &Draft<'_>, network: &str) -> Vec<String> {
    let is = |written: &Option<String>| written.as_deref() == Some(network);
    let (zookeeper, kafka) = (&draft.spec.zookeeper, &draft.spec.kafka);
    let ensemble = is(&zookeeper.network).then(|| pointer(["zookeeper", "network"]));
    let listeners = kafka.listeners.iter().flatten().filter(|(_, listener)| is(&listener.network));
    let overrides = kafka.hosts.iter().flatten().flat_map(|(host, broker)| {
        let own = broker.listeners.iter().filter(|(_, own)| is(&own.network));
        own.map(move |(name, _)| pointer(["kafka", "hosts", host, "listeners", name, "network"]))
    });
    ensemble
        .into_iter()
        .chain(listeners.map(|(name, _)| pointer(["kafka", "listeners", name, "network"])))
        .chain(overrides)
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, one, says_of};
    use super::RULE;
    use crate::problem::{Place, Problem};
    use serde_json::json;

    fn places(problem: &Problem) -> Vec<&str> {
        let place = |place| match place {
            &Place::Pointer(ref at) | &Place::Key(ref at) => at.as_str(),
            Place::Offset(_) => "",
        };
        problem.labels.iter().map(|label| place(&label.place)).collect()
    }

    #[test]
    fn hosts_that_are_not_in_the_network_are_one_problem() {
        let problem = breaks(
            &RULE,
            json!({ "hosts": { "a": { "addresses": { "inner": "10.1.0.1" } } },
                    "zookeeper": { "network": "inner" } }),
        );
        assert_eq!(problem.title, "b and c have no address in the network `inner`");
        assert_eq!(places(&problem), ["/hosts/b", "/hosts/c", "/zookeeper/network"]);
    }

    #[test]
    fn a_network_of_nobody_is_refused_where_it_is_named() {
        let problem =
            breaks(&RULE, json!({ "kafka": { "listeners": { "X": { "port": 1, "network": "defualt" } } } }));
        assert_eq!(problem.title, "no host has an address in the network `defualt`");
        assert_eq!(problem.help, "write `default`");
        assert_eq!(places(&problem), ["/kafka/listeners/X/network"]);
        let own = json!({ "a": { "listeners": { "PLAINTEXT": { "network": "elsewhere" } } } });
        let problem = breaks(&RULE, json!({ "kafka": { "hosts": own } }));
        assert_eq!(places(&problem), ["/kafka/hosts/a/listeners/PLAINTEXT/network"]);
    }

    #[test]
    fn a_network_that_nobody_names_is_the_first_of_the_first_host() {
        let spec = r#"{"hosts": {"a": {"addresses": {"inner": "10.0.0.1"}}, "b": {"address": "10.0.0.2"}}}"#;
        let problem = one(says_of(&RULE, spec, None));
        assert_eq!(problem.title, "b has no address in the network `inner`");
        assert!(problem.help.contains("the first of the first host"));
    }

    #[test]
    fn only_who_serves_needs_an_address_there() {
        holds(
            &RULE,
            json!({ "hosts": { "a": { "addresses": { "inner": "10.1.0.1" } } },
                    "zookeeper": { "network": "inner", "hosts": { "a": {} } } }),
        );
    }

    #[test]
    fn a_host_without_any_address_is_left_to_its_own_rule() {
        holds(&RULE, json!({ "hosts": { "d": {} } }));
    }
}
