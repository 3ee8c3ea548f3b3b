//! The precedence of a setting, lowest first:
//! 1. kafnix defaults, 2. what the topology implies, 3. the cluster-wide `settings` of the spec,
//! 4. the host's `settings`. What the topology implies cannot be overridden: a rule refuses it.

use indexmap::IndexMap;

use super::defaults::Value;
use crate::cluster::{Model, Origin, Settings, Sourced};
use crate::keys::{List, Table};
use crate::problem::pointer;
use crate::role::Role;
use crate::spec::Setting;

/// 1. Defaults.
pub(super) fn add_defaults(settings: &mut Settings, role: Role) {
    for (key, value, reason) in role.defaults() {
        settings.insert((*key).to_owned(), Sourced::new(value.into(), Origin::Default(reason)));
    }
}

/// What kafnix writes for a key that the author leaves out.
pub fn default_of(cluster: &Model, role: Role, key: &str) -> Option<Setting> {
    let like_topics = || {
        let of_topics =
            cluster.kafka.as_ref().filter(|_| role == Role::Broker).map(super::brokers::like_topics);
        of_topics.into_iter().flatten().find(|(name, _)| *name == key).map(|(_, value)| value.into())
    };
    let written = role.defaults().iter().find(|(name, ..)| *name == key);
    written.map(|(_, value, _)| value.into()).or_else(like_topics)
}

impl From<&Value> for Setting {
    fn from(value: &Value) -> Self {
        match value {
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(value) => Self::Int(*value),
            Value::Text(value) => (*value).into(),
            Value::Texts(values) => values.to_vec().into(),
        }
    }
}

/// 2. Topology: `decides` has pointers to the keys of the spec that imply the value.
pub(super) fn imply(settings: &mut Settings, key: &str, value: impl Into<Setting>, decides: &'static str) {
    settings.insert(key.to_owned(), Sourced::new(value.into(), Origin::Topology(decides)));
}

/// What the author wrote for a role below `at` (3. and 4.). A key that the topology implies is skipped: it is
/// reported instead.
pub(super) fn overlay(settings: &mut Settings, written: &IndexMap<String, Setting>, at: &[&str], role: Role) {
    overlay_of(settings, written, at, role.settings(), |key| role.reserved(key).is_some());
}

pub(super) fn overlay_of(
    settings: &mut Settings,
    written: &IndexMap<String, Setting>,
    at: &[&str],
    table: &Table,
    reserved: impl Fn(&str) -> bool,
) {
    for (key, value) in written.iter().filter(|(key, _)| !reserved(key)) {
        let at = pointer(at.iter().copied().chain(["settings", key.as_str()]));
        settings.insert(key.clone(), Sourced::new(joined(table, key, value), Origin::Spec(at)));
    }
}

/// A list as a text, where it is not joined by commas.
fn joined(table: &Table, key: &str, value: &Setting) -> Setting {
    match (value, table.list(key)) {
        (Setting::List(entries), List::At(separator)) if separator != "," => {
            let entries: Vec<_> = entries.iter().filter_map(Setting::plain).collect();
            entries.join(separator).into()
        }
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{KAFKA, ZOOKEEPER};

    #[test]
    fn a_list_is_joined_by_what_the_product_splits_it_at() {
        let list: Setting = vec!["User:a", "User:b"].into();
        assert_eq!(joined(&KAFKA, "super.users", &list), "User:a;User:b".into());
        assert_eq!(joined(&KAFKA, "metric.reporters", &list), list);
        assert_eq!(joined(&ZOOKEEPER, "group.1", &vec![1_i64, 2].into()), "1:2".into());
    }
}
