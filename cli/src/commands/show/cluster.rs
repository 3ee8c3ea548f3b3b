//! `kafnix show cluster`: the cluster as it is serialised, so a value that is added to it shows here
//! without a word about it.

use anyhow::Result;
use clap::builder::styling::Style;
use kafnix_generator::Cluster;
use serde_json::{Map, Value};

use super::table::{head, rows};
use crate::console::Console;

/// Key, value, where it comes from.
type Row = [String; 3];

pub(super) fn show(cluster: &Cluster, console: &Console) -> Result<()> {
    if console.is_json() {
        return console.json(cluster);
    }
    let Value::Object(cluster) = serde_json::to_value(cluster)? else { return Ok(()) };
    let mut text = String::new();
    for (title, section) in sections(cluster) {
        head(&title, console.out, &mut text);
        rows(&section, Style::new().dimmed(), console.out, &mut text);
    }
    console.print(&text)
}

/// One section for what is no object, one for each object, one for each host.
fn sections(cluster: Map<String, Value>) -> Vec<(String, Vec<Row>)> {
    let mut sections = vec![("cluster".to_owned(), Vec::new())];
    for (key, value) in cluster {
        match value {
            Value::Array(hosts) if key == "hosts" => {
                for host in hosts {
                    let name = host.get("name").and_then(Value::as_str).unwrap_or_default();
                    sections.extend(host_sections(name, &host));
                }
            }
            _ if is_leaf(&value) => flatten(&key, &value, &mut sections[0].1),
            _ => {
                let mut section = Vec::new();
                flatten("", &value, &mut section);
                if !section.is_empty() {
                    sections.push((key, section));
                }
            }
        }
    }
    sections
}

/// The machine, then each service that it runs, with its settings last.
fn host_sections(name: &str, host: &Value) -> Vec<(String, Vec<Row>)> {
    let mut sections = vec![(name.to_owned(), Vec::new())];
    for (key, value) in host.as_object().into_iter().flatten().filter(|(key, _)| *key != "name") {
        if let Some(settings) = value.get("settings") {
            let mut service = value.as_object().cloned().unwrap_or_default();
            service.shift_remove("settings");
            let mut section = Vec::new();
            flatten("", &Value::Object(service), &mut section);
            flatten("settings", settings, &mut section);
            sections.push((format!("{name}: {key}"), section));
        } else {
            flatten(key, value, &mut sections[0].1);
        }
    }
    sections
}

fn is_leaf(value: &Value) -> bool {
    match value {
        Value::Object(map) => origin(map).is_some(),
        Value::Array(values) => values.iter().all(is_leaf) && !values.is_empty(),
        _ => true,
    }
}

/// The two parts of a value that knows where it comes from.
fn origin(map: &Map<String, Value>) -> Option<(&Value, &str)> {
    match (map.len(), map.get("value"), map.get("origin")) {
        (2, Some(value), Some(Value::String(origin))) => Some((value, origin)),
        _ => None,
    }
}

fn flatten(path: &str, value: &Value, section: &mut Vec<Row>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path} {name}") };
    match value {
        Value::Null => {}
        Value::Object(map) => match origin(map) {
            // What names the value, too, as `label` does a disk.
            Some((Value::Object(named), origin)) => named
                .iter()
                .for_each(|(key, value)| section.push([below(key), plain(value), origin.to_owned()])),
            Some((value, origin)) => section.push([path.to_owned(), plain(value), origin.to_owned()]),
            None => map.iter().for_each(|(key, value)| flatten(&below(key), value, section)),
        },
        Value::Array(values) if is_leaf(value) => {
            for value in values {
                flatten(path, value, section);
            }
        }
        Value::Array(values) => {
            for value in values {
                let key = if value.get("name").is_some() { "name" } else { "mountPoint" };
                let name = value.get(key).and_then(Value::as_str).unwrap_or_default();
                let rest: Map<_, _> = value
                    .as_object()
                    .into_iter()
                    .flatten()
                    .filter(|(one, _)| *one != key)
                    .map(|(key, value)| (key.clone(), value.clone()))
                    .collect();
                flatten(&below(name), &Value::Object(rest), section);
            }
        }
        _ => section.push([path.to_owned(), plain(value), String::new()]),
    }
}

/// A value in one line; JSON where it would be none.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        Value::String(text) if !text.is_empty() && !text.chars().any(char::is_control) => text.clone(),
        Value::Array(values) if !values.is_empty() => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        _ => value.to_string(),
    }
}
