//! `kafnix host`, as far as it needs no running cluster: what the services of a host end with, and what their status
//! lines say then.
#![cfg(feature = "live")]
#![allow(clippy::unwrap_used, reason = "a test may end")]

mod common;

use std::os::unix::net::UnixDatagram;

use common::{Folder, Ran, ran};

/// Runs it as systemd does, and returns what it has told of its status last.
fn service<'a>(folder: &Folder, arguments: impl IntoIterator<Item = &'a str>) -> (Ran, String) {
    let path = folder.path("notify");
    let _ = std::fs::remove_file(&path);
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_nonblocking(true).unwrap();
    let ran = ran(folder.command(arguments).env("NOTIFY_SOCKET", &path));
    let (mut last, mut message) = (String::new(), [0; 4096]);
    while let Ok(size) = socket.recv(&mut message) {
        last = String::from_utf8_lossy(&message[..size]).into_owned();
    }
    (ran, last)
}

#[test]
fn a_spec_with_errors_is_not_tried_again() {
    let folder = Folder::with_three_hosts();
    folder.edit("10.0.0.12", "10.0.0.11");
    for command in ["publish", "create-topics"] {
        let (ran, status) = service(&folder, ["host", command, "cluster.json"]);
        let ran = ran.ends_with(78);
        assert!(ran.stdout.is_empty() && ran.stderr.contains("10.0.0.11"), "{ran:?}");
        assert_eq!(status.trim_end(), "STATUS=`cluster.json` has errors: `kafnix check` tells them");
    }
}

#[test]
fn what_else_fails_stands_in_the_status_line() {
    let folder = Folder::with_three_hosts();
    let missing = ["host", "publish", "cluster.json", "--generation", "nowhere.json"];
    let (ran, status) = service(&folder, missing);
    ran.ends_with(2);
    assert!(status.starts_with("STATUS=failed: ") && status.contains("nowhere.json"), "{status}");
    folder.write("generation.json", "{}");
    let wrong = ["host", "create-topics", "cluster.json", "--generation", "generation.json"];
    let (ran, status) = service(&folder, wrong);
    ran.ends_with(2);
    assert!(status.contains("`generation.json` is not what the NixOS module"), "{status}");
}
