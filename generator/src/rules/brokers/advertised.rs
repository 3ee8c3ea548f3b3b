//! What a listener advertises is what clients connect to.

use std::collections::BTreeSet;

use crate::rules::hosts::addresses::unreachable;
use crate::rules::hosts::names::{is_localhost, name_fault};
use crate::rules::prelude::*;
use crate::spec::Address;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K306",
        severity: Error,
        title: "a listener advertises an address that clients cannot connect to",
        why: "A client takes the advertised host and port from the first broker that it asks and connects there. \
              Brokers find each other in the same way. `localhost` is the client's own machine. Where the host is \
              empty, Kafka takes what the broker's machine calls itself, which on NixOS is a loopback name. Kafka \
              reads only letters, digits, `-`, `_`, `.` and addresses (EndPoint).",
        help: "advertise a name or an address at which clients reach this broker; `{host}` stands for its name",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut reported = BTreeSet::new();
    for (host, broker) in draft.cluster.brokers() {
        for listener in &broker.listeners {
            let advertised = &listener.advertised_host;
            // Where nothing is written, the bound address is advertised; others look after that.
            if let Some(place) = advertised.pointer()
                && let Some(fault) = fault(&advertised.value)
                && reported.insert(place)
            {
                let value = &advertised.value;
                let problem = found.problem(format!(
                    "listener {} of {} advertises `{value}`, and nobody can connect to that: {fault}",
                    listener.name, host.name
                ));
                let problem = problem.at(place, "advertised");
                found.add(match way_out(value) {
                    Some(help) => problem.help(help),
                    None => problem,
                });
            }
        }
    }
}

/// Why nobody can connect to a host, if so.
pub(in crate::rules) fn fault(host: &str) -> Option<String> {
    if let Ok(address) = host.parse::<Address>() {
        return unreachable(address).map(|reason| format!("it {reason}"));
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    if is_localhost(name) {
        return Some("it is the client's own machine".to_owned());
    }
    if host.contains(['{', '}']) {
        return Some("`{host}` is the only placeholder".to_owned());
    }
    // No host name by RFC 1123, but one that resolvers and Kafka take.
    name_fault(&name.replace('_', "u"))
}

/// What was meant, where that can be seen.
fn way_out(host: &str) -> Option<String> {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Some(bare) = bare.filter(|bare| bare.parse::<Address>().is_ok()) {
        return Some(format!("write `{bare}`, without the brackets"));
    }
    let (host, port) = host.rsplit_once(':')?;
    let port = port.parse::<u16>().ok().filter(|_| fault(host).is_none())?;
    Some(format!("write {port} as the `port` beside `host`, and `host` without it"))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn host(host: &str) -> Value {
        json!({ "kafka": { "listeners": { "PLAINTEXT": { "advertised": { "host": host } } } } })
    }

    #[test]
    fn what_nobody_can_connect_to_is_refused_once_for_all_brokers() {
        for (value, fault) in [
            ("", "it is empty"),
            ("localhost", "own machine"),
            ("Kafka.LOCALHOST.", "own machine"),
            ("0.0.0.0", "every address"),
            ("::1", "the machine itself"),
            ("fe80::1", "link-local"),
            ("10.0.0.300", "ends in a number"),
            ("{name}.example.org", "only placeholder"),
            ("{host}/x", "it holds '/'"),
        ] {
            let title = breaks(&RULE, host(value)).title;
            assert!(title.contains(fault), "{title}");
        }
    }

    #[test]
    fn a_name_a_placeholder_and_an_address_can_be_advertised() {
        for value in ["{host}", "{host}.kafka.example.org.", "kafka_1", "203.0.113.7", "2001:db8::1"] {
            holds(&RULE, host(value));
        }
    }

    #[test]
    fn a_port_and_brackets_have_no_place_in_the_host() {
        assert_eq!(breaks(&RULE, host("[fd00::1]")).help, "write `fd00::1`, without the brackets");
        assert!(breaks(&RULE, host("{host}:9093")).help.starts_with("write 9093 as the `port`"));
    }

    #[test]
    fn what_one_host_advertises_is_wrong_at_that_host() {
        let own = json!({ "PLAINTEXT": { "advertised": { "host": "localhost" } } });
        let problem = breaks(&RULE, json!({ "kafka": { "hosts": { "b": { "listeners": own } } } }));
        assert!(problem.title.starts_with("listener PLAINTEXT of b advertises"), "{}", problem.title);
    }
}
