//! `lock.json`: what the last generation decided and must not change by accident. It holds facts
//! only; what may change between two generations is for the rules to say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cluster::Model;
use crate::diagnostic::Diagnostic;
use crate::peering::{Peering, Ports};
use crate::problem::{Label, Place, Problem, Severity, Source};
use crate::quorum::{Electorate, QuorumRule};
use crate::spec::decode::plainly;
use crate::spec::read::{offset_of, without_position};
use crate::spec::{Address, Jdk, ProtocolVersion, Version, Versions};

/// The layout of the file. A reader takes this one only.
const FORMAT: u32 = 1;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lock {
    format: u32,
    pub cluster: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chroot: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inter_broker_protocol_version: Option<ProtocolVersion>,
    /// Absent in locks of before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inter_broker_listener: Option<String>,
    /// The network that is meant where none is named. Absent in locks of before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// `host:port` of an ensemble outside the spec.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zookeeper_connect: Vec<String>,
    /// How the servers count votes; absent: by majorities, which locks of before it was kept are taken
    /// to mean.
    #[serde(default, skip_serializing_if = "QuorumRule::is_majority")]
    pub quorum: QuorumRule,
    #[serde(default)]
    pub zookeeper: BTreeMap<String, LockedServer>,
    #[serde(default)]
    pub kafka: BTreeMap<String, LockedBroker>,
    /// Ids of hosts that have left: no other host gets them by itself.
    #[serde(default)]
    pub former: Former,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LockedServer {
    pub id: i64,
    pub jdk: Jdk,
    pub version: Version,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub observer: bool,
    /// Where the others and clients find it. Absent in locks of before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ports: Option<Ports>,
    /// Settings that keep servers which do not have them from reaching it.
    #[serde(default, skip_serializing_if = "Peering::is_plain")]
    pub peering: Peering,
    pub data_dir: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_log_dir: Option<String>,
    /// Whether it came to an ensemble that was there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub joined: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LockedBroker {
    pub id: i64,
    pub jdk: Jdk,
    pub version: Version,
    pub log_dirs: Vec<String>,
    /// Names of its listeners.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listeners: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Former {
    #[serde(default)]
    pub zookeeper: BTreeMap<String, i64>,
    #[serde(default)]
    pub kafka: BTreeMap<String, i64>,
}

/// What every layout has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

pub(crate) const DIAGNOSTICS: &[&Diagnostic] = &[&DAMAGED, &NEWER];

const DAMAGED: Diagnostic = Diagnostic {
    code: "K008",
    severity: Severity::Error,
    title: "the lock cannot be read",
    why: "`lock.json` holds the ids that each host was given. Guessing them anew could move an id to \
          another host, so nothing is generated without it.",
    help: "take `lock.json` back from version control: it is never written by hand",
};

const NEWER: Diagnostic = Diagnostic {
    code: "K009",
    severity: Severity::Error,
    title: "the lock was written by a newer kafnix",
    why: "A newer layout may hold decisions that this version would not keep.",
    help: "run the kafnix that wrote it, or a newer one",
};

impl Lock {
    /// Reads `lock.json`.
    pub fn read(bytes: &[u8]) -> Result<Self, Box<Problem>> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| refused(&DAMAGED, "the lock is not UTF-8".into(), error.valid_up_to()))?;
        let damaged = |error: serde_json::Error| {
            let title = format!("{}: {}", DAMAGED.title, plainly(&without_position(&error)));
            refused(&DAMAGED, title, offset_of(text, &error))
        };
        let Format { format } = serde_json::from_str(text).map_err(damaged)?;
        if format == 0 {
            let title = format!("{}: no kafnix wrote format 0", DAMAGED.title);
            return Err(refused(&DAMAGED, title, text.find("\"format\"").unwrap_or(0)));
        }
        if format > FORMAT {
            let title = format!("the lock has format {format}; this kafnix knows {FORMAT}");
            return Err(refused(&NEWER, title, text.find("\"format\"").unwrap_or(0)));
        }
        serde_json::from_str(text).map_err(damaged)
    }

    /// What a generation of this cluster decides, given what the one before it had.
    pub fn of(cluster: &Model, before: Option<&Self>) -> Self {
        let external = cluster.zookeeper.external;
        let mut lock = Self {
            format: FORMAT,
            cluster: cluster.name.value.clone(),
            chroot: cluster.kafka.as_ref().map(|kafka| kafka.chroot.value.clone()),
            inter_broker_protocol_version: cluster.kafka.as_ref().map(|kafka| kafka.protocol_version.value),
            inter_broker_listener: cluster
                .kafka
                .as_ref()
                .map(|kafka| kafka.inter_broker_listener.value.clone()),
            network: Some(cluster.default_network.clone()),
            quorum: cluster.zookeeper.quorum.clone(),
            zookeeper_connect: if external { cluster.zookeeper.connect.clone() } else { Vec::new() },
            ..Self::default()
        };
        for host in &cluster.hosts {
            if let Some(server) = &host.zookeeper {
                lock.zookeeper.insert(host.name.clone(), server.locked(host, &cluster.zookeeper));
            }
            if let Some(broker) = &host.kafka {
                lock.kafka.insert(host.name.clone(), broker.locked(host));
            }
        }
        if let Some(before) = before {
            lock.former = before.former_beside(&lock);
        }
        lock
    }

    /// The file's text.
    pub fn text(&self) -> String {
        // Strings, integers and maps with string keys: nothing in it can fail to serialize.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The versions that a host ran; for one that is new, the newest that any host ran, so that it
    /// joins the cluster as it is.
    pub fn versions(&self, host: &str) -> Versions {
        let (server, broker) = (self.zookeeper.get(host), self.kafka.get(host));
        let servers = || self.zookeeper.values();
        let brokers = || self.kafka.values();
        let jdks = servers().map(|server| server.jdk).chain(brokers().map(|broker| broker.jdk));
        let own_jdk = server.map(|server| server.jdk).or(broker.map(|broker| broker.jdk));
        Versions {
            jdk: own_jdk.or_else(|| jdks.max()),
            zookeeper: server.map(|s| s.version).or_else(|| servers().map(|s| s.version).max()),
            kafka: broker.map(|b| b.version).or_else(|| brokers().map(|b| b.version).max()),
        }
    }

    /// Whether it is of before quorums, addresses and ports were kept.
    pub fn is_of_before(&self) -> bool {
        self.zookeeper.values().any(|server| server.address.is_none())
    }

    /// Who voted, and how that was counted.
    pub fn electorate(&self) -> Electorate {
        let voters = self.zookeeper.values().filter(|server| !server.observer).map(|server| server.id);
        Electorate { voters: voters.collect(), rule: self.quorum.clone() }
    }

    /// Ids that are or were given to hosts other than this one.
    pub fn server_ids(&self) -> BTreeMap<&str, i64> {
        let now = self.zookeeper.iter().map(|(host, server)| (host.as_str(), server.id));
        self.former.zookeeper.iter().map(|(host, id)| (host.as_str(), *id)).chain(now).collect()
    }

    pub fn broker_ids(&self) -> BTreeMap<&str, i64> {
        let now = self.kafka.iter().map(|(host, broker)| (host.as_str(), broker.id));
        self.former.kafka.iter().map(|(host, id)| (host.as_str(), *id)).chain(now).collect()
    }

    /// Everyone who had an id before and has none in `after`, unless the id went to another host.
    fn former_beside(&self, after: &Self) -> Former {
        let left = |before: BTreeMap<&str, i64>, now: BTreeMap<&str, i64>| {
            before
                .into_iter()
                .filter(|(host, id)| !now.contains_key(host) && !now.values().any(|taken| taken == id))
                .map(|(host, id)| (host.to_owned(), id))
                .collect()
        };
        Former {
            zookeeper: left(self.server_ids(), after.server_ids()),
            kafka: left(self.broker_ids(), after.broker_ids()),
        }
    }
}

#[allow(clippy::unnecessary_box_returns, reason = "it is the error of a result, which stays small so")]
fn refused(diagnostic: &Diagnostic, title: String, offset: usize) -> Box<Problem> {
    let mut problem = diagnostic.problem(title);
    problem.source = Source::Lock;
    problem.labels.push(Label { place: Place::Offset(offset), text: diagnostic.title.to_owned() });
    Box::new(problem)
}
