//! Data lies in a sub-directory of its disk.

use crate::rules::storage::dirs;
use crate::rules::prelude::*;
use crate::cluster::Disk;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K407",
        severity: Error,
        title: "a directory is or holds the mount point of a disk",
        why: "Kafka takes each folder in a log directory for a partition. An ext4 file system has a folder \
              `lost+found` at its top, and Kafka does not start when it finds it in a log directory (seen with \
              2.7.0 and 3.9.2). While the disk is missing, its mount point still exists on the root file system; a \
              sub-directory exists only when the disk is mounted.",
        help: "name a directory below the mount point, like `/data/kafka1/logs` on a disk at `/data/kafka1`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut told = std::collections::BTreeSet::new();
    for host in &draft.cluster.hosts {
        for dir in dirs::of_host(host) {
            let within = |disk: &&Disk| {
                let rest = disk.mount_point.strip_prefix(dir.path);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let Some(disk) = host.disks.iter().find(within) else { continue };
            if told.insert((dir.pointer.clone(), disk.pointer.clone())) {
                let is = if disk.mount_point == dir.path { "is" } else { "holds" };
                let problem = found.problem(format!("`{}` {is} the mount point of a disk", dir.path));
                let problem = problem.at(dir.pointer.clone(), "the directory of a server");
                let help = format!("name a directory on a disk, like `{}/data`", disk.mount_point);
                found.add(problem.at(disk.pointer.clone(), "the disk").help(help));
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
    fn a_mount_point_as_a_directory_is_refused_once_for_all_hosts() {
        let problem = breaks(&RULE, json!({ "disks": { "/data/kafka": { "label": "kafka" } } }));
        assert_eq!(problem.help, "name a directory on a disk, like `/data/kafka/data`");
        breaks(&RULE, json!({ "hosts": { "a": { "disks": { "/data/zookeeper": { "label": "z" } } } } }));
    }

    #[test]
    fn a_disk_in_a_directory_is_refused() {
        let own = json!({ "a": { "disks": { "/data/kafka/deep": { "label": "d" } } } });
        let problem = breaks(&RULE, json!({ "hosts": own }));
        assert!(problem.title.contains("holds"));
    }

    #[test]
    fn a_directory_below_it_is_fine() {
        holds(&RULE, json!({ "disks": { "/data": { "label": "data" } } }));
    }
}
