//! What the author wrote under `settings`, wherever that stands, with the versions that read it.
//! Shared by the rules about settings; no rule itself.

use indexmap::IndexMap;

use crate::keys::{Entry, KAFKA, Lookup, TOPIC, Table};
use crate::pins::Product;
use crate::problem::pointer;
use crate::resolve::Draft;
use crate::role::Role;
use crate::rules::settings::needs::is_never_read;
use crate::spec::{Setting, Version};

/// Kafka makes -1 of anything below it.
const NO_LIMIT: &str = "log.retention.ms";

pub(in crate::rules) struct Written<'a> {
    pub(in crate::rules) key: &'a str,
    pub(in crate::rules) value: &'a Setting,
    pub(in crate::rules) pointer: String,
    /// What reads it, for messages.
    pub(in crate::rules) product: Product,
    /// Absent for a topic.
    pub(in crate::rules) role: Option<Role>,
    /// The host, where it stands with one.
    pub(in crate::rules) host: Option<&'a str>,
    pub(in crate::rules) table: &'static Table,
    /// The versions that read it, each once, oldest first.
    versions: Vec<Version>,
    /// Where to write it instead, for a key that the topology implies.
    pub(in crate::rules) owned: Option<&'static str>,
    /// Whether it is to be left out, whatever stands beside it: a rule of its own says so, and others say no more.
    pub(in crate::rules) never_read: bool,
}

impl Written<'_> {
    pub(in crate::rules) fn of_topic(&self) -> bool {
        std::ptr::eq(self.table, &raw const *TOPIC)
    }

    pub(in crate::rules) fn of_broker(&self) -> bool {
        std::ptr::eq(self.table, &raw const *KAFKA)
    }

    /// What each version that reads it makes of the key.
    pub(in crate::rules) fn lookups(&self) -> impl Iterator<Item = (Version, Lookup)> {
        self.versions.iter().map(|version| (*version, self.table.find(self.key, *version)))
    }

    /// The first version that does not take the value, what it knows of the key, and why.
    pub(in crate::rules) fn refusal(&self) -> Option<(Version, &'static Entry, String)> {
        self.lookups().find_map(|(version, lookup)| {
            let entry = match lookup {
                Lookup::Known(entry) => Some(entry),
                Lookup::Family => self.table.for_listener(self.key, version),
                _ => None,
            };
            let mut entries = entry.into_iter().chain(self.default_of_topics(version));
            entries.find_map(|entry| Some((version, entry, entry.refuses(self.value)?)))
        })
    }

    /// The key of a topic that takes its value from this one of the broker, which checks it when it starts, too
    /// (`LogManager`).
    fn default_of_topics(&self, version: Version) -> Option<&'static Entry> {
        let key = TOPIC.of_broker(self.key).filter(|_| self.of_broker() && self.key != NO_LIMIT)?;
        TOPIC.known(key, version)
    }
}

/// Everything written, but for keys that the topology owns and those that are to be left out in any case.
pub(in crate::rules) fn free<'a>(draft: &'a Draft<'_>) -> impl Iterator<Item = Written<'a>> {
    written(draft).into_iter().filter(|written| written.owned.is_none() && !written.never_read)
}

/// Whether one of these is set by hand and to be written elsewhere. Until it is, a default in its place is none that
/// the author chose.
pub(in crate::rules) fn by_hand(draft: &Draft<'_>, keys: &[&str]) -> bool {
    written(draft).iter().any(|setting| setting.owned.is_some() && keys.contains(&setting.key))
}

/// The keys that say which listeners there are.
pub(in crate::rules) const LISTENERS: &[&str] = &["advertised.listeners", "listeners", "port"];

pub(in crate::rules) fn written<'a>(draft: &'a Draft<'_>) -> Vec<Written<'a>> {
    let spec = draft.spec;
    let mut all = Vec::new();
    for role in Role::ALL {
        let services = draft.cluster.services().filter(|(_, service)| service.role == role);
        let versions = distinct(services.map(|(_, service)| service.release.value));
        let file = File { product: role.product(), table: role.settings(), role: Some(role) };
        file.add(&mut all, spec.of_all(role).settings, &[role.key()], &versions);
        for host in spec.listed(role).into_iter().flatten() {
            let Some(own) = spec.of_one(role, host) else { continue };
            let service = draft.cluster.host(host).and_then(|host| host.service(role));
            let version: Vec<_> = service.map(|service| service.release.value).into_iter().collect();
            file.add(&mut all, own.settings, &[role.key(), "hosts", host], &version);
        }
        if role == Role::Broker {
            let file = File { table: &TOPIC, role: None, ..file };
            for (name, own) in &spec.topics {
                file.add(&mut all, &own.settings, &["topics", name], &versions);
            }
        }
    }
    all
}

/// What stands before a comment, which a properties file has only at the start of a line.
pub(in crate::rules) fn before_comment(text: &str) -> &str {
    let mut signs = text.match_indices('#').map(|(at, _)| &text[..at]);
    signs.find(|before| before.ends_with(char::is_whitespace)).unwrap_or(text).trim()
}

struct File {
    product: Product,
    table: &'static Table,
    role: Option<Role>,
}

impl File {
    fn add<'a>(
        &self,
        all: &mut Vec<Written<'a>>,
        settings: &'a IndexMap<String, Setting>,
        at: &[&'a str],
        versions: &[Version],
    ) {
        let host = match at {
            [_, "hosts", host] => Some(*host),
            _ => None,
        };
        let never = |role: Role, key, value: &Setting| {
            !versions.is_empty() && value.plain().is_some_and(|value| is_never_read(role, key, &value))
        };
        all.extend(settings.iter().map(|(key, value)| Written {
            key,
            value,
            pointer: pointer(at.iter().copied().chain(["settings", key.as_str()])),
            product: self.product,
            role: self.role,
            host,
            table: self.table,
            versions: versions.to_vec(),
            owned: self.role.and_then(|role| role.reserved(key)),
            never_read: self.role.is_some_and(|role| never(role, key, value)),
        }));
    }
}

fn distinct(versions: impl Iterator<Item = Version>) -> Vec<Version> {
    let mut versions: Vec<_> = versions.collect();
    versions.sort();
    versions.dedup();
    versions
}
