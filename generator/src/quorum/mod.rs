//! Which servers of an ensemble are a quorum: what `QuorumMaj`, `QuorumHierarchical` and
//! `QuorumOracleMaj` count in ZooKeeper 3.5 to 3.9. `tests/run 1 quorum` holds this against ZooKeeper's
//! own classes.

mod read;
mod meet;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use meet::Meeting;
pub use read::{Counting, Fault, Voters, counts, read};

/// Ids of servers.
pub type Ids = BTreeSet<i64>;

/// How votes are counted. By default: a majority of the voters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuorumRule {
    /// The servers of each `group.N`; with any, more than half of the weight in more than half of the
    /// groups is a quorum.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    groups: BTreeMap<i64, Ids>,
    /// `weight.N` of the servers in groups, where it is not 1.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    weights: BTreeMap<i64, i64>,
    /// Whether one of two voters alone is a quorum when a file says so (`oraclePath`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    oracle: bool,
}

impl QuorumRule {
    pub fn is_majority(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a group names a server.
    pub fn names(&self, id: i64) -> bool {
        self.groups.values().any(|ids| ids.contains(&id))
    }

    /// As they stand in `zookeeper.settings`; nothing for majorities.
    pub fn settings(&self) -> String {
        let ids = |ids: &Ids| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(":");
        let groups = self.groups.iter().map(|(name, of)| format!("`\"group.{name}\": \"{}\"`", ids(of)));
        let weights = self.weights.iter().map(|(id, weight)| format!("`\"weight.{id}\": {weight}`"));
        groups.chain(weights).collect::<Vec<_>>().join(" and ")
    }
}

/// The voters of an ensemble and how they count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Electorate {
    pub voters: Ids,
    pub rule: QuorumRule,
}

impl Electorate {
    /// Whether the voters that are `present` are a quorum.
    pub fn has_quorum(&self, present: impl Fn(i64) -> bool) -> bool {
        let there = |id: &&i64| self.voters.contains(*id) && present(**id);
        if self.rule.groups.is_empty() {
            let (all, there) = (self.voters.len(), self.voters.iter().filter(there).count());
            return there > all / 2 || (self.rule.oracle && all <= 2 && there > 0);
        }
        let weight = |id: &i64| i128::from(self.rule.weights.get(id).copied().unwrap_or(1));
        let (mut groups, mut won) = (0, 0);
        for ids in self.rule.groups.values() {
            let all: i128 = ids.iter().map(weight).sum();
            let there: i128 = ids.iter().filter(there).map(weight).sum();
            // A group without weight does not count.
            groups += u32::from(all != 0);
            won += u32::from(there > all / 2);
        }
        won > groups / 2
    }

    /// Whether a quorum is left without any one of the voters.
    pub fn survives_one(&self) -> bool {
        self.voters.iter().all(|gone| self.has_quorum(|id| id != *gone))
    }
}
