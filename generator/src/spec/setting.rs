//! The value of a setting, as `zoo.cfg`, `server.properties` and topics take it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

/// The value of a setting. There are no floats: a fraction, like any number that is no 64-bit
/// integer, keeps the text that it has in the spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// `null`: the line is left out, even where a default would write it.
    Absent,
    Bool(bool),
    Int(i64),
    Text(String),
    /// Joined by commas, or by what the product splits the key at. Holds no list and no `Absent`.
    List(Vec<Setting>),
}

impl Setting {
    /// As it stands behind `=`, before the escapes of a properties file.
    pub fn plain(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Self::Absent => return None,
            Self::Bool(value) => value.to_string().into(),
            Self::Int(value) => value.to_string().into(),
            Self::Text(value) => value.into(),
            Self::List(values) => {
                let parts: Vec<_> = values.iter().filter_map(Self::plain).collect();
                parts.join(",").into()
            }
        })
    }

    /// The number, if it is one; both products trim what they read.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Whether both products read it as true.
    pub fn is_true(&self) -> bool {
        self.plain().is_some_and(|text| text.trim().eq_ignore_ascii_case("true"))
    }

    fn from_json(value: Value, within_list: bool) -> Result<Self, &'static str> {
        Ok(match value {
            Value::Null if !within_list => Self::Absent,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(number) => match number.as_i64() {
                Some(value) => Self::Int(value),
                None => Self::Text(number.to_string()),
            },
            Value::String(value) => Self::Text(value),
            Value::Array(values) if !within_list => Self::List(
                values.into_iter().map(|value| Self::from_json(value, true)).collect::<Result<_, _>>()?,
            ),
            Value::Array(_) => return Err("a list in a list is not a setting"),
            Value::Null => return Err("null in a list is not a setting"),
            Value::Object(_) => {
                return Err("an object is not a setting; write its keys with dots, like `log.retention.ms`");
            }
        })
    }
}

impl From<bool> for Setting {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Setting {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u16> for Setting {
    fn from(value: u16) -> Self {
        Self::Int(value.into())
    }
}

impl From<u32> for Setting {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<&str> for Setting {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Setting {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl<T: Into<Setting>> From<Vec<T>> for Setting {
    fn from(values: Vec<T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl<'de> Deserialize<'de> for Setting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::from_json(value, false).map_err(de::Error::custom)
    }
}

impl Serialize for Setting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_unit(),
            Self::Bool(value) => value.serialize(serializer),
            Self::Int(value) => value.serialize(serializer),
            Self::Text(value) => value.serialize(serializer),
            Self::List(values) => values.serialize(serializer),
        }
    }
}

impl JsonSchema for Setting {
    fn schema_name() -> Cow<'static, str> {
        "Setting".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let scalar = ["boolean", "number", "string"];
        json_schema!({
            "description": "The value of a setting; null leaves the line out. A list is joined by what the product \
                splits the key at: commas, but for `;` in `super.users`. A secret is never a value: it is a \
                file on the host.",
            "type": ["boolean", "number", "string", "array", "null"],
            "items": { "type": scalar }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_no_integer_keeps_its_text() {
        let read = |text| serde_json::from_str::<Setting>(text).map_err(|e| e.to_string());
        assert_eq!(read("0.50"), Ok(Setting::Text("0.50".into())));
        assert_eq!(read("9223372036854775807"), Ok(Setting::Int(i64::MAX)));
        assert_eq!(read("9223372036854775808"), Ok(Setting::Text("9223372036854775808".into())));
        assert_eq!(read("[1, \"a\", true]"), Ok(vec![Setting::Int(1), "a".into(), true.into()].into()));
        assert!(read("{}").is_err());
        assert!(read("[[1]]").is_err());
    }
}
