//! A name stands for one machine.

use std::collections::BTreeMap;

use crate::rules::hosts::names::is_localhost;
use crate::rules::prelude::*;
use crate::problem::Problem;
use crate::spec::Address;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K104",
        severity: Error,
        title: "duplicate host name",
        why: "Resolvers ignore the case of names (RFC 4343). All names of the spec go into one `/etc/hosts`, and a \
              name that stands there twice resolves to either address. `localhost` means the machine itself on \
              every machine (RFC 6761, section 6.3).",
        help: "give each machine a name of its own",
    },
    check,
};

struct Named {
    name: String,
    pointer: String,
    address: Option<Address>,
    is_host: bool,
}

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut first: BTreeMap<String, Named> = BTreeMap::new();
    for named in every_name(draft) {
        let folded = named.name.to_ascii_lowercase();
        if is_localhost(&folded) {
            let title = format!("`{}` is every machine's own name", named.name);
            found.add(found.problem(title).at_key(named.pointer, "this name"));
        } else if let Some(before) = first.get(&folded) {
            if let Some(problem) = twice(found, before, &named) {
                found.add(problem);
            }
        } else {
            first.insert(folded, named);
        }
    }
}

/// In the order of the file, which says what came first.
fn every_name(draft: &Draft<'_>) -> impl Iterator<Item = Named> {
    let hosts = draft.spec.hosts.keys().filter_map(|name| draft.cluster.host(name));
    let hosts = hosts.flat_map(|host| {
        let address = host.address_in(&draft.cluster.default_network.value);
        let pointer = pointer(["hosts", &host.name]);
        let names = std::iter::once(host.name.clone()).chain(host.full_name());
        names.map(move |name| Named { name, pointer: pointer.clone(), address, is_host: true })
    });
    hosts.chain(draft.spec.names.iter().map(|(name, address)| Named {
        name: name.clone(),
        pointer: pointer(["names", name]),
        address: Some(*address),
        is_host: false,
    }))
}

fn twice(found: &Found, before: &Named, again: &Named) -> Option<Problem> {
    let name = &again.name;
    if before.name != *name {
        let title = format!("`{name}` and `{}` are one name: case makes no difference", before.name);
        let problem = found.problem(title).at_key(&*again.pointer, "this name");
        return Some(problem.at_key(&*before.pointer, "the other one"));
    }
    // What only repeats the host's own line does no harm; a host without any address has a rule of its own.
    let (host, further) = (before.address.filter(|_| before.is_host)?, again.address?);
    (host != further).then(|| {
        found
            .problem(format!("`{name}` is the host at {host} and a further name of {further}"))
            .at(&*again.pointer, "another address than the host's")
            .at_key(&*before.pointer, format!("the host, at {host}"))
            .help("take it out of `names`, where hosts need not stand, or rename it")
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn names_that_differ_only_in_case_are_one() {
        let problem = breaks(&RULE, json!({ "hosts": { "A": { "address": "10.0.0.9" } } }));
        assert_eq!(problem.title, "`A` and `a` are one name: case makes no difference");
        breaks(&RULE, json!({ "names": { "A": "10.0.0.1" } }));
        breaks(&RULE, json!({ "names": { "x.org": "10.0.0.8", "X.org": "10.0.0.9" } }));
    }

    #[test]
    fn a_further_name_is_no_host_at_another_address() {
        let problem = breaks(&RULE, json!({ "names": { "a": "10.0.0.9" } }));
        assert_eq!(problem.title, "`a` is the host at 10.0.0.1 and a further name of 10.0.0.9");
    }

    #[test]
    fn a_full_name_is_a_name_of_its_host() {
        let spec = |address: &str| json!({ "domain": "example.org", "names": { "A.example.org": address } });
        assert!(breaks(&RULE, spec("10.0.0.1")).title.ends_with("case makes no difference"));
        let spec = |address: &str| json!({ "domain": "example.org", "names": { "a.example.org": address } });
        let problem = breaks(&RULE, spec("10.0.0.9"));
        assert_eq!(problem.title, "`a.example.org` is the host at 10.0.0.1 and a further name of 10.0.0.9");
        holds(&RULE, spec("10.0.0.1"));
        breaks(&RULE, json!({ "hosts": { "a": { "domain": "localhost" } } }));
    }

    #[test]
    fn localhost_is_nobody_elses_name() {
        breaks(&RULE, json!({ "hosts": { "localhost": { "address": "10.0.0.9" } } }));
        breaks(&RULE, json!({ "names": { "db.LocalHost": "127.0.0.1" } }));
        breaks(&RULE, json!({ "names": { "localhost.localdomain": "10.0.0.9" } }));
    }

    #[test]
    fn a_further_name_that_repeats_a_host_or_is_its_own_does_no_harm() {
        holds(&RULE, json!({ "names": { "a": "10.0.0.1", "a.example.org": "10.0.0.1", "d": "10.0.0.1" } }));
    }
}
