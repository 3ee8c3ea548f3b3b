//! `lock.json`: what the last generation decided and must not change by accident. It holds facts
//! only; what may change between two generations is for the rules to say.

mod values;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cluster::Model;
use crate::diagnostic::Diagnostic;
use crate::peering::{Peering, Ports};
use crate::problem::{Label, Place, Problem, Severity, Source, pointer};
use crate::quorum::{Electorate, QuorumRule};
use crate::role::Role;
use crate::spec::decode::plainly;
use crate::spec::not_json::{conflict, in_words, offset_of, without_position};
use crate::spec::{Address, Jdk, ProtocolVersion, Version};

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
    pub former: BTreeMap<Role, BTreeMap<String, i64>>,
}

/// What it holds of a service in any role.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    pub id: i64,
    pub jdk: Jdk,
    pub release: Version,
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
    /// Of its host, whose full name others have in `/etc/hosts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Names of its listeners.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listeners: Vec<String>,
}

/// What every layout has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

pub(crate) const DIAGNOSTICS: &[&Diagnostic] = &[&DAMAGED, &NEWER, &values::IMPOSSIBLE];

/// Who writes it and how to get it back.
const DAMAGED_HELP: &str = "kafnix alone writes `lock.json`: take it back from version control (git checkout), or, \
                            where nothing was deployed from it yet, remove it and run `kafnix generate`";

const MERGED_HELP: &str = "take the lock of the side that the hosts run (git checkout --ours or --theirs), resolve the \
                           spec, and run `kafnix generate`, which tells where the two differ";

const DAMAGED: Diagnostic = Diagnostic {
    code: "K008",
    severity: Severity::Error,
    title: "the lock cannot be read",
    why: "`lock.json` holds the ids that each host was given. Guessing them anew could move an id to \
          another host, so nothing is generated without it.",
    help: DAMAGED_HELP,
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
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        let lock = Self::parse(bytes).map_err(|problem| vec![*problem])?;
        let faults = values::faults(&lock);
        if faults.is_empty() { Ok(lock) } else { Err(faults) }
    }

    fn parse(bytes: &[u8]) -> Result<Self, Box<Problem>> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| refused(&DAMAGED, "the lock is not UTF-8".into(), error.valid_up_to()))?;
        let damaged = |error: serde_json::Error| {
            let title = format!("{}: {}", DAMAGED.title, plainly(&in_words(&without_position(&error))));
            refused(&DAMAGED, title, offset_of(text, &error))
        };
        if let Some(marker) = conflict(text) {
            let problem = refused(&DAMAGED, "the lock is an unresolved merge".into(), marker);
            return Err(Box::new(problem.help(MERGED_HELP)));
        }
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
        let external = cluster.ensemble().external;
        let mut lock = Self {
            format: FORMAT,
            cluster: cluster.name.value.clone(),
            chroot: cluster.kafka.as_ref().map(|kafka| kafka.chroot.value.clone()),
            inter_broker_protocol_version: cluster.kafka.as_ref().map(|kafka| kafka.protocol_version.value),
            inter_broker_listener: cluster
                .kafka
                .as_ref()
                .map(|kafka| kafka.inter_broker_listener.value.clone()),
            network: Some(cluster.default_network.value.clone()),
            quorum: cluster.ensemble().quorum.clone(),
            zookeeper_connect: if external { cluster.ensemble().connect.value.clone() } else { Vec::new() },
            ..Self::default()
        };
        for host in &cluster.hosts {
            if let Some(server) = &host.zookeeper {
                lock.zookeeper.insert(host.name.clone(), server.locked(host, cluster));
            }
            if let Some(broker) = &host.broker {
                lock.kafka.insert(host.name.clone(), broker.locked(host));
            }
        }
        lock.former = Role::ALL.into_iter().map(|role| (role, lock.left(before, role))).collect();
        lock
    }

    /// A lock that knows ids and nothing else.
    pub fn of_ids(cluster: &str, ids: impl IntoIterator<Item = (Role, String, i64)>) -> Self {
        let mut lock = Self { format: FORMAT, cluster: cluster.to_owned(), ..Self::default() };
        for (role, host, id) in ids {
            lock.former.entry(role).or_default().insert(host, id);
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

    /// Every service, with its role and its host.
    fn services(&self) -> impl Iterator<Item = (Role, &str, Held)> {
        let servers = self.zookeeper.iter().map(|(host, it)| {
            (Role::ZooKeeper, host.as_str(), Held { id: it.id, jdk: it.jdk, release: it.version })
        });
        servers.chain(self.kafka.iter().map(|(host, it)| {
            (Role::Broker, host.as_str(), Held { id: it.id, jdk: it.jdk, release: it.version })
        }))
    }

    /// The services of a role, by their hosts.
    pub fn held(&self, role: Role) -> BTreeMap<&str, Held> {
        let of_role = self.services().filter(|(its, ..)| *its == role);
        of_role.map(|(_, host, held)| (host, held)).collect()
    }

    /// Whether it is of before quorums, addresses and ports were kept.
    pub fn is_of_before(&self) -> bool {
        self.zookeeper.values().any(|server| server.address.is_none())
    }

    /// Where it has the id of a host that has or had a role.
    pub fn id_place(&self, role: Role, host: &str) -> String {
        if self.held(role).contains_key(host) {
            pointer([role.key(), host, "id"])
        } else {
            pointer(["former", role.key(), host])
        }
    }

    /// Who voted, and how that was counted.
    pub fn electorate(&self) -> Electorate {
        let voters = self.zookeeper.values().filter(|server| !server.observer).map(|server| server.id);
        Electorate { voters: voters.collect(), rule: self.quorum.clone() }
    }

    /// Ids of a role that are or were given to hosts.
    pub fn ids(&self, role: Role) -> BTreeMap<&str, i64> {
        let former = self.former.get(&role).into_iter().flatten().map(|(host, id)| (host.as_str(), *id));
        former.chain(self.held(role).into_iter().map(|(host, held)| (host, held.id))).collect()
    }

    /// Everyone who had an id before and has none now, unless the id went to another host.
    fn left(&self, before: Option<&Self>, role: Role) -> BTreeMap<String, i64> {
        let now = self.held(role);
        let had = before.map(|before| before.ids(role)).unwrap_or_default();
        had.into_iter()
            .filter(|(host, id)| !now.contains_key(host) && !now.values().any(|taken| taken.id == *id))
            .map(|(host, id)| (host.to_owned(), id))
            .collect()
    }
}

#[allow(clippy::unnecessary_box_returns, reason = "it is the error of a result, which stays small so")]
fn refused(diagnostic: &Diagnostic, title: String, offset: usize) -> Box<Problem> {
    let mut problem = diagnostic.problem(title);
    problem.source = Source::Lock;
    problem.labels.push(Label { place: Place::Offset(offset), text: diagnostic.title.to_owned() });
    Box::new(problem)
}
