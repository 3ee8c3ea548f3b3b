//! ZooKeeper listens where it is meant to.

use crate::rules::message::at_all;
use crate::rules::prelude::*;
use crate::spec::Bind;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K224",
        severity: Warning,
        title: "ZooKeeper listens at every address of its host",
        why: "With `\"bind\": \"all\"` ZooKeeper accepts connections at every address of the host, those of network \
              cards that are added later included, and no other process can bind its ports. kafnix's firewall and the \
              unit still let in only those who need it. Without that firewall, whoever reaches any network of the host \
              reaches ZooKeeper, which does not authenticate clients.",
        help: "take `bind` out: the servers then bind their addresses in `network`",
    },
    check,
};

const FIRST: &str =
    "every network card takes connections; the firewall and the unit still let in its clients and peers alone";

fn check(draft: &Draft<'_>, found: &mut Found) {
    let zookeeper = &draft.spec.zookeeper;
    if zookeeper.connect.is_some() {
        return;
    }
    let all = zookeeper.bind.map(|bind| (bind, "/zookeeper/bind".to_owned()));
    let own = zookeeper.hosts.iter().flatten();
    let own = own.filter_map(|(host, own)| Some((own.bind?, pointer(["zookeeper", "hosts", host, "bind"]))));
    let places = all.into_iter().chain(own).filter(|(bind, _)| *bind == Bind::All).map(|(_, at)| at);
    let problem = at_all(found.problem(RULE.diagnostic.title), places, FIRST, "here, too");
    if !problem.labels.is_empty() {
        found.add(problem);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{breaks, holds};
    use serde_json::json;

    #[test]
    fn all_addresses_are_warned_of_once() {
        let own = json!({ "a": { "bind": "all" }, "b": { "bind": "address" } });
        let problem = breaks(&RULE, json!({ "zookeeper": { "bind": "all", "hosts": own } }));
        assert_eq!(problem.labels.len(), 2);
    }

    #[test]
    fn one_address_is_fine() {
        holds(&RULE, json!({}));
        holds(&RULE, json!({ "zookeeper": { "bind": "address" } }));
    }
}
