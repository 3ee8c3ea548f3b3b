//! A listener is bound where it is meant to be.

use crate::rules::message::at_all;
use crate::rules::prelude::*;
use crate::spec::Bind;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K329",
        severity: Warning,
        title: "a listener is bound to every address of its host",
        why: "With `\"bind\": \"all\"` every network card of the host takes connections for the listener, those that \
              come later, too, and its port is taken at every address. The firewall opens the port at every address \
              and still to the `from` of the listener alone, and so does the unit; where another firewall guards the \
              host, or none, whoever reaches any of its networks reaches the listener. Clients are told what it \
              advertises, whatever address they came by.",
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
