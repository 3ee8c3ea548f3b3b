//! Who votes in the ensemble, as the spec says it, for the rules about its size; no rule itself.

use crate::quorum::Electorate;
use crate::role::Role;
use crate::rules::prelude::*;
use crate::rules::settings::effective::Effective;

/// With which ZooKeeper takes a single voter for a server that needs no quorum.
pub(in crate::rules) const ALONE: &str = "standaloneEnabled";

pub(in crate::rules) fn may_be_alone(server: &Effective<'_>) -> bool {
    server.text(ALONE).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// Servers by what they are; empty where the ensemble is outside the spec.
pub(in crate::rules) struct Ensemble {
    pub(in crate::rules) voters: Vec<String>,
    pub(in crate::rules) observers: Vec<String>,
    /// Where the author says who is a member.
    pub(in crate::rules) at: &'static str,
}

pub(in crate::rules) fn of(draft: &Draft<'_>) -> Ensemble {
    let listed = draft.spec.zookeeper.hosts.as_ref();
    let follows = |name: &String| {
        let own = listed.and_then(|hosts| hosts.get(name));
        own.is_some_and(|own| own.observer == Some(true))
    };
    let members = draft.members(Role::ZooKeeper).into_iter().map(|(name, _)| name);
    let (observers, voters) = members.partition(follows);
    Ensemble { voters, observers, at: if listed.is_some() { "/zookeeper/hosts" } else { "/hosts" } }
}

/// Who voted in the last generation and who votes now, where both are known: a member that could not be
/// resolved, and groups that nobody can count, are errors already.
pub(in crate::rules) fn of_both(draft: &Draft<'_>) -> Option<(Electorate, Electorate)> {
    let unknown = |gap: &Gap| {
        matches!(
            gap,
            Gap::NotAHost { .. } | Gap::NoAddress { .. } | Gap::NoQuorum(_) | Gap::OtherQuorum { .. }
        )
    };
    let (old, new) = (draft.lock?.electorate(), draft.cluster.electorate());
    let known = !draft.gaps.iter().any(unknown) && !old.voters.is_empty() && !new.voters.is_empty();
    known.then_some((old, new))
}

impl Ensemble {
    /// Whether the votes are weighted, so that counting heads says nothing.
    pub(in crate::rules) fn is_weighted(draft: &Draft<'_>) -> bool {
        !draft.cluster.ensemble().quorum.is_majority()
    }

    pub(in crate::rules) fn majority(&self) -> usize {
        self.voters.len() / 2 + 1
    }
}
