//! How problems look. A claim is a folder in `drawings/` with a spec, maybe the lock of a generation
//! before it, and what `kafnix check` prints.
#![allow(clippy::unwrap_used, reason = "a test may end")]

mod common;

use std::fs;
use std::path::Path;

use common::{Folder, THREE_HOSTS, program, ran, snapshot};

#[test]
fn every_drawing_is_the_one_beside_its_spec() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drawings");
    let claims = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut count = 0;
    for claim in claims {
        let ran = ran(program().arg("check").current_dir(&claim));
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 1), "{}", claim.display());
        snapshot(&claim.join("expected.txt"), &ran.stdout);
        count += 1;
    }
    assert!(count >= 8, "{count} in {}", folder.display());
}

#[test]
fn a_drawing_on_a_pipe_has_no_colour_and_always_has_one_when_asked() {
    let folder = Folder::with_three_hosts();
    folder.edit("\"test\"", "\"Test\"");
    let plain = folder.kafnix(["check"]).stdout;
    let coloured = folder.kafnix(["check", "--color", "always"]).stdout;
    assert!(!plain.contains('\x1b') && coloured.contains("\x1b["), "{coloured}");
    let without: String = anstream::adapter::strip_str(&coloured).to_string();
    assert_eq!(without, plain);
}

/// What `check` says last of a spec with these lines.
fn last_line(lines: &str) -> String {
    let folder = Folder::with_three_hosts();
    folder.edit("\"name\":", &format!("{lines} \"name\":"));
    let checked = folder.kafnix(["check"]).ends_with(0).stdout;
    checked.lines().last().unwrap().to_owned()
}

#[test]
fn what_is_silenced_is_told_in_the_last_line_with_its_reason() {
    let silenced = r#""silenced": { "K438": "one folder\u001b\nfor now", "K506": "a test" },"#;
    let line = last_line(silenced);
    let reasons = r"; silenced: K438 (one folder\u001b\nfor now), K506 (a test)";
    assert!(line.starts_with("0 errors, ") && line.ends_with(reasons), "{line}");
    let folder = Folder::with_three_hosts();
    folder.edit("\"name\": \"test\"", &format!("{silenced} \"name\": \"Test\""));
    let refused = folder.kafnix(["generate"]).ends_with(1).stderr;
    let line = refused.lines().last().unwrap();
    assert!(line.starts_with("1 error, ") && line.ends_with(reasons), "{refused}");
}

