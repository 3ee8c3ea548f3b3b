//! `kafnix diff`: a spec beside an earlier one in git, in a repository of the test's own.
#![allow(clippy::unwrap_used, reason = "a test may end")]

mod common;

use std::path::Path;

use common::repository::{commit, commit_all, committed, diff, git, on_its_own};
use common::{Folder, ran, snapshot};
use serde_json::json;

/// Compares what is told of a change with its snapshot; `generate` tells the same of each host, and `--check`
/// beside its diff.
#[track_caller]
fn tells(name: &str, folder: &Folder) {
    let told = diff(folder, []).ends_with(1);
    assert_eq!(told.stderr, "");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/diff/{name}.txt"));
    snapshot(&path, &told.stdout);
    let accepted = ["--accept", "K701", "--accept", "K710"];
    let checked = folder.kafnix(["generate", "--check"].into_iter().chain(accepted)).stderr;
    let generated = folder.kafnix(["generate"].into_iter().chain(accepted)).ends_with(0).stdout;
    let of_hosts = |line: &&str| line.starts_with("kafka0");
    let [here, there, beside] =
        [&told.stdout, &generated, &checked].map(|text| text.lines().filter(of_hosts).collect::<Vec<_>>());
    assert_eq!((&here, &here), (&there, &beside), "{generated}{checked}");
    // The lock has been accepted, and the earlier spec is the same.
    let after = diff(folder, []).ends_with(1).stdout;
    assert!(told.stdout.ends_with(&after), "{after}");
}

#[test]
fn what_means_the_same_is_nothing() {
    let folder = committed();
    assert_eq!(diff(&folder, []).ends_with(0).stdout, "nothing changes\n");
    folder.edit(
        "\"name\": \"test\",",
        "// the same\n  \"name\":  \"test\", \"versions\": { \"jdk\": \"17\" },",
    );
    assert_eq!(diff(&folder, []).ends_with(0).stdout, "nothing changes\n");
    let json = diff(&folder, ["--message-format", "json"]).ends_with(0).json();
    assert_eq!((&json["changes"], &json["hosts"], &json["problems"]), (&json!([]), &json!({}), &json!([])));
}

#[test]
fn a_topic_is_live() {
    let folder = committed();
    let topic = r#""topics": { "orders": { "partitions": 6, "settings": { "retention.ms": 60000 } } },"#;
    folder.edit("\"hosts\": {", &format!("{topic} \"hosts\": {{"));
    tells("topic", &folder);
}

#[test]
fn the_heap_of_one_host_restarts_its_server() {
    let folder = committed();
    let brokers = r#""kafka": { "hosts": { "kafka01": { "heap": "8g" }, "kafka02": {}, "kafka03": {} },"#;
    folder.edit("\"kafka\": {", brokers);
    tells("heap", &folder);
}

#[test]
fn a_setting_of_brokers_restarts_all_of_them() {
    let folder = committed();
    folder.edit("\"kafka\": {", "\"kafka\": { \"settings\": { \"log.retention.hours\": 72 },");
    tells("setting", &folder);
}

#[test]
fn a_network_of_administrators_is_in_the_units_as_well() {
    let folder = committed();
    folder.edit("\"hosts\": {", "\"firewall\": { \"admin\": [\"10.9.0.0/24\"] }, \"hosts\": {");
    tells("firewall", &folder);
}

#[test]
fn an_exporter_is_for_the_firewall_alone() {
    let folder = committed();
    let monitoring = r#""firewall": { "monitoring": { "from": ["10.0.0.0/24"], "ports": [9100] } },"#;
    folder.edit("\"hosts\": {", &format!("{monitoring} \"hosts\": {{"));
    folder.kafnix(["generate"]).ends_with(0);
    commit(&folder);
    folder.edit("[9100]", "[9100, 9101]");
    tells("exporter", &folder);
}

#[test]
fn another_listener_between_brokers_is_refused_by_the_lock() {
    let folder = committed();
    folder.edit("\"PLAINTEXT\": {", "\"INTERNAL\": {");
    tells("listener", &folder);
}

/// The lock of the folder knows the first of them only.
#[test]
fn generations_in_between_hide_nothing_of_what_the_lock_refuses() {
    let folder = committed();
    git(&folder, ["tag", "deployed"]);
    folder.edit("\"PLAINTEXT\": {", "\"INTERNAL\": {");
    folder.kafnix(["generate", "--accept", "K701", "--accept", "K710"]).ends_with(0);
    commit_all(&folder);
    assert_eq!(diff(&folder, []).ends_with(0).stdout, "nothing changes\n");
    let told = diff(&folder, ["deployed"]).ends_with(1).stdout;
    assert!(told.starts_with("refused by the lock\n  K710 "), "{told}");
}

#[test]
fn a_release_restarts_the_brokers() {
    let folder = Folder::with_three_hosts();
    folder.edit("\"name\":", "\"versions\": { \"kafka\": \"3.9.1\" }, \"name\":");
    folder.kafnix(["generate"]).ends_with(0);
    commit(&folder);
    folder.edit("3.9.1", "3.9.2");
    tells("release", &folder);
}

