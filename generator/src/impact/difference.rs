//! What differs between two values: both of them, or of a set what comes and what goes.

use std::collections::BTreeSet;

use serde::Serialize;

use super::facts::Value;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Difference {
    Value {
        /// Absent where there was none.
        from: Option<String>,
        to: Option<String>,
    },
    Set {
        added: Vec<String>,
        removed: Vec<String>,
    },
}

impl Difference {
    pub(super) fn of(from: Option<Value>, to: Option<Value>) -> Self {
        let is_set = |value: &Option<Value>| matches!(value, None | Some(Value::Set(_)));
        if is_set(&from) && is_set(&to) && from != to {
            let [from, to] = [from, to].map(|side| match side {
                Some(Value::Set(set)) => set,
                _ => BTreeSet::new(),
            });
            let without = |one: &BTreeSet<String>, other| one.difference(other).cloned().collect();
            return Self::Set { added: without(&to, &from), removed: without(&from, &to) };
        }
        let text = |side: Option<Value>| {
            side.map(|side| match side {
                Value::Text(text) => text,
                Value::Set(set) => set.into_iter().collect::<Vec<_>>().join(", "),
            })
        };
        Self::Value { from: text(from), to: text(to) }
    }

    pub(super) fn between(from: Option<&str>, to: Option<&str>) -> Self {
        Self::Value { from: from.map(str::to_owned), to: to.map(str::to_owned) }
    }
}
