//! The quorum rule out of `group.N`, `weight.N` and `oraclePath`, as ZooKeeper reads them
//! (QuorumPeerConfig.java, QuorumHierarchical.java: the same from 3.5 to 3.9), and what keeps servers
//! that have them from starting or from ever electing a leader.

use std::collections::BTreeMap;

use super::QuorumRule;
use crate::cluster::Sourced;
use crate::problem::{Label, Place};
use crate::spec::Setting;

/// A setting from which no quorum can be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub title: String,
    pub labels: Vec<Label>,
    pub help: String,
}

/// The settings of a server that decide what a quorum is, by their keys.
pub type Counting<'a> = BTreeMap<&'a str, &'a Sourced<Setting>>;

/// Host names of the voters by their ids.
pub type Voters<'a> = BTreeMap<i64, &'a str>;

const ORACLE: &str = "oraclePath";

/// Whether a setting decides what a quorum is. ZooKeeper looks at its first letters alone.
pub fn counts(key: &str) -> bool {
    key.starts_with("group") || key.starts_with("weight") || key == ORACLE
}

/// The rule that these settings make, in a release that asks an oracle (3.8 and later) or does not.
pub fn read<'a>(settings: &Counting<'a>, voters: &'a Voters<'a>, oracles: bool) -> (QuorumRule, Vec<Fault>) {
    if oracles && settings.contains_key(ORACLE) {
        // Groups are not read then.
        return (QuorumRule { oracle: true, ..QuorumRule::default() }, Vec::new());
    }
    let mut reader = Reader { voters, weights: BTreeMap::new(), groups: BTreeMap::new(), faults: Vec::new() };
    let mut settings = settings.iter().filter(|(key, _)| **key != ORACLE).map(|(key, value)| (*key, *value));
    let Some(first) = settings.next() else { return (QuorumRule::default(), Vec::new()) };
    let (groups, weights): (Vec<_>, Vec<_>) =
        std::iter::once(first).chain(settings).partition(|(key, _)| key.starts_with("group"));
    for (key, setting) in weights {
        reader.weight(key, setting);
    }
    for (key, setting) in groups {
        reader.group(key, setting);
    }
    if reader.faults.is_empty() {
        reader.check_members(first.1);
    }
    if reader.faults.is_empty() {
        reader.check_weights(first.1);
    }
    (reader.rule(), reader.faults)
}

