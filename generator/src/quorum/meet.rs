//! Whether a change of an ensemble can lose what it has acknowledged: whether every quorum of the old
//! one has a member in every quorum of the new one. A server that is new has no data, so it is in no
//! old quorum.

use super::{Electorate, Ids, QuorumRule};

/// Of more servers than these not every set is looked at: 2^16 of them take some hundredths of a second.
const MOST: usize = 16;

/// What two ensembles have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// Every old quorum meets every new one.
    Always,
    /// An old quorum and a new one without a common member, where these can be named.
    Apart(Option<(Ids, Ids)>),
    /// There are too many voters to tell.
    Unknown,
}

impl Electorate {
    /// Whether each of its quorums meets each of those that come after it.
    pub fn meets(&self, after: &Self) -> Meeting {
        if self == after {
            return Meeting::Always;
        }
        let fresh = after.voters.difference(&self.voters).count();
        let plain = self.rule.is_majority() && after.rule.is_majority();
        if plain && majorities_meet(self.voters.len(), after.voters.len(), fresh) {
            return Meeting::Always;
        }
        let common: Vec<i64> = self.voters.intersection(&after.voters).copied().collect();
        if common.len() > MOST {
            return if plain { Meeting::Apart(None) } else { Meeting::Unknown };
        }
        // More members make no set less of a quorum: those that only the old ensemble has are in every
        // old quorum that is looked at, and those that only the new one has in every new one.
        let apart = (0_u32..1 << common.len()).find_map(|set| {
            let chosen =
                |id: i64| common.binary_search(&id).ok().is_some_and(|place| set & (1 << place) != 0);
            let in_old = |id: i64| chosen(id) || !after.voters.contains(&id);
            let apart = self.has_quorum(in_old) && after.has_quorum(|id| !chosen(id));
            apart.then(|| (self.least(in_old), after.least(|id| !chosen(id))))
        });
        apart.map_or(Meeting::Always, |pair| Meeting::Apart(Some(pair)))
    }

    /// A quorum within a set that is one, from which none can be taken.
    fn least(&self, within: impl Fn(i64) -> bool) -> Ids {
        let mut set: Ids = self.voters.iter().copied().filter(|id| within(*id)).collect();
        for id in set.clone().into_iter().rev() {
            if self.has_quorum(|other| other != id && set.contains(&other)) {
                set.remove(&id);
            }
        }
        set
    }

    /// An ensemble between this one and another, whose quorums meet those of both, and which serves
    /// without any one of its voters: with plain majorities, else with two groups that must both agree.
    pub fn between(&self, after: &Self) -> Option<Self> {
        let voters = [&self.voters, &after.voters];
        let ways = voters.into_iter().flat_map(|voters| {
            let ways = [QuorumRule::default(), QuorumRule::two_groups(voters)];
            ways.map(|rule| Self { voters: voters.clone(), rule })
        });
        let meets = |a: &Self, b: &Self| a.meets(b) == Meeting::Always;
        ways.into_iter().find(|way| way.survives_one() && meets(self, way) && meets(way, after))
    }
}

impl QuorumRule {
    /// Of two groups both are needed. An even number in the first makes the smallest quorum largest.
    fn two_groups(voters: &Ids) -> Self {
        let first = voters.len() / 4 * 2;
        let first = if first == 0 { voters.len().min(2) } else { first };
        let ids = |skip: usize, take: usize| voters.iter().copied().skip(skip).take(take).collect::<Ids>();
        let groups = [(1, ids(0, first)), (2, ids(first, voters.len()))];
        let groups = groups.into_iter().filter(|(_, ids)| !ids.is_empty()).collect();
        Self { groups, ..Self::default() }
    }
}

