//! What a change does to hosts that run: which servers restart, what a switch applies beside them, what a person or
//! `kafnix apply` does.
//!
//! It compares the generated files and not two clusters. They are all that a host is told, so that no value can be
//! forgotten; an option that [`facts`] does not know counts as one that restarts every server. And `generate` has no
//! older cluster: it has the older files. Topics alone are in none of them, and are compared apart.
//!
//! It sees what the spec decides. A new kafnix, nixpkgs or machine file may restart more.

mod difference;
mod facts;
mod topics;

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use rayon::prelude::*;
use serde::Serialize;

pub use difference::Difference;
pub use facts::Part;

use facts::{Facts, Path, Reach, Value};

use crate::cluster::Model;
use crate::render::{CLUSTER, DISKO, HOST, read};
use crate::role::Role;

/// Generated text by path below the folder of the hosts.
pub type Tree<'a> = BTreeMap<&'a str, &'a str>;

/// What it takes until a change is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// A person does it.
    Manual,
    Restart,
    Stop,
    Start,
    /// A switch, which restarts no server for it.
    Switch,
    /// `kafnix apply`.
    Live,
    /// The next installation of the host: nothing that runs reads it.
    Installation,
}

/// What changes: a part of some hosts, or a topic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    Part(Part),
    Topic(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Change {
    pub class: Class,
    #[serde(flatten)]
    pub subject: Subject,
    /// The setting, option or file; empty where the whole is meant.
    pub key: String,
    #[serde(flatten)]
    pub difference: Difference,
    /// Where; no host for a topic.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// What a person does about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// What becomes of the services of a host that changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HostImpact {
    pub restarts: BTreeSet<Role>,
    pub starts: BTreeSet<Role>,
    /// Where kafnix no longer configures the host, they run until somebody stops them.
    pub stops: BTreeSet<Role>,
    /// Whether kafnix configures it no more.
    pub leaves: bool,
}

#[derive(Debug, Default, Serialize)]
pub struct Impact {
    /// By their class.
    pub changes: Vec<Change>,
    /// Those whose system changes.
    pub hosts: BTreeMap<String, HostImpact>,
    /// Files that are not as kafnix writes them: what their change does is not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<String>,
}

impl Impact {
    pub fn is_nothing(&self) -> bool {
        self.unreadable.is_empty() && self.changes.is_empty()
    }

    /// Adds what `kafnix apply` or a person does to the topics.
    #[must_use]
    pub fn with_topics(mut self, before: &Model, after: &Model) -> Self {
        self.changes.extend(topics::changes(before, after));
        self.changes.sort_by_key(|change| change.class);
        self
    }
}

/// What the change from one generated tree to another does.
pub fn of_trees(before: &Tree<'_>, after: &Tree<'_>) -> Impact {
    let (Some(old), Some(new)) = (before.get(CLUSTER), after.get(CLUSTER)) else { return Impact::default() };
    let Some(shared) = Shared::of(old, new) else {
        return Impact { unreadable: vec![CLUSTER.to_owned()], ..Impact::default() };
    };
    let hosts: BTreeSet<&str> = before.keys().chain(after.keys()).filter_map(|path| host_of(path)).collect();
    let hosts: Vec<&str> = hosts.into_iter().collect();
    let compared: Vec<_> = hosts.par_iter().map(|host| of_host(host, before, after, &shared)).collect();
    let mut all = Gathered::default();
    for (host, compared) in hosts.into_iter().zip(compared) {
        match compared {
            Ok(entries) => entries.into_iter().for_each(|entry| all.add(entry, host)),
            Err(path) => all.unreadable.push(path),
        }
    }
    all.finished(&shared)
}

/// An error names a file that is not as kafnix writes it.
fn of_host(host: &str, before: &Tree<'_>, after: &Tree<'_>, shared: &Shared) -> Result<Vec<Entry>, String> {
    let path = format!("{host}/{HOST}");
    let (old, new) = (before.get(path.as_str()), after.get(path.as_str()));
    let facts = |text: &&str| read::read(text).map(|file| facts::of(&file)).ok_or_else(|| path.clone());
    let mut entries = if old != new {
        shared.changes(old.map(facts).transpose()?.as_ref(), new.map(facts).transpose()?.as_ref())
    } else if !shared.changed.is_empty() {
        let both = new.map(facts).transpose()?;
        shared.changes(both.as_ref(), both.as_ref())
    } else {
        Vec::new()
    };
    let disko = format!("{host}/{DISKO}");
    if old.is_some() && new.is_some() && before.get(disko.as_str()) != after.get(disko.as_str()) {
        let path = facts::path([DISKO]);
        entries.push(Entry {
            class: Class::Installation,
            part: Part::Installation,
            path,
            from: None,
            to: None,
        });
    }
    Ok(entries)
}

fn host_of(path: &str) -> Option<&str> {
    path.split_once('/').filter(|(_, file)| *file == HOST).map(|(host, _)| host)
}

/// A value that differs on a host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    class: Class,
    part: Part,
    path: Path,
    /// Absent as well for what is the cluster's own.
    from: Option<Value>,
    to: Option<Value>,
}

