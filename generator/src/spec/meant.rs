//! What the author of a value that does not fit may have meant: the same content in another form. Only what the key
//! takes is proposed.

use serde_json::{Map, Value, json};

use super::{Spec, shape};
use crate::pins::{Product, pins};
use crate::spec::ProtocolVersion;

/// A longer text is no proposal that anybody reads.
const LONGEST: usize = 160;

/// A value as a key takes it, as JSON.
pub(crate) fn fitted(parts: &[String], written: &Value) -> Option<String> {
    if !takes(parts, written) {
        return meant(parts, written);
    }
    Some(written.to_string()).filter(|text| text.len() <= LONGEST)
}

/// What to write at a place instead, as JSON.
pub(super) fn meant(parts: &[String], written: &Value) -> Option<String> {
    let candidates = match written {
        Value::String(text) => of_text(parts, text),
        Value::Number(number) => of_number(parts, &number.to_string(), written),
        Value::Array(values) => of_list(parts, values),
        Value::Object(_) | Value::Null | Value::Bool(_) => Vec::new(),
    };
    let taken = candidates.into_iter().find(|candidate| candidate != written && takes(parts, candidate))?;
    Some(taken.to_string()).filter(|text| text.len() <= LONGEST)
}

/// Whether the key takes a value, looked at alone.
fn takes(parts: &[String], candidate: &Value) -> bool {
    let spec = parts.iter().rev().fold(candidate.clone(), |value, part| match part.parse::<usize>() {
        Ok(_) => json!([value]),
        Err(_) => json!({ part: value }),
    });
    let fits = match serde_path_to_error::deserialize::<_, Spec>(&spec) {
        Ok(_) => true,
        // Keys that are missing above it are another matter.
        Err(error) => error.path().iter().count() < parts.len(),
    };
    fits && shape::misplaced_lists(&spec).is_empty()
}

fn of_text(parts: &[String], text: &str) -> Vec<Value> {
    let text = text.trim();
    let size = text.to_lowercase().replace(' ', "");
    let size = size.trim_end_matches('b').trim_end_matches('i');
    let mut found = vec![json!(text), json!(text.to_lowercase()), json!(text.to_uppercase()), json!(size)];
    found.extend(text.parse::<i64>().map(|number| json!(number)));
    found.extend(match text.to_lowercase().as_str() {
        "true" | "yes" | "on" => Some(json!(true)),
        "false" | "no" | "off" => Some(json!(false)),
        _ => None,
    });
    found.extend(newest(parts, text).or_else(|| line(parts, text)));
    let several: Vec<&str> = text.split([',', ' ']).filter(|part| !part.is_empty()).collect();
    found.extend(listeners(several.iter().copied()));
    found.push(json!(format!("{text}-linux")));
    found.push(json!(several));
    found.push(json!({ "address": text }));
    for (key, folder) in [("id", "by-id"), ("label", "by-label"), ("uuid", "by-uuid")] {
        let name = text.strip_prefix(&format!("/dev/disk/{folder}/"));
        found.extend(name.map(|name| json!({ key: name })));
    }
    if let Some((host, port)) = text.rsplit_once(':') {
        found.extend(port.parse::<u16>().map(|port| json!({ "host": host, "port": port })));
    }
    found
}

fn of_number(parts: &[String], text: &str, number: &Value) -> Vec<Value> {
    // A version is a version, and no size of so many GiB.
    let mut found: Vec<_> = newest(parts, text).or_else(|| line(parts, text)).into_iter().collect();
    found.extend([json!(text), json!(format!("{text}g")), json!({ "port": number })]);
    found
}

/// The names of members and topics; a host needs its address.
fn of_list(parts: &[String], values: &[Value]) -> Vec<Value> {
    let names = || values.iter().filter_map(Value::as_str);
    let members: Map<_, _> = names().map(|name| (name.to_owned(), json!({}))).collect();
    if names().count() != values.len() {
        return Vec::new();
    }
    let by_name = parts.len() == 2 && parts[1] == "hosts" || parts == ["topics"];
    listeners(names()).into_iter().chain(by_name.then_some(Value::Object(members))).collect()
}

/// Of `PLAINTEXT://:9092`, as `server.properties` has it.
fn listeners<'a>(urls: impl Iterator<Item = &'a str>) -> Option<Value> {
    let listener = |url: &str| {
        let (name, endpoint) = url.split_once("://")?;
        let port: u16 = endpoint.rsplit_once(':')?.1.parse().ok()?;
        Some((name.to_owned(), json!({ "port": port })))
    };
    urls.map(listener).collect::<Option<Map<_, _>>>().map(Value::Object)
}