/// Whether every majority of `new` voters meets every majority of `old` voters, `fresh` of the new
/// ones having no data.
fn majorities_meet(old: usize, new: usize, fresh: usize) -> bool {
    new / 2 + 1 >= fresh + (old - old / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn plain(voters: impl IntoIterator<Item = i64>) -> Electorate {
        Electorate { voters: voters.into_iter().collect(), rule: QuorumRule::default() }
    }

    /// Voters by groups, with other weights than 1.
    fn groups(groups: &[&[i64]], weights: &[(i64, i64)]) -> Electorate {
        let voters = groups.iter().flat_map(|ids| ids.iter().copied()).collect();
        let groups = (1..).zip(groups.iter().map(|ids| ids.iter().copied().collect())).collect();
        let weights = weights.iter().copied().collect();
        Electorate { voters, rule: QuorumRule { groups, weights, oracle: false } }
    }

    /// Every set of these that is a quorum.
    fn quorums(of: &Electorate) -> Vec<Ids> {
        let ids: Vec<i64> = of.voters.iter().copied().collect();
        let sets = (0_u32..1 << ids.len()).map(|set| {
            let chosen = ids.iter().enumerate().filter(|(place, _)| set & (1 << place) != 0);
            chosen.map(|(_, id)| *id).collect::<Ids>()
        });
        sets.filter(|set| of.has_quorum(|id| set.contains(&id))).collect()
    }

    /// The same as [`Electorate::meets`], by looking at every pair.
    fn all_meet(old: &Electorate, new: &Electorate) -> bool {
        let (old, new) = (quorums(old), quorums(new));
        old.iter().all(|old| new.iter().all(|new| !old.is_disjoint(new)))
    }

    fn holds(old: &Electorate, new: &Electorate) {
        let meeting = old.meets(new);
        if let Meeting::Apart(Some((before, after))) = &meeting {
            assert!(before.is_disjoint(after), "{meeting:?}");
            assert!(old.has_quorum(|id| before.contains(&id)) && new.has_quorum(|id| after.contains(&id)));
        }
        assert_eq!(meeting == Meeting::Always, all_meet(old, new), "{old:?} {new:?} {meeting:?}");
    }

    #[test]
    fn majorities_are_told_by_their_numbers_alone() {
        let sizes = (1_i64..=5).flat_map(|old| (1..=5).map(move |new| (old, new)));
        let cases = sizes.flat_map(|(old, new)| (0..=new).map(move |fresh| (old, new, fresh)));
        for (old, new, fresh) in cases.filter(|(old, new, fresh)| new - fresh <= *old) {
            let after = plain((1..=new - fresh).chain(old + 1..=old + fresh));
            let before = plain(1..=old);
            holds(&before, &after);
            let [old, new, fresh] = [old, new, fresh].map(|number| usize::try_from(number).unwrap());
            assert_eq!(majorities_meet(old, new, fresh), all_meet(&before, &after), "{old} {new} {fresh}");
        }
    }

    #[test]
    fn one_more_or_one_fewer_is_always_safe() {
        for voters in 1..=100 {
            assert!(
                majorities_meet(voters, voters + 1, 1)
                    && majorities_meet(voters + 1, voters, 0)
                    && majorities_meet(voters, voters, 0)
            );
        }
    }

    #[test]
    fn the_sets_that_are_looked_at_are_enough() {
        let rules = [
            plain(1..=3),
            plain(1..=4),
            plain([2, 3, 5]),
            groups(&[&[1, 2, 3]], &[(1, 3)]),
            groups(&[&[1, 2, 3]], &[(1, 0)]),
            groups(&[&[1], &[2], &[3]], &[]),
            groups(&[&[1, 2], &[3, 4], &[5]], &[]),
            groups(&[&[1, 3], &[2, 4], &[5]], &[(5, 0)]),
            groups(&[&[1, 2, 3, 4]], &[(1, 2), (4, 0)]),
            Electorate { rule: QuorumRule { oracle: true, ..QuorumRule::default() }, ..plain(1..=2) },
        ];
        for old in &rules {
            for new in rules.iter().filter(|new| *new != old) {
                holds(old, new);
            }
        }
    }

    #[test]
    fn too_many_voters_are_safe_where_nothing_changes_or_majorities_count() {
        let (many, more) = (plain(1..=17), plain(1..=18));
        let one_group = groups(&[&(1..=17).collect::<Vec<_>>()], &[]);
        assert_eq!(one_group.meets(&one_group.clone()), Meeting::Always);
        assert_eq!(many.meets(&more), Meeting::Always);
        assert_eq!(many.meets(&plain(1..=21)), Meeting::Apart(None));
        assert_eq!(many.meets(&one_group), Meeting::Unknown);
    }

    #[test]
    fn what_lies_between_meets_both() {
        let before = groups(&[&[1, 2, 3], &[4, 5, 6], &[7, 8, 9]], &[]);
        let after = groups(&[&[1, 4, 7], &[2, 5, 8], &[3, 6, 9]], &[]);
        let between = before.between(&after).unwrap();
        assert_eq!(between.rule.settings(), r#"`"group.1": "1:2:3:4"` and `"group.2": "5:6:7:8:9"`"#);
        assert!(all_meet(&before, &between) && all_meet(&between, &after));
        // majorities, where these are enough
        let (one, other) = (groups(&[&[1, 2, 3]], &[(3, 0)]), groups(&[&[1, 2, 3]], &[(1, 0)]));
        assert!(all_meet(&one, &plain(1..=3)) && !one.rule.weights.is_empty());
        assert_eq!(one.meets(&other), Meeting::Always);
        let dictators = [groups(&[&[1, 2, 3]], &[(1, 9)]), groups(&[&[1, 2, 3]], &[(2, 9)])];
        assert_eq!(dictators[0].between(&dictators[1]), None);
        let of_none: BTreeMap<i64, Ids> = BTreeMap::new();
        assert_eq!(plain(1..=3).rule.groups, of_none);
    }
}
