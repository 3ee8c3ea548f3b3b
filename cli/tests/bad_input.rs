//! Specs and locks that no one meant: one clear message each, status 1 for the spec and 2 for the
//! machine, never a panic.
#![allow(clippy::unwrap_used, reason = "a test may end")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use common::{Folder, skipped};

/// The code of the only error that a spec has.
#[track_caller]
fn only_error(spec: impl AsRef<[u8]>) -> String {
    let folder = Folder::new();
    folder.write("cluster.json", spec);
    let ran = folder.kafnix(["generate", "--message-format", "json"]).ends_with(1);
    assert_eq!(ran.stderr, "");
    assert!(!folder.path("hosts").exists());
    let errors: Vec<_> = ran.json()["problems"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|problem| problem["severity"] == "error")
        .map(|problem| problem["code"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.concat()
}

#[test]
fn what_is_no_json_is_one_error() {
    for text in ["", "{", "[", "nul", "{\"hosts\": {}} {}", "{'hosts': {}}", "// hosts", "\u{feff}{}"] {
        assert_eq!(only_error(text), "K001", "{text}");
    }
}

#[test]
fn nesting_without_end_is_one_error() {
    assert_eq!(only_error("[".repeat(1 << 20)), "K001");
    assert_eq!(only_error("{\"a\":".repeat(1 << 20)), "K001");
}

#[test]
fn a_hundred_mebibytes_are_one_error() {
    assert_eq!(only_error(vec![b' '; 100 << 20]), "K007");
}

#[test]
fn bytes_that_are_no_utf_8_are_one_error() {
    assert_eq!(only_error(b"{\"name\": \"\xff\xfe\"}"), "K002");
    assert_eq!(only_error(b"\xff\xfe{\0}\0"), "K002");
}

#[test]
fn a_nul_in_a_string_is_one_error() {
    assert_eq!(only_error(common::THREE_HOSTS.replace("/data/kafka", "/data/\\u0000")), "K006");
}

#[test]
fn a_spec_that_is_something_else_than_an_object_is_one_error() {
    for text in ["[]", "1", "null", "\"hosts\"", "true"] {
        assert_eq!(only_error(text), "K004", "{text}");
    }
}

#[test]
fn a_spec_that_is_not_there_is_named_with_a_way_out() {
    let folder = Folder::new();
    let said = "there is no spec `cluster.json`: name one, or begin one with `kafnix init`";
    for command in [&["check"][..], &["generate"], &["show", "files"]] {
        folder.kafnix(command.iter().copied()).ends_with(2).says_only(said);
    }
}

#[test]
fn a_spec_that_cannot_be_read_is_an_error_of_the_machine() {
    let folder = Folder::new();
    fs::create_dir(folder.path("cluster.json")).unwrap();
    let refused = folder.kafnix(["check"]).ends_with(2);
    assert!(refused.stderr.contains("`cluster.json`: Is a directory"), "{refused:#?}");
    let folder = Folder::with_three_hosts();
    fs::set_permissions(folder.path("cluster.json"), fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(folder.path("cluster.json")).is_ok() {
        return skipped("this user may read everything");
    }
    let refused = folder.kafnix(["check"]).ends_with(2);
    assert!(refused.stderr.contains("`cluster.json`: Permission denied"), "{refused:#?}");
}

#[test]
fn a_spec_without_an_end_is_refused_in_bounded_memory() {
    let refused = Folder::new().kafnix(["check", "/dev/zero"]).ends_with(1);
    assert!(refused.stdout.starts_with("error[K007]"), "{refused:#?}");
}

#[track_caller]
fn mkfifo(folder: &Folder, path: &str) {
    assert!(Command::new("mkfifo").arg(folder.path(path)).status().unwrap().success());
}

#[test]
fn a_pipe_is_refused_before_it_is_waited_for() {
    let said =
        |path: &str| format!("`{path}` is not a regular file but a pipe, a socket or a device: name a file");
    let folder = Folder::new();
    mkfifo(&folder, "cluster.json");
    for command in [&["check"][..], &["generate"], &["show", "files"]] {
        folder.kafnix(command.iter().copied()).ends_with(2).says_only(&said("cluster.json"));
    }
    let folder = Folder::with_three_hosts();
    fs::create_dir(folder.path("hosts")).unwrap();
    mkfifo(&folder, "hosts/lock.json");
    for command in [&["check"][..], &["generate"], &["generate", "--check"], &["show", "files"]] {
        folder.kafnix(command.iter().copied()).ends_with(2).says_only(&said("hosts/lock.json"));
    }
    let folder = Folder::new();
    mkfifo(&folder, "cluster.schema.json");
    let said = "`cluster.schema.json` is there already, and init overwrites nothing";
    folder.kafnix(["init"]).ends_with(2).says_only(said);
}

#[test]
fn a_spec_that_the_shell_hands_over_is_read() {
    let folder = Folder::with_three_hosts();
    let script = format!("cat cluster.json | '{}' check /dev/stdin", env!("CARGO_BIN_EXE_kafnix"));
    let shell = Command::new("sh").args(["-c", &script]).current_dir(folder.path("")).output().unwrap();
    assert!(shell.status.success(), "{shell:?}");
}

#[test]
fn a_damaged_lock_is_one_error_and_stays_as_it_is() {
    for lock in [
        "",
        "{",
        "null",
        "{\"format\": 1, \"cluster\": 1}",
        "{\"format\": 99}",
        "{\"format\": 1, \"cluster\": \"x\", \"y\": 1}",
    ] {
        let folder = Folder::generated();
        folder.write("hosts/lock.json", lock);
        let before = folder.tree("hosts");
        let refused = folder.kafnix(["generate"]).ends_with(1);
        assert!(
            refused.stderr.contains("error[K008]") || refused.stderr.contains("error[K009]"),
            "{refused:#?}"
        );
        assert!(refused.stderr.contains("hosts/lock.json:1:"), "{refused:#?}");
        assert_eq!(folder.tree("hosts"), before);
    }
}

#[test]
fn a_lock_that_is_named_and_not_there_is_an_error_of_the_machine() {
    let folder = Folder::with_three_hosts();
    let refused = folder.kafnix(["check", "--lock", "nowhere.json"]).ends_with(2);
    assert!(refused.stderr.contains("`nowhere.json`"), "{refused:#?}");
    assert!(refused.stderr.contains("leave --lock out") && !refused.stderr.contains("query"), "{refused:#?}");
}

#[test]
fn a_lock_that_is_lost_is_missed_by_whatever_asks_for_ids() {
    let folder = Folder::generated();
    fs::remove_file(folder.path("hosts/lock.json")).unwrap();
    let said = "git checkout -- hosts/lock.json";
    let noted = folder.kafnix(["check"]).ends_with(0);
    assert!(noted.stderr.starts_with("note: ") && noted.stderr.contains(said), "{noted:#?}");
    for command in [&["show", "cluster"][..], &["verify"], &["local", "show"]] {
        let refused = folder.kafnix(command.iter().copied()).ends_with(2);
        assert!(refused.stderr.contains(said), "{command:?}: {refused:#?}");
    }
}
