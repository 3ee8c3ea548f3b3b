//! The directories of the servers, for the rules about them: each as the author wrote it, once, and
//! each as a host uses it. What a host that another system runs has on its disks is not ours to judge.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::cluster::{Machine, Origin, Sourced};
use crate::pins::Product;
use crate::rules::prelude::*;

/// What a directory is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::rules) enum Use {
    /// ZooKeeper's snapshots.
    Data,
    /// ZooKeeper's transaction log.
    Log,
    /// Kafka's records.
    Records,
}

impl Use {
    pub(in crate::rules) fn product(self) -> Product {
        match self {
            Self::Data | Self::Log => Product::ZooKeeper,
            Self::Records => Product::Kafka,
        }
    }

    /// As in "`/data` is …".
    pub(in crate::rules) fn phrase(self) -> &'static str {
        match self {
            Self::Data => "ZooKeeper's data directory",
            Self::Log => "the directory of ZooKeeper's transaction log",
            Self::Records => "a log directory of Kafka",
        }
    }

    pub(in crate::rules) fn key(self) -> &'static str {
        match self {
            Self::Data => "/zookeeper/dataDir",
            Self::Log => "/zookeeper/dataLogDir",
            Self::Records => "/kafka/logDirs",
        }
    }
}

#[derive(Clone, Debug)]
pub(in crate::rules) struct Dir<'a> {
    pub(in crate::rules) path: &'a str,
    pub(in crate::rules) used_as: Use,
    /// Where it is written; for a default, where it would be.
    pub(in crate::rules) pointer: String,
    pub(in crate::rules) written: bool,
}

/// Every directory in the text of the spec.
pub(in crate::rules) fn written<'a>(draft: &'a Draft<'_>) -> impl Iterator<Item = Dir<'a>> {
    let (zookeeper, kafka) = (&draft.spec.zookeeper, &draft.spec.kafka);
    let servers = zookeeper.hosts.iter().flatten().filter(|(name, _)| managed(draft, name));
    let brokers = kafka.hosts.iter().flatten().filter(|(name, _)| managed(draft, name));
    let one = |used_as, pointer: String, path: &'a Option<String>| {
        path.iter().map(move |path| Dir { path, used_as, pointer: pointer.clone(), written: true })
    };
    one(Use::Data, Use::Data.key().into(), &zookeeper.data_dir)
        .chain(one(Use::Log, Use::Log.key().into(), &zookeeper.data_log_dir))
        .chain(servers.flat_map(move |(name, server)| {
            let at = |key| pointer(["zookeeper", "hosts", name, key]);
            one(Use::Data, at("dataDir"), &server.data_dir).chain(one(
                Use::Log,
                at("dataLogDir"),
                &server.data_log_dir,
            ))
        }))
        .chain(records(Use::Records.key().into(), kafka.log_dirs.as_deref(), true))
        .chain(brokers.flat_map(|(name, broker)| {
            records(pointer(["kafka", "hosts", name, "logDirs"]), broker.log_dirs.as_deref(), true)
        }))
}

pub(in crate::rules) fn managed(draft: &Draft<'_>, host: &str) -> bool {
    draft.spec.hosts.get(host).is_none_or(|host| host.managed.unwrap_or(true))
}

fn records(list: String, paths: Option<&[String]>, written: bool) -> impl Iterator<Item = Dir<'_>> {
    paths.into_iter().flatten().enumerate().map(move |(index, path)| Dir {
        path,
        used_as: Use::Records,
        pointer: if written { format!("{list}/{index}") } else { list.clone() },
        written,
    })
}

/// Every directory that a host uses, defaults included.
pub(in crate::rules) fn of_host(host: &Machine) -> impl Iterator<Item = Dir<'_>> {
    fn one(used_as: Use, dir: &Sourced<String>) -> Dir<'_> {
        let (pointer, written) = place(dir, used_as);
        Dir { path: &dir.value, used_as, pointer, written }
    }
    let server = host.zookeeper.iter().filter(|_| host.managed);
    let broker = host.kafka.iter().filter(|_| host.managed);
    server
        .flat_map(|server| {
            let log = server.data_log_dir.as_ref().map(|dir| one(Use::Log, dir));
            [Some(one(Use::Data, &server.data_dir)), log].into_iter().flatten()
        })
        .chain(broker.flat_map(|broker| {
            let (list, written) = place(&broker.log_dirs, Use::Records);
            records(list, Some(&broker.log_dirs.value), written)
        }))
}

/// Those that lie on none of the host's declared disks.
pub(in crate::rules) fn without_disk(host: &Machine) -> impl Iterator<Item = Dir<'_>> {
    of_host(host).filter(|dir| !host.disks.iter().any(|disk| disk.holds(dir.path)))
}

fn place<T>(value: &Sourced<T>, used_as: Use) -> (String, bool) {
    match &value.from {
        Origin::Spec(pointer) => (pointer.clone(), true),
        _ => (used_as.key().to_owned(), false),
    }
}

/// Why no server can keep its data in a directory, if so.
pub(in crate::rules) fn unusable(path: &str) -> Option<String> {
    let shared = || "the unit would make all of it its user's own; name a directory below it".to_owned();
    unfit(path).or_else(|| is_shared(path).then(shared))
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
