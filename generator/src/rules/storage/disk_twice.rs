//! Every disk of a host is another one.

use std::collections::{BTreeMap, BTreeSet};

use crate::rules::prelude::*;
use crate::cluster::Disk;
use crate::resolve::disk_of;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K408",
        severity: Error,
        title: "one disk is mounted at two places",
        why: "The spec says that each mount point has a disk of its own. Two log directories on one disk share its \
              speed, are full at the same time and are lost together.",
        help: "give each mount point the label, UUID or id of a disk of its own",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut told = BTreeSet::new();
    for host in &draft.cluster.hosts {
        let mut first = BTreeMap::new();
        for disk in &host.disks {
            for device in devices(disk) {
                let before: &&Disk = first.entry(device.clone()).or_insert(disk);
                let pair = (before.pointer.clone(), disk.pointer.clone());
                if pair.0 != pair.1 && told.insert(pair.clone()) {
                    let problem = found.problem(format!("`{device}` is mounted at two places"));
                    found.add(problem.at(pair.1, "here again").at(pair.0, "and here"));
                }
            }
        }
        for disk in &host.disks {
            let device = disk.device.value.path();
            let whole = disk_of(&device).filter(|whole| whole.starts_with("/dev/disk/"));
            let Some(whole) = whole.and_then(|whole| first.get(whole)) else { continue };
            let pair = (whole.pointer.clone(), disk.pointer.clone());
            if told.insert(pair.clone()) {
                let problem = found.problem(format!("`{device}` is a part of a disk that is mounted whole"));
                found.add(problem.at(pair.1, "the partition").at(pair.0, "the disk"));
            }
        }
    }
}

/// By what it is found, and which whole disk that is on.
fn devices(disk: &Disk) -> BTreeSet<String> {
    let whole = disk.whole_disk.iter().map(|whole| whole.value.clone());
    whole.chain([disk.device.value.path()]).collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn the_same_disk_at_two_mount_points_is_refused() {
        let dirs = json!({ "logDirs": ["/d/1/k", "/d/2/k"] });
        let disks = json!({ "/d/1": { "label": "x" }, "/d/2": { "label": "x" } });
        breaks(&RULE, json!({ "kafka": dirs, "disks": disks }));
    }

    #[test]
    fn one_whole_disk_under_two_names_is_refused() {
        let dirs = json!({ "logDirs": ["/d/1/k", "/d/2/k"] });
        for (one, other) in [
            (json!({ "label": "x", "wholeDisk": "/dev/vdb" }), json!({ "label": "y", "wholeDisk": "/dev/vdb" })),
            (json!({ "id": "x" }), json!({ "label": "y", "wholeDisk": "/dev/disk/by-id/x" })),
        ] {
            breaks(&RULE, json!({ "kafka": dirs, "disks": { "/d/1": one, "/d/2": other } }));
        }
        let parts = json!({ "/d/1": { "id": "x-part1" }, "/d/2": { "id": "x" } });
        breaks(&RULE, json!({ "kafka": dirs, "disks": parts }));
        let parts = json!({ "/d/1": { "id": "x-part1" }, "/d/2": { "id": "x-part2" } });
        holds(&RULE, json!({ "kafka": dirs, "disks": parts }));
    }

    #[test]
    fn the_same_label_on_two_hosts_is_two_disks() {
        let own = |label: &str| json!({ "disks": { "/data": { "label": label } } });
        holds(&RULE, json!({ "hosts": { "a": own("x"), "b": own("x") } }));
        holds(&RULE, json!({ "hosts": { "a": { "disks": { "/d": { "label": "x" }, "/e": { "id": "x" } } } } }));
    }
}
