//! From JSON to a [`Spec`]. A value that does not fit is reported and taken out, and decoding goes on
//! with the rest, so that everything is reported at once.

use serde_json::Value;
use serde_path_to_error::Segment;

use super::meant::meant;
use super::{Spec, shape};
use crate::diagnostic::Diagnostic;
use crate::problem::{Problem, Severity, nearest, pointer};

pub(super) const WRONG_SHAPE: Diagnostic = Diagnostic {
    code: "K004",
    severity: Severity::Error,
    title: "invalid type or form of a value",
    why: "Every key of the spec has a type, which docs/spec.md and the JSON Schema name.",
    help: "write what the key takes",
};

pub(super) const UNKNOWN_KEY: Diagnostic = Diagnostic {
    code: "K005",
    severity: Severity::Error,
    title: "unknown key",
    why: "A key that nothing reads would look like a decision and change nothing.",
    help: "docs/spec.md names every key; lines of zoo.cfg and server.properties go into `settings`",
};

/// More problems of shape than these help nobody.
const MOST_PROBLEMS: usize = 50;

/// Decodes, and each time something does not fit, reports it, takes it out and begins again.
pub(super) fn decode(mut value: Value, problems: &mut Vec<Problem>) -> Option<Spec> {
    let mut taken: Vec<Vec<String>> = Vec::new();
    // from the last on, since taking one out of a list moves those behind it
    for parts in shape::misplaced_lists(&value).into_iter().rev() {
        problems.push(wrong_shape(&value, &parts, "invalid type: list"));
        if !take_out(&mut value, &parts) {
            return None;
        }
        taken.push(parts);
    }
    for _ in 0..MOST_PROBLEMS {
        let error = match serde_path_to_error::deserialize::<_, Spec>(&value) {
            Ok(spec) => return Some(spec),
            Err(error) => error,
        };
        let parts: Vec<String> = error
            .path()
            .iter()
            .filter_map(|segment| match segment {
                Segment::Seq { index } => Some(index.to_string()),
                Segment::Map { key } => Some(key.clone()),
                Segment::Enum { .. } | Segment::Unknown => None,
            })
            .collect();
        let message = error.inner().to_string();
        if message.starts_with("unknown field") {
            problems.push(unknown_key(&message, &parts));
        } else {
            let missing = missing_key(&message).map(|key| [&parts[..], &[key.to_owned()]].concat());
            // What was there and did not fit has been told.
            if !missing.is_some_and(|missing| taken.contains(&missing)) {
                problems.push(wrong_shape(&value, &parts, &message));
            }
        }
        if !take_out(&mut value, &parts) {
            return None;
        }
        taken.push(parts);
    }
    None
}

fn missing_key(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.split('`').next()
}

fn wrong_shape(root: &Value, parts: &[String], message: &str) -> Problem {
    let place = shape::place(parts);
    let written = root.pointer(&place).unwrap_or(&Value::Null);
    if let Some(key) = missing_key(message) {
        let key_parts = [parts, &[key.to_owned()]].concat();
        let takes = shape::takes(&key_parts).unwrap_or_default();
        let problem = WRONG_SHAPE.problem(format!("missing key `{key}`"));
        return problem.at_key(place, format!("lacks `{key}`")).help(format!("add `{key}`: {takes}"));
    }
    let named = named(parts);
    // What serde says of a type is in its own words; what the spec's types say is for the author.
    let is_of_serde = message.starts_with("invalid ");
    let problem = match shape::takes(parts).filter(|_| is_of_serde) {
        Some(takes) => {
            let kind = shape::kind_of(written, &takes);
            WRONG_SHAPE.problem(format!("{named} takes {takes}")).at(place, kind)
        }
        None => {
            WRONG_SHAPE.problem(message.replace("unknown variant", "unknown value")).at(place, "this value")
        }
    };
    let help = way_out(parts, written, &named, message);
    help.map_or(problem.clone(), |help| problem.help(help))
}

/// The key as it is called in a message.
fn named(parts: &[String]) -> String {
    match parts {
        [] => "the spec".to_owned(),
        [.., list, index] if index.parse::<usize>().is_ok() => format!("an entry of `{list}`"),
        [.., key] => format!("`{key}`"),
    }
}

