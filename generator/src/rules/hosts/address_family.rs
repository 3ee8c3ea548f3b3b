//! Those who must reach each other have addresses of one family.

use std::collections::BTreeMap;

use crate::rules::prelude::*;
use crate::rules::message::at_all;
use crate::spec::Address;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K117",
        severity: Error,
        title: "members that must reach each other have addresses of different families (IPv4, IPv6)",
        why: "From an IPv4 address a host connects to IPv4 addresses only, and from an IPv6 address to IPv6 \
              addresses only. A server of the ensemble that has an address of the other family is in no quorum; a \
              broker that has one replicates nothing. The firewall has no rule that could let it in.",
        help: "give all of them an address of one family in that network",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let cluster = &draft.cluster;
    let servers: Vec<_> =
        cluster.servers().map(|(host, server)| (host.name.as_str(), server.address.value)).collect();
    split("the ensemble", &servers, found);
    let between = cluster.kafka.as_ref().map(|kafka| kafka.inter_broker_listener.value.as_str());
    let brokers: Vec<_> = cluster
        .brokers()
        .filter_map(|(host, broker)| {
            let listener = broker.listeners.iter().find(|listener| Some(listener.name.as_str()) == between);
            Some((host.name.as_str(), listener?.address.value))
        })
        .collect();
    split("the brokers", &brokers, found);
    let Some((_, server)) = cluster.servers().next() else { return };
    let strangers = cluster.brokers().filter(|(host, _)| {
        let from = host.address_in(&server.network.value);
        from.is_some_and(|from| from.0.is_ipv4() != server.address.value.0.is_ipv4())
    });
    let strangers: Vec<_> = strangers.map(|(host, _)| pointer(["hosts", &host.name])).collect();
    if !strangers.is_empty() {
        let title = format!("brokers cannot reach ZooKeeper at addresses like {}", server.address.value);
        let text = "it has no address of that family in the network of the ensemble";
        found.add(at_all(found.problem(title), strangers, text, "nor has this one"));
    }
}

/// One problem where there are both families, at those of the rarer one.
fn split(what: &str, members: &[(&str, Address)], found: &mut Found) {
    let mut families: BTreeMap<bool, Vec<&str>> = BTreeMap::new();
    for (host, address) in members {
        families.entry(address.0.is_ipv4()).or_default().push(host);
    }
    let (Some(four), Some(six)) = (families.get(&true), families.get(&false)) else { return };
    let (rare, family) = if four.len() < six.len() { (four, "IPv4") } else { (six, "IPv6") };
    let hosts = rare.iter().map(|host| pointer(["hosts", host]));
    let problem = found.problem(format!("{what} cannot meet: some have IPv4 addresses and some IPv6 ones"));
    found.add(at_all(problem, hosts, &format!("its address there is {family}"), "and this one's"));
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, says};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn two_families_in_one_ensemble_and_among_brokers_are_refused() {
        let problems = says(&RULE, json!({ "hosts": { "b": { "address": "fd00::2" } } }));
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems.iter().all(|problem| problem.labels.len() == 1));
    }

    #[test]
    fn brokers_that_cannot_reach_the_ensemble_are_refused() {
        let six = json!({ "b": { "address": "fd00::2" }, "c": { "address": "fd00::3" } });
        let (zookeeper, kafka) = (json!({ "hosts": { "a": {} } }), json!({ "hosts": { "b": {}, "c": {} } }));
        let apart = json!({ "hosts": six, "zookeeper": zookeeper, "kafka": kafka });
        assert_eq!(breaks(&RULE, apart).labels.len(), 2);
    }

    #[test]
    fn one_family_is_fine_whichever() {
        holds(&RULE, json!({}));
        let six = |last: u8| json!({ "address": format!("fd00::{last}") });
        holds(&RULE, json!({ "hosts": { "a": six(1), "b": six(2), "c": six(3) } }));
    }
}
