//! For the tests of the checks: what a check says of the healthy cluster once something is changed.

use kafnix_generator::Cluster;
use serde_json::Value;

use super::{Check, Outcome, Snapshot};
use crate::round_trip::RoundTrips;
pub(super) use crate::testing::{cluster, dead, healthy, patched, refused, topic};

/// Runs one check over the healthy cluster with a change, and takes the worst outcome with what was found.
fn worst(
    check: &Check,
    cluster: &Cluster,
    change: impl FnOnce(&mut Snapshot, &mut RoundTrips),
) -> (Outcome, String) {
    let (mut snapshot, mut round_trips) = healthy(cluster);
    change(&mut snapshot, &mut round_trips);
    let verdicts = check.verdicts(cluster, &snapshot, &round_trips);
    let worst = verdicts.into_iter().max_by_key(|verdict| verdict.outcome).unwrap();
    (worst.outcome, worst.found)
}

fn expect(outcome: Outcome, check: &Check, change: impl FnOnce(&mut Snapshot)) -> String {
    expect_of(&Value::Null, outcome, check, change)
}

/// The same of another cluster.
pub(super) fn expect_of(
    patch: &Value,
    outcome: Outcome,
    check: &Check,
    change: impl FnOnce(&mut Snapshot),
) -> String {
    let (found, text) = worst(check, &patched(patch), |snapshot, _| change(snapshot));
    assert_eq!(found, outcome, "{text}");
    text
}

/// The same of the round trips.
pub(super) fn after(outcome: Outcome, check: &Check, change: impl FnOnce(&mut RoundTrips)) -> String {
    let (found, text) = worst(check, &cluster(), |_, round_trips| change(round_trips));
    assert_eq!(found, outcome, "{text}");
    text
}

pub(super) fn good(check: &Check, change: impl FnOnce(&mut Snapshot)) {
    expect(Outcome::Good, check, change);
}

/// What was found, for a change that the check must fail on.
pub(super) fn failed(check: &Check, change: impl FnOnce(&mut Snapshot)) -> String {
    expect(Outcome::Failed, check, change)
}

pub(super) fn noted(check: &Check, change: impl FnOnce(&mut Snapshot)) {
    expect(Outcome::Note, check, change);
}

pub(super) fn skipped(check: &Check, change: impl FnOnce(&mut Snapshot)) {
    expect(Outcome::Skipped, check, change);
}
