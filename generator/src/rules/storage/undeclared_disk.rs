//! A cluster that declares its disks declares all of them.

use crate::rules::storage::data_on_root::on_root;
use crate::rules::storage::dirs;
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K419",
        severity: Warning,
        title: "a directory lies on none of the declared disks",
        why: "The other directories of the host lie on disks that the spec declares. This one lies on the root \
              disk unless the machine file mounts something there, which the spec does not show.",
        help: "declare its disk in `disks`, too, or name a directory on one that is declared",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut told = std::collections::BTreeSet::new();
    for host in draft.cluster.hosts.iter().filter(|host| !host.disks.is_empty()) {
        for dir in dirs::without_disk(host) {
            // What lies on the root disk for certain is told by a rule of its own.
            let elsewhere = !on_root(dir.path) && dirs::unusable(dir.path).is_none();
            if elsewhere && told.insert(dir.pointer.clone()) {
                let problem = found.problem(format!("`{}` lies on none of the declared disks", dir.path));
                found.add(problem.at(dir.pointer, "on no disk of `disks`"));
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
    fn a_directory_beside_the_declared_disks_is_told_once_for_all_hosts() {
        let disks = json!({ "/data/zookeeper": { "label": "z" } });
        let problem = breaks(&RULE, json!({ "disks": disks, "zookeeper": { "dataDir": "/data/zookeeper/d" } }));
        assert!(problem.title.contains("/data/kafka"));
    }

    #[test]
    fn no_disk_at_all_or_all_on_disks_is_fine() {
        holds(&RULE, json!({}));
        holds(&RULE, json!({ "disks": { "/data": { "label": "data" } } }));
    }
}
