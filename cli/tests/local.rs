//! `kafnix local` where no server starts: what it shows, what it refuses, and what it says when there
//! is nothing. A program that only tells its version stands for Java; it would never serve.
#![cfg(feature = "live")]
#![allow(clippy::unwrap_used, reason = "a test may end")]

mod common;

use std::fs;
use std::net::TcpListener;

use common::machine::Machine;
use common::ran;

#[test]
fn where_there_is_no_local_cluster_each_command_says_so() {
    let machine = Machine::new();
    let status = machine.local(["status"]).ends_with(0);
    assert!(status.stdout.is_empty() && status.stderr.contains("kafnix local up"), "{status:#?}");
    let json = machine.local(["status", "--message-format", "json"]).ends_with(0).json();
    assert_eq!(json, serde_json::json!([]));
    assert!(machine.local(["down"]).ends_with(0).stderr.contains("nothing runs"));
    machine.local(["down", "--wipe"]).ends_with(0);
    machine.refuses(&["stop", "kafka01"], &["there is no local cluster of `cluster.json`"]);
    machine.refuses(&["logs", "kafka01"], &["there is no local cluster"]);
    machine.refuses(&["down", "--cluster", "../x"], &["`../x` is not a valid cluster name"]);
    for command in ["status", "down"] {
        machine.refuses(&[command, "--cluster", "x"], &["there is no local cluster `x`, and no other"]);
    }
}

#[test]
fn show_tells_every_line_that_differs() {
    let machine = Machine::new();
    let shown = machine.local(["show"]).ends_with(0).stdout;
    for words in ["== kafka02", "10.0.0.12        → 127.0.0.3", "clientPortAddress", "→ 384m", "→ 128m"]
    {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains("num.partitions"), "what is the same is not shown: {shown}");
    let json = machine.local(["show", "--message-format", "json"]).ends_with(0).json();
    let directory = json["hosts"]["kafka03"]["directories"]["/data/zookeeper"].as_str().unwrap();
    assert!(directory.ends_with("state/kafnix/test/kafka03/data/data/zookeeper"), "{directory}");
    let differences = json["hosts"]["kafka03"]["kafka"]["differences"].as_array().unwrap();
    let heap = serde_json::json!({ "key": "-Xms, -Xmx", "spec": "6g", "here": "384m" });
    assert!(differences.contains(&heap), "{differences:#?}");
    assert!(!machine.folder.path("state").exists(), "looking changes nothing");
}

#[test]
fn a_spec_with_problems_is_not_run() {
    let machine = Machine::new();
    machine.folder.edit("\"name\": \"test\"", "\"name\": \"Test\"");
    let refused = machine.local(["up"]).ends_with(1);
    assert!(refused.stderr.contains("1 error"), "{refused:#?}");
}

#[test]
fn brokers_of_another_ensemble_are_not_run() {
    let machine = Machine::new();
    machine.folder.edit("\"dataDir\": \"/data/zookeeper\"", "\"connect\": [\"zk.example.org:2181\"]");
    machine.refuses(&["up"], &["must not"]);
}

#[test]
fn a_release_or_a_java_that_is_missing_is_named() {
    let machine = Machine::new();
    machine.java("11.0.2");
    machine.refuses(&["up"], &["Java 17", "11.0.2", "JAVA_HOME"]);
    machine.java("17.0.1");
    fs::remove_file(machine.folder.path("products/kafka-3.9.2/libs/kafka.jar")).unwrap();
    machine.refuses(&["up"], &["kafka-3.9.2", "tests/products"]);
    machine.refuses(&["start", "kafka02"], &["kafka-3.9.2"]);
    machine.refuses(&["start", "kafka09"], &["no host `kafka09`", "kafka01, kafka02, kafka03"]);
}

#[test]
fn what_is_in_the_way_is_told_before_anything_starts() {
    let machine = Machine::new();
    let taken = TcpListener::bind("127.0.29.3:2181").unwrap();
    let us = format!("process {}", std::process::id());
    machine.refuses(&["up", "--first-address", "127.0.29.2"], &["kafka02 zookeeper", "127.0.29.3:2181", &us]);
    drop(taken);
    machine.refuses(&["up", "--first-address", "10.0.0.1"], &["loopback"]);
}

#[test]
fn a_path_that_the_settings_cannot_hold_is_refused() {
    let machine = Machine::new();
    fs::rename(machine.folder.path("products"), machine.folder.path("all products")).unwrap();
    let products = machine.folder.path("all products");
    machine.refuses(&["up", "--products", products.to_str().unwrap()], &["' '", "--products"]);
}

#[test]
fn a_server_that_ends_at_once_is_told_with_the_end_of_its_log_and_down_ends_the_rest() {
    let machine = Machine::new();
    // The JVM that is started last ends at once, since it is none; so no archive is made either.
    let up = machine.local(["up", "--first-address", "127.0.29.10"]).ends_with(2);
    assert!(up.stderr.contains("not all servers of `test` are up"), "{up:#?}");
    assert!(up.stderr.contains("zookeeper.log"), "{up:#?}");
    let status = machine.local(["status", "--message-format", "json"]).ends_with(0).json();
    let rows = status.as_array().unwrap();
    assert_eq!(rows.len(), 6, "{rows:#?}");
    assert!(rows.iter().any(|row| row["phase"] == "ended" && row["role"] == "zookeeper"), "{rows:#?}");
    // A spec that is broken by now does not keep anybody from ending what runs.
    machine.folder.write("cluster.json", "{");
    machine.local(["down", "--wipe"]).ends_with(0);
    assert_eq!(fs::read_dir(machine.folder.path("state/kafnix")).unwrap().count(), 0);
}

