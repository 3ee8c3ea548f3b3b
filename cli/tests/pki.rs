//! `kafnix pki`: an authority and certificates, in files that nobody else reads and that nothing overwrites.
#![cfg(feature = "live")]
#![allow(clippy::unwrap_used, reason = "a test may end")]

mod common;

use std::os::unix::fs::PermissionsExt as _;

use common::Folder;

fn secure() -> Folder {
    let folder = Folder::new();
    let spec = include_str!("../../tests/specs/secure/cluster.json");
    folder.write("cluster.json", spec);
    folder
}

fn mode(folder: &Folder, file: &str) -> u32 {
    folder.path(file).metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn every_host_gets_a_key_store_of_its_own() {
    let folder = secure();
    folder.kafnix(["pki", "init"]).ends_with(0);
    let issued = folder.kafnix(["pki", "issue"]).ends_with(0).stdout;
    assert_eq!(issued, "added pki/kafka01.pem\nadded pki/kafka02.pem\nadded pki/kafka03.pem\n");
    for secret in ["pki/ca-key.pem", "pki/kafka01.pem"] {
        assert_eq!(mode(&folder, secret), 0o600, "{secret}");
    }
    assert_ne!(folder.read("pki/kafka01.pem"), folder.read("pki/kafka02.pem"));
    let shown = folder.kafnix(["pki", "show", "--message-format", "json"]).ends_with(0).json();
    assert_eq!(shown[0]["subject"], "O=secure, CN=kafnix authority");
    assert_eq!(shown[1]["names"], serde_json::json!(["10.0.0.11", "kafka01"]));
    assert_eq!(shown[1]["daysLeft"], 364);
    assert_eq!(shown[1]["problems"], serde_json::json!([]));
}

#[test]
fn nothing_is_overwritten_unless_it_is_asked_for() {
    let folder = secure();
    let issue = |words: &[&str]| folder.kafnix(words.iter().copied()).ends_with(0).stdout;
    folder.kafnix(["pki", "init"]).ends_with(0);
    assert_eq!(issue(&["pki", "issue", "kafka02"]), "added pki/kafka02.pem\n");
    let before = folder.tree("pki");
    let again = folder.kafnix(["pki", "init"]).ends_with(2);
    assert!(again.stderr.contains("overwrites nothing"), "{again:?}");
    assert_eq!(issue(&["pki", "issue", "kafka02"]), "unchanged pki/kafka02.pem\n");
    assert_eq!(folder.tree("pki"), before);
    assert_eq!(issue(&["pki", "issue", "kafka02", "--renew"]), "changed pki/kafka02.pem\n");
    assert_ne!(folder.read("pki/kafka02.pem"), before["pki/kafka02.pem"]);
    assert_eq!(mode(&folder, "pki/kafka02.pem"), 0o600);
}

#[test]
fn a_certificate_that_is_missing_does_not_fit_or_ends_soon_is_told() {
    let folder = secure();
    folder.kafnix(["pki", "init"]).ends_with(0);
    folder.kafnix(["pki", "issue", "kafka01"]).ends_with(0);
    folder.kafnix(["pki", "issue", "kafka02", "--days", "20"]).ends_with(0);
    folder.edit("10.0.0.11", "10.0.0.21");
    let shown = folder.kafnix(["pki", "show"]).ends_with(1).stdout;
    for problem in [
        "is not for `10.0.0.21`, by which kafka01 is reached",
        "ends in 19 days: `kafnix pki issue --renew` makes a new one",
        "is not there: `kafnix pki issue` makes it",
    ] {
        assert!(shown.contains(problem), "{problem}: {shown}");
    }
}

#[test]
fn what_cannot_be_issued_is_an_error() {
    let folder = secure();
    let said = |words: &[&str]| folder.kafnix(words.iter().copied()).ends_with(2).stderr;
    assert!(said(&["pki", "issue"]).contains("`kafnix pki init` makes one"));
    folder.kafnix(["pki", "init"]).ends_with(0);
    assert!(said(&["pki", "issue", "nobody"]).contains("the spec has no host `nobody`"));
    folder.write("pki/ca-key.pem", "nonsense");
    assert!(said(&["pki", "issue"]).contains("private key cannot be read"));

    let plain = Folder::with_three_hosts();
    plain.kafnix(["pki", "init"]).ends_with(0);
    let refused = plain.kafnix(["pki", "issue"]).ends_with(2).stderr;
    assert!(refused.contains("no listener has `\"protocol\": \"SSL\"`"), "{refused}");
}
