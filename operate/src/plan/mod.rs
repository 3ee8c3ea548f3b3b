//! What has to be done for a running cluster to be what its spec says: typed steps out of a cluster and a snapshot.
//! Nobody is asked and nothing is done here.

mod remark;
mod brokers;
mod hosts;
mod topics;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::mem::discriminant;

use anyhow::Result;
use kafnix_client as client;
use kafnix_generator::Cluster;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use remark::{Kind, Remark};

use crate::observe::{Options, look};
use crate::progress::Progress;
use crate::snapshot::{Missing, Snapshot};

/// What differs, in the order in which it is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What `apply` does.
    pub steps: Vec<Step>,
    /// What a person has to do or to decide.
    pub open: Vec<Remark>,
    /// What is worth knowing and is left alone.
    pub notes: Vec<Remark>,
    /// What could not be compared, and why.
    pub unknown: Vec<Remark>,
    pub identity: Identity,
}

/// Whether the cluster that answered is the one of the spec, by its cluster id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    #[default]
    Unknown,
    Same(String),
    Other(String),
    /// The spec has no `kafka.clusterId`.
    Unwritten(String),
}

/// One thing that needs no restart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
    CreateTopic {
        topic: String,
        partitions: i64,
        replicas: i64,
        settings: BTreeMap<String, String>,
    },
    AddPartitions {
        topic: String,
        from: usize,
        to: i64,
    },
    /// All settings of a topic that change.
    AlterTopic {
        topic: String,
        settings: Vec<Change>,
    },
    /// Lets the preferred replica of each lead it.
    ElectLeaders {
        topic: String,
        partitions: Vec<i32>,
    },
}

/// A setting of a topic that changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Change {
    pub key: String,
    /// What holds now, where Kafka tells it.
    pub from: Option<String>,
    /// Absent where the topic is to have the broker's value again.
    pub to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
}

/// What a change may do that cannot be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Records that are kept now may be deleted.
    DeletesRecords,
}

impl Step {
    pub fn topic(&self) -> &str {
        match self {
            Self::CreateTopic { topic, .. }
            | Self::AddPartitions { topic, .. }
            | Self::AlterTopic { topic, .. }
            | Self::ElectLeaders { topic, .. } => topic,
        }
    }

    /// Whether both do the same kind of thing to the same topic.
    pub(crate) fn is_alike(&self, other: &Self) -> bool {
        discriminant(self) == discriminant(other) && self.topic() == other.topic()
    }
}

impl Plan {
    /// Whether the cluster is what the spec says, as far as that can be known.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.open.is_empty()
    }

    /// What names these steps in this cluster: another plan has another digest.
    pub fn digest(&self) -> String {
        let text = serde_json::to_vec(&(&self.identity, &self.steps)).unwrap_or_default();
        Sha256::digest(text).iter().take(6).fold(String::new(), |all, byte| format!("{all}{byte:02x}"))
    }
}

/// Asks every server and plans. Nothing is changed.
pub fn ask(cluster: &Cluster, options: &Options, progress: &dyn Progress) -> Result<Plan> {
    let snapshot = client::run(look(cluster, options, progress))?;
    Ok(plan(cluster, &snapshot))
}

/// Compares a cluster with what its servers answered.
pub fn plan(cluster: &Cluster, snapshot: &Snapshot) -> Plan {
    let mut plan = Plan::default();
    if let Err(missing) = &snapshot.registry {
        plan.unknown(Kind::Registry, "the ensemble", "what is registered there", missing);
    }
    // What differs from another cluster says nothing.
    if brokers::identify(cluster, snapshot, &mut plan) {
        if cluster.brokers().next().is_some() {
            topics::plan(cluster, snapshot, &mut plan);
            brokers::plan(cluster, snapshot, &mut plan);
        }
        hosts::plan(cluster, snapshot, &mut plan);
    }
    plan
}

impl Plan {
    fn open(&mut self, kind: Kind, subject: &str, what: String, help: String) {
        self.open.push(Remark { kind, subject: subject.to_owned(), what, help });
    }

    fn note(&mut self, kind: Kind, subject: &str, what: String, help: String) {
        self.notes.push(Remark { kind, subject: subject.to_owned(), what, help });
    }

    fn unknown(&mut self, kind: Kind, subject: &str, of_it: &str, missing: &Missing) {
        let what = format!("{of_it}: {}", missing.reason());
        self.unknown.push(Remark { kind, subject: subject.to_owned(), what, help: String::new() });
    }
}
