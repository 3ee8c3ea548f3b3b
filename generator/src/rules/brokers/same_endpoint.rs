//! What a broker advertises leads to that broker.

use std::collections::{BTreeMap, BTreeSet};

use crate::rules::brokers::advertised::fault;
use crate::rules::prelude::*;
use crate::rules::message::{and, at_all};
use crate::cluster::{Listener, Host};
use crate::spec::Address;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K307",
        severity: Error,
        title: "two listeners advertise the same address and port",
        why: "Clients connect to the leader of each partition, so each broker needs an endpoint of its own. A broker \
              exits where another one has registered one of its advertised endpoints (KafkaServer, \
              `createBrokerInfo`), so a load balancer in front of all cannot be advertised.",
        help: "put `{host}` into the advertised name, or give each broker its own `advertised` in \
               `kafka.hosts.<host>.listeners`",
    },
    check,
};

type Seen<'a> = (&'a Host, &'a Listener, &'a str);

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut endpoints: BTreeMap<(String, u16), Vec<Seen<'_>>> = BTreeMap::new();
    for (host, broker) in draft.cluster.brokers() {
        for listener in &broker.listeners {
            let endpoint = (canonical(&listener.advertised_host.value), listener.advertised_port.value);
            let place = listener.pointer.as_deref().unwrap_or(&broker.pointer);
            endpoints.entry(endpoint).or_default().push((host, listener, place));
        }
    }
    for ((host, port), seen) in endpoints.iter().filter(|(_, seen)| one_for_several(seen)) {
        // Other rules speak of what nobody can reach, and of what is bound twice.
        if *port == 0 || fault(host).is_some() || !seen.iter().any(|seen| written(seen).is_some()) {
            continue;
        }
        let brokers: BTreeSet<_> = seen.iter().map(|(machine, ..)| &machine.name).collect();
        let who = if brokers.len() > 1 {
            and(brokers)
        } else {
            format!("{} of {}", and(seen.iter().map(|(_, listener, _)| &listener.name)), and(brokers))
        };
        let problem = found.problem(format!("{who} advertise the same `{host}`, port {port}"));
        let mut places: Vec<_> = seen.iter().map(|seen| (written(seen).is_none(), place(seen))).collect();
        places.sort_by_key(|(default, _)| *default);
        places.dedup();
        found.add(at_all(problem, places.into_iter().map(|(_, place)| place), "advertised here", "and here"));
    }
}

/// Two listeners of one broker on different addresses may share a name that each network resolves
/// to the one that it can reach; two brokers never.
fn one_for_several(seen: &[Seen<'_>]) -> bool {
    let [(first, listener, _), others @ ..] = seen else { return false };
    let elsewhere = |(machine, ..): &Seen<'_>| machine.name != first.name;
    if others.iter().any(elsewhere) {
        return true;
    }
    let bound: BTreeSet<_> = seen.iter().map(|(_, listener, _)| listener.address.value).collect();
    !others.is_empty() && (is_address(&listener.advertised_host.value) || bound.len() < seen.len())
}

fn is_address(host: &str) -> bool {
    host.parse::<Address>().is_ok()
}

fn canonical(host: &str) -> String {
    match host.parse::<Address>() {
        Ok(address) => address.to_string(),
        Err(_) => host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase(),
    }
}

fn written<'a>((_, listener, _): &Seen<'a>) -> Option<&'a str> {
    listener.advertised_host.pointer().or(listener.advertised_port.pointer())
}

fn place<'a>(seen: &Seen<'a>) -> &'a str {
    written(seen).unwrap_or(seen.2)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn advertised(host: &str) -> Value {
        json!({ "kafka": { "listeners": { "PLAINTEXT": { "advertised": { "host": host } } } } })
    }

    #[test]
    fn one_name_for_all_brokers_is_refused_once() {
        let problem = breaks(&RULE, advertised("kafka.example.org"));
        assert_eq!(problem.title, "a, b and c advertise the same `kafka.example.org`, port 9092");
        assert_eq!(problem.labels.len(), 1);
    }

    #[test]
    fn a_name_in_two_spellings_and_the_address_of_another_broker_are_found() {
        let own = |host: &str| json!({ "listeners": { "PLAINTEXT": { "advertised": { "host": host } } } });
        let two = json!({ "a": own("Kafka.example.org"), "b": own("kafka.example.org.") });
        breaks(&RULE, json!({ "kafka": { "hosts": two } }));
        let problem = breaks(&RULE, json!({ "kafka": { "hosts": { "a": own("10.0.0.2"), "b": {} } } }));
        assert_eq!(problem.labels.len(), 2);
    }

    #[test]
    fn each_broker_by_its_name_or_its_port_is_told_apart() {
        holds(&RULE, advertised("{host}.example.org"));
        let own = |port: u16| {
            let advertised = json!({ "host": "lb", "port": port });
            json!({ "listeners": { "PLAINTEXT": { "advertised": advertised } } })
        };
        holds(&RULE, json!({ "kafka": { "hosts": { "a": own(9001), "b": own(9002) } } }));
    }

    #[test]
    fn two_listeners_of_one_broker_share_a_name_only_across_networks() {
        let listener = |port: u16, network: &str| {
            let advertised = json!({ "host": "{host}", "port": 443 });
            json!({ "port": port, "network": network, "advertised": advertised })
        };
        let spec = |network: &str| {
            let (inner, outer) = (listener(1, "default"), listener(2, network));
            let two = json!({ "PLAINTEXT": null, "IN": inner, "OUT": outer });
            let host = json!({ "addresses": { "public": "203.0.113.1" } });
            json!({ "hosts": { "a": host, "b": null, "c": null }, "kafka": { "listeners": two } })
        };
        holds(&RULE, spec("public"));
        let problem = breaks(&RULE, spec("default"));
        assert_eq!(problem.title, "IN and OUT of a advertise the same `a`, port 443");
    }

    #[test]
    fn what_nobody_can_reach_is_not_reported_again() {
        holds(&RULE, advertised("localhost"));
    }
}
