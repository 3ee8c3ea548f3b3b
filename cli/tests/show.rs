//! `kafnix show`, `init`, `explain` and the other commands that only print.
#![allow(clippy::unwrap_used, reason = "a test may end")]

mod common;

use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;

use common::{Folder, snapshot};

fn snapshots(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/show").join(name)
}

#[test]
fn cluster_shows_every_value_with_where_it_comes_from() {
    let folder = Folder::with_three_hosts();
    let shown = folder.kafnix(["show", "cluster"]).ends_with(0);
    assert_eq!(shown.stderr, "");
    snapshot(&snapshots("cluster.txt"), &shown.stdout);
    let json = folder.kafnix(["show", "cluster", "--message-format", "json"]).ends_with(0).json();
    assert_eq!(json["name"], serde_json::json!({ "value": "test", "origin": "spec: /name" }));
    assert_eq!(json["hosts"][0]["zookeeper"]["id"]["value"], 1);
}

#[test]
fn what_is_written_of_a_host_its_disks_and_its_listeners_has_an_origin_in_json_as_well() {
    let folder = Folder::with_three_hosts();
    let disk = r#""address": "10.0.0.11", "disks": { "/data": { "id": "nvme-x" } }, "rack": "r1" }"#;
    folder.edit(r#""address": "10.0.0.11" }"#, disk);
    for address in ["10.0.0.12", "10.0.0.13"] {
        folder.edit(&format!(r#""{address}" }}"#), &format!(r#""{address}", "rack": "r2" }}"#));
    }
    let json = folder.kafnix(["show", "cluster", "--message-format", "json"]).ends_with(0).json();
    let host = &json["hosts"][0];
    let spec = |value, at: &str| serde_json::json!({ "value": value, "origin": format!("spec: {at}") });
    assert_eq!(host["rack"], spec("r1".into(), "/hosts/kafka01/rack"));
    assert_eq!(host["addresses"]["default"], spec("10.0.0.11".into(), "/hosts/kafka01/address"));
    let disk = &host["disks"][0];
    assert_eq!(disk["device"], spec(serde_json::json!({ "id": "nvme-x" }), "/hosts/kafka01/disks/~1data/id"));
    assert_eq!(disk["wholeDisk"]["origin"], "default: the disk that `id` names");
    let listener = &host["kafka"]["listeners"][0];
    let from = serde_json::json!(["10.0.0.0/24"]);
    assert_eq!(listener["from"], spec(from, "/kafka/listeners/PLAINTEXT/from"));
    assert_eq!(listener["protocol"]["value"], "PLAINTEXT");
    let text = folder.kafnix(["show", "cluster"]).ends_with(0).stdout;
    let row = text.lines().find(|line| line.starts_with("disks /data device id")).unwrap();
    assert!(row.ends_with("spec: /hosts/kafka01/disks/~1data/id"), "{row}");
}

#[test]
fn cluster_shows_a_value_with_control_characters_in_one_line() {
    let folder = Folder::with_three_hosts();
    folder.edit("\"zookeeper\": {", "\"zookeeper\": { \"settings\": { \"x.y.z\": \"a\\n\\u001b[31mb\" },");
    let shown = folder.kafnix(["show", "cluster"]).ends_with(0).stdout;
    assert!(shown.contains(r#""a\n\u001b[31mb""#) && !shown.contains('\x1b'), "{shown}");
}

#[test]
fn what_is_shown_has_no_control_characters_wherever_they_stand_in_the_spec() {
    let folder = Folder::with_three_hosts();
    let settings = r#""settings": { "k\u001bey\u009b": "v\u009bw\u001b[31m", "two\nlines": "a\r\nb" },"#;
    folder.edit("\"zookeeper\": {", &format!("\"zookeeper\": {{ {settings}"));
    for what in ["cluster", "hosts", "files"] {
        let shown = folder.kafnix(["show", what]).ends_with(0).stdout;
        assert!(!shown.contains(|found: char| found.is_control() && found != '\n'), "{what}: {shown}");
    }
    let shown = folder.kafnix(["show", "cluster"]).stdout;
    assert!(
        shown.contains(r"settings k\u001bey\u009b ") && shown.contains(r"settings two\nlines "),
        "{shown}"
    );
    folder.kafnix(["generate"]).ends_with(0);
    folder.edit("v\\u009bw", "changed\\u009b");
    let diff = folder.kafnix(["generate", "--check", "--color", "always"]).ends_with(1).stdout;
    assert!(diff.contains(r"v\u009bw\u001b[31m") && !diff.contains('\u{9b}'), "{diff}");
}

#[test]
fn firewall_shows_who_reaches_which_port() {
    let folder = Folder::with_three_hosts();
    folder.edit("\"zookeeper\": {", "\"firewall\": { \"admin\": [\"10.9.0.0/24\"] }, \"zookeeper\": {");
    snapshot(&snapshots("firewall.txt"), &folder.kafnix(["show", "firewall"]).ends_with(0).stdout);
    let json = folder.kafnix(["show", "firewall", "--message-format", "json"]).ends_with(0).json();
    let first = serde_json::json!({
        "host": "kafka01", "what": "ZooKeeper clients", "address": "10.0.0.11", "port": 2181,
        "from": ["ensemble", "brokers", "10.9.0.0/24"],
        "addresses": ["10.0.0.12", "10.0.0.13", "10.9.0.0/24"]
    });
    assert_eq!(json[0], first);
}

#[test]
fn hosts_show_the_text_that_the_servers_read() {
    let folder = Folder::with_three_hosts();
    snapshot(&snapshots("hosts.txt"), &folder.kafnix(["show", "hosts"]).ends_with(0).stdout);
    let json = folder.kafnix(["show", "hosts", "--message-format", "json"]).ends_with(0).json();
    assert_eq!(json.as_object().unwrap().keys().collect::<Vec<_>>(), ["kafka01", "kafka02", "kafka03"]);
    assert_eq!(json["kafka02"]["zookeeper"]["files"]["myid"], "2\n");
    assert!(json["kafka02"]["zookeeper"]["files"]["zoo.cfg"].as_str().unwrap().contains("server.2="));
    let properties = json["kafka02"]["kafka"]["files"]["server.properties"].as_str().unwrap();
    assert!(properties.contains("broker.id=2\n"), "{properties}");
    let kafka = &json["kafka02"]["kafka"];
    let command: Vec<_> =
        kafka["command"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    assert_eq!(command[..3], ["{launcher}", "kafka", "--cluster=test"]);
    if cfg!(feature = "live") {
        let java = kafka["java"].as_array().unwrap();
        assert!(
            java[0] == "{java}" && java.contains(&"-Xmx6g".into()) && java.ends_with(&["{config}".into()])
        );
    }
}

#[test]
fn files_show_what_generate_writes() {
    let folder = Folder::with_three_hosts();
    let shown = folder.kafnix(["show", "files"]).ends_with(0).stdout;
    let json = folder.kafnix(["show", "files", "--message-format", "json"]).ends_with(0).json();
    folder.kafnix(["generate"]).ends_with(0);
    for (path, text) in json.as_object().unwrap() {
        let written = folder.read(&format!("hosts/{path}"));
        assert_eq!(text, &written);
        assert!(shown.contains(&format!("== {path}\n{written}")), "{path}");
    }
    assert_eq!(json.as_object().unwrap().len(), 5);
}

#[test]
fn pins_are_shown_without_a_spec() {
    let folder = Folder::new();
    let shown = folder.kafnix(["show", "pins"]).ends_with(0).stdout;
    assert!(shown.starts_with("== ZooKeeper\nversion  hash"), "{shown}");
    let json = folder.kafnix(["show", "pins", "--message-format", "json"]).ends_with(0).json();
    for version in json["kafka"].as_object().unwrap().keys() {
        assert!(shown.lines().any(|line| line.split_whitespace().next() == Some(version)), "{version}");
    }
}

#[test]
fn a_spec_with_errors_shows_nothing_but_the_errors() {
    let folder = Folder::with_three_hosts();
    folder.edit("\"test\"", "\"Test\"");
    for what in ["cluster", "hosts", "files"] {
        let shown = folder.kafnix(["show", what]).ends_with(1);
        assert_eq!(shown.stdout, "");
        assert!(shown.stderr.starts_with("error[K102]") && !shown.stderr.contains("warning["), "{shown:#?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = Folder::with_three_hosts();
    for arguments in [&["show", "files"][..], &["show", "pins"], &["schema"], &["generate"], &["check"]] {
        let mut command = folder.command(arguments.iter().copied());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{arguments:?}: {stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
    }
}

#[test]
fn a_standard_error_that_nobody_reads_changes_no_status() {
    let folder = Folder::with_three_hosts();
    folder.write("wrong.json", "{");
    for (arguments, status) in [
        (&["check", "wrong.json"][..], 1),
        (&["generate", "wrong.json"], 1),
        (&["check", "none.json"], 2),
        (&["no-command"], 2),
        (&["check"], 0),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = folder.command(arguments.iter().copied());
        let ended = command.stdout(Stdio::null()).stderr(writer).status().unwrap();
        assert_eq!(ended.code(), Some(status), "{arguments:?}");
    }
}

#[test]
fn a_result_that_cannot_be_written_is_an_error_of_the_machine() {
    let folder = Folder::new();
    let full = std::fs::File::create("/dev/full").unwrap();
    let output = folder
        .command(["schema"])
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("error: cannot write to the standard output: No space left"), "{said}");
}

#[test]
fn init_begins_a_spec_that_passes_and_names_its_schema() {
    let folder = Folder::new();
    assert_eq!(
        folder.kafnix(["init"]).ends_with(0).stdout,
        "added cluster.json\nadded cluster.schema.json\n"
    );
    snapshot(&snapshots("init.json"), &folder.read("cluster.json"));
    assert_eq!(folder.read("cluster.schema.json"), folder.kafnix(["schema"]).ends_with(0).stdout);
    folder.kafnix(["check"]).ends_with(0);
    folder.kafnix(["generate"]).ends_with(0);
}

#[test]
fn init_takes_a_name_and_hosts() {
    let folder = Folder::new();
    let arguments = ["init", "a.json", "--name", "mine", "--host", "k1=fd00::1", "--host", "k2=fd00::2"];
    folder.kafnix(arguments).ends_with(0);
    let spec: serde_json::Value = serde_json::from_str(&folder.read("a.json")).unwrap();
    assert_eq!((&spec["name"], &spec["hosts"]["k2"]["address"]), (&"mine".into(), &"fd00::2".into()));
    // A domain that all have stands once.
    let hosts = |second: &str| {
        let arguments = ["init", second, "--host", "k1.example.com=10.0.0.1", "--host", second];
        folder.kafnix(arguments).ends_with(0);
        serde_json::from_str::<serde_json::Value>(&folder.read(second)).unwrap()
    };
    let one = hosts("k2.example.com=10.0.0.2");
    assert_eq!((&one["domain"], one["hosts"]["k2"].get("domain")), (&"example.com".into(), None));
    let two = hosts("k2.example.org=10.0.0.2");
    assert_eq!((two.get("domain"), &two["hosts"]["k2"]["domain"]), (None, &"example.org".into()));
    // A second spec beside the first shares its schema.
    let second = folder.kafnix(["init", "b.json", "--message-format", "json"]).ends_with(0).json();
    assert_eq!(second, serde_json::json!({ "files": [{ "path": "b.json", "change": "added" }] }));
}

#[test]
fn init_overwrites_nothing() {
    let folder = Folder::new();
    folder.write("cluster.json", "mine");
    let said = "`cluster.json` is there already, and init overwrites nothing";
    folder.kafnix(["init"]).ends_with(2).says_only(said);
    folder.write("cluster.schema.json", "mine");
    let said = "`cluster.schema.json` is there already, and init overwrites nothing";
    folder.kafnix(["init", "other.json"]).ends_with(2).says_only(said);
    assert_eq!(folder.tree("").len(), 2);
}

#[test]
fn init_renews_a_schema_of_an_older_kafnix_and_no_other() {
    let folder = Folder::new();
    folder.write("cluster.schema.json", "{ \"title\": \"kafnix cluster spec\" }\n");
    folder.write("mine.json", "mine");
    folder.kafnix(["init", "mine.json"]).ends_with(2);
    assert!(folder.read("cluster.schema.json").len() < 99, "a run that is refused writes nothing");
    let said = folder.kafnix(["init"]).ends_with(0).stdout;
    assert_eq!(said, "added cluster.json\nchanged cluster.schema.json\n");
    assert_eq!(folder.read("cluster.schema.json"), folder.kafnix(["schema"]).ends_with(0).stdout);
    for foreign in ["{ \"title\": \"another\" }", "[]", "{"] {
        let folder = Folder::new();
        folder.write("cluster.schema.json", foreign);
        let said = "`cluster.schema.json` is there already, and init overwrites nothing";
        folder.kafnix(["init"]).ends_with(2).says_only(said);
        assert_eq!(folder.tree("").len(), 1);
    }
}

#[test]
fn init_writes_no_spec_that_does_not_pass() {
    let folder = Folder::new();
    let arguments = ["init", "--host", "k1=10.0.0.1", "--host", "k1=10.0.0.2"];
    let refused = folder.kafnix(arguments).ends_with(1);
    assert!(refused.stderr.contains("duplicate key `k1`"), "{refused:#?}");
    assert!(folder.tree("").is_empty());
}

#[test]
fn explain_tells_a_page_and_takes_a_code_in_small_letters() {
    let folder = Folder::new();
    let page = folder.kafnix(["explain", "K003"]).ends_with(0).stdout;
    snapshot(&snapshots("explain.txt"), &page);
    assert_eq!(folder.kafnix(["explain", "k003"]).ends_with(0).stdout, page);
    let json = folder.kafnix(["explain", "K003", "--message-format", "json"]).ends_with(0).json();
    assert_eq!((&json["code"], &json["severity"]), (&"K003".into(), &"error".into()));
}

#[cfg(feature = "live")]
#[test]
fn explain_tells_what_a_check_of_verify_means() {
    let folder = Folder::new();
    let page = folder.kafnix(["explain", "V101"]).ends_with(0).stdout;
    assert!(page.starts_with("V101 (check): hosts are reachable\n\n"), "{page}");
    let json = folder.kafnix(["explain", "v101", "--message-format", "json"]).ends_with(0).json();
    assert_eq!(json["severity"], "check");
}

#[test]
fn explain_lists_every_code_once() {
    let folder = Folder::new();
    let list = folder.kafnix(["explain"]).ends_with(0).stdout;
    let json = folder.kafnix(["explain", "--message-format", "json"]).ends_with(0).json();
    let codes: Vec<_> = json.as_array().unwrap().iter().map(|page| page["code"].as_str().unwrap()).collect();
    assert_eq!(list.lines().map(|line| &line[..4]).collect::<Vec<_>>(), codes);
}

#[test]
fn explain_of_an_unknown_code_names_the_nearest() {
    let folder = Folder::new();
    folder
        .kafnix(["explain", "KO03"])
        .ends_with(2)
        .says_only("there is no code `KO03`: did you mean `K003`?");
    let said = "there is no code `NOTHING`: `kafnix explain` lists all";
    folder.kafnix(["explain", "nothing"]).ends_with(2).says_only(said);
}

#[test]
fn the_schema_is_the_published_one() {
    let schema = Folder::new().kafnix(["schema"]).ends_with(0).stdout;
    let published = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/cluster.schema.json");
    assert_eq!(schema, std::fs::read_to_string(published).unwrap());
}

#[test]
fn completions_are_there_for_the_common_shells() {
    for shell in ["bash", "zsh", "fish"] {
        let script = Folder::new().kafnix(["completions", shell]).ends_with(0).stdout;
        assert!(script.contains("generate") && script.contains("accept"), "{shell}");
    }
}

#[test]
fn wrong_arguments_are_an_error_of_the_caller() {
    let folder = Folder::new();
    for arguments in [&["no-such-command"][..], &[], &["generate", "--no-such"], &["show"]] {
        folder.kafnix(arguments.iter().copied()).ends_with(2);
    }
}

#[test]
fn what_the_spec_says_is_shown_with_its_place_there() {
    let folder = Folder::with_three_hosts();
    folder.edit("\"10.0.0.11\" }", "\"10.0.0.11\", \"rack\": \"a\" }");
    folder.edit("\"10.0.0.12\" }", "\"10.0.0.12\", \"rack\": \"b\" }");
    folder.edit("\"10.0.0.13\" }", "\"10.0.0.13\", \"rack\": \"b\" }");
    folder.edit("\"hosts\"", "\"disks\": { \"/data\": { \"label\": \"data\" } },\n  \"hosts\"");
    let shown = folder.kafnix(["show", "cluster"]).ends_with(0).stdout;
    let lines: Vec<_> =
        shown.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for line in [
        "rack a spec: /hosts/kafka01/rack",
        "addresses default 10.0.0.11 spec: /hosts/kafka01/address",
        "disks /data device label data spec: /disks/~1data/label",
        "listeners PLAINTEXT from 10.0.0.0/24 spec: /kafka/listeners/PLAINTEXT/from",
        "listeners PLAINTEXT protocol PLAINTEXT default: what needs no certificate",
        "managed true default: kafnix configures each host that does not say otherwise",
    ] {
        assert!(lines.iter().any(|shown| shown == line), "{line}: {shown}");
    }
}
