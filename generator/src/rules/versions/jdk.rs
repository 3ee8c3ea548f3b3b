//! A product runs on a JDK that it is known to run on.

use std::collections::BTreeSet;

use indexmap::{IndexMap, IndexSet};

use crate::rules::prelude::*;
use crate::rules::versions::releases::{IN_NIXPKGS, Release, has_lost_jdk, place, releases};
use crate::rules::message::{and, at_all};
use crate::cluster::Origin;
use crate::problem::Problem;
use crate::spec::Jdk;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K503",
        severity: Error,
        title: "a product is not known to run on this JDK",
        why: "The manuals name the JDKs of each release (Kafka: Java Version; ZooKeeper: Required Software), \
              and what they do not name is known from practice only: ZooKeeper from 3.6 runs on JDK 17, as \
              in its container images. Elsewhere the JVM may refuse a flag or a module at the first start. \
              nixpkgs has the JDKs 8, 11, 17 and 21.",
        help: "choose a JDK that `kafnix show pins` lists for every product of the host",
    },
    check,
};

/// Where one JDK is named that does not go with what runs on it.
struct Fault<'a> {
    /// Whether nobody wrote it.
    kept: bool,
    jdk: IndexSet<&'a str>,
    /// Empty where nixpkgs lacks the JDK: no release could run on it.
    releases: IndexMap<Release, &'a str>,
    /// JDKs that everything on these hosts runs on.
    common: BTreeSet<Jdk>,
}

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut faults: IndexMap<Jdk, Fault<'_>> = IndexMap::new();
    for host in draft.cluster.hosts.iter().filter(|host| host.managed.value && !has_lost_jdk(host)) {
        let runs = || releases(host).filter_map(|(release, at)| Some((release, release.pin()?, at)));
        let jdk = host.jdk.value;
        let known = IN_NIXPKGS.contains(&jdk);
        let wrong = || runs().filter(|(_, pin, _)| known && !pin.jdks.contains(&jdk));
        if runs().next().is_none() || (known && wrong().next().is_none()) {
            continue;
        }
        let fault = faults.entry(jdk).or_insert_with(|| Fault {
            kept: true,
            jdk: IndexSet::new(),
            releases: IndexMap::new(),
            common: IN_NIXPKGS.into(),
        });
        fault.jdk.insert(place(&host.jdk, "/versions/jdk"));
        fault.kept &= matches!(host.jdk.origin, Origin::Lock(_));
        fault.releases.extend(wrong().map(|(release, _, at)| (release, at)));
        fault.common.retain(|jdk| runs().all(|(_, pin, _)| pin.jdks.contains(jdk)));
    }
    for (jdk, fault) in faults {
        found.add(problem(found, jdk, &fault));
    }
}

fn problem(found: &Found, jdk: Jdk, fault: &Fault<'_>) -> Problem {
    let (title, text) = if fault.releases.is_empty() {
        (format!("nixpkgs has no JDK {jdk} for the hosts"), format!("it has {}", and(IN_NIXPKGS)))
    } else {
        let kept = if fault.kept { ", which the lock keeps" } else { "" };
        (format!("JDK {jdk} does not go with {}", and(fault.releases.keys())), format!("JDK {jdk}{kept}"))
    };
    let mut problem = at_all(found.problem(title), fault.jdk.iter().copied(), &text, "and here");
    for (release, at) in &fault.releases {
        let jdks = release.pin().map_or(&[][..], |pin| &pin.jdks);
        problem = problem.at(*at, format!("{release} runs on {}", and(jdks)));
    }
    match fault.common.last() {
        Some(jdk) => problem.help(format!("use JDK {jdk}: all that these hosts run goes with it")),
        None => problem,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, one, says, says_after};
    use super::RULE;
    use serde_json::json;

    fn versions(jdk: &str, zookeeper: &str, kafka: &str) -> serde_json::Value {
        json!({ "versions": { "jdk": jdk, "zookeeper": zookeeper, "kafka": kafka } })
    }

    #[test]
    fn a_jdk_that_one_product_lacks_is_refused_and_the_newest_common_one_is_named() {
        let problem = breaks(&RULE, versions("21", "3.9.5", "3.9.2"));
        assert_eq!(problem.title, "JDK 21 does not go with ZooKeeper 3.9.5");
        assert!(problem.labels[1].text.ends_with("runs on 8, 11 and 17"));
        assert!(problem.help.starts_with("use JDK 17"));
    }

    #[test]
    fn two_products_that_lack_it_are_one_problem() {
        let problem = breaks(&RULE, versions("17", "3.5.9", "2.7.0"));
        assert_eq!(problem.title, "JDK 17 does not go with ZooKeeper 3.5.9 and Kafka 2.7.0");
        assert!(problem.help.starts_with("use JDK 11"));
    }

    #[test]
    fn one_jdk_is_one_problem_though_its_hosts_run_different_releases() {
        let mut spec = versions("17", "3.5.9", "2.7.0");
        spec["hosts"] = json!({ "b": { "versions": { "kafka": "2.8.0" } } });
        assert!(breaks(&RULE, spec).title.ends_with("ZooKeeper 3.5.9, Kafka 2.7.0 and Kafka 2.8.0"));
    }

    #[test]
    fn a_jdk_that_nixpkgs_lacks_is_one_problem_and_names_those_it_has() {
        let problem = breaks(&RULE, versions("19", "3.9.5", "3.9.2"));
        assert!(problem.title.contains("no JDK 19"));
        assert_eq!(problem.labels[0].text, "it has 8, 11, 17 and 21");
    }

    #[test]
    fn a_jdk_that_only_the_lock_names_is_told_so() {
        let versions = |jdk: Option<&str>, kafka: &str| {
            json!({ "versions": { "jdk": jdk, "kafka": kafka } })
        };
        let problem = one(says_after(&RULE, versions(Some("17"), "3.9.2"), versions(None, "2.7.0")));
        assert_eq!(problem.labels[0].text, "JDK 17, which the lock keeps");
    }

    #[test]
    fn hosts_of_different_kinds_are_judged_by_what_they_run() {
        let brokers_on_21 = json!({
            "hosts": { "b": { "versions": { "jdk": "21" } }, "c": { "versions": { "jdk": "21" } } },
            "zookeeper": { "hosts": { "a": {} } }
        });
        holds(&RULE, brokers_on_21);
        let problems = says(
            &RULE,
            json!({ "hosts": { "a": { "versions": { "jdk": "21" } }, "b": { "versions": { "jdk": "10" } } } }),
        );
        assert_eq!(problems.len(), 2);
    }

    #[test]
    fn a_jdk_that_both_list_is_fine() {
        holds(&RULE, versions("8", "3.5.9", "2.7.0"));
        holds(&RULE, versions("17", "3.6.2", "3.1.0"));
    }
}
