//! Where a list stands that the schema has no list at. serde would take it for an object whose keys
//! come in a certain order, which no author means.

use serde_json::Value;

use crate::problem::pointer;

/// The places of such lists, each as the parts of its pointer.
pub(super) fn misplaced_lists(value: &Value) -> Vec<Vec<String>> {
    let schema = super::json_schema();
    let mut found = Vec::new();
    walk(value, &schema, &schema, &mut Vec::new(), &mut found);
    found
}

fn walk(value: &Value, schema: &Value, root: &Value, at: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let mut options = Vec::new();
    expand(schema, root, &mut options);
    match value {
        Value::Array(values) => {
            let Some(items) =
                options.iter().find_map(|option| allows_list(option).then(|| option.get("items")))
            else {
                found.push(at.clone());
                return;
            };
            for (index, value) in values.iter().enumerate() {
                step(value, items, index.to_string(), root, at, found);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                let next = options.iter().find_map(|option| {
                    let known = option.get("properties").and_then(|properties| properties.get(key));
                    known.or_else(|| option.get("additionalProperties").filter(|any| any.is_object()))
                });
                step(value, next, key.clone(), root, at, found);
            }
        }
        _ => {}
    }
}

fn step(
    value: &Value,
    schema: Option<&Value>,
    part: String,
    root: &Value,
    at: &mut Vec<String>,
    found: &mut Vec<Vec<String>>,
) {
    // What the schema does not know is reported as an unknown key.
    let Some(schema) = schema else { return };
    at.push(part);
    walk(value, schema, root, at, found);
    at.pop();
}

/// The schemas that a value may fit, with references followed.
fn expand<'a>(schema: &'a Value, root: &'a Value, options: &mut Vec<&'a Value>) {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        if let Some(target) = target.strip_prefix('#').and_then(|target| root.pointer(target)) {
            expand(target, root, options);
        }
    } else if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
        for choice in choices {
            expand(choice, root, options);
        }
    } else {
        options.push(schema);
    }
}

fn allows_list(schema: &Value) -> bool {
    match schema.get("type") {
        Some(Value::String(name)) => name == "array",
        Some(Value::Array(names)) => names.iter().any(|name| name == "array"),
        _ => false,
    }
}

/// For the place of a problem.
pub(super) fn place(parts: &[String]) -> String {
    pointer(parts.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn places(value: &Value) -> Vec<String> {
        misplaced_lists(value).iter().map(|parts| place(parts)).collect()
    }

    #[test]
    fn a_list_in_the_place_of_an_object_or_a_string_is_found() {
        let spec = json!({
            "versions": ["17", null, null],
            "hosts": { "a": [], "b": { "address": ["10.0.0.1"] } },
            "kafka": { "listeners": { "X": [9092] } }
        });
        assert_eq!(places(&spec), ["/versions", "/hosts/a", "/hosts/b/address", "/kafka/listeners/X"]);
        assert_eq!(places(&json!([])), [""]);
    }

    #[test]
    fn a_list_where_one_belongs_is_not() {
        let spec = json!({
            "hosts": {},
            "zookeeper": { "connect": ["a:1"], "settings": { "x": ["a"] } },
            "kafka": { "logDirs": ["/a"], "listeners": { "X": { "port": 1, "from": ["10.0.0.0/8"] } } },
            "unknown": [[]]
        });
        assert_eq!(places(&spec), [""; 0]);
    }
}
