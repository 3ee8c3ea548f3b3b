//! The rules of the house that no other tool holds.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test reads the committed files")]

use std::fs;
use std::path::{Path, PathBuf};

/// Made by a program, or data: length and width are not theirs to choose.
const MADE: &[&str] = &[
    "Cargo.lock",
    "LICENSE-",
    "cli/tests/show/",
    "docs/options.md",
    "docs/rules.md",
    "docs/spec.md",
    "docs/verify.md",
    "flake.lock",
    "generator/keys/",
    "generator/pins.json",
    "schema/",
    "tools/keys/extra.json",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Every file of the project with its path from the root and its text.
fn files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    collect(&root(), "", &mut files);
    assert!(files.len() > 50);
    files
}

fn collect(folder: &Path, at: &str, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if matches!(name.as_str(), ".git" | "target" | "result" | "proptest-regressions") {
            continue;
        }
        let path = format!("{at}{name}");
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{path}/"), files);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            files.push((path, text));
        }
    }
}

fn made(path: &str) -> bool {
    let generated = path.starts_with("hosts/")
        || (path.starts_with("tests/specs/") && path.contains("/hosts/"))
        || path.contains("snapshots/");
    generated || MADE.iter().any(|start| path.starts_with(start))
}

fn extension(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_file_has_at_most_400_lines() {
    let long = files().into_iter().filter(|(path, _)| !made(path) && extension(path) != "json");
    let long = long.filter(|(_, text)| text.lines().count() > 400);
    none(&long.map(|(path, text)| format!("{path} has {} lines", text.lines().count())).collect::<Vec<_>>());
}

#[test]
fn a_line_of_code_has_at_most_120_columns_and_no_blank_at_its_end() {
    let code = |path: &str| matches!(extension(path), "rs" | "py" | "java" | "sh");
    let mut faults = Vec::new();
    for (path, text) in files().iter().filter(|(path, _)| code(path) && !made(path)) {
        for (number, line) in text.lines().enumerate() {
            if line.chars().count() > 120 || line.ends_with([' ', '\t']) {
                faults.push(format!("{path}:{}", number + 1));
            }
        }
    }
    none(&faults);
}

#[test]
fn a_module_opens_by_saying_what_it_is_for() {
    let silent =
        files().into_iter().filter(|(path, text)| extension(path) == "rs" && !text.starts_with("//!"));
    none(&silent.map(|(path, _)| path).collect::<Vec<_>>());
}

#[test]
fn nothing_is_left_for_later_and_no_path_of_a_machine_is_named() {
    // spelt so that this file does not name them
    let words = [["TO", "DO"], ["FIX", "ME"], ["XX", "X"], ["/wo", "rk/"], ["/ho", "me/runner"]];
    let template = "X".repeat(6);
    let mut faults = Vec::new();
    for (path, text) in
        files().iter().filter(|(path, _)| !path.starts_with("LICENSE-") && path != "Cargo.lock")
    {
        for word in words.iter().map(|parts| parts.concat()) {
            // a template of mktemp is a row of one letter
            let found = text.lines().position(|line| line.replace(&template, "").contains(&word));
            faults.extend(found.map(|number| format!("{path}:{}: {word}", number + 1)));
        }
    }
    none(&faults);
}

/// With `KAFNIX_UPDATE` set it puts them into it.
#[test]
fn every_nix_file_is_in_the_official_format() {
    let nix = files().into_iter();
    let nix = nix.filter(|(path, _)| extension(path) == "nix" && !path.starts_with("generator/templates/"));
    let mut unformatted = Vec::new();
    for (path, text) in nix {
        match nixfmt_rs::format(&text) {
            Ok(formatted) if formatted == text => {}
            Ok(formatted) if std::env::var_os("KAFNIX_UPDATE").is_some() => {
                fs::write(root().join(path), formatted).unwrap();
            }
            _ => unformatted.push(path),
        }
    }
    none(&unformatted);
}

/// The documents for who works on it name many files and folders, some by the end of their path alone.
#[test]
fn every_path_that_the_documents_of_the_code_name_is_there() {
    let mut paths: Vec<_> = files().into_iter().map(|(path, _)| format!("/{path}")).collect();
    paths.sort_unstable();
    let is_there = |named: &str| match named.strip_suffix('/') {
        Some(_) => paths.iter().any(|path| path.contains(&format!("/{named}"))),
        None => paths.iter().any(|path| path.ends_with(&format!("/{named}"))),
    };
    let is_path = |word: &str| {
        word.chars().all(|character| character.is_ascii_alphanumeric() || "/._-".contains(character))
            && (word.contains('/') || matches!(extension(word), "rs" | "nix" | "json" | "py" | "md"))
    };
    let mut faults = Vec::new();
    for document in ["ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root().join(document)).unwrap();
        let quoted = text.split('`').skip(1).step_by(2);
        let linked = text.split("](").skip(1).filter_map(|link| link.split([')', '#']).next());
        let named = quoted.chain(linked).filter_map(|words| words.split_whitespace().next());
        let named: Vec<_> = named.filter(|word| is_path(word)).collect();
        assert!(named.len() > 20, "{document} names {named:?}");
        faults.extend(
            named.into_iter().filter(|named| !is_there(named)).map(|named| format!("{document}: {named}")),
        );
    }
    none(&faults);
}

#[test]
fn every_file_of_a_rule_is_listed() {
    let files = files();
    let rules = files.iter().filter(|(path, text)| {
        path.starts_with("generator/src/rules/") && text.contains("static RULE: Rule")
    });
    let forgotten = rules.filter(|(path, _)| {
        let (folder, file) = path.rsplit_once('/').unwrap();
        let (_, area) = files.iter().find(|(path, _)| *path == format!("{folder}/mod.rs")).unwrap();
        !area.lines().any(|line| line.trim() == file.strip_suffix(".rs").unwrap())
    });
    none(&forgotten.map(|(path, _)| path.clone()).collect::<Vec<_>>());
}
