//! One directory of ZooKeeper in the other is one that an installation has.

use std::collections::BTreeSet;

use crate::rules::prelude::*;
use crate::rules::storage::nested_directory::{overlaps, serves};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K437",
        severity: Warning,
        title: "one of ZooKeeper's two directories lies in the other",
        why: "ZooKeeper keeps snapshots and transaction logs in a folder `version-2` of each directory. It serves \
              where one directory lies in the other (seen with 3.5.9 and 3.9.5: it starts again from both, and \
              purges both), and an installation that is taken over may have them so. Nothing is gained by it: \
              without a disk of its own the log is no faster, and whoever empties or copies the outer directory \
              takes the inner one along.",
        help: "keep it where an installation has it; else leave `dataLogDir` out, or give it a directory beside \
               `dataDir`, best on a disk of its own",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    // Hosts that share the ensemble's directories share the warning.
    let mut told = BTreeSet::new();
    for host in &draft.cluster.hosts {
        for (outer, inner) in overlaps(host).into_iter().filter(|(outer, inner)| serves(outer, inner)) {
            if told.insert((outer.pointer.clone(), inner.pointer.clone())) {
                let (inner_use, outer_use) = (inner.purpose.phrase(), outer.purpose.phrase());
                let title = format!("`{}`, {inner_use}, lies in `{}`, {outer_use}", inner.path, outer.path);
                let problem = found.problem(title).at(&inner.pointer, "lies in the other one");
                found.add(problem.at(&outer.pointer, "the other one"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{breaks, holds};
    use serde_json::json;

    #[test]
    fn the_log_in_the_data_and_the_data_in_the_log_are_warned_of_once() {
        let problem = breaks(&RULE, json!({ "zookeeper": { "dataLogDir": "/data/zookeeper/log" } }));
        let title = "`/data/zookeeper/log`, the directory of ZooKeeper's transaction log, lies in `/data/zookeeper`, \
                     ZooKeeper's data directory";
        assert_eq!(problem.title, title);
        breaks(&RULE, json!({ "zookeeper": { "dataDir": "/data/log/data", "dataLogDir": "/data/log" } }));
    }

    #[test]
    fn side_by_side_and_what_is_refused_are_not() {
        holds(&RULE, json!({ "zookeeper": { "dataLogDir": "/data/log" } }));
        holds(&RULE, json!({ "zookeeper": { "dataLogDir": "/data/zookeeper" } }));
        holds(&RULE, json!({ "kafka": { "logDirs": ["/data/zookeeper/kafka"] } }));
    }
}
