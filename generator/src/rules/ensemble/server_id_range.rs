//! A server's id is one that ZooKeeper can keep in a session's id.

use crate::rules::prelude::*;
use crate::spec::{ServerSpec, Setting, ZooKeeperSpec};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K201",
        severity: Error,
        title: "ZooKeeper server id (myid) out of range",
        why: "The id (`myid`) is the first byte of every session that the server opens, so it is at most 255. With \
              `extendedTypesEnabled`, ZooKeeper reserves 255 for itself, and a server with that id does not start. \
              ZooKeeper's administrator's guide (Clustered Setup) begins with 1; a server with 0, as older \
              installations have it, serves.",
        help: "write an id from 1 to 255, or the 0 that the server has",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let zookeeper = &draft.spec.zookeeper;
    if zookeeper.connect.is_some() {
        return;
    }
    for (host, server) in zookeeper.hosts.iter().flatten() {
        let most = most(zookeeper, server);
        let Some(id) = server.id.filter(|id| !(0..=most).contains(id)) else { continue };
        let problem = found
            .problem(format!("{host}'s server id is {id}; ids are 0 to {most}"))
            .at(pointer(["zookeeper", "hosts", host, "id"]), "this id");
        found.add(match id {
            255 => problem.help("write an id from 1 to 254, or leave `extendedTypesEnabled` out"),
            _ => problem.help(format!("write an id from 1 to {most}, or leave it out and get a free one")),
        });
    }
    given(draft, found);
}

/// Ids that nobody wrote run out when there are too many members: that is one fact.
fn given(draft: &Draft<'_>, found: &mut Found) {
    let zookeeper = &draft.spec.zookeeper;
    let none = ServerSpec::default();
    let own = |host: &str| zookeeper.hosts.as_ref().and_then(|hosts| hosts.get(host)).unwrap_or(&none);
    let given = draft.cluster.servers().filter(|(_, server)| server.id.pointer().is_none());
    let mut given = given.map(|(host, server)| (host, server, most(zookeeper, own(&host.name))));
    let out = given.find(|(_, server, most)| !(0..=*most).contains(&server.id.value));
    if let Some((host, server, most)) = out {
        let servers = draft.cluster.servers().count();
        let (name, id) = (&host.name, server.id.value);
        let title = format!("{name} would get server id {id}, as one of {servers}; ids are 0 to {most}");
        let help = "name the members in `zookeeper.hosts`: three, five or seven are an ensemble";
        found.add(found.problem(title).at(&*server.pointer, "a member of the ensemble").help(help));
    }
}

fn most(all: &ZooKeeperSpec, own: &ServerSpec) -> i64 {
    let key = "extendedTypesEnabled";
    let extended = own.settings.get(key).or_else(|| all.settings.get(key));
    if extended.is_some_and(Setting::is_true) { 254 } else { 255 }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, says_after};
    use super::RULE;
    use serde_json::{Value, json};

    fn with_id(id: i64, settings: &Value) -> Value {
        json!({ "zookeeper": { "hosts": { "a": { "id": id } }, "settings": settings } })
    }

    #[test]
    fn ids_are_0_to_255() {
        for id in [-1, 256, i64::MAX] {
            let problem = breaks(&RULE, with_id(id, &json!({})));
            assert_eq!(problem.title, format!("a's server id is {id}; ids are 0 to 255"));
        }
        holds(&RULE, with_id(0, &json!({})));
        holds(&RULE, with_id(1, &json!({})));
        holds(&RULE, with_id(255, &json!({})));
    }

    #[test]
    fn a_member_that_cannot_serve_for_another_reason_is_looked_at_too() {
        let hosts = json!({ "a": {}, "x": { "id": 300 } });
        breaks(&RULE, json!({ "zookeeper": { "hosts": hosts } }));
    }

    #[test]
    fn extended_types_take_the_last_id() {
        let problem = breaks(&RULE, with_id(255, &json!({ "extendedTypesEnabled": true })));
        assert!(problem.help.contains("leave `extendedTypesEnabled` out"));
        holds(&RULE, with_id(255, &json!({ "extendedTypesEnabled": "false" })));
        holds(&RULE, with_id(254, &json!({ "extendedTypesEnabled": true })));
    }

    #[test]
    fn a_server_keeps_the_0_of_the_last_generation() {
        assert_eq!(says_after(&RULE, with_id(0, &json!({})), json!({ "zookeeper": { "hosts": { "a": {} } } })), []);
    }

    #[test]
    fn more_members_than_ids_are_one_problem() {
        let host = |number: usize| {
            let address = format!("10.1.{}.{}", number / 256, number % 256);
            (format!("h{number}"), json!({ "address": address }))
        };
        let hosts: serde_json::Map<_, _> = (1..=300).map(host).collect();
        let problem = breaks(&RULE, json!({ "hosts": hosts }));
        assert_eq!(problem.title, "h253 would get server id 256, as one of 303; ids are 0 to 255");
    }
}
