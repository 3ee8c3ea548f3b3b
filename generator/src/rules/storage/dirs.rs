//! The directories of the servers, for the rules about them: each as the author wrote it, once, and
//! each as a host uses it. What a host that another system runs has on its disks is not ours to judge.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::cluster::{Directories, Host, Origin, Purpose};
use crate::rules::prelude::*;
use crate::rules::settings::settings_view::before_comment;

#[derive(Clone, Debug)]
pub(in crate::rules) struct Dir<'a> {
    pub(in crate::rules) path: &'a str,
    pub(in crate::rules) purpose: Purpose,
    /// Where it is written; for a default, where it would be.
    pub(in crate::rules) pointer: String,
    pub(in crate::rules) written: bool,
}

/// Every directory in the text of the spec.
pub(in crate::rules) fn written<'a>(draft: &'a Draft<'_>) -> impl Iterator<Item = Dir<'a>> {
    let (zookeeper, kafka) = (&draft.spec.zookeeper, &draft.spec.kafka);
    let (data, log, records) = (Purpose::Snapshots, Purpose::TransactionLog, Purpose::Records);
    let servers = zookeeper.hosts.iter().flatten().filter(|(name, _)| managed(draft, name));
    let brokers = kafka.hosts.iter().flatten().filter(|(name, _)| managed(draft, name));
    let own = |purpose: Purpose, host: &str| pointer([purpose.role().key(), "hosts", host, purpose.key()]);
    let one =
        |purpose, place: String, path: &'a Option<String>| listed(purpose, place, path.as_slice(), true);
    one(data, data.pointer(), &zookeeper.data_dir)
        .chain(one(log, log.pointer(), &zookeeper.data_log_dir))
        .chain(servers.flat_map(move |(name, server)| {
            let logs = one(log, own(log, name), &server.data_log_dir);
            one(data, own(data, name), &server.data_dir).chain(logs)
        }))
        .chain(listed(records, records.pointer(), kafka.log_dirs.as_deref().unwrap_or_default(), true))
        .chain(brokers.flat_map(move |(name, broker)| {
            let paths = broker.log_dirs.as_deref().unwrap_or_default();
            listed(records, own(records, name), paths, true)
        }))
}

pub(in crate::rules) fn managed(draft: &Draft<'_>, host: &str) -> bool {
    draft.spec.hosts.get(host).is_none_or(|host| host.managed.unwrap_or(true))
}

/// The paths that stand at a place, each at its own where that is a list in the spec.
fn listed(purpose: Purpose, place: String, paths: &[String], written: bool) -> impl Iterator<Item = Dir<'_>> {
    paths.iter().enumerate().map(move |(index, path)| Dir {
        path,
        purpose,
        pointer: if written && purpose.is_list() { format!("{place}/{index}") } else { place.clone() },
        written,
    })
}

/// Every directory that a host uses, defaults included.
pub(in crate::rules) fn of_host(host: &Host) -> impl Iterator<Item = Dir<'_>> {
    let directories = host.services().filter(|_| host.managed.value).flat_map(|service| &service.directories);
    directories.flat_map(|directories| {
        let Directories { purpose, paths } = directories;
        let (place, written) = match &paths.origin {
            Origin::Spec(pointer) => (pointer.clone(), true),
            _ => (purpose.pointer(), false),
        };
        listed(*purpose, place, &paths.value, written)
    })
}

/// Those that lie on none of the host's declared disks.
pub(in crate::rules) fn without_disk(host: &Host) -> impl Iterator<Item = Dir<'_>> {
    of_host(host).filter(|dir| !host.disks.iter().any(|disk| disk.holds(dir.path)))
}

/// Why no server can keep its data in a directory, if so.
pub(in crate::rules) fn unusable(path: &str) -> Option<String> {
    let shared = || "the unit would make all of it its user's own; name a directory below it".to_owned();
    unfit(path).or_else(|| is_shared(path).then(shared))
}

/// The path without what a properties file has behind it or a shell takes beside it, where a server can keep its data
/// there.
pub(in crate::rules) fn plain(path: &str) -> Option<String> {
    let parts = before_comment(path).strip_prefix('/')?.split('/').filter(|part| !matches!(*part, "" | "."));
    let plain: String = parts.flat_map(|part| ["/", part]).collect();
    unusable(&plain).is_none().then_some(plain)
}

/// Why nothing of a server can lie there, if so.
pub(in crate::rules) fn unfit(path: &str) -> Option<String> {
    let Some(rest) = path.strip_prefix('/') else {
        return Some(if path.is_empty() { "it is empty".into() } else { "it is relative".into() });
    };
    if rest.is_empty() {
        return Some("it is the root of all files".into());
    }
    if rest.ends_with('/') {
        return Some("it ends with `/`".into());
    }
    if let Some(part) = rest.split('/').find(|part| matches!(*part, "" | "." | "..")) {
        return Some(if part.is_empty() { "it holds `//`".into() } else { format!("it holds `{part}`") });
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._/-".contains(letter);
    if let Some(letter) = path.chars().find(|letter| !plain(*letter)) {
        return Some(format!("it holds {letter:?}"));
    }
    let below =
        |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let forbidden = TABLE.forbidden.iter().find(|(root, _)| below(root));
    forbidden.map(|(root, what)| format!("`{root}` {what}"))
}

/// Where no data may lie, and why, and which directories are not a server's as a whole: a unit makes its
/// directory its user's own, with mode 0750. The modules' assertion reads the same file.
#[derive(Deserialize)]
struct Table {
    forbidden: BTreeMap<String, String>,
    shared: BTreeSet<String>,
}

#[allow(
    clippy::expect_used,
    reason = "the table is a part of the program, and every test of a rule reads it"
)]
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../directories.json")).expect("directories.json is well formed")
});

/// Whether others live there, too.
pub(in crate::rules) fn is_shared(path: &str) -> bool {
    TABLE.shared.contains(path)
}
