//! An id stays with its disk.

use std::collections::BTreeMap;

use crate::rules::prelude::*;
use crate::rules::message::unless_meant;
use crate::cluster::{Host, Service};
use crate::role::Role;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K701",
        severity: Error,
        title: "an id moves to another host",
        why: "An id stands for what is on a disk. A ZooKeeper server under another id can vote twice or forget what \
              it acknowledged, and a broker under the id of another one is taken for the owner of replicas that it \
              does not have. The lock says which host has, or had, which id.",
        help: "keep the ids of the lock; `kafnix generate --accept K701` takes the change once, on purpose",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(lock) = draft.lock else { return };
    for role in Role::ALL {
        let services = draft.cluster.services().filter(|(_, service)| service.role == role);
        compare(found, role.id(), services, &lock.ids(role));
    }
}

fn compare<'a>(
    found: &mut Found,
    kind: &str,
    services: impl Iterator<Item = (&'a Host, &'a Service)>,
    locked: &BTreeMap<&str, i64>,
) {
    let holders: BTreeMap<i64, &str> = locked.iter().map(|(host, id)| (*id, *host)).collect();
    for (Host { name: host, .. }, Service { id, pointer, .. }) in services {
        let (was, now) = (locked.get(host.as_str()), id.value);
        let other = holders.get(&now).filter(|other| *other != host);
        let (title, safe) = match (was, other) {
            (Some(was), _) if *was != now => (
                format!("the {kind} id of `{host}` changes from {was} to {now}"),
                format!("write `\"id\": {was}`, or leave it out: the lock keeps it"),
            ),
            (None, Some(other)) => (
                format!("{kind} id {now} of `{host}` is that of `{other}`"),
                "leave `id` out, and the host gets the lowest one that nobody had".to_owned(),
            ),
            _ => continue,
        };
        let text = match other {
            Some(other) => format!("the lock has {now} for `{other}`"),
            None => "not what the lock has".to_owned(),
        };
        let safe = format!("{safe}. Where the disks move along with the id, it is right");
        let problem = found.problem(title).at(id.pointer().unwrap_or(pointer), text);
        found.add(problem.help(unless_meant(&safe, RULE.diagnostic.code)));
    }
}

/// The code of this rule, where it speaks of each of these ZooKeeper servers: that their ids move is all there is
/// to say of them.
pub(super) fn tells_of<'a>(
    draft: &Draft<'_>,
    hosts: impl IntoIterator<Item = &'a str>,
) -> Option<&'static str> {
    let locked = draft.lock?.ids(Role::ZooKeeper);
    let moves = |name: &str| {
        let server = draft.cluster.host(name).and_then(|host| host.zookeeper.as_ref());
        let is_held = |id: i64| locked.iter().any(|(host, held)| *host != name && *held == id);
        let moves = |id: i64| locked.get(name).map_or_else(|| is_held(id), |held| *held != id);
        server.is_some_and(|server| moves(server.id.value))
    };
    hosts.into_iter().all(moves).then_some(RULE.diagnostic.code)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{one, says_after};
    use super::RULE;
    use serde_json::{Value, json};

    fn servers(ids: &Value) -> Value {
        json!({ "zookeeper": { "hosts": ids } })
    }

    #[test]
    fn a_member_whose_id_differs_from_the_lock_is_refused() {
        let after = servers(&json!({ "a": { "id": 7 }, "b": {}, "c": {} }));
        let problem = one(says_after(&RULE, json!({}), after));
        assert_eq!(problem.title, "the server id of `a` changes from 1 to 7");
        assert!(problem.help.contains("--accept K701"));
    }

    #[test]
    fn two_that_change_places_are_two_problems_that_name_each_other() {
        let after = json!({ "kafka": { "hosts": { "a": { "id": 2 }, "b": { "id": 1 }, "c": {} } } });
        let problems = says_after(&RULE, json!({}), after);
        assert_eq!(problems.len(), 2);
        assert_eq!(problems[0].labels[0].text, "the lock has 2 for `b`");
    }

    #[test]
    fn the_id_of_a_host_that_has_left_is_not_given_to_a_new_one() {
        let before = servers(&json!({ "a": {}, "b": {} }));
        let after = servers(&json!({ "a": {}, "c": { "id": 2 } }));
        let problem = one(says_after(&RULE, before, after));
        assert_eq!(problem.title, "server id 2 of `c` is that of `b`");
    }

    #[test]
    fn ids_of_the_lock_written_down_or_not_and_new_ones_are_fine() {
        let before = servers(&json!({ "a": {}, "b": {} }));
        let same = servers(&json!({ "a": { "id": 1 }, "b": {}, "c": { "id": 9 } }));
        assert_eq!(says_after(&RULE, before.clone(), same), []);
        assert_eq!(says_after(&RULE, before, servers(&json!({ "c": {}, "b": {}, "a": {} }))), []);
    }
}
