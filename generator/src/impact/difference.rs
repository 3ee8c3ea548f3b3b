//! What differs between two values: both of them, or of a set or a list what comes and what goes.

use std::collections::BTreeSet;

use serde::Serialize;

use super::facts::{self, Path, Value};

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum Difference {
    Value {
        /// Absent where there was none.
        from: Option<String>,
        to: Option<String>,
    },
    Entries {
        added: Vec<String>,
        removed: Vec<String>,
    },
}

impl Difference {
    pub(super) fn of(path: &Path, from: Option<Value>, to: Option<Value>) -> Self {
        let is_set = |value: &Option<Value>| matches!(value, None | Some(Value::Set(_)));
        if is_set(&from) && is_set(&to) && from != to {
            let [from, to] = [from, to].map(|side| match side {
                Some(Value::Set(set)) => set,
                _ => BTreeSet::new(),
            });
            let without = |one: &BTreeSet<String>, other| one.difference(other).cloned().collect();
            return Self::Entries { added: without(&to, &from), removed: without(&from, &to) };
        }
        if let (Some(Value::Text(from)), Some(Value::Text(to))) = (&from, &to)
            && let (Some(from), Some(to)) = (facts::entries(path, from), facts::entries(path, to))
            && let Some(entries) = Self::of_lists(&from, &to)
        {
            return entries;
        }
        let text = |side: Option<Value>| {
            side.map(|side| match side {
                Value::Text(text) => text,
                Value::Set(set) => set.into_iter().collect::<Vec<_>>().join(", "),
            })
        };
        Self::Value { from: text(from), to: text(to) }
    }

    /// Absent where both have one entry, and where that does not tell it all, since entries that stay change places.
    fn of_lists(from: &[&str], to: &[&str]) -> Option<Self> {
        let split = |one: &[&str], other: &[&str]| -> (Vec<String>, Vec<String>) {
            one.iter().map(|entry| (*entry).to_owned()).partition(|entry| other.contains(&entry.as_str()))
        };
        let ((stayed, removed), (stays, added)) = (split(from, to), split(to, from));
        let is_told =
            stayed == stays && from.len().max(to.len()) > 1 && !(added.is_empty() && removed.is_empty());
        is_told.then_some(Self::Entries { added, removed })
    }

    pub(super) fn between(from: Option<&str>, to: Option<&str>) -> Self {
        Self::Value { from: from.map(str::to_owned), to: to.map(str::to_owned) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_lists_it_is_what_comes_and_goes_unless_others_change_places() {
        let told = |key: &str, from: &str, to: &str| {
            let [from, to] = [from, to].map(|text| Some(Value::Text(text.to_owned())));
            json!(Difference::of(&facts::path(["kafka", "settings", key]), from, to))
        };
        assert_eq!(told("log.dirs", "a,b", "a, c"), json!({ "added": ["c"], "removed": ["b"] }));
        assert_eq!(told("log.dirs", "a", "a,b"), json!({ "added": ["b"], "removed": [] }));
        assert_eq!(told("super.users", "a,b;c", "c"), json!({ "added": [], "removed": ["a,b"] }));
        let connect = |to: &str| told("zookeeper.connect", "a:1,b:1,c:1/x", to);
        assert_eq!(connect("a:1,b:1/x"), json!({ "added": [], "removed": ["c:1"] }));
        assert_eq!(connect("a:1,b:1,c:1/y"), json!({ "added": ["/y"], "removed": ["/x"] }));
        for (from, to) in [("a", "b"), ("a,b", "b,a"), ("a,b", "b,a,c"), ("a,b", "a, b"), ("a,a", "a")] {
            assert_eq!(told("log.dirs", from, to), json!({ "from": from, "to": to }));
        }
        assert_eq!(told("broker.rack", "a,b", "a"), json!({ "from": "a,b", "to": "a" }));
    }
}
