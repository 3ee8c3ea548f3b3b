//! The settings that hold on one server: its own over those of all. Shared by the rules about security;
//! no rule itself.

use std::borrow::Cow;

use crate::cluster::{Settings, Sourced};
use crate::keys::{KAFKA, Lookup, Table, ZOOKEEPER};
use crate::resolve::Draft;
use crate::spec::{Setting, Version};

pub(in crate::rules) struct Effective<'a> {
    pub(in crate::rules) host: &'a str,
    pub(in crate::rules) version: Version,
    table: &'static Table,
    shared: &'a Settings,
    own: &'a Settings,
}

/// Every ZooKeeper server.
pub(in crate::rules) fn servers<'a>(draft: &'a Draft<'_>) -> impl Iterator<Item = Effective<'a>> {
    draft.cluster.servers().map(|(host, server)| Effective {
        host: &host.name,
        version: host.versions.zookeeper.value,
        table: &ZOOKEEPER,
        shared: &draft.cluster.zookeeper.settings,
        own: &server.settings,
    })
}

/// Every broker.
pub(in crate::rules) fn brokers<'a>(draft: &'a Draft<'_>) -> impl Iterator<Item = Effective<'a>> {
    let all = draft.cluster.kafka.as_ref();
    all.into_iter().flat_map(move |all| {
        draft.cluster.brokers().map(|(host, broker)| Effective {
            host: &host.name,
            version: host.versions.kafka.value,
            table: &KAFKA,
            shared: &all.settings,
            own: &broker.settings,
        })
    })
}

impl<'a> Effective<'a> {
    pub(in crate::rules) fn get(&self, key: &str) -> Option<&'a Sourced<Setting>> {
        self.own.get(key).or_else(|| self.shared.get(key))
    }

    /// The value as the server reads it, else its default; trimmed.
    pub(in crate::rules) fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        if let Some(text) = self.get(key).and_then(|setting| setting.value.plain()) {
            return Some(text.trim().to_owned().into());
        }
        match self.table.find(key, self.version) {
            Lookup::Known(entry) => entry.default.as_deref().map(Into::into),
            _ => None,
        }
    }

    /// Every setting with a value.
    pub(in crate::rules) fn iter(&self) -> impl Iterator<Item = (&'a str, &'a Sourced<Setting>)> {
        let (own, shared) = (self.own, self.shared);
        let shared = shared.iter().filter(|(key, _)| !own.contains_key(*key));
        let all = own.iter().chain(shared).map(|(key, setting)| (key.as_str(), setting));
        all.filter(|(_, setting)| setting.value != Setting::Absent)
    }
}