#[test]
fn a_vulnerability_that_is_silenced_is_told_by_its_id_with_its_reason() {
    let told = |others: &str| {
        let silenced = format!(r#""silenced": {{ "CVE-2026-24281": "no TLS"{others} }}"#);
        last_line(&format!(r#""versions": {{ "zookeeper": "3.9.4" }}, {silenced},"#))
    };
    let line = told(r#", "CVE-2026-24308": "no client""#);
    let reasons = "CVE-2026-24281: no TLS; CVE-2026-24308: no client";
    assert!(line.ends_with(&format!("; silenced: K506 ({reasons})")), "{line}");
    // Where another one is left, the warning is not hidden.
    assert!(!told("").contains("silenced"), "{}", told(""));
}

#[test]
fn no_color_is_obeyed_where_colours_are_forced_by_the_environment_only() {
    let folder = Folder::with_three_hosts();
    folder.edit("\"test\"", "\"Test\"");
    let forced = ran(folder.command(["check"]).env("CLICOLOR_FORCE", "1")).stdout;
    let forbidden = ran(folder.command(["check"]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1")).stdout;
    assert!(forced.contains("\x1b["), "{forced}");
    assert!(!forbidden.contains('\x1b'), "{forbidden}");
}

#[test]
fn a_spec_without_line_breaks_is_drawn_around_the_place() {
    let folder = Folder::new();
    let hosts: Vec<_> = (1..=500)
        .map(|n| format!(r#""kafka{n}":{{"address":"10.0.{}.{}"}}"#, n / 250, n % 250 + 1))
        .collect();
    folder.write("cluster.json", format!(r#"{{"hosts":{{{}}},"nmae":"x","kafka":{{}}}}"#, hosts.join(",")));
    let drawn = folder.kafnix(["check"]).ends_with(1).stdout;
    let drawing = drawn.split("\n\n").find(|drawing| drawing.contains("K005")).unwrap();
    assert!(drawing.contains("... ") || drawing.contains(r#","nmae":"x","kafka":{}}..."#), "{drawing}");
    assert!(drawing.contains("cluster.json:1:"), "{drawing}");
    assert!(drawing.lines().all(|line| line.chars().count() < 200), "{drawing}");
}

#[test]
fn warnings_alone_are_no_failure() {
    let folder = Folder::with_three_hosts();
    let ran = folder.kafnix(["check"]).ends_with(0);
    assert!(
        ran.stdout.starts_with("warning[") && ran.stdout.ends_with("\n0 errors, 2 warnings\n"),
        "{ran:#?}"
    );
}

#[test]
fn as_json_problems_are_an_array_and_nothing_else_is_printed() {
    let folder = Folder::with_three_hosts();
    let ran = folder.kafnix(["check", "--message-format", "json"]).ends_with(0);
    for problem in ran.json().as_array().unwrap() {
        assert_eq!(problem["severity"], "warning");
    }
    folder.edit("\"address\": \"10.0.0.12\"", "\"adress\": \"10.0.0.12\"");
    let ran = folder.kafnix(["--message-format", "json", "check"]).ends_with(1);
    assert_eq!(ran.stderr, "");
    let problems = ran.json();
    let slip = problems.as_array().unwrap().iter().find(|problem| problem["code"] == "K005").unwrap();
    assert_eq!(slip["severity"], "error");
    assert_eq!(slip["source"], "spec");
    assert_eq!(slip["labels"][0]["key"], "/hosts/kafka02/adress");
    assert_eq!(slip["help"], "write `address`");
    assert!(slip["title"].is_string(), "{slip}");
}

#[test]
fn as_json_no_place_is_of_a_key_that_is_not_written() {
    let folder = Folder::new();
    let behind = r#"{ "versions": { "kafka": "3.8.1" }, "hosts": { "a": { "address": "10.0.0.1" } } }"#;
    folder.write("cluster.json", behind);
    folder.kafnix(["generate"]).ends_with(0);
    folder.edit("3.8.1", "3.9.2");
    let problems = folder.kafnix(["check", "--message-format", "json"]).ends_with(0).json();
    let spec: serde_json::Value = serde_json::from_str(&folder.read("cluster.json")).unwrap();
    let problems = problems.as_array().unwrap();
    for label in problems.iter().flat_map(|problem| problem["labels"].as_array().unwrap()) {
        let place = label.get("pointer").or(label.get("key")).unwrap().as_str().unwrap();
        assert!(spec.pointer(place).is_some(), "{label}");
    }
    let of =
        |code: &str| problems.iter().find(|problem| problem["code"] == code).unwrap()["labels"][0].clone();
    assert_eq!((&of("K510")["pointer"], &of("K510")["text"]), (&"".into(), &"the lock holds 3.8".into()));
    assert_eq!(of("K404")["pointer"], "");
}

#[test]
fn as_json_a_spec_without_problems_is_an_empty_array() {
    let folder = Folder::new();
    let zookeeper_alone =
        THREE_HOSTS.split("  \"kafka\"").next().unwrap().to_owned() + "  \"kafka\": { \"hosts\": {} }\n}\n";
    let disk = r#""disks": { "/data": { "label": "data" } }, "zookeeper": {"#;
    folder.write("cluster.json", zookeeper_alone.replace("\"zookeeper\": {", disk));
    let ran = folder.kafnix(["check", "--message-format", "json"]).ends_with(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("[]\n", ""));
}

#[test]
fn a_lock_that_is_named_is_compared_with() {
    let folder = Folder::generated();
    fs::rename(folder.path("hosts/lock.json"), folder.path("old.json")).unwrap();
    folder.edit("\"test\"", "\"other\"");
    folder.kafnix(["check"]).ends_with(0);
    let ran = folder.kafnix(["check", "--lock", "old.json"]).ends_with(1);
    assert!(ran.stdout.contains("error[K7"), "{ran:#?}");
}