#[test]
fn a_release_whose_protocol_stays_behind_is_unfinished() {
    let folder = Folder::with_three_hosts();
    folder.edit("\"name\":", "\"versions\": { \"kafka\": \"3.8.1\" }, \"name\":");
    folder.kafnix(["generate"]).ends_with(0);
    commit(&folder);
    folder.edit("3.8.1", "3.9.2");
    let told = diff(&folder, []).ends_with(1).stdout;
    assert!(told.starts_with("unfinished, another generation is to follow\n  K510 "), "{told}");
    let json = diff(&folder, ["--message-format", "json"]).ends_with(1).json();
    assert_eq!(json["problems"][0]["class"], "unfinished");
    commit_all(&folder);
    folder.edit("\"10.0.0.0/24\"", "\"10.0.1.0/24\"");
    let told = diff(&folder, []).ends_with(1).stdout;
    assert!(!told.contains("K510"), "it was so before: {told}");
}

#[test]
fn an_id_that_changes_is_refused_by_the_lock() {
    let folder = committed();
    let brokers = r#""kafka": { "hosts": { "kafka01": { "id": 11 }, "kafka02": {}, "kafka03": {} },"#;
    folder.edit("\"kafka\": {", brokers);
    tells("id", &folder);
}

#[test]
fn a_host_that_comes_starts_its_servers_and_one_that_goes_is_for_a_person() {
    let folder = Folder::with_three_hosts();
    let hosts = r#""kafka": { "hosts": { "kafka01": {}, "kafka02": {}, "kafka03": {} },"#;
    folder.edit("\"kafka\": {", hosts);
    folder.edit("\"zookeeper\": {", "\"zookeeper\": { \"hosts\": { \"kafka01\": {} },");
    folder.kafnix(["generate"]).ends_with(0);
    commit(&folder);
    folder.edit("\"kafka03\": { \"address\": \"10.0.0.13\" }", "\"kafka04\": { \"address\": \"10.0.0.14\" }");
    folder.edit("\"kafka03\": {}", "\"kafka04\": {}");
    let told = diff(&folder, []).ends_with(1).stdout;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diff/hosts.txt");
    snapshot(&path, &told);
}

#[test]
fn of_many_hosts_a_few_are_named_and_each_has_its_line() {
    let hosts: Vec<_> =
        (1..=8).map(|n| format!("\"kafka0{n}\": {{ \"address\": \"10.0.0.1{n}\" }}")).collect();
    let folder = Folder::with_three_hosts();
    let text = folder.read("cluster.json");
    let (start, end) = (text.find("\"kafka01\"").unwrap(), text.find("\n  },").unwrap());
    folder.write("cluster.json", text.replace(&text[start..end], &hosts.join(", ")));
    folder.edit("\"zookeeper\": {", "\"zookeeper\": { \"hosts\": { \"kafka01\": {} },");
    folder.kafnix(["generate"]).ends_with(0);
    commit(&folder);
    folder.edit("9092", "9093");
    tells("many", &folder);
}

#[test]
fn json_has_each_change_with_its_class_and_hosts() {
    let folder = committed();
    folder.edit("\"kafka\": {", "\"kafka\": { \"settings\": { \"log.retention.hours\": 72 },");
    let json = diff(&folder, ["HEAD", "--message-format", "json"]).ends_with(1).json();
    let hosts = ["kafka01", "kafka02", "kafka03"];
    let expected = json!({
        "class": "restart", "part": "kafka", "key": "log.retention.hours", "from": null, "to": "72", "hosts": hosts
    });
    assert_eq!(json["changes"], json!([expected]));
    let of_host = json!({ "restarts": ["kafka"], "starts": [], "stops": [], "leaves": false });
    assert_eq!(json["hosts"]["kafka02"], of_host);
    assert_eq!((&json["revision"], json["commit"].as_str().unwrap().len()), (&json!("HEAD"), 40));
    let generated = folder.kafnix(["generate", "--message-format", "json"]).ends_with(0).json();
    assert_eq!(generated["hosts"], json["hosts"]);
    folder.edit("\"name\": \"test\"", "\"name\": \"other\"");
    let json = diff(&folder, ["--message-format", "json"]).ends_with(1).json();
    assert_eq!(
        (&json["problems"][0]["code"], &json["problems"][0]["class"]),
        (&json!("K705"), &json!("refused"))
    );
}

