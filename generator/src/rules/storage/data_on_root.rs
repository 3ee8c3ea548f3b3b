//! Data has a disk of its own.

use std::collections::BTreeSet;

use crate::rules::settings::settings_view::by_hand;
use crate::rules::storage::dirs::{self, Dir};
use crate::rules::prelude::*;
use crate::rules::message::at_all;
use crate::cluster::Purpose;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K404",
        severity: Warning,
        title: "data lies on the root disk",
        why: "A full disk stops both products, and on the root disk it stops the system and its logs as \
              well. Kafka's manual (Hardware and OS) asks for disks that nothing else uses, ZooKeeper's \
              (zookeeperAdmin, Things to Avoid) for a device of its own for the transaction log: every \
              write waits for it. Directories below /var, /opt and /srv lie on the root disk, unless `disks` \
              mounts one there.",
        help: "declare a disk in `disks` and name a directory on it",
    },
    check,
};

const ON_ROOT: [&str; 3] = ["/var/", "/opt/", "/srv/"];

fn check(draft: &Draft<'_>, found: &mut Found) {
    for (purpose, what, example, keys) in [
        (Purpose::Snapshots, "ZooKeeper's data", "/data/zookeeper", &["dataDir"][..]),
        (Purpose::TransactionLog, "ZooKeeper's transaction log", "/data/zookeeper-log", &["dataLogDir"]),
        (Purpose::Records, "Kafka's data", "/data/kafka", &["log.dir", "log.dirs"]),
    ] {
        let is_chosen = !by_hand(draft, keys);
        let mut seen = BTreeSet::new();
        let dirs: Vec<Dir<'_>> = draft
            .cluster
            .hosts
            .iter()
            .flat_map(dirs::without_disk)
            .filter(|dir| dir.purpose == purpose && on_root(dir.path) && (dir.written || is_chosen))
            .filter(|dir| seen.insert(dir.pointer.clone()))
            .collect();
        let Some(first) = dirs.first() else { continue };
        let title = format!("{what} lies on the root disk, in `{}`", first.path);
        let text = if first.written { "no disk is mounted there" } else { "no directory is named" };
        let places = dirs.iter().map(|dir| &dir.pointer);
        let help = format!(
            "declare a disk, `\"disks\": {{ \"/data\": {{ \"label\": \"data\" }} }}`, and name a directory on it in \
             `{}.{}`, like `{example}`",
            purpose.role().key(),
            purpose.key()
        );
        found.add(at_all(found.problem(title), places, text, "this one as well").help(help));
    }
}

pub(in crate::rules) fn on_root(path: &str) -> bool {
    ON_ROOT.iter().any(|root| path.starts_with(root)) && dirs::unusable(path).is_none()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, says};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_default_is_not_told_while_a_directory_stands_elsewhere_by_hand() {
        for (section, key, settings) in
            [("zookeeper", "dataDir", json!({ "dataDir": "/x" })), ("kafka", "logDirs", json!({ "log.dirs": "/x" }))]
        {
            holds(&RULE, json!({ section: { key: null, "settings": settings } }));
            breaks(&RULE, json!({ section: { key: null, "settings": { "tickTime": 2000 } } }));
        }
    }

    #[test]
    fn the_default_directories_are_told_once_for_each_product() {
        let problems = says(&RULE, json!({ "zookeeper": { "dataDir": null }, "kafka": { "logDirs": null } }));
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].title.contains("/var/lib/zookeeper"));
        assert!(problems[1].title.contains("/var/lib/kafka/data"));
        assert!(problems.iter().all(|problem| problem.labels.len() == 1));
    }

    #[test]
    fn each_kind_of_directory_is_named_with_its_own_key() {
        let zookeeper = json!({ "dataDir": "/srv/z", "dataLogDir": "/var/log/z" });
        let problems = says(&RULE, json!({ "zookeeper": zookeeper }));
        let keys = ["`zookeeper.dataDir`", "`zookeeper.dataLogDir`"];
        assert!(problems.len() == 2 && problems.iter().zip(keys).all(|(problem, key)| problem.help.contains(key)));
    }

    #[test]
    fn every_written_place_is_shown() {
        let problem = breaks(&RULE, json!({ "kafka": { "logDirs": ["/srv/k", "/data/k", "/opt/k"] } }));
        assert_eq!(problem.labels.len(), 2);
    }

    #[test]
    fn a_directory_elsewhere_is_fine_and_what_another_rule_refuses_is_left_to_it() {
        holds(&RULE, json!({ "kafka": { "logDirs": ["/data/kafka", "/variable/kafka"] } }));
        holds(&RULE, json!({ "kafka": { "logDirs": ["/var/tmp/kafka"] } }));
    }

    #[test]
    fn a_disk_that_is_mounted_there_is_no_root_disk() {
        let disks = json!({ "/srv/k": { "label": "k" } });
        holds(&RULE, json!({ "disks": disks, "kafka": { "logDirs": ["/srv/k/1", "/srv/k/2"] } }));
        let problem = breaks(&RULE, json!({ "disks": disks, "kafka": { "logDirs": ["/srv/k/1", "/srv/k2"] } }));
        assert_eq!(problem.labels.len(), 1);
    }
}
