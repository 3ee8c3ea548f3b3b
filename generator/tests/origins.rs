//! Every value of `kafnix show cluster` says where it comes from, in the grammar of docs/spec.md.
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test reads the committed files"
)]

use std::fs;
use std::path::Path;

use kafnix_generator::{Cluster, Lock, check, spec};
use serde_json::{Value, json};

/// What an origin may name.
struct Sources {
    spec: Value,
    lock: Option<Value>,
    schema: Value,
}

impl Sources {
    fn of(spec: &Value, lock: Option<&str>) -> Self {
        let lock = lock.map(|lock| serde_json::from_str(lock).unwrap());
        Self { spec: spec.clone(), lock, schema: spec::json_schema() }
    }

    /// Every value below, with its origin; what is neither is told.
    fn walk(&self, at: &str, value: &Value, found: &mut Vec<[String; 2]>) {
        match value {
            Value::Object(map) if map.len() == 2 && map.get("origin").is_some_and(Value::is_string) => {
                let origin = map["origin"].as_str().unwrap();
                assert!(map.contains_key("value") && self.has(origin), "{at}: {value}");
                found.push([at.to_owned(), origin.to_owned()]);
            }
            Value::Object(map) => {
                let values = map
                    .iter()
                    .filter(|(key, _)| !matches!(key.as_str(), "name" | "mountPoint") || at.is_empty());
                values.for_each(|(key, value)| self.walk(&format!("{at}/{key}"), value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| self.walk(at, value, found)),
            _ => panic!("{at} has no origin: {value}"),
        }
    }

    fn has(&self, origin: &str) -> bool {
        match origin.split_once(": ") {
            Some(("spec", pointer)) => self.spec.pointer(pointer).is_some(),
            Some(("lock", pointer)) => self.lock.as_ref().is_some_and(|lock| lock.pointer(pointer).is_some()),
            Some(("topology", pointers)) => pointers.split(", ").all(|pointer| self.is_key(pointer)),
            Some(("default", reason)) => !reason.is_empty(),
            _ => false,
        }
    }

    /// Whether a spec can have a value there.
    fn is_key(&self, pointer: &str) -> bool {
        let mut at = &self.schema;
        for part in pointer.split('/').skip(1) {
            while let Some(name) = at["$ref"].as_str().or_else(|| at["anyOf"][0]["$ref"].as_str()) {
                at = self.schema.pointer(name.strip_prefix('#').unwrap()).unwrap();
            }
            at = match (&at["properties"][part], &at["additionalProperties"]) {
                (Value::Null, Value::Object(_)) => &at["additionalProperties"],
                (Value::Null, _) => return false,
                (property, _) => property,
            };
        }
        pointer.starts_with('/')
    }
}

fn origins(cluster: &Cluster, spec: &Value, lock: Option<&str>) -> Vec<[String; 2]> {
    let mut found = Vec::new();
    Sources::of(spec, lock).walk("", &serde_json::to_value(cluster).unwrap(), &mut found);
    found
}

#[test]
fn every_value_has_an_origin_that_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let specs = fs::read_dir(root.join("tests/specs")).unwrap().map(|entry| entry.unwrap().path());
    let mut kinds = std::collections::BTreeSet::new();
    for folder in specs.chain([root.clone()]) {
        let text = fs::read(folder.join("cluster.json")).unwrap();
        let spec: Value = serde_json::from_slice(&text).unwrap();
        let kept = fs::read_to_string(folder.join("hosts/lock.json")).unwrap();
        for lock in [None, Some(kept.as_str())] {
            let cluster = check(&text, lock.map(str::as_bytes), &[]).cluster.unwrap();
            let found = origins(&cluster, &spec, lock);
            kinds.extend(found.iter().map(|[_, origin]| origin.split(':').next().unwrap().to_owned()));
        }
    }
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["default", "lock", "spec", "topology"]);
}

fn has(found: &[[String; 2]], wanted: &str) -> bool {
    found.iter().any(|found| found.join(" ") == wanted)
}

#[test]
fn what_a_spec_leaves_out_or_the_lock_keeps_has_an_origin_as_well() {
    let hosts = |names: &str| -> Value {
        let host = |(number, name): (usize, char)| {
            (name.to_string(), json!({ "address": format!("10.0.0.{number}") }))
        };
        names
            .chars()
            .enumerate()
            .map(|(at, name)| host((at + 1, name)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let generated = |spec: &Value, lock: Option<&str>| {
        let accepted = ["K709".to_owned()];
        let checked = check(spec.to_string().as_bytes(), lock.map(str::as_bytes), &accepted);
        let cluster = checked.cluster.unwrap_or_else(|| panic!("{:#?}", checked.problems));
        let before = lock.map(|lock| Lock::read(lock.as_bytes()).unwrap());
        (origins(&cluster, spec, lock), Lock::of(&cluster, before.as_ref()).text())
    };
    let mut spec = json!({ "hosts": hosts("abc"), "domain": "example.org" });
    spec["names"]["x"] = "10.0.0.9".into();
    spec["silenced"]["K404"] = "a test".into();
    let (found, lock) = generated(&spec, None);
    for wanted in [
        "/kafka/clusterId default: the first broker makes one",
        "/hosts/rack default: no rack is named",
        "/hosts/kafka/listeners/from default: everybody may reach it",
        "/hosts/kafka/listeners/address spec: /hosts/a/address",
        "/hosts/zookeeper/address spec: /hosts/a/address",
        "/hosts/zookeeper/dataLogDir default: the transaction log lies in `dataDir`",
        "/names/10.0.0.1 spec: /domain",
        "/names/10.0.0.1 spec: /hosts/a",
        "/names/10.0.0.9 spec: /names/x",
        "/silenced/K404 spec: /silenced/K404",
    ] {
        assert!(has(&found, wanted), "{wanted}: {found:#?}");
    }
    // One host comes, one goes, and one is back under the id that it had.
    let (_, lock) = generated(&json!({ "hosts": hosts("ab") }), Some(&lock));
    let (found, lock) = generated(&json!({ "hosts": hosts("abc") }), Some(&lock));
    for wanted in [
        "/hosts/kafka/id lock: /former/kafka/c",
        "/hosts/kafka/id lock: /kafka/a/id",
        "/hosts/kafka/release lock: /kafka/a/version",
        "/hosts/jdk lock: /zookeeper/a/jdk",
        "/hosts/zookeeper/state lock: /zookeeper",
        "/hosts/zookeeper/network lock: /network",
        "/kafka/protocolVersion lock: /interBrokerProtocolVersion",
    ] {
        assert!(has(&found, wanted), "{wanted}: {found:#?}");
    }
    let (found, _) = generated(&json!({ "hosts": hosts("abc") }), Some(&lock));
    let wanted = "/hosts/zookeeper/state lock: /zookeeper/c/joined";
    assert!(has(&found, wanted), "{found:#?}");
}