/// What all hosts share, before and after.
struct Shared {
    before: Facts,
    after: Facts,
    /// Where the two differ.
    changed: BTreeSet<Path>,
}

impl Shared {
    fn of(before: &str, after: &str) -> Option<Self> {
        let before = facts::of(&read::read(before)?);
        let after = facts::of(&read::read(after)?);
        let keys = before.keys().chain(after.keys());
        let changed = keys.filter(|key| before.get(*key) != after.get(*key)).cloned().collect();
        Some(Self { before, after, changed })
    }

    /// What differs on a host that was there before, is there after, or both.
    fn changes(&self, before: Option<&Facts>, after: Option<&Facts>) -> Vec<Entry> {
        let had = before.map(facts::roles).unwrap_or_default();
        let has = after.map(facts::roles).unwrap_or_default();
        let whole = |class, role: &Role| Entry {
            class,
            part: Part::Service(*role),
            path: Path::new(),
            from: None,
            to: None,
        };
        let mut entries: Vec<_> = has.difference(&had).map(|role| whole(Class::Start, role)).collect();
        let gone = if after.is_some() { Class::Stop } else { Class::Manual };
        entries.extend(had.difference(&has).map(|role| whole(gone, role)));
        let (Some(before), Some(after)) = (before, after) else { return entries };
        let sides = Sides { shared: self, before, after, stays: had.intersection(&has).copied().collect() };
        entries.extend(sides.changes());
        // roles/kafka.nix orders a broker behind the server beside it
        if had.contains(&Role::ZooKeeper) != has.contains(&Role::ZooKeeper)
            && sides.stays.contains(&Role::Broker)
        {
            let beside = |roles: &BTreeSet<Role>| {
                roles.contains(&Role::ZooKeeper).then(|| Value::Text("zookeeper.service".to_owned()))
            };
            let path = facts::path([Role::Broker.key(), facts::AFTER]);
            let part = Part::Service(Role::Broker);
            entries.push(Entry { class: Class::Restart, part, path, from: beside(&had), to: beside(&has) });
        }
        entries
    }

    /// Whether the members of a group that is named here change.
    fn has_changed_group(&self, words: Option<&Value>) -> bool {
        let Some(Value::Set(words)) = words else { return false };
        words.iter().any(|word| self.changed.contains(&group(word)))
    }
}

/// Whether no host has a value of its own.
fn is_of_all(path: &Path) -> bool {
    path.first().is_some_and(|section| section == "cluster")
}

fn group(name: &str) -> Path {
    facts::path(["cluster", "groups", name])
}

/// A host before and after.
struct Sides<'a> {
    shared: &'a Shared,
    before: &'a Facts,
    after: &'a Facts,
    /// Roles that it keeps.
    stays: BTreeSet<Role>,
}

