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

/// What a key is for, in the words of the schema.
pub(super) fn described(parts: &[String]) -> Option<String> {
    let root = super::json_schema();
    let at = at(parts, &root)?;
    let options = options(at, &root);
    let text =
        at.get("description").or_else(|| options.iter().find_map(|option| option.get("description")))?;
    Some(first_sentence(text.as_str()?))
}

/// What a key takes.
pub(super) fn takes(parts: &[String]) -> Option<String> {
    let root = super::json_schema();
    let at = at(parts, &root)?;
    let kinds: Vec<_> = options(at, &root).into_iter().map(|option| kind(option, at, &root)).collect();
    (!kinds.is_empty()).then(|| kinds.join(" or "))
}

fn first_sentence(text: &str) -> String {
    let line = text.replace('\n', " ");
    let sentence = line.split_once(". ").map_or(line.as_str(), |(first, _)| first);
    sentence.trim_end_matches('.').to_owned()
}

/// The schema at a place.
fn at<'a>(parts: &[String], root: &'a Value) -> Option<&'a Value> {
    let mut at = root;
    for part in parts {
        at = options(at, root).into_iter().find_map(|option| below(option, part))?;
    }
    Some(at)
}

/// What a place takes besides null, which is as good as a key that is not there.
fn options<'a>(schema: &'a Value, root: &'a Value) -> Vec<&'a Value> {
    let mut options = Vec::new();
    expand(schema, root, &mut options);
    options.retain(|option| option.get("type").and_then(Value::as_str) != Some("null"));
    options
}

fn kind(schema: &Value, property: &Value, root: &Value) -> String {
    let text = |key: &str| schema.get(key).and_then(Value::as_str).unwrap_or_default();
    let choices = schema.get("oneOf").or_else(|| schema.get("enum")).and_then(Value::as_array);
    if let Some(choices) = choices {
        let names = choices.iter().map(|choice| choice.get("const").unwrap_or(choice));
        return names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
    }
    if let Some(only) = schema.get("const") {
        return format!("`{only}`");
    }
    if schema.get("pattern").is_some() {
        let sentence = first_sentence(text("description"));
        let (first, rest) = sentence.split_at(1);
        return format!("{}{rest}, in quotes", first.to_lowercase());
    }
    let types = schema.get("type").cloned().unwrap_or_default();
    let is =
        |name: &str| types == name || types.as_array().is_some_and(|all| all.iter().any(|one| one == name));
    match () {
        () if is("number") => "a string, a number, a boolean or a list of these".to_owned(),
        () if is("integer") => format!("a whole number{}", range(property)),
        () if is("boolean") => "true or false".to_owned(),
        () if is("array") => match schema.get("items").map(|items| options(items, root)).as_deref() {
            Some([items]) if items.get("pattern").is_some() => {
                format!("a list, each entry {}", kind(items, items, root))
            }
            _ => "a list".to_owned(),
        },
        () if is("object") => format!("an object{}", keys(schema)),
        () => "a string".to_owned(),
    }
}

/// The first keys of an object that has its own: `` with keys like `port`, `network` and `protocol` ``.
fn keys(schema: &Value) -> String {
    let keys = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let mut keys: Vec<_> = keys.map(|(key, _)| format!("`{key}`")).take(3).collect();
    match (keys.pop(), keys.is_empty()) {
        (Some(last), false) => format!(" with keys like {} and {last}", keys.join(", ")),
        (Some(only), true) => format!(" with the key {only}"),
        (None, _) => String::new(),
    }
}

/// Where the description of a number names its range: `, 1–65535`.
fn range(property: &Value) -> String {
    let sentence =
        property.get("description").and_then(Value::as_str).map(first_sentence).unwrap_or_default();
    let range = sentence.split_once(", ").map(|(_, range)| range);
    let range = range.filter(|range| range.starts_with(|first: char| first.is_ascii_digit()));
    range.map(|range| format!(", {}", range.split(", such").next().unwrap_or(range))).unwrap_or_default()
}

/// What a value is, for a label beside what belongs there.
pub(super) fn kind_of(value: &Value, takes: &str) -> &'static str {
    match value {
        Value::Number(number) if takes.starts_with("a whole number") => {
            if number.is_i64() || number.is_u64() { "out of range" } else { "not a whole number" }
        }
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
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
        let parts = |place: &str| place.split('/').map(str::to_owned).collect::<Vec<_>>();
        for (place, kind) in [
            ("kafka/heap", "a size like 512m (MiB) or 6g (GiB), in quotes"),
            ("kafka/listeners/X/port", "a whole number, 1–65535"),
            ("kafka/hosts/a/id", "a whole number, 0 and up"),
            ("hosts/a/address", "an IPv4 or IPv6 address, in quotes"),
            ("hosts/a/rack", "a string"),
            ("hosts/a/managed", "true or false"),
            ("firewall/admin", "a list, each entry a network like 10.0.0.0/8 or fd00::/8, in quotes"),
            ("zookeeper/state", "`\"new\"` or `\"existing\"`"),
            ("kafka/listeners/X/from/0", "a network like 10.0.0.0/8 or fd00::/8, in quotes"),
            ("topics", "an object"),
            ("topics/t", "an object with keys like `partitions`, `replicas` and `survives`"),
            ("kafka/logDirs", "a list"),
        ] {
            assert_eq!(takes(&parts(place)).as_deref(), Some(kind), "{place}");
        }
        assert_eq!(described(&parts("kafka/heap")).as_deref(), Some("Heap of each broker, like `6g`"));
        assert_eq!(
            described(&parts("kafka/logDirs")).unwrap(),
            "Log directories of each broker, best each on a disk of its own"
        );
        assert_eq!((takes(&parts("no/such/key")), described(&parts("no/such/key"))), (None, None));
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