#[test]
fn what_the_lock_forbids_is_accepted_for_the_local_cluster_alone() {
    let machine = Machine::new();
    machine.folder.kafnix(["generate"]).ends_with(0);
    let lock = machine.folder.read("hosts/lock.json");
    machine.folder.edit("\"test\"", "\"other\"");
    for command in [&["up"][..], &["start", "kafka01"], &["show"]] {
        let refused = machine.local(command.iter().copied()).ends_with(1);
        let advice = format!("`kafnix local {} --accept K705`", command[0]);
        assert!(refused.stderr.contains(&advice), "{advice}: {refused:#?}");
        assert!(!refused.stderr.contains("kafnix generate --accept"), "{refused:#?}");
    }
    // With both it is no matter of the spec any more: the JVM ends at once, since it is none.
    let accepted = ["--accept", "K705", "--accept", "k706", "--first-address", "127.0.29.120"];
    let up = machine.local(["up"].into_iter().chain(accepted)).ends_with(2);
    assert!(up.stderr.contains("not all servers of `other` are up"), "{up:#?}");
    machine.local(["show", "--accept", "K705", "--accept", "K706"]).ends_with(0);
    let verify = ran(&mut machine.command(["verify", "--local"])).ends_with(2);
    assert!(verify.stderr.contains("`kafnix verify --local --accept K705`"), "{verify:#?}");
    assert_eq!(machine.folder.read("hosts/lock.json"), lock, "no lock is written");
    let refused = machine.local(["up", "--accept", "K102"]).ends_with(2);
    assert!(refused.stderr.starts_with("error: --accept K102: "), "{refused:#?}");
    machine.local(["down", "--wipe", "--cluster", "other"]).ends_with(0);
}

#[test]
fn without_a_lock_a_host_keeps_the_ids_that_it_has_here() {
    let machine = Machine::new();
    machine.local(["up", "--first-address", "127.0.29.130"]).ends_with(2);
    let ids = || {
        let rows = machine.local(["status", "--message-format", "json"]).ends_with(0).json();
        let id =
            |row: &serde_json::Value| (row["host"].as_str().unwrap().to_owned(), row["id"].as_i64().unwrap());
        rows.as_array().unwrap().iter().filter(|row| row["role"] == "kafka").map(id).collect::<Vec<_>>()
    };
    let before = ids();
    assert_eq!(before.len(), 3);
    machine.folder.edit("\"kafka01\": {", "\"kafka00\": { \"address\": \"10.0.0.10\" },\n    \"kafka01\": {");
    let up = machine.local(["up"]).ends_with(2);
    assert!(up.stderr.contains("`kafka01` keeps the server id 1"), "{up:#?}");
    let after = ids();
    assert_eq!((after[0].clone(), &after[1..]), (("kafka00".to_owned(), 4), &before[..]));
    machine.local(["show"]).ends_with(0);
    // A lock decides, and what it says is another id is an error.
    machine.folder.kafnix(["generate"]).ends_with(0);
    assert!(!machine.local(["show"]).ends_with(0).stderr.contains("keeps"));
    machine.local(["down", "--wipe"]).ends_with(0);
}

#[test]
fn several_hosts_can_be_named_and_each_must_be_there() {
    let machine = Machine::new();
    machine.local(["up", "--first-address", "127.0.29.140"]).ends_with(2);
    machine.local(["stop", "kafka01", "kafka03"]).ends_with(0);
    machine.local(["stop", "kafka02", "kafka03", "--spec", "cluster.json"]).ends_with(0);
    for command in ["stop", "start", "logs"] {
        let refused = machine.local([command, "kafka01", "kafka09"]).ends_with(2);
        assert!(refused.stderr.contains("no host `kafka09`"), "{refused:#?}");
    }
    for command in ["stop", "start"] {
        machine.local([command]).ends_with(2);
    }
    let logs = machine.local(["logs"]).ends_with(0).stdout;
    let names: std::collections::BTreeSet<_> =
        logs.lines().map(|line| line[25..].split(" | ").next().unwrap()).collect();
    assert!(names.len() > 1 && names.iter().all(|name| name.starts_with("kafka0")), "{logs}");
    let times: Vec<_> = logs.lines().map(|line| &line[..24]).collect();
    assert!(times.iter().all(|time| time.starts_with("20") && time.ends_with('Z')), "{logs}");
    assert!(times.is_sorted(), "{logs}");
    let last = machine.local(["logs", "-n", "2"]).ends_with(0).stdout;
    assert!(last.lines().count() == 2 && logs.ends_with(&last), "{last}");
    let one = machine.local(["logs", "kafka01", "--role", "zookeeper"]).ends_with(0).stdout;
    assert!(
        one.lines().count() > 0 && one.lines().all(|line| line.contains(" kafka01 zookeeper | ")),
        "{one}"
    );
    machine.local(["down", "--wipe"]).ends_with(0);
}