struct Reader<'a> {
    voters: &'a Voters<'a>,
    weights: BTreeMap<i64, (i64, &'a Sourced<Setting>)>,
    groups: BTreeMap<i64, (Vec<i64>, &'a Sourced<Setting>)>,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    fn weight(&mut self, key: &str, setting: &'a Sourced<Setting>) {
        let text = setting.value.plain().unwrap_or_default();
        let Some(id) = number(key) else {
            let help = "write `weight.N`, with the id of the server for N";
            return self.fault(
                format!("`{key}` names no server by its id"),
                [at_key(setting, "a NumberFormatException")],
                help,
            );
        };
        let help = "write a whole number from 0 up";
        let weight = match text.parse() {
            Ok(weight @ 0..) => weight,
            Ok(_) => {
                let label = at(setting, "with it two quorums need no server in common");
                return self.fault(format!("`{key}` is negative"), [label], help);
            }
            Err(_) => {
                let label = at(setting, "ZooKeeper ends with a NumberFormatException");
                return self.fault(format!("`{key}`: {text:?} is not a number"), [label], help);
            }
        };
        if let Some((_, other)) = self.weights.insert(id, (weight, setting)) {
            let labels = [at_key(setting, "here"), at_key(other, "and here")];
            self.fault(format!("server {id} has two weights"), labels, "take one of them out");
        }
    }

    fn group(&mut self, key: &str, setting: &'a Sourced<Setting>) {
        let text = setting.value.plain().unwrap_or_default();
        let Some(name) = number(key) else {
            let help = "write `group.N`, with a number for N";
            return self.fault(
                format!("`{key}` names no group by a number"),
                [at_key(setting, "a NumberFormatException")],
                help,
            );
        };
        let help = "write the ids of its servers with colons between them, like `1:2:3`, without blanks";
        let mut ids = Vec::new();
        // As Java splits: nothing comes of colons at the end.
        for part in text.trim_end_matches(':').split(':') {
            let Ok(id) = part.parse() else {
                let label = at(setting, "ZooKeeper ends with a NumberFormatException");
                return self.fault(format!("`{key}`: {part:?} is not a server id"), [label], help);
            };
            ids.push(id);
        }
        if let Some((_, other)) = self.groups.insert(name, (ids, setting)) {
            let labels = [at_key(setting, "here"), at_key(other, "and here: ZooKeeper counts it twice")];
            self.fault(format!("group {name} is there twice"), labels, "take one of them out");
        }
    }

    /// Every voter is in one group, and a group names nobody else.
    fn check_members(&mut self, first: &'a Sourced<Setting>) {
        let mut members: BTreeMap<i64, &'a Sourced<Setting>> = BTreeMap::new();
        let named: Vec<_> =
            self.groups.values().flat_map(|(ids, at)| ids.iter().map(|id| (*id, *at))).collect();
        for (id, setting) in named {
            let named = self.named(id);
            if let Some(other) = members.insert(id, setting) {
                let labels = [at(setting, "here"), at(other, "and here")];
                self.fault(format!("{named} is in two groups"), labels, "leave it in one of them");
                continue;
            }
            if self.voters.contains_key(&id) || self.weights.get(&id).is_some_and(|(weight, _)| *weight == 0)
            {
                continue;
            }
            let what = match self.weights.get(&id) {
                None => "ZooKeeper ends with a NullPointerException: it has no weight for it",
                Some(_) => "its weight counts in the group, and it never votes",
            };
            let help = format!("take {id} out of the group: only servers that vote are in groups");
            self.fault(format!("a group names server {id}, which has no vote"), [at(setting, what)], &help);
        }
        for id in self.voters.keys().filter(|id| !members.contains_key(id)).copied().collect::<Vec<_>>() {
            let title = format!("{} is in no group", self.named(id));
            let help = "name every voter's id in one `group.N`, with colons between the ids";
            self.fault(title, [at_key(first, "this makes quorums hierarchical")], help);
        }
    }

    /// Some group has a weight, and none has more than a Java `long` holds.
    fn check_weights(&mut self, first: &'a Sourced<Setting>) {
        let weight = |id: &i64| self.weights.get(id).map_or(1, |(weight, _)| *weight);
        let mut sums = self
            .groups
            .values()
            .map(|(ids, setting)| (ids.iter().map(weight).try_fold(0_i64, i64::checked_add), *setting));
        if let Some((_, setting)) = sums.clone().find(|(sum, _)| sum.is_none()) {
            let label = at(setting, "more than 2^63 - 1, which ZooKeeper takes for a negative number");
            self.fault("the weights of a group are too large".into(), [label], "write smaller weights");
        } else if sums.all(|(sum, _)| sum == Some(0)) {
            let at = self.weights.values().next().map_or(first, |(_, setting)| *setting);
            let label = at_key(at, "with these no set of servers is a quorum");
            self.fault("no group has any weight".into(), [label], "give some servers a weight of 1");
        }
    }

    fn named(&self, id: i64) -> String {
        self.voters.get(&id).map_or_else(|| format!("server {id}"), |host| format!("server {id} (`{host}`)"))
    }

    fn fault(&mut self, title: String, labels: impl Into<Vec<Label>>, help: &str) {
        self.faults.push(Fault { title, labels: labels.into(), help: help.to_owned() });
    }

    fn rule(&self) -> QuorumRule {
        let groups: BTreeMap<_, _> =
            self.groups.iter().map(|(name, (ids, _))| (*name, ids.iter().copied().collect())).collect();
        let in_a_group = |id: &i64| self.groups.values().any(|(ids, _)| ids.contains(id));
        let weights = self.weights.iter().map(|(id, (weight, _))| (*id, *weight));
        let weights = weights.filter(|(id, weight)| *weight != 1 && in_a_group(id)).collect();
        QuorumRule { groups, weights, oracle: false }
    }
}

/// The number behind the first dot; ZooKeeper takes the whole key where there is none.
fn number(key: &str) -> Option<i64> {
    key.split_once('.').map_or(key, |(_, number)| number).parse().ok()
}

fn at(setting: &Sourced<Setting>, text: &str) -> Label {
    let at = setting.pointer().unwrap_or_default().to_owned();
    Label { place: Place::Pointer(at), text: text.to_owned() }
}

fn at_key(setting: &Sourced<Setting>, text: &str) -> Label {
    let at = setting.pointer().unwrap_or_default().to_owned();
    Label { place: Place::Key(at), text: text.to_owned() }
}
