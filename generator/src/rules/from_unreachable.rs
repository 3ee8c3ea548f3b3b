//! Brokers may reach the listener on which they replicate.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::prelude::*;
use super::words::{and, at_all, plural};
use crate::cluster::Machine;
use crate::spec::{Cidr, Reach};

pub static RULE: Rule = Rule {
    page: Page {
        code: "K318",
        severity: Error,
        title: "brokers may not reach the listener that is between brokers",
        why: "Every broker fetches from the others, and the controller tells them what to do, over \
              `inter.broker.listener.name`. `from` says who may reach it; a broker whose addresses are in none \
              of these networks would replicate nothing behind a firewall that follows it.",
        help: "use `\"from\": \"brokers\"` on a listener for brokers alone, or add their addresses to `from`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(kafka) = &draft.cluster.kafka else { return };
    let name = &kafka.inter_broker_listener.value;
    let listener = draft.spec.kafka.listeners.as_ref().and_then(|all| all.get(name));
    let Some(Reach::Networks(networks)) = listener.and_then(|listener| listener.from.as_ref()) else {
        return;
    };
    // An empty list is told by a rule of its own, and a single broker has no other to reach.
    if networks.is_empty() || draft.cluster.brokers().nth(1).is_none() {
        return;
    }
    let allowed = Allowed::new(networks);
    let outside: Vec<_> = draft
        .cluster
        .brokers()
        .map(|(host, _)| host)
        .filter(|host| !host.addresses.is_empty() && !allowed.any_of(host))
        .collect();
    if outside.is_empty() {
        return;
    }
    let names = and(outside.iter().map(|host| &host.name));
    let have = plural(outside.len(), "has", "have");
    let problem = found.problem(format!("{names} may not reach {name} of the other brokers")).at(
        pointer(["kafka", "listeners", name, "from"]),
        format!("{names} {have} no address in these networks"),
    );
    let hosts = outside.iter().map(|host| pointer(["hosts", &host.name]));
    found.add(at_all(problem, hosts, "outside of them", "outside, too"));
}

/// The networks, single addresses apart: a list may name every broker of a thousand.
struct Allowed<'a> {
    addresses: BTreeSet<IpAddr>,
    networks: Vec<&'a Cidr>,
}

impl<'a> Allowed<'a> {
    fn new(from: &'a [Cidr]) -> Self {
        let (single, networks): (Vec<&Cidr>, _) =
            from.iter().partition(|network| network.0.prefix_len() == network.0.max_prefix_len());
        Self { addresses: single.into_iter().map(|network| network.0.addr()).collect(), networks }
    }

    fn any_of(&self, host: &Machine) -> bool {
        host.addresses.values().any(|address| {
            self.addresses.contains(&address.0)
                || self.networks.iter().any(|network| network.0.contains(&address.0))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn from(from: &Value) -> Value {
        json!({ "kafka": { "listeners": { "PLAINTEXT": { "from": from } } } })
    }

    #[test]
    fn brokers_outside_of_all_networks_are_refused_together() {
        let problem = breaks(&RULE, from(&json!(["10.0.0.1", "192.168.0.0/16"])));
        assert_eq!(problem.title, "b and c may not reach PLAINTEXT of the other brokers");
        assert_eq!(problem.labels.len(), 3);
    }

    #[test]
    fn networks_that_hold_every_broker_are_fine() {
        holds(&RULE, from(&json!(["10.0.0.0/30"])));
        holds(&RULE, from(&json!(["10.0.0.1", "10.0.0.2", "10.0.0.3"])));
        holds(&RULE, from(&json!("brokers")));
    }

    #[test]
    fn a_second_address_of_a_broker_is_enough() {
        let mut spec = from(&json!(["10.0.0.0/31", "203.0.113.0/24"]));
        let also = |address: &str| json!({ "addresses": { "public": address } });
        spec["hosts"] = json!({ "b": also("203.0.113.2"), "c": also("203.0.113.3") });
        holds(&RULE, spec);
    }

    #[test]
    fn a_listener_for_clients_need_not_hold_the_brokers() {
        let listeners = json!({ "OUTSIDE": { "port": 9094, "from": ["192.0.2.0/24"] } });
        holds(&RULE, json!({ "kafka": { "interBrokerListener": "PLAINTEXT", "listeners": listeners } }));
        let mut alone = from(&json!(["192.0.2.0/24"]));
        alone["kafka"]["hosts"] = json!({ "a": {} });
        holds(&RULE, alone);
    }
}