fn way_out(parts: &[String], written: &Value, named: &str, message: &str) -> Option<String> {
    let takes = shape::takes(parts)?;
    if let Some(meant) = meant(parts, written) {
        return Some(format!("write `{meant}`"));
    }
    if let (Some((_, network)), Some(text)) =
        (message.split_once("an address in the network "), written.as_str())
    {
        let address = text.split('/').next().unwrap_or(text);
        return Some(format!(
            "write `\"{network}\"` for the whole network, or `\"{address}\"` for this machine alone"
        ));
    }
    Some(match written {
        Value::Null => format!("leave {named} out, or write {takes}"),
        Value::String(text) if is_name(text) && takes.contains("IPv6 address") && parts[0] != "names" => {
            format!(
                "{named} is an address, since servers bind it and a NixOS host has its own name on loopback; write \
                 names for `/etc/hosts` under `names`"
            )
        }
        Value::String(text) if is_name(text) && takes.contains("a network like") => {
            "write the address of the machine, or its network: packet filters know no names".to_owned()
        }
        Value::Object(_) if message.contains("is not a setting") => {
            format!("write the key with dots, `{}`", dotted(parts.last()?, written))
        }
        _ if message.contains("listeners yet") => format!(
            "leave {named} out where a PLAINTEXT listener will do, with `from` for who may reach it, else the listener"
        ),
        _ if message.contains("is not a") => format!("write {takes}"),
        _ => format!("{named}: {}", shape::described(parts)?),
    })
}

/// The first setting in a nested object, as the products write it.
fn dotted(key: &str, mut value: &Value) -> String {
    let mut name = key.to_owned();
    while let Some((key, inner)) = value.as_object().and_then(|inner| inner.iter().next()) {
        name = format!("{name}.{key}");
        value = inner;
    }
    Value::from(name).to_string()
}

/// Whether it looks like the name of a host.
fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && !text.contains(':')
}

/// serde's words for the reader of a spec, who knows JSON and not Rust.
pub(crate) fn plainly(message: &str) -> String {
    let text = [
        ("expected u16", "expected a whole number from 0 to 65535"),
        ("expected u32", "expected a whole number from 0 to 4294967295"),
        ("expected i64", "expected a whole number of 64 bits"),
        ("expected a sequence", "expected a list"),
        ("expected a map", "expected an object"),
        ("expected a boolean", "expected true or false"),
        ("invalid type: sequence", "invalid type: list"),
        ("invalid type: map", "invalid type: object"),
        ("invalid number", "a number that is not whole, or out of range"),
        ("missing field", "missing key"),
        ("unknown variant", "unknown value"),
    ]
    .iter()
    .fold(message.to_owned(), |text, (rust, json)| text.replace(rust, json));
    // names of Rust types mean nothing to the author
    match (text.split_once("expected struct "), text.starts_with("invalid length")) {
        (Some((before, _)), _) => format!("{before}expected an object"),
        (None, true) => "invalid type: list, expected an object".to_owned(),
        (None, false) => text,
    }
}

/// serde lists the known keys between backticks, behind the unknown one.
fn unknown_key(message: &str, parts: &[String]) -> Problem {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let written = quoted.next().unwrap_or_default();
    let known: Vec<&str> = quoted.collect();
    let place = pointer(parts.iter().map(String::as_str));
    let problem = UNKNOWN_KEY.problem(format!("unknown key `{written}`"));
    match nearest(written, known.iter().copied()) {
        Some(name) => problem.at_key(place, format!("did you mean {name}?")).help(format!("write {name}")),
        None => problem.at_key(place, format!("known here: {}", known.join(", "))),
    }
}

fn take_out(root: &mut Value, parts: &[String]) -> bool {
    let Some((last, parents)) = parts.split_last() else { return false };
    let parent = root.pointer_mut(&pointer(parents.iter().map(String::as_str)));
    match parent {
        Some(Value::Object(map)) => map.shift_remove(last).is_some(),
        Some(Value::Array(values)) => match last.parse::<usize>() {
            Ok(index) if index < values.len() => {
                values.remove(index);
                true
            }
            _ => false,
        },
        _ => false,
    }
}
