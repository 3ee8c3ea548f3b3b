//! A cluster that declares its disks declares all of them.

use std::collections::BTreeMap;

use crate::rules::storage::data_on_root::on_root;
use crate::rules::storage::{dirs, disks};
use crate::rules::prelude::*;
use crate::rules::message::and;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K419",
        severity: Warning,
        title: "a directory lies on none of the declared disks",
        why: "Other directories of the cluster lie on disks that the spec declares. This one lies on the root disk of \
              its hosts unless their machine files mount something there, which the spec does not show. A host mounts \
              only those of `disks` that its directories lie on.",
        help: "declare its disk in `disks`, too, or name a directory on one that is declared",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    if disks::written(draft).next().is_none() {
        return;
    }
    let mut told: BTreeMap<String, (&str, Vec<&str>)> = BTreeMap::new();
    for host in &draft.cluster.hosts {
        for dir in dirs::without_disk(host).filter(|dir| perhaps_on_root(dir.path)) {
            told.entry(dir.pointer).or_insert((dir.path, Vec::new())).1.push(&host.name);
        }
    }
    for (place, (path, hosts)) in told {
        let problem = found.problem(format!("`{path}` lies on none of the declared disks"));
        found.add(problem.at(place, format!("on no disk of {}", and(hosts))));
    }
}

/// What lies on the root disk for certain is told by a rule of its own.
pub(in crate::rules) fn perhaps_on_root(path: &str) -> bool {
    !on_root(path) && dirs::unusable(path).is_none()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, says};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_directory_beside_the_declared_disks_is_told_once_for_all_hosts() {
        let disks = json!({ "/data/zookeeper": { "label": "z" } });
        let problem = breaks(&RULE, json!({ "disks": disks, "zookeeper": { "dataDir": "/data/zookeeper/d" } }));
        assert!(problem.title.contains("/data/kafka"));
    }

    #[test]
    fn a_host_of_whose_directories_none_has_a_disk_is_told_whatever_its_role() {
        let apart = |disks| {
            json!({
                "disks": disks,
                "zookeeper": { "hosts": { "a": {} }, "dataLogDir": "/log/zookeeper" },
                "kafka": { "hosts": { "b": {}, "c": {} } }
            })
        };
        let problems = says(&RULE, apart(json!({ "/data/kafka": { "label": "k" } })));
        let titles: Vec<_> = problems.iter().map(|problem| problem.title.as_str()).collect();
        assert!(titles.len() == 2 && titles[0].contains("/data/zookeeper") && titles[1].contains("/log/zookeeper"));
        assert!(problems.iter().all(|problem| problem.labels[0].text == "on no disk of a"), "{problems:?}");
        let disks = json!({ "/data/zookeeper": { "label": "z" }, "/log": { "label": "l" } });
        let problem = breaks(&RULE, apart(disks));
        assert_eq!(problem.labels[0].text, "on no disk of b and c");
        // a disk of one host is none of another
        let mut own = apart(json!({}));
        own["hosts"] = json!({ "b": { "disks": { "/data": { "label": "data" } } } });
        let problems = says(&RULE, own);
        assert!(problems.iter().any(|problem| problem.labels[0].text == "on no disk of c"), "{problems:?}");
    }

    #[test]
    fn no_disk_at_all_or_all_on_disks_is_fine() {
        holds(&RULE, json!({}));
        holds(&RULE, json!({ "disks": { "/data": { "label": "data" } } }));
    }
}
