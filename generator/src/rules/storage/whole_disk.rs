//! The disk that a first installation formats is one, and the one that is mounted.

use crate::rules::storage::disks;
use crate::rules::prelude::*;
use crate::resolve::is_partition;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K422",
        severity: Error,
        title: "`wholeDisk` is no disk to make the file system on",
        why: "disko makes a file system over the whole device that `wholeDisk` names. An invalid path ends the \
              installation, and beside the `id` of a partition the host would mount something else.",
        help: "name it by its path, like `/dev/disk/by-id/nvme-…`, or leave `wholeDisk` out",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for disk in disks::written(draft) {
        let Some(path) = &disk.disk.whole_disk else { continue };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-:+".contains(&byte);
        let is_device = path.strip_prefix("/dev/").is_some_and(|rest| {
            rest.bytes().all(plain) && rest.split('/').all(|part| !matches!(part, "" | "." | ".."))
        });
        let at = format!("{}/wholeDisk", disk.at);
        if !is_device {
            found.add(found.problem(format!("`{path}` is not the path of a device")).at(at, "this one"));
        } else if disk.disk.id.as_deref().is_some_and(is_partition) {
            let title = format!("the disk at `{}` is a partition, and `wholeDisk` is another device", disk.mount_point);
            let problem = found.problem(title).at(at, "the file system would be made here");
            found.add(problem.at(format!("{}/id", disk.at), "the host mounts this partition"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn what_is_no_device_is_refused() {
        for path in ["sda", "/dev/", "/dev/../etc", "/dev/sda; x", "/data", ""] {
            breaks(&RULE, json!({ "disks": { "/data": { "label": "a", "wholeDisk": path } } }));
        }
    }

    #[test]
    fn a_partition_is_not_made_on_a_whole_disk() {
        let written = json!({ "id": "nvme-x-part1", "wholeDisk": "/dev/disk/by-id/nvme-x" });
        breaks(&RULE, json!({ "disks": { "/data": written } }));
    }

    #[test]
    fn a_device_is_fine() {
        for path in ["/dev/disk/by-id/nvme-x", "/dev/vdb", "/dev/disk/by-path/pci-0000:00:1f.2-ata-1"] {
            holds(&RULE, json!({ "disks": { "/data": { "label": "a", "wholeDisk": path } } }));
        }
    }
}
