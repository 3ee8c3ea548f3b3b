//! What each command says of itself.
#![allow(clippy::unwrap_used, reason = "a test may end")]

mod common;

use std::path::Path;

use common::{Folder, ran, snapshot};

fn snapshots(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/show").join(name)
}

#[test]
fn help_texts_are_the_ones_that_were_reviewed() {
    let folder = Folder::new();
    let commands = [
        "local",
        "local up",
        "local start",
        "local status",
        "local logs",
        "local stop",
        "local down",
        "local show",
        "",
        "init",
        "check",
        "generate",
        "diff",
        "show",
        "show cluster",
        "plan",
        "apply",
        "rollout plan",
        "rollout apply",
        "rollout restart",
        "turn",
        "turn show",
        "turn take",
        "turn release",
        "guard",
        "pki",
        "pki init",
        "pki issue",
        "pki show",
        "verify",
        "explain",
        "schema",
        "completions",
    ];
    for command in commands {
        let words: Vec<_> = command.split_whitespace().chain(["--help"]).collect();
        let help = ran(&mut folder.command(words)).ends_with(0).stdout;
        let name = if command.is_empty() { "kafnix".to_owned() } else { command.replace(' ', "-") };
        snapshot(&snapshots(&format!("help/{name}.txt")), &help);
    }
    snapshot(&snapshots("kafnix.1"), &folder.kafnix(["man"]).ends_with(0).stdout);
}
