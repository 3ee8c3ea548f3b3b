//! Values that no generation writes into a lock: somebody edited it, or merged two of them.

use std::collections::BTreeMap;

use super::{DAMAGED_HELP, Lock};
use crate::diagnostic::Diagnostic;
use crate::problem::{Problem, Severity, Source, pointer};
use crate::role::Role;
use crate::rules::names::label_fault;

pub(super) const IMPOSSIBLE: Diagnostic = Diagnostic {
    code: "K010",
    severity: Severity::Error,
    title: "the lock holds a value that kafnix does not write",
    why: "`lock.json` is written by `kafnix generate` alone, out of a cluster that passed every rule. An id out of \
          range, an id that two hosts have, port 0 or an invalid host name comes from an edit or a merge, and other \
          values of the lock may be wrong as well.",
    help: DAMAGED_HELP,
};

/// Everything in it that is no value of a lock.
pub(super) fn faults(lock: &Lock) -> Vec<Problem> {
    let mut found = Found(Vec::new());
    for role in Role::ALL {
        ids(lock, role, &mut found);
        let former = lock.former.get(&role).into_iter().flat_map(BTreeMap::keys);
        for (host, at) in lock
            .held(role)
            .into_keys()
            .map(|host| (host, pointer([role.key(), host])))
            .chain(former.map(|host| (host.as_str(), pointer(["former", role.key(), host]))))
        {
            if let Some(fault) = label_fault(host) {
                found.key(at, format!("`{host}` is not a host name: {fault}"));
            }
        }
    }
    ports(lock, &mut found);
    paths(lock, &mut found);
    found.0
}

struct Found(Vec<Problem>);

impl Found {
    fn value(&mut self, at: String, title: String) {
        self.add(IMPOSSIBLE.problem(title).at(at, "not a value that kafnix writes"));
    }

    fn key(&mut self, at: String, title: String) {
        self.add(IMPOSSIBLE.problem(title).at_key(at, "not a name that kafnix writes"));
    }

    fn add(&mut self, mut problem: Problem) {
        problem.source = Source::Lock;
        self.0.push(problem);
    }
}

fn ids(lock: &Lock, role: Role, found: &mut Found) {
    let most = role.largest_id();
    let former = lock.former.get(&role).into_iter().flatten();
    let former = former.map(|(host, id)| (host.as_str(), *id, pointer(["former", role.key(), host])));
    let held = lock.held(role);
    let held = held.iter().map(|(host, held)| (*host, held.id, pointer([role.key(), host, "id"])));
    let mut owners: BTreeMap<i64, &str> = BTreeMap::new();
    for (host, id, at) in held.chain(former) {
        if !(0..=most).contains(&id) {
            found.value(at, format!("the {} id of `{host}` is {id}; ids are 0 to {most}", role.id()));
        } else if let Some(other) = owners.insert(id, host) {
            found.value(at, format!("`{other}` and `{host}` have the same {} id {id}", role.id()));
        }
    }
}

fn ports(lock: &Lock, found: &mut Found) {
    for (host, server) in &lock.zookeeper {
        let Some(ports) = &server.ports else { continue };
        for (name, port) in [("client", ports.client), ("peer", ports.peer), ("election", ports.election)] {
            if port == 0 {
                let at = pointer(["zookeeper", host, "ports", name]);
                found.value(at, format!("the {name} port of `{host}` is 0"));
            }
        }
    }
}

fn paths(lock: &Lock, found: &mut Found) {
    let chroot = lock.chroot.as_ref().map(|chroot| (pointer(["chroot"]), chroot));
    let servers = lock.zookeeper.iter().flat_map(|(host, server)| {
        let data = (pointer(["zookeeper", host, "dataDir"]), &server.data_dir);
        let log = server.data_log_dir.iter().map(|log| (pointer(["zookeeper", host, "dataLogDir"]), log));
        std::iter::once(data).chain(log)
    });
    let brokers = lock.kafka.iter().flat_map(|(host, broker)| {
        let at = |index: usize| pointer(["kafka", host, "logDirs", &index.to_string()]);
        broker.log_dirs.iter().enumerate().map(move |(index, dir)| (at(index), dir))
    });
    for (at, path) in chroot.into_iter().chain(servers).chain(brokers) {
        if !path.starts_with('/') {
            found.value(at, format!("`{path}` is not an absolute path"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::lock_of;
    use serde_json::{Value, json};

    fn changed(place: &str, value: Value) -> Vec<Problem> {
        let mut lock: Value = serde_json::from_str(&lock_of(json!({})).text()).unwrap();
        let (parent, key) = place.rsplit_once('/').unwrap();
        match lock.pointer_mut(place) {
            Some(there) => *there = value,
            None => lock.pointer_mut(parent).unwrap()[key] = value,
        }
        Lock::read(lock.to_string().as_bytes()).err().unwrap_or_default()
    }

    #[test]
    fn a_value_that_no_generation_writes_is_told_at_its_place_in_the_lock() {
        let server: Value = serde_json::to_value(&lock_of(json!({})).zookeeper["a"]).unwrap();
        for (place, value, title) in [
            ("/zookeeper/a/id", json!(300), "the server id of `a` is 300; ids are 0 to 255"),
            ("/zookeeper/a/id", json!(-1), "the server id of `a` is -1; ids are 0 to 255"),
            ("/kafka/a/id", json!(-1), "the broker id of `a` is -1; ids are 0 to 2147483647"),
            ("/zookeeper/b/id", json!(1), "`a` and `b` have the same server id 1"),
            ("/former/zookeeper/x", json!(1), "`a` and `x` have the same server id 1"),
            ("/zookeeper/a/ports/peer", json!(0), "the peer port of `a` is 0"),
            ("/zookeeper/a/dataDir", json!("data"), "`data` is not an absolute path"),
            ("/kafka/a/logDirs/0", json!("data"), "`data` is not an absolute path"),
            ("/chroot", json!("kafka"), "`kafka` is not an absolute path"),
        ] {
            let found = changed(place, value);
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!(
                (found[0].code, found[0].title.as_str(), found[0].source),
                ("K010", title, Source::Lock)
            );
        }
        let found = changed("/zookeeper/a b", server);
        assert!(found.iter().any(|one| one.title.starts_with("`a b` is not a host name")), "{found:?}");
    }

    #[test]
    fn what_a_generation_writes_is_fine() {
        assert_eq!(changed("/zookeeper/a/id", json!(0)), []);
        assert_eq!(changed("/former/kafka/x", json!(9)), []);
    }
}
