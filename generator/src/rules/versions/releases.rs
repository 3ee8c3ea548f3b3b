//! The versions that hosts run, for the rules about them: each version once, with every place that
//! decides it, however many hosts it decides for.

use std::fmt;

use indexmap::{IndexMap, IndexSet};

use crate::cluster::{Host, Origin, Service, Sourced};
use crate::pins::{Line, Pin, Product, pins};
use crate::problem::Problem;
use crate::rules::message::at_all;
use crate::rules::prelude::*;
use crate::spec::{Jdk, Version};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::rules) struct Release {
    pub(in crate::rules) product: Product,
    pub(in crate::rules) version: Version,
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.product, self.version)
    }
}

impl Release {
    pub(in crate::rules) fn pin(self) -> Option<&'static Pin> {
        pins().get(self.product, self.version)
    }
}

/// A release and the pointers that decide for it.
#[derive(Debug)]
pub(in crate::rules) struct Run {
    pub(in crate::rules) release: Release,
    pub(in crate::rules) places: IndexSet<String>,
}

impl Run {
    /// Labels the places that decide for this release.
    pub(in crate::rules) fn at(&self, problem: Problem, text: &str) -> Problem {
        at_all(problem, self.places.iter().map(String::as_str), text, "and here")
    }
}

/// What the roles of the chosen hosts run, oldest release first.
pub(in crate::rules) fn runs(draft: &Draft<'_>, whose: impl Fn(&Host) -> bool) -> Vec<Run> {
    let mut runs: IndexMap<Release, IndexSet<String>> = IndexMap::new();
    for host in draft.cluster.hosts.iter().filter(|host| whose(host)) {
        for (release, place) in releases(host) {
            let places = runs.entry(release).or_default();
            if !places.contains(place) {
                places.insert(place.to_owned());
            }
        }
    }
    let mut runs: Vec<_> = runs.into_iter().map(|(release, places)| Run { release, places }).collect();
    runs.sort_by_key(|run| run.release);
    runs
}

/// Pinned releases to run instead: the nearest newer one of the line, else what lies on both sides.
pub(in crate::rules) fn way_out(Release { product, version }: Release) -> Vec<Version> {
    let newer = pins().after(product, version).map(|(version, _)| version).next();
    let older = pins().before(product, version).map(|(version, _)| version).next();
    match newer {
        Some(newer) if Line::of(newer) == Line::of(version) => vec![newer],
        _ => older.into_iter().chain(newer).collect(),
    }
}

/// Whether only the lock names the release, and nothing knows it: a rule of its own tells.
pub(in crate::rules) fn is_lost(service: &Service) -> bool {
    let pin = pins().get(service.role.product(), service.release.value);
    matches!(service.release.origin, Origin::Lock(_)) && pin.is_none()
}

/// What the locked nixpkgs has and some pin runs on.
pub(in crate::rules) const IN_NIXPKGS: [Jdk; 4] = [Jdk(8), Jdk(11), Jdk(17), Jdk(21)];

/// The same of the JDK of a host.
pub(in crate::rules) fn has_lost_jdk(host: &Host) -> bool {
    matches!(host.jdk.origin, Origin::Lock(_)) && !IN_NIXPKGS.contains(&host.jdk.value)
}

/// What the hosts that kafnix configures run.
pub(in crate::rules) fn managed(draft: &Draft<'_>) -> Vec<Run> {
    runs(draft, |host| host.managed.value)
}

/// What the roles of one host run, each with the place that decides it.
pub(in crate::rules) fn releases(host: &Host) -> impl Iterator<Item = (Release, &str)> {
    host.services().filter(|service| !is_lost(service)).map(|service| {
        let product = service.role.product();
        (Release { product, version: service.release.value }, release_place(service))
    })
}

/// Where the release of a service is written; for a default, where it would be.
pub(in crate::rules) fn release_place(service: &Service) -> &str {
    place(&service.release, service.role.product().pointer())
}

/// Where a version is written; for a default, where it would be.
pub(in crate::rules) fn place<'a, T>(version: &'a Sourced<T>, default: &'a str) -> &'a str {
    match &version.origin {
        Origin::Spec(pointer) => pointer,
        _ => default,
    }
}

/// The oldest Kafka of all brokers, also of those that another system runs, with its host and place.
pub(in crate::rules) fn oldest_broker<'a>(draft: &'a Draft<'_>) -> Option<(&'a str, Version, &'a str)> {
    let brokers = draft
        .cluster
        .brokers()
        .map(|(host, broker)| (host.name.as_str(), broker.release.value, release_place(broker)));
    brokers.min_by_key(|(_, version, _)| *version)
}

/// Kafka from 4.0 on has no ZooKeeper.
pub(in crate::rules) fn without_zookeeper(release: Release) -> bool {
    release.product == Product::Kafka && release.version >= Version([4, 0, 0])
}
