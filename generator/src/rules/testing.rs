//! For the tests of rules: the smallest spec without a problem, changed by a JSON merge patch
//! (RFC 7396), and what one rule says of it.

use serde_json::{Value, json};

use super::{Found, Rule};
use crate::lock::Lock;
use crate::problem::Problem;
use crate::resolve::resolve;
use crate::spec::read::read;

/// Three hosts `a`, `b`, `c` in three racks, each server and broker.
pub(crate) fn base() -> Value {
    json!({
        "name": "test",
        "hosts": {
            "a": { "address": "10.0.0.1", "rack": "1" },
            "b": { "address": "10.0.0.2", "rack": "2" },
            "c": { "address": "10.0.0.3", "rack": "3" }
        },
        "zookeeper": { "dataDir": "/data/zookeeper" },
        "kafka": {
            "logDirs": ["/data/kafka"],
            "listeners": { "PLAINTEXT": { "port": 9092, "from": ["10.0.0.0/24"] } }
        }
    })
}

fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                if value.is_null() {
                    target.shift_remove(&key);
                } else {
                    merge(target.entry(key).or_insert(Value::Null), value);
                }
            }
        }
        (target, patch) => *target = patch,
    }
}

/// The base with a patch.
pub(crate) fn patched(patch: Value) -> String {
    let mut spec = base();
    merge(&mut spec, patch);
    spec.to_string()
}

/// What the rule says of a whole spec, beside the lock of an earlier one.
pub(crate) fn says_of(rule: &'static Rule, text: &str, lock: Option<&Lock>) -> Vec<Problem> {
    let read = read(text.as_bytes());
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    let spec = read.spec.expect("a spec without problems");
    let draft = resolve(&spec, lock);
    let mut found = Found { diagnostic: &rule.diagnostic, problems: Vec::new() };
    (rule.check)(&draft, &mut found);
    found.problems
}

pub(crate) fn says(rule: &'static Rule, patch: Value) -> Vec<Problem> {
    says_of(rule, &patched(patch), None)
}

/// The lock that a generation of this spec leaves.
pub(crate) fn lock_of(patch: Value) -> Lock {
    let read = read(patched(patch).as_bytes());
    let spec = read.spec.expect("a spec without problems");
    Lock::of(&resolve(&spec, None).cluster, None)
}

/// What the rule says of a spec that comes after another one.
pub(crate) fn says_after(rule: &'static Rule, before: Value, after: Value) -> Vec<Problem> {
    says_of(rule, &patched(after), Some(&lock_of(before)))
}

/// Asserts that the rule finds exactly one problem, and that it has a place and a way out.
pub(crate) fn breaks(rule: &'static Rule, patch: Value) -> Problem {
    one(says(rule, patch))
}

pub(crate) fn one(mut problems: Vec<Problem>) -> Problem {
    assert_eq!(problems.len(), 1, "{problems:?}");
    let problem = problems.remove(0);
    assert!(!problem.labels.is_empty() && !problem.help.is_empty(), "{problem:?}");
    problem
}

/// Asserts that the rule has nothing to say.
pub(crate) fn holds(rule: &'static Rule, patch: Value) {
    assert_eq!(says(rule, patch), []);
}
