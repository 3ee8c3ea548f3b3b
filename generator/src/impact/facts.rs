//! What the generated files say of a host, option by option, and what on the host reads each of them. It is the one
//! place that knows which option ends in which unit: `nixos-modules/` decides it, and a test of the evaluation
//! compares what is said here with the units' texts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};

use super::Class;
use crate::cluster::Purpose;
use crate::keys::List;
use crate::role::Role;

/// An option by its name, without `services.kafnix`; what all services of a role share stands under the same name as
/// the host's own.
pub(super) type Path = Vec<String>;

/// Absent values are those that are `null`: such a setting drops what all share.
pub(super) type Facts = BTreeMap<Path, Option<Value>>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    /// As its file has it.
    Text(String),
    /// What has no order.
    Set(BTreeSet<String>),
}

/// Who reads a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Nothing that runs.
    Nothing,
    /// A part of the host that a switch changes while the servers go on.
    Switch(Part),
    /// The unit of a service.
    Unit(Role),
    /// The units of all services.
    Units,
    /// The units of services that have a directory below this mount point.
    Mount,
}

/// A part of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    Service(Role),
    Firewall,
    Names,
    Disks,
    Tools,
    Host,
    /// What a first installation reads.
    Installation,
}

impl Part {
    pub fn name(self) -> &'static str {
        match self {
            Self::Service(role) => role.key(),
            Self::Firewall => "firewall",
            Self::Names => "/etc/hosts",
            Self::Disks => "disks",
            Self::Tools => "tools",
            Self::Host => "host",
            Self::Installation => "installation",
        }
    }
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Absent for an option that this kafnix does not know.
pub(super) fn known_reach(path: &[&str]) -> Option<Reach> {
    Some(match path {
        ["imports"] => Reach::Nothing,
        ["networking", "hostName" | "domain"] | ["tls", ..] => Reach::Switch(Part::Host),
        // Addresses are in the units' address filters, the name is told to the launcher.
        ["nixpkgs", "hostPlatform"] | ["versions", "jdk"] | ["addresses"] | ["cluster", "name"] => {
            Reach::Units
        }
        ["versions", product] => Reach::Unit(role(|role| role.product().key() == *product)?),
        // Other options are a remount; for another device the switch restarts the mount, and with it what needs it.
        ["fileSystems", _, "options"] => Reach::Switch(Part::Disks),
        ["fileSystems", ..] => Reach::Mount,
        // The addresses of a group reach a unit that names it among its peers: these are looked at apart.
        ["firewall", ..] | ["cluster", "groups", _] => Reach::Switch(Part::Firewall),
        ["cluster", "names"] => Reach::Switch(Part::Names),
        ["zookeeper", "server"] | ["kafka", "bootstrapServer"] | ["kafka", "clientSettings", ..] => {
            Reach::Switch(Part::Tools)
        }
        [
            section,
            "enable" | "id" | "state" | "heap" | "peers" | "missingLogDirs" | "settings" | "systemProperties"
            | "extraJars" | "members" | "clusterId",
            ..,
        ] => Reach::Unit(role(|role| role.key() == *section)?),
        _ => return None,
    })
}

fn role(is: impl Fn(&Role) -> bool) -> Option<Role> {
    Role::ALL.into_iter().find(is)
}

/// What an option of another kafnix reaches is not known, so it may be all.
pub(super) fn reach(path: &Path) -> Reach {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    known_reach(&path).unwrap_or(Reach::Units)
}

/// What a person has to do about a change, where the switch does not do all of it.
pub(super) fn help(path: &Path, class: Class, replaces: bool) -> Option<&'static str> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match path[..] {
        ["fileSystems", _, "device" | "fsType"] => replaces.then_some(
            "what is mounted then has data of its own or none: copy the data before, or empty one host at a time and \
             let it copy from the others; a device without this file system is not mounted",
        ),
        ["nixpkgs", "hostPlatform"] => replaces.then_some("no switch changes the platform of a host: install it anew"),
        _ => (class == Class::Manual).then_some(
            "kafnix no longer configures this host, and its servers run on: stop them where the host leaves the \
             cluster; with `\"managed\": false` they stay members",
        ),
    }
}

/// What puts a service behind another one of its host, as systemd calls it.
pub(super) const AFTER: &str = "After";

/// How a person calls it beside the part of the host that it belongs to.
pub(super) fn label(path: &Path) -> String {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    match parts[..] {
        [_, AFTER] => AFTER.to_owned(),
        [_, "peers"] => "IPAddressAllow".to_owned(),
        ["versions", "jdk"] => "JDK".to_owned(),
        ["versions", _] => "release".to_owned(),
        ["nixpkgs", "hostPlatform"] => "platform".to_owned(),
        ["cluster", "name"] => "cluster name".to_owned(),
        ["cluster", "names"] => "names".to_owned(),
        ["cluster", "groups", group] => format!("group {group}"),
        ["fileSystems", mount_point, key] => format!("{mount_point} {key}"),
        ["firewall", "openings", what, "from"] => what.to_owned(),
        ["firewall", "openings", what, key] => format!("{what}: {key}"),
        [_, "settings" | "systemProperties", key] => key.to_owned(),
        [_, key] if known_reach(&parts).is_some() => key.to_owned(),
        _ => parts.join("."),
    }
}

/// Settings that kafnix writes as lists, whatever type the product gives them.
const LISTS: [&str; 5] =
    ["advertised.listeners", "listener.security.protocol.map", "listeners", "log.dirs", "zookeeper.connect"];

