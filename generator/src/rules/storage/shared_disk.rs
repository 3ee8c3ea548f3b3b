//! ZooKeeper's transaction log waits for nobody else.

use crate::cluster::Purpose;
use crate::rules::storage::dirs;
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K420",
        severity: Warning,
        title: "ZooKeeper and Kafka share a disk",
        why: "Every write to ZooKeeper waits until its transaction log is on the disk; while a broker writes or \
              reads gigabytes on the same disk, that can take long enough for sessions to expire. ZooKeeper's manual \
              (zookeeperAdmin, Things to Avoid) asks for a device of its own.",
        help: "give the transaction log a disk of its own, with `zookeeper.dataLogDir` or `zookeeper.dataDir` on it",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut told = std::collections::BTreeSet::new();
    for host in &draft.cluster.hosts {
        for disk in &host.disks {
            // the innermost disk counts
            let innermost = |path: &str| {
                let inner = host.disks.iter().filter(|other| other.holds(path));
                inner.max_by_key(|other| other.mount_point.len()).is_some_and(|other| other.pointer == disk.pointer)
            };
            let dirs: Vec<_> = dirs::of_host(host).filter(|dir| innermost(dir.path)).collect();
            let log = host.zookeeper.as_ref().map(|server| match server.directories(Purpose::TransactionLog) {
                Some(_) => Purpose::TransactionLog,
                None => Purpose::Snapshots,
            });
            let log = dirs.iter().find(|dir| Some(dir.purpose) == log);
            let records = dirs.iter().find(|dir| dir.purpose == Purpose::Records);
            let (Some(log), Some(records)) = (log, records) else { continue };
            if told.insert((log.pointer.clone(), records.pointer.clone())) {
                let title = format!("ZooKeeper's transaction log and Kafka share the disk at `{}`", disk.mount_point);
                let problem = found.problem(title).at(&log.pointer, "every write waits for this");
                found.add(problem.at(&records.pointer, "and this keeps the disk busy"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn one_disk_for_both_is_told_once_for_all_hosts() {
        breaks(&RULE, json!({ "disks": { "/data": { "label": "data" } } }));
    }

    #[test]
    fn a_disk_for_the_transaction_log_is_enough() {
        let disks = json!({ "/data": { "label": "data" }, "/log": { "label": "log" } });
        holds(&RULE, json!({ "disks": disks, "zookeeper": { "dataLogDir": "/log/zookeeper" } }));
    }

    #[test]
    fn a_disk_below_another_is_one_of_its_own_and_so_is_another_host() {
        let disks = json!({ "/data": { "label": "data" }, "/data/zookeeper": { "label": "z" } });
        holds(&RULE, json!({ "disks": disks, "zookeeper": { "dataDir": "/data/zookeeper/d" } }));
        let apart = json!({ "zookeeper": { "hosts": { "a": {} } }, "kafka": { "hosts": { "b": {} } } });
        let mut spec = json!({ "disks": { "/data": { "label": "data" } } });
        spec["zookeeper"] = apart["zookeeper"].clone();
        spec["kafka"] = apart["kafka"].clone();
        holds(&RULE, spec);
    }
}
