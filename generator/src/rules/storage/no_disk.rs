//! A cluster whose data must not lie on root disks says which disks it lies on.

use std::collections::BTreeSet;

use crate::rules::storage::undeclared_disk::perhaps_on_root;
use crate::rules::storage::{dirs, disks};
use crate::rules::prelude::*;
use crate::rules::message::at_all;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K438",
        severity: Warning,
        title: "the spec declares no disk",
        why: "Every directory lies on the root disk of its hosts, where a full disk stops the system as well, unless \
              their machine files mount something there. kafnix does not see those: where such a mount is missing \
              nothing reports it, and the server fills the root disk.",
        help: "declare the disks in `disks`; where the machine files mount them, move them into the spec, or \
               write that reason under `silenced`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    if disks::written(draft).next().is_some() {
        return;
    }
    let mut seen = BTreeSet::new();
    let dirs = draft.cluster.hosts.iter().flat_map(dirs::of_host).filter(|dir| perhaps_on_root(dir.path));
    let dirs: Vec<_> = dirs.filter(|dir| seen.insert(dir.pointer.clone())).collect();
    let Some(first) = dirs.first() else { return };
    let title = format!("no disk is declared, so `{}` lies on the root disk for all that the spec says", first.path);
    let disk = |mount_point| format!("`\"disks\": {{ \"{mount_point}\": {{ \"label\": \"data\" }} }}`");
    let declare = match first.path.rsplit_once('/') {
        Some((parent, _)) if !parent.is_empty() => format!("declare it, as in {}", disk(parent)),
        // The directory is none that a disk is mounted at, but one on it.
        _ => format!(
            "declare it, as in {}, and name a directory on it, like `/data/{}`",
            disk("/data"),
            first.purpose.role().key()
        ),
    };
    let help = format!(
        "{declare}; where the machine files mount it, move it into the spec, or write that reason under `silenced`"
    );
    let places = dirs.iter().map(|dir| &dir.pointer);
    found.add(at_all(found.problem(title), places, "on which disk?", "and this one").help(help));
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_spec_without_disks_is_told_once_with_every_directory_of_every_role() {
        let problem = breaks(&RULE, json!({ "zookeeper": { "dataLogDir": "/log/zookeeper" } }));
        assert!(problem.title.contains("`/data/zookeeper`"), "{problem:?}");
        assert_eq!(problem.labels.len(), 3);
        assert!(problem.help.contains(r#""/data": { "label""#));
    }

    #[test]
    fn a_directory_at_the_root_is_to_lie_below_the_mount_point() {
        let help = breaks(&RULE, json!({ "zookeeper": { "dataDir": "/zookeeper" } })).help;
        assert!(help.contains(r#""/data": { "label""#) && help.contains("like `/data/zookeeper`"), "{help}");
    }

    #[test]
    fn one_that_declares_a_disk_and_what_lies_on_the_root_disk_for_certain_are_left_to_their_rules() {
        holds(&RULE, json!({ "hosts": { "a": { "disks": { "/data": { "label": "data" } } } } }));
        holds(&RULE, json!({ "zookeeper": { "dataDir": null }, "kafka": { "logDirs": null } }));
    }

    #[test]
    fn a_host_that_another_system_runs_is_none_of_ours() {
        let other = json!({ "managed": false });
        holds(&RULE, json!({ "hosts": { "a": other, "b": other, "c": other } }));
    }
}