/// The line of a release, where the key takes that: of Kafka its first two numbers, of a JDK the first, which was the
/// second up to `1.8`.
fn line(parts: &[String], text: &str) -> Option<Value> {
    let line = match parts.last()?.as_str() {
        // Before 1.0 a line has three numbers, and none of those is spoken here.
        "interBrokerProtocolVersion" if !text.starts_with("0.") => {
            text.match_indices('.').nth(1).map(|(dot, _)| &text[..dot])
        }
        "jdk" => text.strip_prefix("1.").unwrap_or(text).split('.').next(),
        _ => None,
    };
    line.map(|line| json!(line))
}

/// The newest release of a line, of those that two sources vouch for if there are some.
fn newest(parts: &[String], text: &str) -> Option<Value> {
    let product = match parts.last().map(String::as_str) {
        Some("zookeeper") => Product::ZooKeeper,
        Some("kafka") => Product::Kafka,
        _ => return None,
    };
    let line: ProtocolVersion = text.parse().ok()?;
    let of_line = pins().of(product).iter().filter(|(version, _)| version.protocol() == line);
    let (newest, _) = of_line.max_by_key(|(version, pin)| (pin.vouched_by > 1, **version))?;
    Some(json!(newest.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(place: &str, written: &Value) -> Option<String> {
        meant(&place.split('/').map(str::to_owned).collect::<Vec<_>>(), written)
    }

    #[test]
    fn the_same_content_is_proposed_in_the_form_that_the_key_takes() {
        for (place, written, meant) in [
            ("kafka/listeners/X/port", json!("9092"), "9092"),
            ("kafka/heap", json!(4), r#""4g""#),
            ("kafka/heap", json!("4 GB"), r#""4g""#),
            ("kafka/heap", json!("512MB"), r#""512m""#),
            ("versions/jdk", json!(17), r#""17""#),
            ("versions/kafka", json!("3.9"), r#""3.9.2""#),
            ("hosts/a/versions/zookeeper", json!(3.8), r#""3.8.5""#),
            ("kafka/interBrokerProtocolVersion", json!(3.9), r#""3.9""#),
            ("kafka/interBrokerProtocolVersion", json!("2.8.1"), r#""2.8""#),
            ("versions/jdk", json!("11.0.20"), r#""11""#),
            ("versions/jdk", json!(1.8), r#""8""#),
            ("hosts/a/rack", json!(1), r#""1""#),
            ("hosts/a/managed", json!("no"), "false"),
            ("hosts/a", json!("10.0.0.1"), r#"{"address":"10.0.0.1"}"#),
            ("kafka/hosts", json!(["a", "b"]), r#"{"a":{},"b":{}}"#),
            ("topics", json!(["t"]), r#"{"t":{}}"#),
            ("topics/t/replicas", json!("3"), "3"),
            ("kafka/logDirs", json!("/a,/b"), r#"["/a","/b"]"#),
            ("kafka/listeners/X/from", json!("10.0.0.0/8"), r#"["10.0.0.0/8"]"#),
            ("kafka/listeners/X/from", json!("Brokers"), r#""brokers""#),
            ("kafka/listeners/X", json!(9092), r#"{"port":9092}"#),
            ("kafka/listeners", json!(["X://:9092"]), r#"{"X":{"port":9092}}"#),
            ("kafka/listeners/X/advertised", json!("a:9092"), r#"{"host":"a","port":9092}"#),
            ("disks/~1data", json!("/dev/disk/by-label/data"), r#"{"label":"data"}"#),
            ("zookeeper/state", json!("Existing "), r#""existing""#),
            ("system", json!("aarch64"), r#""aarch64-linux""#),
        ] {
            assert_eq!(at(place, &written).as_deref(), Some(meant), "{place}: {written}");
        }
    }

    #[test]
    fn what_the_key_would_not_take_is_not_proposed() {
        for (place, written) in [
            ("kafka/heap", json!("four")),
            ("hosts", json!(["a"])),
            ("hosts/a/address", json!("kafka01")),
            ("zookeeper/clientPort", json!(70000)),
            ("zookeeper/clientPort", json!(null)),
            ("versions/kafka", json!("9.9")),
            ("kafka/interBrokerProtocolVersion", json!("0.11.0")),
            ("silenced", json!(["K404"])),
            ("disks", json!(["/dev/sdb"])),
            ("kafka", json!(true)),
        ] {
            assert_eq!(at(place, &written), None, "{place}: {written}");
        }
    }
}
