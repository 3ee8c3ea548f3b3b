//! What a quorum is, beside what ZooKeeper's own classes say, which `tests/run 1 quorum` asks.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test reads what ZooKeeper said")]

use kafnix_generator::resolve::{Gap, resolve};
use kafnix_generator::spec::read::read;
use serde_json::{Map, Value, json};

fn ids(of: &Value) -> Vec<i64> {
    of.as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect()
}

/// Faults, or of each set of voters whether it is a quorum.
fn counted(case: &Value, version: &str) -> Result<String, Vec<String>> {
    let (voters, observers) = (ids(&case["voters"]), ids(&case["observers"]));
    let name = |id: &i64| format!("k{id}");
    let all = || voters.iter().chain(&observers);
    let hosts: Map<_, _> = all().map(|id| (name(id), json!({ "address": format!("10.0.0.{id}") }))).collect();
    let servers: Map<_, _> =
        all().map(|id| (name(id), json!({ "id": id, "observer": observers.contains(id) }))).collect();
    let spec = json!({
        "versions": { "zookeeper": version },
        "hosts": hosts,
        "zookeeper": { "hosts": servers, "settings": case["settings"] }
    });
    let read = read(spec.to_string().as_bytes());
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    let spec = read.spec.unwrap();
    let draft = resolve(&spec, None);
    let faults: Vec<_> = draft
        .gaps
        .iter()
        .map(|gap| match gap {
            Gap::NoQuorum(fault) => fault.title.clone(),
            other => format!("{other:?}"),
        })
        .collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    let electorate = draft.cluster.electorate();
    let is_in =
        |set: usize, id: i64| voters.iter().position(|it| *it == id).is_some_and(|at| set >> at & 1 == 1);
    let sets = 0..1_usize << voters.len();
    Ok(sets.map(|set| if electorate.has_quorum(|id| is_in(set, id)) { '1' } else { '0' }).collect())
}

/// What ZooKeeper starts with and kafnix refuses all the same, since no quorum can be relied on.
const STRICTER: [&str; 6] = [
    "is negative",
    "which has no vote",
    "is there twice",
    "has two weights",
    "is not a server id",
    "are too large",
];

#[test]
#[ignore = "tests/run 1 quorum asks ZooKeeper first"]
fn quorums_are_those_of_zookeeper() {
    let file = std::env::var("KAFNIX_QUORUMS").expect("what ZooKeeper said, by tests/run 1 quorum");
    let version = std::env::var("KAFNIX_ZOOKEEPER").unwrap();
    let (mut same, mut refused, mut stricter) = (0, 0, 0);
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let quorums = case["quorums"].as_str();
        match (quorums, counted(&case, &version)) {
            (Some(quorums), Ok(counted)) => {
                // Nobody at all asks an oracle, too, in a class that is never asked about nobody.
                assert_eq!(quorums[1..], counted[1..], "{line}");
                assert!(quorums.ends_with('1'), "it never elects: {line}");
                same += 1;
            }
            (None, Err(_)) => refused += 1,
            (Some(quorums), Err(_)) if quorums.ends_with('0') => refused += 1,
            (Some(_), Err(faults)) => {
                assert!(
                    faults.iter().all(|it| STRICTER.iter().any(|why| it.contains(why))),
                    "{faults:?} {line}"
                );
                stricter += 1;
            }
            (None, Ok(_)) => panic!("ZooKeeper ends with it: {line}"),
        }
    }
    assert!(same > 500 && refused > 500 && stricter > 20, "{same} {refused} {stricter}");
}
