//! `kafnix verify`, as far as it needs no running cluster; the scenarios in tests/scenarios/local have one.
#![cfg(feature = "live")]
#![allow(clippy::unwrap_used, reason = "a test may end")]

mod common;

use common::machine::Machine;
use common::{Folder, ran};
use rustix::process::Signal;

#[test]
fn a_spec_with_problems_is_no_cluster_that_fails() {
    let folder = Folder::with_three_hosts();
    folder.edit("10.0.0.12", "10.0.0.11");
    let verified = folder.kafnix(["verify"]).ends_with(2);
    assert!(verified.stdout.is_empty() && verified.stderr.contains("10.0.0.11"), "{verified:?}");
}

#[test]
fn as_json_problems_take_the_place_of_a_result() {
    let folder = Folder::with_three_hosts();
    folder.edit("10.0.0.12", "10.0.0.11");
    for (command, status) in [
        (&["verify"][..], 2),
        (&["show", "cluster"], 1),
        (&["show", "hosts"], 1),
        (&["local", "show"], 1),
        (&["local", "up"], 1),
    ] {
        let mut command = folder.command(command.iter().copied());
        command.args(["--message-format", "json"]).env("XDG_STATE_HOME", folder.path("state"));
        let refused = ran(&mut command).ends_with(status);
        let problems = refused.json();
        assert_eq!((problems[0]["code"].as_str(), refused.stderr.as_str()), (Some("K105"), ""), "{problems}");
    }
}

#[test]
fn without_a_local_cluster_there_is_nothing_to_ask() {
    let folder = Folder::with_three_hosts();
    let mut command = folder.command(["verify", "--local"]);
    command.env("XDG_STATE_HOME", folder.path("state"));
    ran(&mut command)
        .ends_with(2)
        .says_only("there is no local cluster of `cluster.json`: `kafnix local up` makes one");
}

#[test]
fn a_time_that_is_none_is_refused() {
    for argument in ["--timeout=0", "--timeout=-1", "--watch=soon", "--timeout=NaN"] {
        let said = Folder::with_three_hosts().kafnix(["verify", argument]).ends_with(2).stderr;
        assert!(said.contains("a number of seconds from 0.1 to 3600"), "{argument}: {said}");
    }
}

#[test]
fn a_watch_ends_when_nobody_reads_it_however_long_it_pauses() {
    let machine = Machine::with_servers_that_hang();
    machine.start("127.0.29.120");
    let mut watch = machine.begin(["verify", "--local", "--watch=3600", "--timeout", "0.1"]);
    let first = watch.first_line();
    let time = first.strip_prefix("at ").and_then(|line| line.trim_end().strip_suffix(" UTC"));
    assert_eq!(time.unwrap().len(), "00:00:00".len(), "{first}");
    assert_eq!(watch.ends(), 141);
}

#[test]
fn a_watch_ends_with_what_it_found_when_it_is_asked_to() {
    let machine = Machine::with_servers_that_hang();
    machine.start("127.0.29.130");
    for signal in [Signal::INT, Signal::TERM] {
        let watch = ["verify", "--local", "--watch=3600", "--timeout", "0.1", "--message-format", "json"];
        let mut watch = machine.begin(watch);
        // The reader stays, and no server serves.
        let (first, _stdout) = watch.line();
        assert!(first.starts_with("[{"), "{first}");
        watch.signal(signal);
        assert_eq!(watch.ends(), 1);
    }
}
