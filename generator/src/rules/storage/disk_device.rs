//! A disk says which one it is, in one way that udev and mkfs take.

use crate::rules::storage::disks::{self, Written};
use crate::rules::prelude::*;
use crate::problem::Problem;
use crate::resolve::defaults;
use crate::spec::FileSystem;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K405",
        severity: Error,
        title: "a disk does not say which one it is",
        why: "A host finds the disk at its mount point by the label or the UUID of its file system, or by the \
              name that its hardware has in /dev/disk/by-id. Names like /dev/sdb change from boot to boot. A \
              label that is too long is cut or refused by mkfs: XFS takes 12 characters (mkfs.xfs(8), -L), \
              ext4 16 (mke2fs(8), -L).",
        help: "give the disk exactly one of `label`, `uuid` and `id`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for Written { at, mount_point, disk } in disks::written(draft) {
        let given = [("label", &disk.label), ("uuid", &disk.uuid), ("id", &disk.id)];
        let given: Vec<_> =
            given.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?))).collect();
        match given.as_slice() {
            [] => {
                let title = format!("the disk at `{mount_point}` does not say which one it is");
                found.add(found.problem(title).at(&at, "no `label`, no `uuid` and no `id`"));
            }
            [(key, value)] => {
                let file_system = disk.file_system.unwrap_or(defaults::FILE_SYSTEM);
                let Some((fault, help)) = fault(key, value, file_system) else { continue };
                let article = if *key == "id" { "an" } else { "a" };
                let problem = found.problem(format!("`{value}` is not {article} `{key}` of a data disk: {fault}"));
                found.add(problem.at(format!("{at}/{key}"), fault).help(help));
            }
            several => {
                let title = format!("the disk at `{mount_point}` says twice which one it is");
                let label =
                    |problem: Problem, (key, _): &(&str, &str)| problem.at(format!("{at}/{key}"), "this");
                found.add(several.iter().fold(found.problem(title), label).help("keep one of them"));
            }
        }
    }
}

/// What is wrong and what to do.
fn fault(key: &str, value: &str, file_system: FileSystem) -> Option<(String, &'static str)> {
    let most = match file_system {
        FileSystem::Xfs => 12,
        FileSystem::Ext4 => 16,
    };
    let of_an_id = |byte: u8| key == "id" && b":+".contains(&byte);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte) || of_an_id(byte);
    Some(match key {
        "uuid" if is_uuid(value) => return None,
        "uuid" => (
            "it is not 32 digits and small letters a to f in groups of 8, 4, 4, 4 and 12".to_owned(),
            "write it as `lsblk -o NAME,UUID` does",
        ),
        _ if value.bytes().all(|byte| byte == b'.') => {
            ("it names no disk".to_owned(), "write it as `ls /dev/disk/by-label /dev/disk/by-id` does")
        }
        _ if !value.bytes().all(plain) => (
            "it holds characters other than letters, digits and those of file names".to_owned(),
            "use letters, digits, `.`, `_` and `-`; an `id` may have `:` and `+`, too",
        ),
        "label" if value.len() > most => {
            (format!("{file_system} takes at most {most} characters"), "choose a shorter one")
        }
        "label" if SYSTEM.contains(&value) => {
            ("it is that of the host's system disk".to_owned(), "choose a label of its own for each disk")
        }
        _ => return None,
    })
}

/// What the images of hosts and the template's machine files name.
const SYSTEM: [&str; 2] = ["nixos", "ESP"];

/// As udev writes the name of the link, in small letters.
fn is_uuid(value: &str) -> bool {
    let groups: Vec<_> = value.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12]
        && value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use crate::problem::Problem;
    use serde_json::{Value, json};

    fn disk(disk: &Value) -> Value {
        json!({ "disks": { "/data": disk } })
    }

    fn refused(written: &Value) -> Problem {
        breaks(&RULE, disk(written))
    }

    #[test]
    fn none_or_two_are_refused() {
        assert!(refused(&json!({})).title.contains("does not say"));
        assert_eq!(refused(&json!({ "label": "a", "id": "b" })).labels.len(), 2);
    }

    #[test]
    fn what_mkfs_or_udev_do_not_take_is_refused() {
        assert!(refused(&json!({ "label": "thirteen-long" })).title.contains("at most 12"));
        refused(&json!({ "label": "a b" }));
        assert!(refused(&json!({ "id": "a b" })).title.starts_with("`a b` is not an `id` of a data disk"));
        refused(&json!({ "id": "../sda" }));
        refused(&json!({ "id": "" }));
        refused(&json!({ "label": ".." }));
        refused(&json!({ "label": "a:b" }));
        assert!(refused(&json!({ "label": "nixos" })).title.contains("system disk"));
        refused(&json!({ "uuid": "8F0E5B9C-0000-0000-0000-000000000000" }));
        refused(&json!({ "uuid": "1234" }));
    }

    #[test]
    fn one_of_each_kind_is_fine_and_a_host_may_have_its_own() {
        holds(&RULE, disk(&json!({ "label": "sixteen-letters-", "fileSystem": "ext4" })));
        holds(&RULE, disk(&json!({ "uuid": "8f0e5b9c-1d2e-4f3a-9b8c-7d6e5f4a3b2c" })));
        holds(&RULE, disk(&json!({ "id": "nvme-Samsung_SSD_980_S64DNX0T1-part1" })));
        breaks(&RULE, json!({ "hosts": { "a": { "disks": { "/data": {} } } } }));
    }
}
