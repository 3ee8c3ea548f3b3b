//! The classes that the settings of each server name. Shared by the rules about classes; no rule itself.

use crate::classes::{self, Judgement, Wanted};
use crate::keys::Lookup;
use crate::references::references;
use crate::resolve::Draft;
use crate::role::Role;
use crate::rules::settings::effective::{Effective, services};
use crate::spec::{Setting, Version};

/// A class that a setting of one server names.
pub(in crate::rules) struct Named<'a> {
    pub(in crate::rules) host: &'a str,
    pub(in crate::rules) role: Role,
    pub(in crate::rules) version: Version,
    pub(in crate::rules) key: &'a str,
    pub(in crate::rules) class: String,
    /// The value, or its entry.
    pub(in crate::rules) pointer: String,
    /// Of which types it must be.
    pub(in crate::rules) types: &'static [&'static str],
}

impl Named<'_> {
    pub(in crate::rules) fn wanted(&self) -> Wanted<'static> {
        Wanted { types: self.types, version: self.version }
    }

    pub(in crate::rules) fn judge(&self) -> Judgement {
        classes::of(self.role.product()).judge(&self.class, self.wanted())
    }

    /// The class that was probably meant.
    pub(in crate::rules) fn instead(&self) -> Option<&'static str> {
        classes::of(self.role.product()).instead(&self.class, self.wanted())
    }

    /// Whether the spec adds jars that it may come from.
    pub(in crate::rules) fn has_jars(&self, draft: &Draft<'_>) -> bool {
        !draft.spec.of_all(self.role).extra_jars.is_empty()
    }
}

/// Server by server, as the author wrote them.
pub(in crate::rules) fn named<'a>(draft: &'a Draft<'_>) -> impl Iterator<Item = Named<'a>> {
    Role::ALL.into_iter().flat_map(|role| services(draft, role)).flat_map(|server| of_server(&server))
}

fn of_server<'a>(server: &Effective<'a>) -> Vec<Named<'a>> {
    let (role, version) = (server.role(), server.version());
    let table = role.settings();
    let mut all = Vec::new();
    for (key, setting) in server.iter() {
        let types = table.takes(key);
        let is_read = matches!(table.find(key, version), Lookup::Known(_) | Lookup::Family);
        let Some(at) =
            setting.pointer().filter(|_| is_read && !types.is_empty() && !has_own_jars(server, key))
        else {
            continue;
        };
        for (pointer, class) in entries(&setting.value, at) {
            let class = class.trim().to_owned();
            if !class.is_empty() && references(&class).next().is_none() {
                all.push(Named { host: server.host, role, version, key, class, pointer, types });
            }
        }
    }
    all
}

/// Whether the broker looks for the class in jars that a key of its own names. Most classes have no such key, and
/// nothing reads one that is written all the same.
fn has_own_jars(server: &Effective<'_>, key: &str) -> bool {
    let path = key.strip_suffix(".class.name").map(|key| format!("{key}.class.path"));
    let known = |path: &String| server.role().settings().known(path, server.version()).is_some();
    path.filter(known).and_then(|path| server.text(&path)).is_some_and(|path| !path.is_empty())
}

/// Each name of a value with its place.
fn entries(value: &Setting, at: &str) -> Vec<(String, String)> {
    let split = |at: &str, value: &Setting| {
        let text = value.plain().unwrap_or_default();
        text.split(',').map(|class| (at.to_owned(), class.to_owned())).collect::<Vec<_>>()
    };
    match value {
        Setting::List(entries) => entries
            .iter()
            .enumerate()
            .flat_map(|(index, entry)| split(&format!("{at}/{index}"), entry))
            .collect(),
        one => split(at, one),
    }
}
