//! A network that is let in can come in.

use crate::rules::prelude::*;
use crate::spec::{Cidr, Reach};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K118",
        severity: Warning,
        title: "a network cannot reach what it is allowed to reach",
        why: "An IPv6 address cannot connect to an IPv4 address, nor the other way round. If a listener, or \
              ZooKeeper, has no address of a network's family, nobody of that network can connect.",
        help: "name the clients' network of the other family, or bind the listener in a network that has it",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let brokers = || draft.cluster.brokers().flat_map(|(_, broker)| &broker.listeners);
    for (name, listener) in draft.spec.kafka.listeners.iter().flatten() {
        if let Some(Reach::Networks(networks)) = &listener.from {
            let bound = brokers().filter(|bound| bound.name == *name).map(|bound| bound.address.value.0.is_ipv4());
            let at = pointer(["kafka", "listeners", name, "from"]);
            dead(&at, name, networks, &bound.collect::<Vec<_>>(), found);
        }
    }
    let servers: Vec<_> = draft.cluster.servers().map(|(_, server)| server.address.value.0.is_ipv4()).collect();
    dead("/zookeeper/from", "ZooKeeper", &draft.spec.zookeeper.from, &servers, found);
    dead("/firewall/admin", "ZooKeeper", &draft.spec.firewall.admin, &servers, found);
    if let Some(monitoring) = &draft.spec.firewall.monitoring {
        let addresses = draft.cluster.hosts.iter().flat_map(|host| host.addresses.values());
        let families: Vec<_> = addresses.map(|address| address.value.0.is_ipv4()).collect();
        dead("/firewall/monitoring/from", "a host", &monitoring.from, &families, found);
    }
}

/// One problem for all networks of a list whose family nothing is bound in.
fn dead(at: &str, what: &str, networks: &[Cidr], bound: &[bool], found: &mut Found) {
    let is_dead = |network: &Cidr| !bound.is_empty() && !bound.contains(&network.0.addr().is_ipv4());
    let dead = networks.iter().enumerate().filter(|(_, network)| is_dead(network));
    let problem = found.problem(format!("nobody of these networks can reach {what}"));
    let problem = dead.fold(problem, |problem, (index, _)| {
        problem.at(format!("{at}/{index}"), "of the other family")
    });
    if !problem.labels.is_empty() {
        found.add(problem);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_network_of_the_other_family_is_warned_of() {
        let from = json!({ "from": ["10.0.0.0/24", "fd00::/8"] });
        breaks(&RULE, json!({ "kafka": { "listeners": { "PLAINTEXT": from } } }));
        breaks(&RULE, json!({ "zookeeper": { "from": ["fd00::/8"] } }));
        breaks(&RULE, json!({ "firewall": { "admin": ["fd00::/8"] } }));
        breaks(&RULE, json!({ "firewall": { "monitoring": { "from": ["fd00::/8"], "ports": [9100] } } }));
    }

    #[test]
    fn a_network_of_the_same_family_is_fine() {
        holds(&RULE, json!({ "zookeeper": { "from": ["10.7.0.0/24"] } }));
    }
}
