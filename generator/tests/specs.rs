//! Every spec of `tests/specs` and the repository's own: what is generated from it is the tree that
//! is committed beside it, and tier 2 evaluates that very tree.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test reads the committed files")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use kafnix_generator::{Checked, check, generate};
use serde_json::Value;

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

/// The same JSON with the keys of every object in another order.
fn reordered(value: &Value, order: &mut impl FnMut(&mut Vec<String>)) -> Value {
    match value {
        Value::Object(object) => {
            let mut keys: Vec<String> = object.keys().cloned().collect();
            order(&mut keys);
            let member = |key: String| (key.clone(), reordered(&object[&key], order));
            Value::Object(keys.into_iter().map(member).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| reordered(item, order)).collect()),
        other => other.clone(),
    }
}

#[test]
fn the_order_of_keys_says_nothing_once_there_is_a_lock() {
    let mut state = 1_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    for folder in specs() {
        let committed = tree(&folder.join("hosts"));
        let lock = committed["lock.json"].as_bytes();
        let spec: Value = serde_json::from_slice(&fs::read(folder.join("cluster.json")).unwrap()).unwrap();
        for turn in 0..10 {
            let spec = reordered(&spec, &mut |keys| match turn {
                0 => keys.sort(),
                1 => keys.reverse(),
                _ => (1..keys.len()).for_each(|place| keys.swap(place, random(place + 1))),
            });
            let checked = check(spec.to_string().as_bytes(), Some(lock), &[]);
            let cluster = checked.cluster.unwrap_or_else(|| panic!("{folder:?}: {:#?}", checked.problems));
            let files = generate(&cluster, checked.lock.as_ref()).unwrap();
            for (path, text) in &files {
                assert_eq!(text, &committed[path], "{folder:?} {path}: {spec}");
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
