//! A member keeps the directories that hold its data.

use indexmap::{IndexMap, IndexSet};

use crate::rules::prelude::*;
use crate::rules::message::{and, at_all, plural, unless_meant};
use crate::cluster::{Broker, Purpose, Server, Sourced};
use crate::lock::{LockedBroker, LockedServer};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K702",
        severity: Error,
        title: "a directory with data is left behind",
        why: "A server that is told another directory starts empty. A broker loses the replicas in the old \
              directory and fetches them anew; those of which it had the only copy are gone. A ZooKeeper server \
              loses what it acknowledged, and two such servers of three lose it for the whole ensemble.",
        help: "name the directory again; `kafnix generate --accept K702` takes the change once, on purpose",
    },
    check,
};

/// What is left behind, on whatever host.
#[derive(PartialEq, Eq, Hash)]
struct Left {
    purpose: Purpose,
    old: Vec<String>,
    /// Where ZooKeeper's data would be from now on.
    new: Option<String>,
}

#[derive(Default)]
struct Who<'a> {
    hosts: Vec<&'a str>,
    /// The places to change.
    places: IndexSet<String>,
}

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(lock) = draft.lock else { return };
    let mut left: IndexMap<Left, Who<'_>> = IndexMap::new();
    for host in draft.cluster.hosts.iter().filter(|host| host.managed.value) {
        let server = host.zookeeper.as_ref().zip(lock.zookeeper.get(&host.name));
        let broker = host.broker.as_ref().zip(lock.kafka.get(&host.name));
        let of_server = server.into_iter().flat_map(|(now, was)| by_server(now, was));
        let of_broker = broker.and_then(|(now, was)| by_broker(now, was));
        for (one, place) in of_server.chain(of_broker) {
            let who = left.entry(one).or_default();
            who.hosts.push(&host.name);
            who.places.insert(place);
        }
    }
    for (left, who) in left {
        let hosts = and(who.hosts.iter().map(|host| format!("`{host}`")));
        let old = and(left.old.iter().map(|dir| format!("`{dir}`")));
        let (title, safe) = if let Some(new) = &left.new {
            (
                format!("{} of {hosts} moves from {old} to `{new}`", left.purpose.phrase()),
                format!("name {old} again, or move the files of one stopped server after the other"),
            )
        } else {
            let are = plural(left.old.len(), "is no longer a log directory", "are no longer log directories");
            let safe = "name it again until `kafka-reassign-partitions.sh` has moved its replicas away";
            (format!("{old} {are} of {hosts}"), safe.to_owned())
        };
        let text = format!("{old} was here");
        let problem = at_all(found.problem(title), who.places.iter().map(String::as_str), &text, "and here");
        found.add(problem.help(unless_meant(&safe, RULE.diagnostic.code)));
    }
}

fn by_server(now: &Server, was: &LockedServer) -> impl Iterator<Item = (Left, String)> {
    let moved = |purpose: Purpose, old: &str, new: &str| {
        let place = now.directories(purpose).and_then(Sourced::pointer);
        let place = place.map_or_else(|| purpose.pointer(), str::to_owned);
        (old != new).then(|| (Left { purpose, old: vec![old.into()], new: Some(new.into()) }, place))
    };
    let here = |purpose| now.directory(purpose);
    let snapshots = here(Purpose::Snapshots).unwrap_or_default();
    let data = moved(Purpose::Snapshots, &was.data_dir, snapshots);
    // Where none is named the log lies with the data and moves with it.
    let (old, new) = (was.data_log_dir.as_deref(), here(Purpose::TransactionLog));
    let log = (old.is_some() || new.is_some()).then(|| {
        moved(Purpose::TransactionLog, old.unwrap_or(&was.data_dir), new.unwrap_or(snapshots))
    });
    data.into_iter().chain(log.flatten())
}

fn by_broker(now: &Broker, was: &LockedBroker) -> Option<(Left, String)> {
    let purpose = Purpose::Records;
    let old: Vec<_> = was.log_dirs.iter().filter(|dir| !now.log_dirs().contains(dir)).cloned().collect();
    let place = now.directories(purpose).and_then(Sourced::pointer);
    let place = place.map_or_else(|| purpose.pointer(), str::to_owned);
    (!old.is_empty()).then_some((Left { purpose, old, new: None }, place))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{one, says_after};
    use super::RULE;
    use serde_json::{Value, json};

    fn kafka(dirs: &[&str]) -> Value {
        json!({ "kafka": { "logDirs": dirs } })
    }

    fn zookeeper(data: &str, log: Option<&str>) -> Value {
        json!({ "zookeeper": { "dataDir": data, "dataLogDir": log } })
    }

    #[test]
    fn a_log_directory_that_is_gone_is_one_problem_for_all_brokers() {
        let problem = one(says_after(&RULE, kafka(&["/d/1", "/d/2"]), kafka(&["/d/1"])));
        assert_eq!(problem.title, "`/d/2` is no longer a log directory of `a`, `b` and `c`");
        assert!(problem.help.contains("kafka-reassign-partitions.sh"));
    }

    #[test]
    fn a_data_directory_that_moves_is_refused() {
        let problem = one(says_after(&RULE, zookeeper("/d/z", None), zookeeper("/d/y", None)));
        assert!(problem.title.ends_with("of `a`, `b` and `c` moves from `/d/z` to `/d/y`"));
    }

    #[test]
    fn a_transaction_log_that_moves_out_of_or_into_the_data_is_refused() {
        let (without, with) = (zookeeper("/d/z", None), zookeeper("/d/z", Some("/d/log")));
        let problem = one(says_after(&RULE, without.clone(), with.clone()));
        assert!(
            problem.title.contains("transaction log") && problem.title.ends_with("from `/d/z` to `/d/log`")
        );
        let problem = one(says_after(&RULE, with, without));
        assert!(problem.title.ends_with("from `/d/log` to `/d/z`"));
    }

    #[test]
    fn a_default_that_takes_the_place_of_a_name_is_a_move_as_well() {
        let problem = one(says_after(&RULE, kafka(&["/d/1"]), json!({ "kafka": { "logDirs": null } })));
        assert_eq!(problem.labels[0].text, "`/d/1` was here");
    }

    #[test]
    fn more_directories_another_order_and_a_new_host_are_fine() {
        assert_eq!(says_after(&RULE, kafka(&["/d/1", "/d/2"]), kafka(&["/d/3", "/d/2", "/d/1"])), []);
        let before = json!({ "kafka": { "hosts": { "a": {}, "b": {} } } });
        let after = json!({ "kafka": { "hosts": { "a": {}, "b": {}, "c": { "logDirs": ["/other"] } } } });
        assert_eq!(says_after(&RULE, before, after), []);
    }
}
