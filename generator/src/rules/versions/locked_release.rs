//! A release that only the lock names is one that this kafnix knows.

use std::collections::{BTreeMap, BTreeSet};

use crate::lock::Lock;
use crate::problem::Source;
use crate::role::Role;
use crate::rules::message::{at_all, or};
use crate::rules::prelude::*;
use crate::rules::versions::releases::{IN_NIXPKGS, Release, has_lost_jdk, is_lost, way_out};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K011",
        severity: Error,
        title: "the lock holds a version that this kafnix does not know",
        why: "Where the spec names no version, hosts keep that of the last generation, which the lock holds. A newer \
              kafnix may have written it, with a pin or a JDK that this one lacks; or somebody edited the lock.",
        help: "run the kafnix that wrote the lock, or name a version in `versions`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(lock) = draft.lock else { return };
    let mut lost: BTreeMap<Release, Vec<String>> = BTreeMap::new();
    for (_, service) in draft.cluster.services().filter(|(host, service)| host.managed.value && is_lost(service)) {
        let release = Release { product: service.role.product(), version: service.release.value };
        let held = lock.held(service.role);
        let of_it = held.iter().filter(|(_, held)| held.release == release.version);
        let places = of_it.map(|(host, _)| pointer([service.role.key(), host, "version"]));
        lost.entry(release).or_insert_with(|| places.collect());
    }
    for (release, places) in lost {
        let problem = found.problem(format!("the lock holds {release}, which this kafnix has no pin for"));
        let mut problem = at_all(problem, places, "written by the last generation", "and here");
        problem.source = Source::Lock;
        found.add(problem.help(format!(
            "run the kafnix that wrote it, or take the lock back from version control (git checkout) where it was \
             edited; else set `versions.{}` of the spec to {}",
            release.product.key(),
            or(way_out(release))
        )));
    }
    jdks(draft, lock, found);
}

fn jdks(draft: &Draft<'_>, lock: &Lock, found: &mut Found) {
    let hosts = draft.cluster.hosts.iter().filter(|host| host.managed.value && has_lost_jdk(host));
    let lost: BTreeSet<_> = hosts.map(|host| host.jdk.value).collect();
    for jdk in lost {
        let places = Role::ALL.into_iter().flat_map(|role| {
            let of_it = lock.held(role).into_iter().filter(|(_, held)| held.jdk == jdk);
            of_it.map(move |(host, _)| pointer([role.key(), host, "jdk"])).collect::<Vec<_>>()
        });
        let problem = found.problem(format!("the lock holds JDK {jdk}, which this kafnix does not know"));
        let mut problem = at_all(problem, places, "written by the last generation", "and here");
        problem.source = Source::Lock;
        found.add(problem.help(format!(
            "run the kafnix that wrote it, or take the lock back from version control (git checkout) where it was \
             edited; else set `versions.jdk` of the spec to {}",
            or(IN_NIXPKGS)
        )));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{lock_of, one, patched, says_of};
    use super::RULE;
    use crate::lock::Lock;
    use crate::problem::{Problem, Source};
    use crate::rules::versions::{jdk, kafka_4, no_pin};
    use crate::spec::{Jdk, Version};
    use serde_json::json;

    fn lock(version: [u16; 3]) -> Lock {
        let mut lock = lock_of(json!({}));
        lock.kafka.values_mut().for_each(|broker| broker.version = Version(version));
        lock
    }

    fn says(version: [u16; 3]) -> Vec<Problem> {
        says_of(&RULE, &patched(json!({})), Some(&lock(version)))
    }

    #[test]
    fn a_version_without_a_pin_is_told_of_the_lock_and_not_of_the_spec() {
        for version in [[3, 9, 99], [9, 9, 9]] {
            let problem = one(says(version));
            assert_eq!((problem.source, problem.labels.len()), (Source::Lock, 3));
            for rule in [&no_pin::RULE, &kafka_4::RULE] {
                assert_eq!(says_of(rule, &patched(json!({})), Some(&lock(version))), []);
            }
        }
    }

    #[test]
    fn a_jdk_that_nobody_has_is_told_of_the_lock_as_well() {
        let mut lock = lock_of(json!({}));
        lock.kafka.values_mut().for_each(|broker| broker.jdk = Jdk(99));
        lock.zookeeper.values_mut().for_each(|server| server.jdk = Jdk(99));
        let problem = one(says_of(&RULE, &patched(json!({})), Some(&lock)));
        assert_eq!(problem.title, "the lock holds JDK 99, which this kafnix does not know");
        assert_eq!(says_of(&jdk::RULE, &patched(json!({})), Some(&lock)), []);
        let spec = patched(json!({ "versions": { "jdk": "17" } }));
        assert_eq!(says_of(&RULE, &spec, Some(&lock)), []);
    }

    #[test]
    fn one_that_the_spec_replaces_is_history() {
        let spec = patched(json!({ "versions": { "kafka": "3.9.2" } }));
        assert_eq!(says_of(&RULE, &spec, Some(&lock([9, 9, 9]))), []);
        assert_eq!(says([3, 9, 1]), []);
    }
}
