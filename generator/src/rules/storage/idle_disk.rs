//! A disk holds something.

use std::collections::BTreeSet;

use crate::rules::storage::disks;
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K418",
        severity: Warning,
        title: "nothing lies on a disk",
        why: "No directory of a server lies on the disk: it is not used, or a directory is spelt differently from \
              the mount point and lies on the root disk.",
        help: "name a directory on it in `dataDir`, `dataLogDir` or `logDirs`, or take the disk out",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let used: BTreeSet<&str> = draft
        .cluster
        .hosts
        .iter()
        .flat_map(|host| host.disks.iter().map(move |disk| (host, disk)))
        .filter(|(host, disk)| host.directories().any(|directory| disk.holds(directory)))
        .map(|(_, disk)| disk.pointer.as_str())
        .collect();
    for disk in disks::written(draft).filter(|disk| !used.contains(disk.at.as_str())) {
        let problem = found.problem(format!("nothing lies on the disk at `{}`", disk.mount_point));
        found.add(problem.at_key(disk.at, "no directory of a server is below it"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, says};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_disk_that_no_directory_lies_on_is_told_once() {
        breaks(&RULE, json!({ "disks": { "/date": { "label": "a" } } }));
        let own = json!({ "disks": { "/spare": { "label": "a" } } });
        assert_eq!(says(&RULE, json!({ "hosts": { "a": own, "b": own } })).len(), 2);
    }

    #[test]
    fn a_disk_of_every_host_need_only_be_used_on_one() {
        let spec = json!({ "zookeeper": { "hosts": { "a": {} } }, "disks": { "/data/zookeeper": { "label": "z" } } });
        holds(&RULE, spec);
    }
}
