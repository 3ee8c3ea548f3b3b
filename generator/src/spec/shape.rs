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
                let next = options.iter().find_map(|option| below(option, key));
                step(value, next, key.clone(), root, at, found);
            }
        }
        _ => {}
    }
}

/// What belongs at a place, in the words of the schema.
pub(super) fn described(parts: &[String]) -> Option<String> {
    let root = super::json_schema();
    let mut options = Vec::new();
    expand(&root, &root, &mut options);
    for part in parts {
        let next = options.iter().copied().find_map(|option| below(option, part))?;
        options.clear();
        expand(next, &root, &mut options);
    }
    let known = options.iter().find(|option| option.get("type").and_then(Value::as_str) != Some("null"))?;
    let description = known.get("description")?.as_str()?;
    let sentence = description.split_once(". ").map_or(description, |(first, _)| first).trim_end_matches('.');
    Some(match known.get("pattern") {
        Some(_) => {
            let (first, rest) = sentence.split_at(1);
            format!(" is {}{rest}, in quotes", first.to_lowercase())
        }
        None => format!(": {sentence}"),
    })
}

/// The schema of a key or an entry.
fn below<'a>(schema: &'a Value, part: &str) -> Option<&'a Value> {
    let known = schema.get("properties").and_then(|properties| properties.get(part));
    let any = || schema.get("additionalProperties").filter(|any| any.is_object());
    known.or_else(any).or_else(|| schema.get("items"))
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
    fn what_belongs_at_a_place_is_in_the_words_of_the_schema() {
        let at = |place: &str| described(&place.split('/').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(at("kafka/heap").unwrap(), " is a size like 512m (MiB) or 6g (GiB), in quotes");
        assert_eq!(at("kafka/listeners/X/port").unwrap(), ": Port, 1–65535");
        assert_eq!(at("hosts/a/address").unwrap(), " is an IPv4 or IPv6 address, in quotes");
        assert!(at("firewall/admin/0").unwrap().starts_with(" is a network like 10.0.0.0/8"));
        assert_eq!(at("no/such/key"), None);
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
