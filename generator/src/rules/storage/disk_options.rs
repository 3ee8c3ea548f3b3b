//! A host boots without its data disks.

use crate::rules::storage::disks;
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K409",
        severity: Warning,
        title: "a host does not boot while a disk is missing",
        why: "A mount without `nofail` is needed by local-fs.target: while its disk is missing the host ends in \
              emergency mode, and cannot be reached over the network; ZooKeeper and the replicas on its other disks \
              are down as well (systemd.mount(5)). `options` replaces the default options.",
        help: "add `nofail` and a time to wait, like `x-systemd.device-timeout=30s`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for disk in disks::written(draft) {
        let Some(options) = &disk.disk.options else { continue };
        if !options.iter().any(|option| option == "nofail") {
            let title = format!("a host does not boot while its disk at `{}` is missing", disk.mount_point);
            found.add(found.problem(title).at(format!("{}/options", disk.at), "no `nofail`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn options_without_nofail_are_warned_of() {
        breaks(&RULE, json!({ "disks": { "/data": { "label": "a", "options": ["noatime"] } } }));
        breaks(&RULE, json!({ "disks": { "/data": { "label": "a", "options": [] } } }));
    }

    #[test]
    fn the_default_options_and_any_with_nofail_are_fine() {
        holds(&RULE, json!({ "disks": { "/data": { "label": "a" } } }));
        holds(&RULE, json!({ "disks": { "/data": { "label": "a", "options": ["noatime", "nofail"] } } }));
    }
}
