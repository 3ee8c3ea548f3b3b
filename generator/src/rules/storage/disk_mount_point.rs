//! A disk is mounted where a unit can need it.

use crate::rules::storage::dirs::{is_shared, unfit};
use crate::rules::storage::disks;
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K406",
        severity: Error,
        title: "a disk cannot be mounted there",
        why: "A mount point is the name of a systemd unit and stands in those of the servers: an absolute path \
              of plain letters. Below /nix, /tmp, /etc and the like it would hide what the system needs.",
        help: "mount it at a path of its own, like `/data/kafka1`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for disk in disks::written(draft) {
        let Some(fault) = fault(disk.mount_point) else { continue };
        let problem = found.problem(format!("no disk can be mounted at `{}`: {fault}", disk.mount_point));
        found.add(problem.at_key(disk.at, fault));
    }
}

/// What the system keeps there, and the launcher's memory of a quorum, must not come and go with a disk.
fn fault(mount_point: &str) -> Option<String> {
    if is_shared(mount_point) && (mount_point == "/var" || mount_point.starts_with("/var/")) {
        return Some("what the system itself keeps lies there".to_owned());
    }
    unfit(mount_point)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_path_that_the_system_needs_or_a_unit_cannot_take_is_refused() {
        let relative = ["data", "/data/", "/data/%h", "/a/../b"];
        let system = ["/", "/nix", "/tmp/x", "/var/lib", "/var/lib/kafnix-zookeeper"];
        for path in relative.into_iter().chain(system) {
            breaks(&RULE, json!({ "disks": { path: { "label": "a" } } }));
        }
        breaks(&RULE, json!({ "hosts": { "a": { "disks": { "/run/x": { "label": "a" } } } } }));
    }

    #[test]
    fn a_path_of_its_own_is_fine() {
        for path in ["/data", "/data/kafka1", "/srv", "/mnt", "/var/lib/kafka"] {
            holds(&RULE, json!({ "disks": { path: { "label": "a" } } }));
        }
    }
}
