//! Not everybody may reach ZooKeeper.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K115",
        severity: Warning,
        title: "everybody may reach ZooKeeper or the metrics",
        why: "Whoever reaches ZooKeeper's client port can delete what the brokers keep there, and with it every \
              topic: ZooKeeper does not authenticate clients. `0.0.0.0/0` and `::/0` are everybody.",
        help: "name the networks of those who need it, like `\"10.9.0.0/24\"`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let firewall = &draft.spec.firewall;
    let monitoring = firewall.monitoring.iter().map(|monitoring| ("/firewall/monitoring/from", &monitoring.from));
    let lists = [("/firewall/admin", &firewall.admin), ("/zookeeper/from", &draft.spec.zookeeper.from)];
    for (at, networks) in lists.into_iter().chain(monitoring) {
        for (index, network) in networks.iter().enumerate().filter(|(_, network)| network.0.prefix_len() == 0) {
            let problem = found.problem(format!("`{network}` is every address"));
            found.add(problem.at(format!("{at}/{index}"), "this is everybody"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_network_of_all_addresses_is_warned_of() {
        breaks(&RULE, json!({ "firewall": { "admin": ["0.0.0.0/0"] } }));
        breaks(&RULE, json!({ "firewall": { "monitoring": { "from": ["10.0.0.0/8", "::/0"] } } }));
        breaks(&RULE, json!({ "zookeeper": { "from": ["::/0"] } }));
    }

    #[test]
    fn networks_of_somebody_are_fine() {
        holds(&RULE, json!({ "firewall": { "admin": ["10.9.0.0/24"] }, "zookeeper": { "from": ["10.0.0.0/8"] } }));
    }
}
