//! `kafnix show cluster`: the cluster as it is serialised, so a value that is added to it shows here
//! without a word about it.

use anyhow::Result;
use clap::builder::styling::Style;
use kafnix_generator::Cluster;
use kafnix_generator::problem::pointer;
use kafnix_generator::spec::comments::without_comments;
use serde_json::{Map, Value};

use super::table::{head, rows};
use crate::console::Console;

/// Key, value, where it comes from.
type Row = [String; 3];

pub(super) fn show(cluster: &Cluster, spec: &[u8], console: &Console) -> Result<()> {
    if console.is_json() {
        return console.json(cluster);
    }
    let Value::Object(cluster) = serde_json::to_value(cluster)? else { return Ok(()) };
    let mut text = String::new();
    let spec = serde_json::from_str(&without_comments(&String::from_utf8_lossy(spec)))?;
    for (title, mut section) in sections(cluster) {
        add_origins(&spec, &title, &mut section);
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

/// What an author may leave out, and what then has no origin of its own.
const OPTIONAL: [&str; 5] = ["managed", "network", "observer", "protocol", "system"];

/// Where the author wrote a value that does not know it: for the host, or for all of them.
fn add_origins(spec: &Value, title: &str, section: &mut [Row]) {
    let above: Vec<Vec<&str>> = match title.split_once(": ") {
        Some((host, role)) => vec![vec![role, "hosts", host], vec![role]],
        None => vec![vec!["hosts", title], vec![title], vec![]],
    };
    for [path, _, origin] in section.iter_mut().filter(|[.., origin]| origin.is_empty()) {
        let parts: Vec<&str> = path.split(' ').filter(|part| *part != "device").collect();
        let short = (parts == ["addresses", "default"]).then(|| vec!["address"]);
        let places = std::iter::once(parts.clone()).chain(short);
        let mut pointers = places
            .flat_map(|place| above.iter().map(move |above| pointer(above.iter().chain(&place).copied())));
        if let Some(pointer) = pointers.find(|pointer| spec.pointer(pointer).is_some()) {
            *origin = format!("spec: {pointer}");
        } else if parts.last().is_some_and(|key| OPTIONAL.contains(key)) {
            "default".clone_into(origin);
        }
    }
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
    match (map.len(), map.get("value"), map.get("from")) {
        (2, Some(value), Some(Value::String(from))) => Some((value, from)),
        _ => None,
    }
}

fn flatten(path: &str, value: &Value, section: &mut Vec<Row>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path} {name}") };
    match value {
        Value::Null => {}
        Value::Object(map) => match origin(map) {
            Some((value, from)) => section.push([path.to_owned(), plain(value), from.to_owned()]),
            None => map.iter().for_each(|(key, value)| flatten(&below(key), value, section)),
        },
        Value::Array(values) if !is_leaf(value) => {
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
        Value::Null => "(left out)".to_owned(),
        Value::String(text) if !text.is_empty() && !text.chars().any(char::is_control) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        _ => value.to_string(),
    }
}
