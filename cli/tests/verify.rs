//! `kafnix verify`, as far as it needs no running cluster; the scenarios in tests/servers have one.
#![cfg(feature = "live")]
#![allow(clippy::unwrap_used, reason = "a test may end")]

mod common;

use common::{Folder, ran};

#[test]
fn a_spec_with_problems_is_no_cluster_that_fails() {
    let folder = Folder::with_three_hosts();
    folder.edit("10.0.0.12", "10.0.0.11");
    let verified = folder.kafnix(["verify"]).ends_with(2);
    assert!(verified.stdout.is_empty() && verified.stderr.contains("10.0.0.11"), "{verified:?}");
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
