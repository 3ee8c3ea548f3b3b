//! Specs that are broken at random: whatever the bytes are, the generator answers, its answer can be
//! drawn, and a spec that passes becomes files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use kafnix_generator::{Problem, hosts};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use crate::console::Paint;
use crate::input::{Input, Text};
use crate::render::render;

/// The repository's own spec and those of the tests, each with its lock.
static SPECS: LazyLock<Vec<(Vec<u8>, Vec<u8>)>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let listed = fs::read_dir(root.join("tests/specs")).expect("the specs of the tests");
    let mut folders: Vec<PathBuf> = listed.map(|entry| entry.expect("a spec").path()).collect();
    folders.push(root);
    folders.sort();
    let read = |path: PathBuf| fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    folders.iter().map(|dir| (read(dir.join("cluster.json")), read(dir.join("hosts/lock.json")))).collect()
});

/// What no author would write where it lands.
const STRANGE: &[&str] = &[
    "null",
    "true",
    "-1",
    "0",
    "1e400",
    "-0.0",
    "65536",
    "9223372036854775808",
    "[]",
    "{}",
    "[[]]",
    "\"\"",
    "\"\\u0000\"",
    "\"\\u001b[31m\"",
    "\"${x}\"",
    "\"''\"",
    "\"../../etc\"",
    "\"/\"",
    "\"0.0.0.0\"",
    "\"::\"",
    "\"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\"",
    "\"brokers\"",
    "\"99999.0.0\"",
    "\"4294967295g\"",
    "\"\\ud83d\\ude00\"",
    "\"a b=c:d#e\\n\"",
    "{\"a\": {\"b\": [1, \"c\"]}}",
    "[\"10.0.0.0/33\"]",
];

fn keys() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("..".into()),
        Just("a/b".into()),
        Just("~1".into()),
        Just("kafka01".into()),
        Just("hosts".into()),
        Just("settings".into()),
        Just("$serde_json::private::Number".into()),
        Just("$serde_json::private::RawValue".into()),
        Just("broker.id".into()),
        any::<String>(),
    ]
}

#[derive(Clone, Debug)]
enum Edit {
    Replace(Index, Index),
    /// By a part of another spec.
    Graft(Index, Index, Index),
    Remove(Index),
    Rename(Index, String),
}

fn edits() -> impl Strategy<Value = Edit> {
    let index = any::<Index>;
    prop_oneof![
        (index(), index()).prop_map(|(at, by)| Edit::Replace(at, by)),
        (index(), index(), index()).prop_map(|(at, spec, from)| Edit::Graft(at, spec, from)),
        index().prop_map(Edit::Remove),
        (index(), keys()).prop_map(|(at, key)| Edit::Rename(at, key)),
    ]
}

/// The pointers of all values below one.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let members: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(values) => {
            values.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect()
        }
        _ => return,
    };
    for (key, value) in members {
        let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        found.push(at.clone());
        pointers(value, &at, found);
    }
}

fn one_of(value: &Value, index: Index) -> String {
    let mut found = vec![String::new()];
    pointers(value, "", &mut found);
    found.swap_remove(index.index(found.len()))
}

fn edit(spec: &mut Value, edit: &Edit) {
    let (Edit::Replace(at, _) | Edit::Graft(at, ..) | Edit::Remove(at) | Edit::Rename(at, _)) = edit;
    let at = one_of(spec, *at);
    let (parent, key) = at.rsplit_once('/').unwrap_or_default();
    let key = key.replace("~1", "/").replace("~0", "~");
    let by = match edit {
        Edit::Replace(_, by) => serde_json::from_str(STRANGE[by.index(STRANGE.len())]).unwrap_or(Value::Null),
        Edit::Graft(_, other, from) => {
            let other: Value = serde_json::from_slice(&other.get(&SPECS).0).expect("a spec");
            other.pointer(&one_of(&other, *from)).cloned().unwrap_or(Value::Null)
        }
        Edit::Remove(_) | Edit::Rename(..) => {
            let Some(Value::Object(map)) = spec.pointer_mut(parent) else { return };
            let taken = map.shift_remove(&key);
            if let (Edit::Rename(_, name), Some(value)) = (edit, taken) {
                map.insert(name.clone(), value);
            }
            return;
        }
    };
    if let Some(place) = spec.pointer_mut(&at) {
        *place = by;
    }
}