impl Sides<'_> {
    fn changes(&self) -> Vec<Entry> {
        let own = self.before.keys().chain(self.after.keys());
        let paths: BTreeSet<&Path> = own.chain(&self.shared.changed).collect();
        paths.into_iter().flat_map(|path| self.change(path)).collect()
    }

    /// A host's own value wins over that of all; where it is `null` there is none.
    fn values(&self, path: &Path) -> [Option<&Value>; 2] {
        [(self.before, &self.shared.before), (self.after, &self.shared.after)]
            .map(|(own, shared)| own.get(path).or_else(|| shared.get(path))?.as_ref())
    }

    fn change(&self, path: &Path) -> Vec<Entry> {
        // What is the cluster's own differs for every host alike: where all names differ it is long.
        let [from, to] = if is_of_all(path) { [None, None] } else { self.values(path) };
        let [section, option] = [0, 1].map(|at| path.get(at).map_or("", String::as_str));
        let is_peers = option == "peers";
        // An opening that comes or goes is told by those who may reach it.
        let is_told = section == "firewall"
            && path.last().is_some_and(|key| key == "address")
            && (from.is_none() || to.is_none());
        let is_same = from == to && !is_of_all(path) && !(is_peers && self.shared.has_changed_group(to));
        if option == "enable" || is_told || is_same {
            return Vec::new();
        }
        let parts: Vec<Part> = match facts::reach(path) {
            Reach::Nothing => return Vec::new(),
            Reach::Switch(part) => vec![part],
            Reach::Units if self.stays.is_empty() => vec![Part::Host],
            Reach::Unit(role) => self.stays.get(&role).map(|role| Part::Service(*role)).into_iter().collect(),
            Reach::Units => self.stays.iter().map(|role| Part::Service(*role)).collect(),
            Reach::Mount => self.on_mount(option),
        };
        let everybody = || is_peers.then(|| Value::Text(facts::EVERYBODY.to_owned()));
        let entry = |part: Part| Entry {
            class: if matches!(part, Part::Service(_)) { Class::Restart } else { Class::Switch },
            part,
            path: path.clone(),
            from: from.cloned().or_else(everybody),
            to: to.cloned().or_else(everybody),
        };
        parts.into_iter().map(entry).collect()
    }

    /// The services with a directory below a mount point; the disks of the host where there is none.
    fn on_mount(&self, mount_point: &str) -> Vec<Part> {
        let below = |path: &str| {
            let rest = path.strip_prefix(mount_point.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let holds = |role: &&Role| {
            [self.before, self.after].iter().any(|facts| facts::directories(facts, **role).any(below))
        };
        let services: Vec<_> = self.stays.iter().filter(holds).map(|role| Part::Service(*role)).collect();
        if services.is_empty() { vec![Part::Disks] } else { services }
    }
}

/// The changes of all hosts, each once with where it is one.
#[derive(Default)]
struct Gathered<'a> {
    entries: BTreeMap<Entry, Vec<&'a str>>,
    unreadable: Vec<String>,
}

impl<'a> Gathered<'a> {
    fn add(&mut self, entry: Entry, host: &'a str) {
        self.entries.entry(entry).or_default().push(host);
    }

    fn finished(self, shared: &Shared) -> Impact {
        let mut impact = Impact { unreadable: self.unreadable, ..Impact::default() };
        // Two hosts with different values may still have the same difference.
        let mut changes: IndexMap<Change, BTreeSet<&str>> = IndexMap::new();
        for (entry, on) in self.entries {
            let Some(change) = shared.change(&entry) else { continue };
            changes.entry(change).or_default().extend(&on);
            for host in on.into_iter().filter(|_| entry.class != Class::Installation) {
                let of_host = impact.hosts.entry(host.to_owned()).or_default();
                let roles = match entry.class {
                    Class::Restart => &mut of_host.restarts,
                    Class::Start => &mut of_host.starts,
                    Class::Stop | Class::Manual => &mut of_host.stops,
                    _ => continue,
                };
                roles.extend(match entry.part {
                    Part::Service(role) => Some(role),
                    _ => None,
                });
                of_host.leaves |= entry.class == Class::Manual;
            }
        }
        let on = |hosts: BTreeSet<&str>| hosts.into_iter().map(str::to_owned).collect();
        let changes = changes.into_iter().map(|(change, hosts)| Change { hosts: on(hosts), ..change });
        impact.changes = changes.collect();
        impact
    }
}

impl Shared {
    /// A change as it is told, on no host yet; nothing where the groups that peers name come to the same addresses.
    fn change(&self, entry: &Entry) -> Option<Change> {
        let is_peers = entry.path.get(1).is_some_and(|option| option == "peers");
        let expanded = |value: &Option<Value>, groups: &Facts| match value {
            Some(Value::Set(words)) if is_peers => Some(Value::Set(expanded(words, groups))),
            other => other.clone(),
        };
        let own = |value: &Option<Value>, shared: &Facts| {
            if is_of_all(&entry.path) {
                shared.get(&entry.path).cloned().flatten()
            } else {
                expanded(value, shared)
            }
        };
        let (from, to) = (own(&entry.from, &self.before), own(&entry.to, &self.after));
        if from == to && !entry.path.is_empty() && entry.class != Class::Installation {
            return None;
        }
        let replaces = from.is_some() && to.is_some();
        Some(Change {
            class: entry.class,
            subject: Subject::Part(entry.part),
            key: facts::label(&entry.path),
            difference: Difference::of(&entry.path, from, to),
            hosts: Vec::new(),
            help: facts::help(&entry.path, entry.class, replaces).map(str::to_owned),
        })
    }
}

/// Groups as the addresses of their members.
fn expanded(words: &BTreeSet<String>, groups: &Facts) -> BTreeSet<String> {
    let members = |word: &String| match groups.get(&group(word)) {
        Some(Some(Value::Set(members))) => members.clone(),
        _ => BTreeSet::from([word.clone()]),
    };
    words.iter().flat_map(members).collect()
}

#[cfg(test)]
mod tests;
