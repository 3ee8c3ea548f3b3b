//! Who votes in the ensemble, as the spec says it, for the rules about its size; no rule itself.

use super::prelude::*;
use crate::resolve::Role;

/// Servers by what they are; empty where the ensemble is outside the spec.
pub(super) struct Ensemble {
    pub(super) voters: Vec<String>,
    pub(super) observers: Vec<String>,
    /// Where the author says who is a member.
    pub(super) at: &'static str,
}

pub(super) fn of(draft: &Draft<'_>) -> Ensemble {
    let listed = draft.spec.zookeeper.hosts.as_ref();
    let follows = |name: &String| {
        let own = listed.and_then(|hosts| hosts.get(name));
        own.is_some_and(|own| own.observer == Some(true))
    };
    let members = draft.members(Role::ZooKeeper).into_iter().map(|(name, _)| name);
    let (observers, voters) = members.partition(follows);
    Ensemble { voters, observers, at: if listed.is_some() { "/zookeeper/hosts" } else { "/hosts" } }
}

impl Ensemble {
    /// Whether the votes are weighted, so that counting heads says nothing.
    pub(super) fn is_weighted(draft: &Draft<'_>) -> bool {
        let weighs = |key: &String| key.starts_with("group") || key.starts_with("weight");
        draft.cluster.zookeeper.settings.keys().any(weighs)
    }

    pub(super) fn majority(&self) -> usize {
        self.voters.len() / 2 + 1
    }
}