/// Goes the whole way that `generate`, `check` and `show` go.
fn run(spec: Vec<u8>, lock: Option<Vec<u8>>, accepted: &[String]) {
    let text = |path: &str, bytes| Text { path: path.into(), bytes };
    let input = Input { spec: text("cluster.json", spec), lock: lock.map(|lock| text("lock.json", lock)) };
    let checked = input.check(accepted);
    let drawn = render(&checked.problems, &input, Paint::NEVER);
    for problem in &checked.problems {
        assert!(drawn.contains(&format!("[{}]: ", problem.code)), "{problem:?} in {drawn}");
    }
    render(&checked.problems, &input, Paint::ALWAYS);
    serde_json::to_string(&checked.problems).expect("problems as JSON");
    assert_eq!(checked.cluster.is_none(), checked.problems.iter().any(Problem::is_error));
    if let Some(cluster) = &checked.cluster {
        let files = kafnix_generator::generate(cluster, checked.lock.as_ref()).expect("files");
        assert!(files.contains_key(kafnix_generator::render::LOCK));
        assert!(files.keys().all(|path| !path.contains("..") && path.matches('/').count() < 2), "{files:?}");
        serde_json::to_string(cluster).expect("the cluster as JSON");
        serde_json::to_string(&hosts::hosts(cluster)).expect("hosts as JSON");
    }
}

fn accepted() -> impl Strategy<Value = Vec<String>> {
    let all: Vec<_> = (700..800).map(|code| format!("K{code}")).collect();
    prop_oneof![Just(Vec::new()), Just(all)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_that_are_changed_anywhere_are_answered(
        which in any::<Index>(),
        changes in prop::collection::vec((any::<Index>(), any::<u8>()), 0..4),
        end in any::<Option<Index>>(),
        lock in any::<Option<(Index, u8)>>(),
    ) {
        let (mut spec, mut before) = which.get(&SPECS).clone();
        for (at, byte) in changes {
            let at = at.index(spec.len());
            spec[at] = byte;
        }
        if let Some(end) = end {
            spec.truncate(end.index(spec.len()));
        }
        if let Some((at, byte)) = lock {
            let at = at.index(before.len());
            before[at] = byte;
        }
        run(spec, Some(before), &[]);
    }

    #[test]
    fn values_that_are_replaced_removed_and_renamed_are_answered(
        which in any::<Index>(),
        other in any::<Index>(),
        edited in prop::collection::vec(edits(), 1..5),
        lock in prop::collection::vec(edits(), 0..2),
        has_lock in any::<bool>(),
        compact in any::<bool>(),
        accepted in accepted(),
    ) {
        let mut spec: Value = serde_json::from_slice(&which.get(&SPECS).0).expect("a spec");
        for change in &edited {
            edit(&mut spec, change);
        }
        let mut before: Value = serde_json::from_slice(&other.get(&SPECS).1).expect("a lock");
        for change in &lock {
            edit(&mut before, change);
        }
        let text = if compact { serde_json::to_vec(&spec) } else { serde_json::to_vec_pretty(&spec) };
        run(text.expect("a spec"), has_lock.then(|| before.to_string().into_bytes()), &accepted);
    }

    #[test]
    fn any_text_is_answered(text in any::<String>(), lock in any::<Option<Vec<u8>>>()) {
        run(text.into_bytes(), lock, &[]);
    }
}

#[test]
fn the_specs_as_they_are_become_files() {
    for (spec, lock) in SPECS.iter() {
        run(spec.clone(), Some(lock.clone()), &[]);
        run(spec.clone(), None, &[]);
    }
}
