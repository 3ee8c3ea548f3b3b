//! Every spec of `tests/specs` and the repository's own: what is generated from it is the tree that
//! is committed beside it, and tier 2 evaluates that very tree.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test reads the committed files")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use kafnix_generator::{Checked, check, generate};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folders that hold a `cluster.json` with its tree.
fn specs() -> Vec<PathBuf> {
    let listed = fs::read_dir(root().join("tests/specs")).unwrap();
    let mut specs: Vec<_> = listed.map(|entry| entry.unwrap().path()).collect();
    specs.push(root());
    specs.sort();
    assert!(specs.len() > 7, "{specs:?}");
    specs
}

fn tree(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            files
                .extend(tree(&entry.path()).into_iter().map(|(path, text)| (format!("{name}/{path}"), text)));
        } else {
            files.insert(name, fs::read_to_string(entry.path()).unwrap());
        }
    }
    files
}

fn checked(folder: &Path, lock: Option<&str>) -> Checked {
    let spec = fs::read(folder.join("cluster.json")).unwrap();
    check(&spec, lock.map(str::as_bytes), &[])
}

#[test]
fn the_committed_tree_of_every_spec_is_fresh() {
    for folder in specs() {
        let committed = tree(&folder.join("hosts"));
        for lock in [None, committed.get("lock.json")] {
            let checked = checked(&folder, lock.map(String::as_str));
            let cluster = checked.cluster.unwrap_or_else(|| panic!("{folder:?}: {:#?}", checked.problems));
            let files = generate(&cluster, checked.lock.as_ref()).unwrap();
            let paths = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
            let way = format!("run `kafnix generate {}/cluster.json`", folder.display());
            assert_eq!(paths(&files), paths(&committed), "{way}");
            for (path, text) in &files {
                assert_eq!(text, &committed[path], "{path}: {way}");
            }
        }
    }
}

#[test]
fn each_spec_is_warned_of_what_it_is_there_to_show() {
    insta::glob!("../../tests/specs", "*/cluster.json", |path| {
        let problems = check(&fs::read(path).unwrap(), None, &[]).problems;
        let lines: Vec<_> =
            problems.iter().map(|problem| format!("{} {}", problem.code, problem.title)).collect();
        insta::assert_snapshot!(lines.join("\n"));
    });
}
