//! The reference in docs/, made from the same texts that the program itself shows: docs/rules.md from
//! the diagnostics of the codes, docs/spec.md from the JSON Schema.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::problem::Severity;
use crate::{rules, spec};

const NOTE: &str = "<!-- Made by a test from the program's own texts; do not edit. -->\n";

/// docs/rules.md
pub fn rules() -> String {
    let mut text = format!(
        "{NOTE}# Rules\n\nWhat `kafnix check` says, by code. An error keeps a cluster from being generated \
         (exit status 1); a warning does not. `kafnix explain CODE` prints the same text. Codes `K7xx` compare \
         with the lock, and `kafnix generate --accept CODE` lets one of them pass once, on purpose. K213 and \
         K801 can be broken by a machine file alone, and the evaluation of its host reports them.\n"
    );
    let diagnostics = rules::diagnostics();
    for (severity, title) in [(Severity::Error, "Errors"), (Severity::Warning, "Warnings")] {
        let of = diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity);
        // Writing to a string cannot fail.
        let _ = write!(text, "\n## {title}\n\n| code | what |\n|---|---|\n");
        for diagnostic in of {
            let anchor = diagnostic.code.to_lowercase();
            let _ = writeln!(
                text,
                "| [{}](#{anchor}) | {} |",
                diagnostic.code,
                diagnostic.title.replace('|', "\\|")
            );
        }
    }
    text.push_str("\n## The codes\n");
    for diagnostic in diagnostics {
        let kind = match diagnostic.severity {
            Severity::Error => "Error",
            Severity::Warning => "Warning",
        };
        let _ = write!(
            text,
            "\n### {}\n\n**{kind}: {}.**\n\n{}\n\nWhat to do: {}.\n",
            diagnostic.code, diagnostic.title, diagnostic.why, diagnostic.help
        );
    }
    text
}

/// docs/spec.md
pub fn spec() -> String {
    let schema = spec::json_schema();
    let mut text = format!(
        "{NOTE}# The spec\n\nEvery key of `cluster.json`. The JSON Schema \
         ([schema/cluster.schema.json](../schema/cluster.schema.json), or `kafnix schema`) says the same to \
         editors. Unknown keys are refused with the nearest known one; `kafnix show cluster` prints every value \
         with where it comes from.\n\nPrecedence of a setting, lowest first: 1. defaults of kafnix, 2. what the \
         topology implies, 3. the cluster-wide `settings`, 4. the host's `settings`. What the topology implies \
         (ids, `server.N`, `zookeeper.connect`, listeners, directories) has keys of its own and is refused in \
         `settings`.\n"
    );
    section("Top level", &schema, &mut text);
    let none = Map::new();
    let definitions = schema.get("$defs").and_then(Value::as_object).unwrap_or(&none);
    for (name, definition) in definitions {
        if definition.get("properties").is_some() {
            section(name, definition, &mut text);
        }
    }
    text.push_str("\n## Values\n\n| name | what |\n|---|---|\n");
    for (name, definition) in definitions {
        if definition.get("properties").is_none() {
            let values = values(definition);
            let _ = writeln!(text, "| <a id=\"{}\"></a>{name} | {values} |", name.to_lowercase());
        }
    }
    text + CLUSTER
}

/// What `show cluster` prints as JSON; a test holds it to that.
const CLUSTER: &str = "
## `show cluster` as JSON

`kafnix show cluster --message-format json` prints the cluster that a spec means. Each value is an object of two keys: \
`value`, and `origin`, a string that says where the value comes from. What is unset has the value `null`, with the \
reason in its origin. All other objects and lists only hold values: `name` and `mountPoint` of an entry of a list are \
the key that the entry has in the spec, and a host has `zookeeper` and `kafka` where it runs that server.

An origin is `KIND: DETAIL`:

| kind | the value is | detail |
|---|---|---|
| `spec` | written in the spec | its JSON Pointer (RFC 6901) there; of a name of a host, that of the host |
| `lock` | kept from the last generation | the JSON Pointer in `hosts/lock.json` of what it is kept from |
| `topology` | implied by others | JSON Pointers of their keys, with `, ` between two; `*` is every host or topic |
| `default` | a default of kafnix | its reason |
";

fn section(name: &str, definition: &Value, text: &mut String) {
    let _ =
        write!(text, "\n## {name}\n\n{}\n\n| key | type | what |\n|---|---|---|\n", description(definition));
    let none = Map::new();
    let required: Vec<&str> = definition
        .get("required")
        .and_then(Value::as_array)
        .map(|keys| keys.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    for (key, property) in definition.get("properties").and_then(Value::as_object).unwrap_or(&none) {
        let needed = if required.contains(&key.as_str()) { " (required)" } else { "" };
        let _ = writeln!(text, "| `{key}`{needed} | {} | {} |", kind(property), description(property));
    }
}

fn description(schema: &Value) -> String {
    let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    text.replace('\n', " ").replace('|', "\\|")
}

/// A definition without properties: what it says, and the values that it allows.
fn values(definition: &Value) -> String {
    let variants = definition.get("oneOf").or(definition.get("anyOf")).and_then(Value::as_array);
    let constants = definition.get("enum").and_then(Value::as_array).into_iter().flatten();
    let mut parts = vec![description(definition)];
    parts.extend(constants.map(|value| format!("`{value}`")));
    for variant in variants.into_iter().flatten() {
        let values = variant.get("const").into_iter();
        let values: Vec<_> =
            values.chain(variant.get("enum").and_then(Value::as_array).into_iter().flatten()).collect();
        let value = match values[..] {
            [] => kind(variant),
            _ => values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", "),
        };
        parts.push(format!("{value} {}", description(variant)).trim().to_owned());
    }
    parts.retain(|part| !part.is_empty());
    parts.join("<br>")
}

/// The type of a property in a reader's words.
fn kind(schema: &Value) -> String {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let name = target.rsplit('/').next().unwrap_or_default();
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
        let kinds = choices.iter().filter(|choice| !is_null(choice)).map(kind);
        return kinds.collect::<Vec<_>>().join(" or ");
    }
    let name = match schema.get("type") {
        Some(Value::String(name)) => name.as_str(),
        // an optional value also takes null, which means that it is absent
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or("")
        }
        _ => "",
    };
    match name {
        "object" => schema
            .get("additionalProperties")
            .map_or_else(|| "object".to_owned(), |values| format!("object of {}", kind(values))),
        "array" => {
            schema.get("items").map_or_else(|| "list".to_owned(), |items| format!("list of {}", kind(items)))
        }
        other => other.to_owned(),
    }
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}
