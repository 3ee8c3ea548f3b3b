//! What the author wrote under `settings`, wherever that stands, with the versions that read it.
//! Shared by the rules about settings; no rule itself.

use indexmap::IndexMap;

use crate::keys::{KAFKA, Lookup, TOPIC, Table, ZOOKEEPER};
use crate::problem::pointer;
use crate::resolve::{Draft, reserved_settings};
use crate::spec::{Setting, Version};

pub(in crate::rules) struct Written<'a> {
    pub(in crate::rules) key: &'a str,
    pub(in crate::rules) value: &'a Setting,
    pub(in crate::rules) pointer: String,
    /// What reads it, for messages.
    pub(in crate::rules) product: &'static str,
    pub(in crate::rules) table: &'static Table,
    /// The versions that read it, each once, oldest first.
    versions: Vec<Version>,
    /// Where to write it instead, for a key that the topology implies.
    pub(in crate::rules) owned: Option<&'static str>,
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
}

/// Everything written, but for keys that the topology owns.
pub(in crate::rules) fn free<'a>(draft: &'a Draft<'_>) -> impl Iterator<Item = Written<'a>> {
    written(draft).into_iter().filter(|written| written.owned.is_none())
}

pub(in crate::rules) fn written<'a>(draft: &'a Draft<'_>) -> Vec<Written<'a>> {
    let spec = draft.spec;
    let servers = draft.cluster.servers().map(|(host, _)| host.versions.zookeeper.value);
    let brokers = draft.cluster.brokers().map(|(host, _)| host.versions.kafka.value);
    let (servers, brokers) = (distinct(servers), distinct(brokers));
    let mut all = Vec::new();
    let mut add =
        |settings: &'a IndexMap<String, Setting>, at: &[&'a str], file: File, versions: &[Version]| {
            all.extend(settings.iter().map(|(key, value)| Written {
                key,
                value,
                pointer: pointer(at.iter().copied().chain(["settings", key.as_str()])),
                product: file.product,
                table: file.table,
                versions: versions.to_vec(),
                owned: (file.owned)(key),
            }));
        };
    let zoo_cfg = File { product: "ZooKeeper", table: &ZOOKEEPER, owned: reserved_settings::zookeeper };
    let properties = File { product: "Kafka", table: &KAFKA, owned: reserved_settings::kafka };
    let topic = File { product: "Kafka", table: &TOPIC, owned: |_| None };

    add(&spec.zookeeper.settings, &["zookeeper"], zoo_cfg, &servers);
    for (name, own) in spec.zookeeper.hosts.iter().flatten() {
        let host = draft.cluster.host(name);
        let version: Vec<_> = host.map(|host| host.versions.zookeeper.value).into_iter().collect();
        add(&own.settings, &["zookeeper", "hosts", name], zoo_cfg, &version);
    }
    add(&spec.kafka.settings, &["kafka"], properties, &brokers);
    for (name, own) in spec.kafka.hosts.iter().flatten() {
        let host = draft.cluster.host(name);
        let version: Vec<_> = host.map(|host| host.versions.kafka.value).into_iter().collect();
        add(&own.settings, &["kafka", "hosts", name], properties, &version);
    }
    for (name, own) in &spec.topics {
        add(&own.settings, &["topics", name], topic, &brokers);
    }
    all
}

#[derive(Clone, Copy)]
struct File {
    product: &'static str,
    table: &'static Table,
    owned: fn(&str) -> Option<&'static str>,
}

fn distinct(versions: impl Iterator<Item = Version>) -> Vec<Version> {
    let mut versions: Vec<_> = versions.collect();
    versions.sort();
    versions.dedup();
    versions
}
