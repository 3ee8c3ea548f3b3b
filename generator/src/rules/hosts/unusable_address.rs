//! A host has addresses at which others reach it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::rules::hosts::addresses::{no_machine, of_hosts, unreachable};
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K106",
        severity: Error,
        title: "unreachable address",
        why: "Each server binds its host's address and tells it to the others. Nobody can connect to 0.0.0.0 or ::. \
              A loopback address leads back to the machine that connects. Multicast and broadcast addresses do not \
              stand for one machine (RFC 6890). A link-local address of IPv6 works only with the name of an \
              interface (RFC 4007), which differs from host to host.",
        help: "write the address at which the other hosts reach this machine",
    },
    check,
};

/// A host's own name must not stand there, or its servers bind where nobody reaches them.
const EMPTY: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)), IpAddr::V6(Ipv6Addr::LOCALHOST)];

fn check(draft: &Draft<'_>, found: &mut Found) {
    for written in of_hosts(draft) {
        let (host, address) = (written.host, written.address);
        let Some(reason) = unreachable(address) else { continue };
        let problem = found.problem(format!("{host} cannot be reached at {address}, which {reason}"));
        found.add(problem.at(written.pointer, "this address"));
    }
    for (name, address) in &draft.spec.names {
        let at = pointer(["names", name]);
        let told = |reason| found.problem(format!("`{name}` cannot be at {address}, which {reason}"));
        if let Some(reason) = no_machine(*address) {
            found.add(told(reason).at(at, "this address"));
        } else if EMPTY.contains(&address.0) {
            let problem = told("stays without names in `/etc/hosts`: NixOS gives it the host's own");
            found.add(problem.at(at, "this address").help("write 127.0.0.1 for the host itself"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn an_address_that_is_no_machines_is_refused_for_a_host() {
        for address in [
            "0.0.0.0",
            "::",
            "127.0.0.2",
            "::1",
            "224.0.0.1",
            "ff02::1",
            "255.255.255.255",
            "fe80::1",
            "::ffff:127.0.0.1",
        ] {
            breaks(&RULE, json!({ "hosts": { "a": { "address": address } } }));
            breaks(&RULE, json!({ "hosts": { "a": { "addresses": { "other": address } } } }));
        }
    }

    #[test]
    fn a_further_name_may_be_this_machine_but_not_no_machine() {
        holds(&RULE, json!({ "names": { "here.example.org": "127.0.0.1", "v6.here": "fe80::1" } }));
        breaks(&RULE, json!({ "names": { "lost": "127.0.0.2" } }));
        breaks(&RULE, json!({ "names": { "lost": "::1" } }));
        let problem = breaks(&RULE, json!({ "names": { "sink": "0.0.0.0" } }));
        assert!(problem.title.starts_with("`sink` cannot be at 0.0.0.0"), "{}", problem.title);
    }

    #[test]
    fn public_and_private_addresses_are_usable() {
        for address in ["192.168.0.1", "203.0.113.9", "fd00::1", "2001:db8::1", "100.64.0.1"] {
            holds(&RULE, json!({ "hosts": { "a": { "address": address } } }));
        }
    }
}
