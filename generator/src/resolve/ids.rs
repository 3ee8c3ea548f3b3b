//! Which id a member has. Explicit ones stand; others come from the lock; a new member gets the
//! lowest one that nobody has or had, in the order of the file, from 1.

use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::{Origin, Sourced};

pub(super) struct Member<'a> {
    pub(super) name: &'a str,
    /// The id that the spec gives, with its pointer.
    pub(super) written: Option<(i64, String)>,
}

/// `place` is where the lock has the id of a host.
pub(super) fn assign(
    members: &[Member<'_>],
    locked: &BTreeMap<&str, i64>,
    place: impl Fn(&str) -> String,
) -> Vec<Sourced<i64>> {
    let written = members.iter().filter_map(|member| Some(member.written.as_ref()?.0));
    let mut taken: BTreeSet<i64> = written.chain(locked.values().copied()).collect();
    let mut lowest = 1;
    members
        .iter()
        .map(|member| {
            if let Some((id, at)) = &member.written {
                return Sourced::new(*id, Origin::Spec(at.clone()));
            }
            if let Some(id) = locked.get(member.name) {
                return Sourced::new(*id, Origin::Lock(place(member.name)));
            }
            while !taken.insert(lowest) {
                lowest += 1;
            }
            Sourced::new(lowest, Origin::Default("the lowest id that is free"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(members: &[(&str, Option<i64>)], locked: &[(&str, i64)]) -> Vec<i64> {
        let members: Vec<_> = members
            .iter()
            .map(|(name, id)| Member { name, written: id.map(|id| (id, String::new())) })
            .collect();
        let locked = locked.iter().copied().collect();
        assign(&members, &locked, str::to_owned).into_iter().map(|id| id.value).collect()
    }

    #[test]
    fn new_members_get_the_lowest_free_ids_in_the_order_of_the_file() {
        assert_eq!(ids(&[("c", None), ("a", None), ("b", Some(1))], &[]), [2, 3, 1]);
    }

    #[test]
    fn a_member_keeps_the_id_of_the_lock_and_a_departed_one_leaves_none_behind() {
        assert_eq!(ids(&[("new", None), ("a", None)], &[("a", 1), ("gone", 2)]), [3, 1]);
    }
}
