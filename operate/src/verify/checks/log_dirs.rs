//! Every log directory of every broker is online.

use std::collections::BTreeSet;

use kafnix_generator::Cluster;

use super::{Check, Judge, Snapshot, Verdict, brokers, list};

pub(super) static CHECK: Check = Check {
    code: "V310",
    title: "log directories are online",
    why: "Each broker uses exactly the log directories of the spec, and none is offline. A broker goes on \
          without a directory whose disk fails, and its replicas there are gone from the in-sync ones.",
    help: "see `journalctl -u kafka` and the host's disks (`systemctl list-units --type=mount`, `dmesg`); once \
           the disk is back, start `kafka.service` again",
    judge: Judge::Snapshot(run),
};

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    brokers(
        cluster,
        snapshot,
        |_, broker| format!("{} online", list(broker.log_dirs())),
        |broker, facts, expect| {
            expect.judge(&facts.log_dirs, |dirs| {
                let path = |path: &str| path.trim_end_matches('/').to_owned();
                let wanted: BTreeSet<_> = broker.log_dirs().iter().map(|dir| path(dir)).collect();
                let found: BTreeSet<_> = dirs.iter().map(|dir| path(&dir.path)).collect();
                let offline = dirs
                    .iter()
                    .filter_map(|dir| Some(format!("{} is offline: {}", dir.path, dir.error.as_ref()?)));
                let missing = wanted.difference(&found).map(|dir| format!("{dir} is not used"));
                let more = found.difference(&wanted).map(|dir| format!("{dir} is used as well"));
                let faults: Vec<_> = offline.chain(missing).chain(more).collect();
                if faults.is_empty() { Ok(list(found)) } else { Err(faults.join("; ")) }
            })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good};
    use super::CHECK;

    #[test]
    fn an_offline_and_a_strange_directory_fail() {
        good(&CHECK, |_| ());
        let found = failed(&CHECK, |snapshot| {
            snapshot.brokers.get_mut("b").unwrap().log_dirs.as_mut().unwrap()[1].error =
                Some("it broke".into());
        });
        assert_eq!(found, "/data/kafka2 is offline: it broke");
        let found = failed(&CHECK, |snapshot| {
            snapshot.brokers.get_mut("b").unwrap().log_dirs.as_mut().unwrap()[1].path = "/tmp/logs".into();
        });
        assert_eq!(found, "/data/kafka2 is not used; /tmp/logs is used as well");
    }
}
