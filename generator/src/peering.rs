//! What must be the same on two servers for them to reach each other: ports, and how they speak on
//! these. While hosts are switched one after the other, each server has its old settings or its new ones.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::cluster::{Model, Server};
use crate::spec::Address;

/// The ports of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ports {
    pub client: u16,
    pub peer: u16,
    pub election: u16,
    /// `secureClientPort`, with its address where that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secure_client: Option<String>,
}

impl Ports {
    pub fn of(cluster: &Model, server: &Server) -> Self {
        let plain = |key| Some(cluster.setting(server, key)?.value.plain()?.trim().to_owned());
        // Bound to every address or to the server's own it is found where the server is.
        let is_elsewhere = |bound: &String| {
            let address = bound.parse::<Address>();
            address.map_or(true, |it| it != server.address.value && !it.0.is_unspecified())
        };
        let secure = plain("secureClientPort").map(|port| {
            let address = plain("secureClientPortAddress").filter(is_elsewhere);
            address.map_or(port.clone(), |address| format!("{address}:{port}"))
        });
        Self {
            client: server.client_port.value,
            peer: server.peer_port.value,
            election: server.election_port.value,
            secure_client: secure,
        }
    }
}

/// A setting that changes what servers say to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Guard {
    #[serde(rename = "sslQuorum")]
    Tls,
    #[serde(rename = "portUnification")]
    BothOnOnePort,
    #[serde(rename = "quorum.auth.enableSasl")]
    Sasl,
    #[serde(rename = "quorum.auth.learnerRequireSasl")]
    LearnerRequiresSasl,
    #[serde(rename = "quorum.auth.serverRequireSasl")]
    ServerRequiresSasl,
}

impl Guard {
    pub const ALL: [Self; 5] =
        [Self::Tls, Self::BothOnOnePort, Self::Sasl, Self::LearnerRequiresSasl, Self::ServerRequiresSasl];

    pub fn key(self) -> &'static str {
        match self {
            Self::Tls => "sslQuorum",
            Self::BothOnOnePort => "portUnification",
            Self::Sasl => "quorum.auth.enableSasl",
            Self::LearnerRequiresSasl => "quorum.auth.learnerRequireSasl",
            Self::ServerRequiresSasl => "quorum.auth.serverRequireSasl",
        }
    }
}

/// Those that are true on a server.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Peering(BTreeSet<Guard>);

impl Peering {
    pub fn of(cluster: &Model, server: &Server) -> Self {
        let set = |guard: &Guard| cluster.setting(server, guard.key()).is_some_and(|it| it.value.is_true());
        Self(Guard::ALL.into_iter().filter(set).collect())
    }

    pub fn is_plain(&self) -> bool {
        self.0.is_empty()
    }

    fn has(&self, guard: Guard) -> bool {
        self.0.contains(&guard)
    }

    /// Whether a server takes the connections of another one (QuorumCnxManager.java, Learner.java,
    /// UnifiedServerSocket.java; SaslQuorumAuthLearner.java, SaslQuorumAuthServer.java).
    fn reaches(&self, other: &Self) -> bool {
        let tls = if self.has(Guard::Tls) {
            other.has(Guard::Tls) || other.has(Guard::BothOnOnePort)
        } else {
            !other.has(Guard::Tls) || other.has(Guard::BothOnOnePort)
        };
        let sasl = if self.has(Guard::Sasl) && self.has(Guard::LearnerRequiresSasl) {
            other.has(Guard::Sasl)
        } else {
            !(other.has(Guard::Sasl) && other.has(Guard::ServerRequiresSasl))
        };
        tls && sasl
    }

    /// Whether either may lead and the other follow.
    pub fn meets(&self, other: &Self) -> bool {
        self.reaches(other) && other.reaches(self)
    }

    /// Whether ZooKeeper starts with it (QuorumPeerConfig.java).
    fn is_valid(&self) -> bool {
        let needs = |guard, other| !self.has(guard) || self.has(other);
        needs(Guard::ServerRequiresSasl, Guard::LearnerRequiresSasl)
            && needs(Guard::LearnerRequiresSasl, Guard::Sasl)
    }

    /// The fewest steps to another one in which each meets the one before it: all but this one.
    pub fn walk(&self, to: &Self) -> Option<Vec<Self>> {
        let all = (0_u32..1 << Guard::ALL.len()).map(|set| {
            let chosen = Guard::ALL.into_iter().enumerate().filter(|(place, _)| set & (1 << place) != 0);
            Self(chosen.map(|(_, guard)| guard).collect())
        });
        let all: Vec<_> = all.filter(|it| it.is_valid() && it.meets(it)).collect();
        let mut from: BTreeMap<&Self, &Self> = BTreeMap::from([(self, self)]);
        let mut next = VecDeque::from([self]);
        while let Some(here) = next.pop_front() {
            for there in all.iter().filter(|there| here.meets(there)) {
                if !from.contains_key(there) {
                    from.insert(there, here);
                    next.push_back(there);
                }
            }
        }
        let mut steps = vec![];
        let mut at = from.get_key_value(to).map(|(to, _)| *to)?;
        while at != self {
            steps.push(at.clone());
            at = from.get(at).copied()?;
        }
        steps.reverse();
        Some(steps)
    }

    /// What is set otherwise than before, like `` `sslQuorum` true ``.
    pub fn differences(&self, before: &Self) -> Vec<String> {
        let changed = Guard::ALL.into_iter().filter(|guard| self.has(*guard) != before.has(*guard));
        changed.map(|guard| format!("`{}` {}", guard.key(), self.has(guard))).collect()
    }

    /// The settings by which it is not like another one.
    pub fn unlike(&self, other: &Self) -> impl Iterator<Item = &'static str> {
        Guard::ALL.into_iter().filter(|guard| self.has(*guard) != other.has(*guard)).map(Guard::key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Guard::{BothOnOnePort, LearnerRequiresSasl, Sasl, ServerRequiresSasl, Tls};

    fn with(guards: &[Guard]) -> Peering {
        Peering(guards.iter().copied().collect())
    }

    fn steps(from: &[Guard], to: &[Guard]) -> Vec<Peering> {
        with(from).walk(&with(to)).unwrap()
    }

    #[test]
    fn the_walk_to_tls_is_that_of_the_manual_and_the_same_backwards() {
        let plain: &[Guard] = &[];
        let walk: [&[Guard]; 3] = [&[BothOnOnePort], &[Tls, BothOnOnePort], &[Tls]];
        assert_eq!(steps(plain, &[Tls]), walk.map(with));
        let back: [&[Guard]; 3] = [&[Tls, BothOnOnePort], &[BothOnOnePort], plain];
        assert_eq!(steps(&[Tls], plain), back.map(with));
    }

    #[test]
    fn the_walk_to_sasl_is_that_of_the_manual() {
        let walk: [&[Guard]; 3] =
            [&[Sasl], &[Sasl, LearnerRequiresSasl], &[Sasl, LearnerRequiresSasl, ServerRequiresSasl]];
        assert_eq!(steps(&[], &[Sasl, LearnerRequiresSasl, ServerRequiresSasl]), walk.map(with));
    }

    #[test]
    fn no_step_is_no_walk() {
        assert_eq!(steps(&[Tls], &[Tls]), []);
        assert_eq!(with(&[]).walk(&with(&[ServerRequiresSasl])), None);
    }
}