#[test]
fn what_the_lock_refuses_for_good_is_a_change_and_no_fault() {
    let folder = Folder::with_three_hosts();
    folder.edit("\"name\":", "\"versions\": { \"kafka\": \"3.9.2\" }, \"name\":");
    folder.kafnix(["generate"]).ends_with(0);
    commit(&folder);
    folder.edit("3.9.2", "3.8.1");
    let said = diff(&folder, []).ends_with(1);
    assert!(said.stdout.starts_with("refused by the lock\n  K509 "), "{said:#?}");
    assert_eq!(said.stderr, "note: what this restarts is not known: `--accept` does not take K509\n");
    let json = diff(&folder, ["--message-format", "json"]).ends_with(1).json();
    let problem = (&json["problems"][0]["code"], &json["problems"][0]["class"]);
    assert_eq!((problem, &json["changes"]), ((&json!("K509"), &json!("refused")), &json!(null)));
    // This is no matter of the lock.
    folder.edit("\"kafka\": {", "\"kafka\": { \"interBrokerProtocolVersion\": \"3.9\",");
    let said = diff(&folder, []).ends_with(2).stderr;
    assert!(said.ends_with("note: nothing was compared, since `cluster.json` has errors\n"), "{said}");
}

#[test]
fn a_jar_that_is_not_there_is_refused_as_generate_does() {
    let folder = committed();
    folder.edit("\"kafka\": {", "\"kafka\": { \"extraJars\": [\"jars/a.jar\"],");
    let said = diff(&folder, []).ends_with(2);
    assert!(said.stdout.is_empty() && said.stderr.starts_with("error[K432]: "), "{said:#?}");
    folder.write("jars/a.jar", "PK\u{3}\u{4}");
    let told = diff(&folder, []).ends_with(1).stdout;
    assert!(told.contains("\n    + extraJars = jars/a.jar\n"), "{told}");
}

/// `generate` tells as much as `diff` where a switch is not all.
#[test]
fn what_a_switch_does_not_do_is_told_by_generate_as_well() {
    let folder = Folder::with_three_hosts();
    let disks = r#""disks": { "/data": { "label": "data" } }, "zookeeper": {"#;
    folder.edit("\"zookeeper\": {", disks);
    folder.kafnix(["generate"]).ends_with(0);
    commit(&folder);
    for (from, to) in [
        ("\"label\": \"data\"", "\"label\": \"data\", \"wholeDisk\": \"/dev/sdb\""),
        ("\"label\": \"data\"", "\"label\": \"new\""),
        ("\"10.0.0.11\"", "\"10.0.0.11\", \"system\": \"aarch64-linux\""),
    ] {
        folder.edit(from, to);
        let told = diff(&folder, []).ends_with(1).stdout;
        let checked = folder.kafnix(["generate", "--check"]).ends_with(1).stderr;
        let generated = folder.kafnix(["generate"]).ends_with(0).stdout;
        let (_, beside) = generated.split_once("\n\n").unwrap();
        assert!(!told.is_empty() && told == beside && checked.contains(&told), "{told}{generated}{checked}");
        commit_all(&folder);
    }
}

#[test]
fn of_topics_alone_generate_says_that_they_are_in_no_file() {
    let folder = committed();
    folder.edit("\"hosts\": {", r#""topics": { "orders": {} }, "hosts": {"#);
    let is_told = |arguments: &[&str]| {
        let said = folder.kafnix(arguments.iter().copied()).ends_with(0).stderr;
        said.contains("note: no generated file holds topics: ")
    };
    assert!(is_told(&["generate"]) && is_told(&["generate", "--check"]));
    folder.edit("9092", "9093");
    assert!(!is_told(&["generate"]));
}

#[test]
fn a_spec_in_a_folder_is_compared_with_any_revision_from_anywhere() {
    let folder = Folder::new();
    folder.write("deep/er/cluster.json", common::THREE_HOSTS);
    folder.kafnix(["generate", "deep/er/cluster.json"]).ends_with(0);
    commit(&folder);
    git(&folder, ["tag", "first"]);
    let text = common::THREE_HOSTS.replace("9092", "9094");
    folder.write("deep/er/cluster.json", &text);
    folder.kafnix(["generate", "deep/er/cluster.json"]).ends_with(0);
    git(&folder, ["commit", "--quiet", "--all", "--message", "another port"]);
    let spec = ["--spec", "deep/er/cluster.json"];
    assert_eq!(diff(&folder, spec).ends_with(0).stdout, "nothing changes\n");
    for revision in ["first", "HEAD~1", "HEAD^"] {
        let told = diff(&folder, [revision, "--spec", "deep/er/cluster.json"]).ends_with(1).stdout;
        assert!(told.contains("kafka01: kafka restarts\n"), "{told}");
    }
    let mut inside = folder.command(["diff", "first"]);
    let told = ran(on_its_own(inside.current_dir(folder.path("deep/er")), &folder)).ends_with(1).stdout;
    assert!(told.contains("kafka01: kafka restarts\n"), "{told}");
}

#[test]
fn an_earlier_spec_that_was_never_generated_is_compared_as_it_is() {
    let folder = committed();
    folder.edit("\"name\": \"test\"", "\"name\": \"other\"");
    git(&folder, ["commit", "--quiet", "--all", "--message", "refused on account of the lock"]);
    folder.edit("\"name\": \"other\"", "\"name\": \"test\"");
    let told = diff(&folder, []).ends_with(1).stdout;
    assert!(told.contains("cluster name: other → test"), "{told}");
}