/// The entries of a value that is a list.
pub(super) fn entries<'a>(path: &Path, text: &'a str) -> Option<Vec<&'a str>> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let separator = match path[..] {
        ["addresses"] | [_, "extraJars" | "members"] | ["fileSystems", _, "options"] => ",",
        [section, "settings", key] => {
            let role = role(|role| role.key() == section)?;
            match role.settings().list(key) {
                List::At(separator) => separator,
                _ => LISTS.contains(&key).then_some(",")?,
            }
        }
        _ => return None,
    };
    // the chroot stands behind the last server, and belongs to all
    let (list, chroot) = match text.find('/') {
        Some(at) if path.last() == Some(&"zookeeper.connect") => text.split_at(at),
        _ => (text, ""),
    };
    let entries = list.split(separator).map(str::trim).chain([chroot]);
    Some(entries.filter(|entry| !entry.is_empty()).collect())
}

/// The roles that a host has.
pub(super) fn roles(facts: &Facts) -> BTreeSet<Role> {
    Role::ALL.into_iter().filter(|role| facts.contains_key(&path([role.key(), "enable"]))).collect()
}

pub(super) fn path<'a>(parts: impl IntoIterator<Item = &'a str>) -> Path {
    parts.into_iter().map(str::to_owned).collect()
}

/// Every option of a file.
pub(super) fn of(file: &Map<String, Json>) -> Facts {
    let mut facts = Facts::new();
    for (key, value) in file {
        walk(&mut vec![key], value, &mut facts);
    }
    facts
}

fn walk<'a>(at: &mut Vec<&'a str>, value: &'a Json, facts: &mut Facts) {
    match (&at[..], value) {
        (["services", "kafnix", "firewall", "openings"], Json::Array(openings)) => {
            for opening in openings {
                add_opening(opening, facts);
            }
        }
        (["services", "kafnix", "cluster", "names"], Json::Object(names)) => {
            let lines = names.iter().map(|(address, names)| format!("{address} {}", text(names, " ")));
            facts.insert(path(["cluster", "names"]), Some(Value::Set(lines.collect())));
        }
        (_, Json::Object(below)) => {
            for (key, value) in below {
                at.push(key);
                walk(at, value, facts);
                at.pop();
            }
        }
        (at, value) => {
            let at = short(at);
            let value = as_value(&at, value);
            facts.insert(path(at), value);
        }
    }
}

/// Without what all names begin with, and with one name for what a host has and what all share.
fn short<'a>(at: &[&'a str]) -> Vec<&'a str> {
    let at = at.strip_prefix(&["services", "kafnix"]).unwrap_or(at);
    match at {
        ["cluster", section, rest @ ..] if role(|role| role.key() == *section).is_some() => {
            [section].into_iter().chain(rest).copied().collect()
        }
        _ => at.to_vec(),
    }
}

fn as_value(at: &[&str], value: &Json) -> Option<Value> {
    match (at, value) {
        (_, Json::Null) => None,
        ([_, "peers"] | ["cluster", "groups", _], Json::Array(entries)) => Some(set(entries)),
        // from the spec, and not from the folder beside it that the file lies in
        ([_, "extraJars"], Json::Array(jars)) => {
            let jars = jars.iter().map(|jar| text(jar, " "));
            let jars = jars.map(|jar| jar.strip_prefix("../").unwrap_or(&jar).to_owned());
            Some(Value::Text(jars.collect::<Vec<_>>().join(", ")))
        }
        // as the server's file has it
        ([_, "settings" | "systemProperties", _], value) => Some(Value::Text(text(value, ","))),
        (_, value) => Some(Value::Text(text(value, ", "))),
    }
}

fn set(entries: &[Json]) -> Value {
    match entries {
        [] => Value::Text("nobody".to_owned()),
        _ => Value::Set(entries.iter().map(|entry| text(entry, " ")).collect()),
    }
}

fn text(value: &Json, separator: &str) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(entries) => {
            entries.iter().map(|entry| text(entry, separator)).collect::<Vec<_>>().join(separator)
        }
        _ => value.to_string(),
    }
}

fn add_opening(opening: &Json, facts: &mut Facts) {
    let of = |key: &str| opening.get(key).unwrap_or(&Json::Null);
    let mut what = format!("{}, port {}", text(of("what"), " "), text(of("port"), " "));
    let at = |what: &str, key: &str| path(["firewall", "openings", what, key]);
    while facts.contains_key(&at(&what, "from")) {
        what.push_str(", again");
    }
    let from = match of("from") {
        Json::Array(from) => set(from),
        _ => Value::Text(EVERYBODY.to_owned()),
    };
    let address = match of("address") {
        Json::Null => "every address".to_owned(),
        address => text(address, " "),
    };
    facts.insert(at(&what, "from"), Some(from));
    facts.insert(at(&what, "address"), Some(Value::Text(address)));
}

/// In place of a list of those who may reach a port.
pub(super) const EVERYBODY: &str = "everybody";

/// The directories of a role's server.
pub(super) fn directories(facts: &Facts, role: Role) -> impl Iterator<Item = &str> {
    let of_role = Purpose::ALL.into_iter().filter(move |purpose| purpose.role() == role);
    let paths = of_role.map(move |purpose| path([role.key(), "settings", purpose.setting()]));
    let values = paths.filter_map(move |path| facts.get(&path)?.as_ref());
    values.flat_map(|value| match value {
        Value::Text(text) => text.split(',').map(str::trim).collect::<Vec<_>>(),
        Value::Set(_) => Vec::new(),
    })
}
