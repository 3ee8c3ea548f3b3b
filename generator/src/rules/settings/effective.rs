//! The settings that hold on one server: its own over those of all. Shared by the rules about security;
//! no rule itself.

use std::borrow::Cow;

use crate::cluster::{Host, Model, Service, Settings, Sourced};
use crate::keys::Lookup;
use crate::resolve::Draft;
use crate::role::Role;
use crate::spec::{Setting, Version};

pub(in crate::rules) struct Effective<'a> {
    pub(in crate::rules) host: &'a str,
    shared: &'a Settings,
    service: &'a Service,
}

/// Every service of a role.
pub(in crate::rules) fn services<'a>(
    draft: &'a Draft<'_>,
    role: Role,
) -> impl Iterator<Item = Effective<'a>> {
    let services = draft.cluster.services().filter(move |(_, service)| service.role == role);
    services.filter_map(move |(host, service)| Effective::of(&draft.cluster, host, service))
}

impl<'a> Effective<'a> {
    pub(in crate::rules) fn of(cluster: &'a Model, host: &'a Host, service: &'a Service) -> Option<Self> {
        Some(Self { host: &host.name, shared: cluster.shared(service.role)?, service })
    }

    pub(in crate::rules) fn version(&self) -> Version {
        self.service.release.value
    }

    pub(in crate::rules) fn role(&self) -> Role {
        self.service.role
    }

    /// Where the author wrote the key.
    pub(in crate::rules) fn place(&self, key: &str) -> Option<&'a str> {
        self.get(key)?.pointer()
    }

    pub(in crate::rules) fn get(&self, key: &str) -> Option<&'a Sourced<Setting>> {
        self.service.settings.get(key).or_else(|| self.shared.get(key))
    }

    /// The value as the server reads it, else its default; trimmed.
    pub(in crate::rules) fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        if let Some(text) = self.get(key).and_then(|setting| setting.value.plain()) {
            return Some(text.trim().to_owned().into());
        }
        match self.service.role.settings().find(key, self.version()) {
            Lookup::Known(entry) => entry.default.as_deref().map(Into::into),
            _ => None,
        }
    }

    /// The same where it is a whole number.
    pub(in crate::rules) fn number(&self, key: &str) -> Option<i64> {
        self.text(key)?.parse().ok()
    }

    /// Every setting with a value.
    pub(in crate::rules) fn iter(&self) -> impl Iterator<Item = (&'a str, &'a Sourced<Setting>)> {
        let (own, shared) = (&self.service.settings, self.shared);
        let shared = shared.iter().filter(|(key, _)| !own.contains_key(*key));
        let all = own.iter().chain(shared).map(|(key, setting)| (key.as_str(), setting));
        all.filter(|(_, setting)| setting.value != Setting::Absent)
    }
}
