//! An address is that of one host in one network.

use std::collections::BTreeMap;

use crate::rules::hosts::addresses::{Written, of_hosts, unreachable};
use crate::rules::prelude::*;
use crate::rules::message::{and, at_all};
use crate::spec::Address;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K105",
        severity: Error,
        title: "duplicate address",
        why: "Servers find each other by address alone. Of two hosts with one address, the others reach only one. \
              Where a host has one address in two networks, a listener of the second network is open in the first \
              one, too.",
        help: "give each host its own address in each network",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut places: BTreeMap<Address, Vec<Written<'_>>> = BTreeMap::new();
    for written in of_hosts(draft) {
        places.entry(written.address).or_default().push(written);
    }
    // What is not an address of a host is refused as such.
    let twice =
        places.into_iter().filter(|(address, places)| places.len() > 1 && unreachable(*address).is_none());
    for (address, mut places) in twice {
        let mut hosts: Vec<_> = places.iter().map(|written| written.host).collect();
        hosts.dedup();
        let title = match hosts.as_slice() {
            [host] => format!("{host} has {address} in two networks"),
            _ => format!("{address} is the address of {}", and(&hosts)),
        };
        // The second one is more often the slip, so it is the place to change.
        places.swap(0, 1);
        let places = places.into_iter().map(|written| written.pointer);
        found.add(at_all(found.problem(title), places, "the same address again", "also here"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use crate::problem::Place;
    use serde_json::json;

    #[test]
    fn two_hosts_at_one_address_are_refused_however_it_is_written() {
        let problem = breaks(&RULE, json!({ "hosts": { "b": { "address": "::ffff:10.0.0.1" } } }));
        assert_eq!(problem.title, "10.0.0.1 is the address of a and b");
        assert_eq!(problem.labels[0].place, Place::Pointer("/hosts/b/address".into()));
    }

    #[test]
    fn all_hosts_at_one_address_are_one_problem() {
        let problem = breaks(
            &RULE,
            json!({ "hosts": { "b": { "address": "10.0.0.1" }, "c": { "address": "10.0.0.1" } } }),
        );
        assert_eq!(problem.labels.len(), 3);
    }

    #[test]
    fn one_host_with_an_address_in_two_networks_is_refused() {
        let hosts = json!({ "a": { "addresses": { "other": "10.0.0.1" } } });
        let problem = breaks(&RULE, json!({ "hosts": hosts }));
        assert_eq!(problem.title, "a has 10.0.0.1 in two networks");
    }

    #[test]
    fn neighbours_and_further_names_at_a_hosts_address_are_fine() {
        holds(&RULE, json!({ "hosts": { "a": { "addresses": { "other": "fd00::1" } } } }));
        holds(&RULE, json!({ "names": { "a.example.org": "10.0.0.1" } }));
    }

    #[test]
    fn an_address_that_is_none_is_left_to_its_own_rule() {
        holds(&RULE, json!({ "hosts": { "a": { "address": "0.0.0.0" }, "b": { "address": "0.0.0.0" } } }));
    }
}
