//! Every directory of a host is its own.

use std::collections::{BTreeMap, BTreeSet};

use kafnix_protocol::directories::VERSION_2;

use crate::cluster::Purpose;
use crate::rules::storage::dirs::{self, Dir};
use crate::rules::prelude::*;
use crate::cluster::Host;
use crate::problem::Problem;
use crate::role::Role;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K402",
        severity: Error,
        title: "nested or equal directories",
        why: "Kafka takes every folder in a log directory for a partition and does not start when it finds another one \
              there (seen with 2.7.0 and 3.9.2: `lost+found` is enough), and it locks each directory, so one that is \
              named twice is refused. ZooKeeper's transaction log lies in `dataDir` where `dataLogDir` is left out; \
              with `dataDir` named for both, the log would have no marker of its own. `version-2` in a directory of \
              ZooKeeper belongs to ZooKeeper itself.",
        help: "give each a directory of its own, side by side, like `/data/kafka1` and `/data/kafka2`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    // Hosts that share the cluster's directories share the fault: each pair of places is told once.
    let mut told = BTreeSet::new();
    for host in &draft.cluster.hosts {
        for (outer, inner) in overlaps(host).into_iter().filter(|(outer, inner)| !serves(outer, inner)) {
            if told.insert((outer.pointer.clone(), inner.pointer.clone())) {
                let problem = found.problem(title(&outer, &inner));
                found.add(place(problem, &outer, &inner));
            }
        }
    }
}

/// Whether ZooKeeper serves with one of its directories in the other.
pub(in crate::rules) fn serves(outer: &Dir<'_>, inner: &Dir<'_>) -> bool {
    let of_zookeeper = [outer, inner].iter().all(|dir| dir.purpose.role() == Role::ZooKeeper);
    let below = parts(inner.path).nth(parts(outer.path).count());
    of_zookeeper && outer.purpose != inner.purpose && below.is_some_and(|folder| folder != VERSION_2)
}

/// Directories of a host that are or lie in another one of it, each with that one.
pub(in crate::rules) fn overlaps(host: &Host) -> Vec<(Dir<'_>, Dir<'_>)> {
    let dirs: Vec<_> = dirs::of_host(host).filter(|dir| dir.path.starts_with('/')).collect();
    let mut first_of: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
    for (index, dir) in dirs.iter().enumerate() {
        first_of.entry(parts(dir.path).collect()).or_insert(index);
    }
    let outer = |index: usize, dir: &Dir<'_>| {
        let mut path: Vec<_> = parts(dir.path).collect();
        loop {
            match first_of.get(&path) {
                Some(outer) if *outer != index => return dirs.get(*outer).cloned(),
                _ => path.pop()?,
            };
        }
    };
    let inner = dirs.iter().enumerate();
    inner.filter_map(|(index, dir)| Some((outer(index, dir)?, dir.clone()))).collect()
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !matches!(*part, "" | "."))
}

fn title(outer: &Dir<'_>, inner: &Dir<'_>) -> String {
    let same = parts(outer.path).eq(parts(inner.path));
    match (same, outer.purpose == inner.purpose) {
        (true, true) => format!("`{}` is named twice", inner.path),
        (true, false) => {
            format!("`{}` is both {} and {}", inner.path, outer.purpose.phrase(), inner.purpose.phrase())
        }
        (false, true) => format!("`{}` lies in `{}`, and both are to hold records", inner.path, outer.path),
        (false, false) => {
            let (inner_use, outer_use) = (inner.purpose.phrase(), outer.purpose.phrase());
            format!("`{}`, {inner_use}, lies in `{}`, {outer_use}", inner.path, outer.path)
        }
    }
}

/// The place to change is one that the author wrote.
fn place(problem: Problem, outer: &Dir<'_>, inner: &Dir<'_>) -> Problem {
    let text = |dir: &Dir<'_>| {
        let by_default = if dir.written { "" } else { " by default" };
        format!("`{}` is {}{by_default}", dir.path, dir.purpose.phrase())
    };
    let (first, second) = if inner.written { (inner, outer) } else { (outer, inner) };
    let problem = problem.at(&first.pointer, text(first)).at(&second.pointer, text(second));
    let data_is_log = parts(outer.path).eq(parts(inner.path)) && inner.purpose == Purpose::TransactionLog;
    if data_is_log && outer.purpose == Purpose::Snapshots {
        return problem
            .help("leave `dataLogDir` out: the log then lies in `dataDir`; or give it a disk of its own");
    }
    problem
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, says};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_log_directory_named_twice_is_one_problem_for_all_hosts() {
        let problem = breaks(&RULE, json!({ "kafka": { "logDirs": ["/data/k", "/data/k"] } }));
        assert_eq!(problem.title, "`/data/k` is named twice");
        assert_eq!(problem.labels.len(), 2);
    }

    #[test]
    fn a_directory_in_another_is_refused_whatever_the_order() {
        for dirs in [["/data/k", "/data/k/2"], ["/data/k/2", "/data/k"]] {
            let problem = breaks(&RULE, json!({ "kafka": { "logDirs": dirs } }));
            assert!(problem.title.starts_with("`/data/k/2` lies in `/data/k`, and both"));
        }
    }

    #[test]
    fn the_log_of_zookeeper_in_its_data_directory_is_refused_with_its_own_way_out() {
        let problem = breaks(&RULE, json!({ "zookeeper": { "dataLogDir": "/data/zookeeper" } }));
        assert!(problem.help.contains("leave `dataLogDir` out"));
        breaks(&RULE, json!({ "zookeeper": { "dataLogDir": "/data/zookeeper/version-2/log" } }));
        holds(&RULE, json!({ "zookeeper": { "dataLogDir": "/data/zookeeper/log" } }));
    }

    #[test]
    fn the_two_products_share_no_directory() {
        let problem = breaks(&RULE, json!({ "kafka": { "logDirs": ["/data/zookeeper/kafka"] } }));
        assert!(problem.title.contains("ZooKeeper's data directory"));
    }

    #[test]
    fn a_written_directory_that_meets_a_default_is_the_place_to_change() {
        let spec =
            r#"{"hosts": {"a": {"address": "10.0.0.1"}}, "kafka": {"logDirs": ["/var/lib/zookeeper"]}}"#;
        let problem = crate::rules::testing::one(crate::rules::testing::says_of(&RULE, spec, None));
        assert_eq!(format!("{:?}", problem.labels[0].place), r#"Pointer("/kafka/logDirs/0")"#);
        assert!(problem.labels[1].text.ends_with("by default"));
    }

    #[test]
    fn side_by_side_or_on_different_hosts_is_fine() {
        holds(&RULE, json!({ "kafka": { "logDirs": ["/data/k", "/data/k2"] } }));
        let problems = says(
            &RULE,
            json!({ "zookeeper": { "hosts": { "a": {} } },
                    "kafka": { "hosts": { "b": { "logDirs": ["/data/zookeeper"] } } } }),
        );
        assert_eq!(problems, []);
    }
}
