//! A listener is bound where it is meant to be.

use crate::rules::message::at_all;
use crate::rules::prelude::*;
use crate::spec::Bind;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K329",
        severity: Warning,
        title: "a listener is bound to every address of its host",
        why: "With `\"bind\": \"all\"` the listener accepts connections at every address of the host, those of network \
              cards that are added later included, and no other process can bind its port. kafnix's firewall and the \
              unit still let in only its `from`. Without that firewall, whoever reaches any network of the host \
              reaches the listener. Whatever address a client connected to, it is told the advertised one.",
        help: "take `bind` out: the listener is then bound to the host's address in its `network`",
    },
    check,
};

const FIRST: &str = "every network card takes connections; the firewall and the unit still let in its `from` alone";

fn check(draft: &Draft<'_>, found: &mut Found) {
    let kafka = &draft.spec.kafka;
    for (name, listener) in kafka.listeners.iter().flatten() {
        let all = listener.bind.map(|bind| (bind, pointer(["kafka", "listeners", name, "bind"])));
        let own = kafka.hosts.iter().flatten().filter_map(|(host, broker)| {
            let at = pointer(["kafka", "hosts", host, "listeners", name, "bind"]);
            Some((broker.listeners.get(name)?.bind?, at))
        });
        let places = all.into_iter().chain(own).filter(|(bind, _)| *bind == Bind::All).map(|(_, at)| at);
        let problem = found.problem(format!("{name} is bound to every address of its host"));
        let problem = at_all(problem, places, FIRST, "here, too");
        if !problem.labels.is_empty() {
            found.add(problem);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{breaks, holds};
    use serde_json::json;

    #[test]
    fn all_addresses_of_all_brokers_or_of_one_are_warned_of() {
        let problem = breaks(&RULE, json!({ "kafka": { "listeners": { "PLAINTEXT": { "bind": "all" } } } }));
        assert_eq!(problem.title, "PLAINTEXT is bound to every address of its host");
        let own = json!({ "a": { "listeners": { "PLAINTEXT": { "bind": "all" } } } });
        breaks(&RULE, json!({ "kafka": { "hosts": own } }));
    }

    #[test]
    fn one_address_is_fine() {
        holds(&RULE, json!({ "kafka": { "listeners": { "PLAINTEXT": { "bind": "address" } } } }));
    }
}
