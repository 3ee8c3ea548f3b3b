//! A server's id is its own.

use std::collections::BTreeMap;

use crate::rules::prelude::*;
use crate::rules::message::{MOST, and};
use crate::cluster::Origin;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K202",
        severity: Error,
        title: "duplicate ZooKeeper server id (myid)",
        why: "The ensemble is the list of `server.<id>` lines: of two servers with one id, only one would be in it. \
              Two machines with one id could also vote twice in the same election.",
        help: "give each server an id of its own, or leave ids out and get free ones",
    },
    check,
};

struct Holder<'a> {
    host: &'a str,
    at: String,
    written: bool,
    text: String,
}

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut holders: BTreeMap<i64, Vec<Holder<'_>>> = BTreeMap::new();
    for (id, holder) in written(draft).chain(given(draft)) {
        holders.entry(id).or_default().push(holder);
    }
    for (id, mut holders) in holders.into_iter().filter(|(_, holders)| holders.len() > 1) {
        let names = and(holders.iter().map(|holder| holder.host));
        // The place to change is a written one, and of those the later.
        holders.reverse();
        holders.sort_by_key(|holder| !holder.written);
        let problem = found.problem(format!("server id {id} is given to {names}"));
        let holders = holders.into_iter().take(MOST);
        found.add(holders.fold(problem, |problem, holder| problem.at(holder.at, holder.text)));
    }
}

/// Ids in the spec, those of members that cannot serve for another reason too.
fn written<'a>(draft: &'a Draft<'_>) -> impl Iterator<Item = (i64, Holder<'a>)> {
    let zookeeper = &draft.spec.zookeeper;
    let hosts = zookeeper.hosts.iter().filter(|_| zookeeper.connect.is_none()).flatten();
    hosts.filter_map(|(host, server)| {
        let at = pointer(["zookeeper", "hosts", host, "id"]);
        Some((server.id?, Holder { host, at, written: true, text: format!("{host}'s id") }))
    })
}

fn given<'a>(draft: &'a Draft<'_>) -> impl Iterator<Item = (i64, Holder<'a>)> {
    let given = draft.cluster.servers().filter(|(_, server)| server.id.pointer().is_none());
    given.map(|(host, server)| {
        let host = &*host.name;
        let text = match server.id.origin {
            Origin::Lock(_) => format!("{host} has this id from the last generation"),
            _ => format!("{host} gets this id"),
        };
        (server.id.value, Holder { host, at: server.pointer.clone(), written: false, text })
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, one, says_after};
    use super::RULE;
    use crate::problem::Place;
    use serde_json::json;

    #[test]
    fn two_servers_with_one_id_are_refused() {
        let hosts = json!({ "a": { "id": 3 }, "b": { "id": 1 }, "c": { "id": 3 } });
        let problem = breaks(&RULE, json!({ "zookeeper": { "hosts": hosts } }));
        assert_eq!(problem.title, "server id 3 is given to a and c");
        assert_eq!(problem.labels[0].place, Place::Pointer("/zookeeper/hosts/c/id".into()));
    }

    #[test]
    fn an_id_that_another_has_from_the_last_generation_is_not_free() {
        let before = json!({ "zookeeper": { "hosts": { "a": {} } } });
        let after = json!({ "zookeeper": { "hosts": { "a": {}, "b": { "id": 1 } } } });
        let problem = one(says_after(&RULE, before, after));
        assert_eq!(problem.labels[0].place, Place::Pointer("/zookeeper/hosts/b/id".into()));
        assert_eq!(problem.labels[1].text, "a has this id from the last generation");
    }

    #[test]
    fn ids_that_kafnix_gives_are_free_ones() {
        holds(&RULE, json!({ "zookeeper": { "hosts": { "a": {}, "b": { "id": 1 }, "c": {} } } }));
    }
}
