//! A server's id is one that ZooKeeper can keep in a session's id.

use super::prelude::*;
use crate::cluster::Server;

pub static RULE: Rule = Rule {
    page: Page {
        code: "K201",
        severity: Error,
        title: "a server's id is out of range",
        why: "The id (`myid`) is the first byte of every session that the server opens, so it is 1 to 255, and \
              1 to 254 with `extendedTypesEnabled`, which takes one for itself (ZooKeeper's administrator's \
              guide, Clustered Setup; such a server does not start).",
        help: "write an id from 1 to 255",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let zookeeper = &draft.cluster.zookeeper;
    let most = |server: &Server| {
        let extended = zookeeper.setting(server, "extendedTypesEnabled");
        if extended.is_some_and(|setting| setting.value.is_true()) { 254 } else { 255 }
    };
    let out = draft.cluster.servers().filter(|(_, server)| !(1..=most(server)).contains(&server.id.value));
    let (written, given): (Vec<_>, Vec<_>) = out.partition(|(_, server)| server.id.pointer().is_some());
    for (host, server) in written {
        let (id, most) = (server.id.value, most(server));
        let problem = found
            .problem(format!("{}'s server id is {id}; ids are 1 to {most}", host.name))
            .at(server.id.pointer().unwrap_or(&server.pointer), "this id");
        found.add(match id {
            255 => problem.help("write an id from 1 to 254, or leave `extendedTypesEnabled` out"),
            _ => problem.help(format!("write an id from 1 to {most}, or leave it out and get a free one")),
        });
    }
    // Ids that nobody wrote run out when there are too many members: that is one fact.
    if let Some((host, server)) = given.first() {
        let (id, most) = (server.id.value, most(server));
        let servers = draft.cluster.servers().count();
        let title = format!("{} would be server {id} of {servers}; ids are 1 to {most}", host.name);
        let help = "name the members in `zookeeper.hosts`: three, five or seven are an ensemble";
        found.add(found.problem(title).at(&*server.pointer, "a member of the ensemble").help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn with_id(id: i64, settings: &Value) -> Value {
        json!({ "zookeeper": { "hosts": { "a": { "id": id } }, "settings": settings } })
    }

    #[test]
    fn ids_are_1_to_255() {
        for id in [0, -1, 256, i64::MAX] {
            let problem = breaks(&RULE, with_id(id, &json!({})));
            assert_eq!(problem.title, format!("a's server id is {id}; ids are 1 to 255"));
        }
        holds(&RULE, with_id(1, &json!({})));
        holds(&RULE, with_id(255, &json!({})));
    }

    #[test]
    fn extended_types_take_the_last_id() {
        let problem = breaks(&RULE, with_id(255, &json!({ "extendedTypesEnabled": true })));
        assert!(problem.help.contains("leave `extendedTypesEnabled` out"));
        holds(&RULE, with_id(255, &json!({ "extendedTypesEnabled": "false" })));
        holds(&RULE, with_id(254, &json!({ "extendedTypesEnabled": true })));
    }

    #[test]
    fn more_members_than_ids_are_one_problem() {
        let host = |number: usize| {
            let address = format!("10.1.{}.{}", number / 256, number % 256);
            (format!("h{number}"), json!({ "address": address }))
        };
        let hosts: serde_json::Map<_, _> = (1..=300).map(host).collect();
        let problem = breaks(&RULE, json!({ "hosts": hosts }));
        assert_eq!(problem.title, "h253 would be server 256 of 303; ids are 1 to 255");
    }
}
