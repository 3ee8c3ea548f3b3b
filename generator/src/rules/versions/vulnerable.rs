//! A release without known holes, where there is one.

use std::collections::BTreeSet;

use crate::rules::prelude::*;
use crate::rules::versions::releases::{self, Release};
use crate::rules::message::plural;
use crate::pins::{Pin, pins};
use crate::problem::Problem;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K506",
        severity: Warning,
        title: "a version has known vulnerabilities",
        why: "The projects list what each release is open to (Kafka: CVE list; ZooKeeper: Security); `kafnix show \
              pins` lists those of each release. Some matter only if a certain feature is used; the text of each \
              says so. One that does not matter here is acknowledged by its id under `silenced`, with the reason; \
              the next one is then told again.",
        help: "upgrade to a version without known vulnerabilities, or let only hosts that you trust connect",
    },
    check,
};

/// The ids of all that the releases of the hosts have, acknowledged or not.
pub(in crate::rules) fn known(draft: &Draft<'_>) -> BTreeSet<&'static str> {
    let pins = releases::managed(draft).into_iter().filter_map(|run| run.release.pin());
    pins.flat_map(|pin| &pin.vulnerabilities).map(String::as_str).collect()
}

fn check(draft: &Draft<'_>, found: &mut Found) {
    for run in releases::managed(draft) {
        let Some(pin) = run.release.pin().filter(|pin| !pin.vulnerabilities.is_empty()) else { continue };
        let reason = |id: &String| draft.spec.silenced.get(id).map(|reason| format!("{id}: {reason}"));
        let (known, open): (Vec<_>, Vec<_>) = pin.vulnerabilities.iter().partition(|id| reason(id).is_some());
        // Where all are acknowledged they are told as silenced, with the reasons.
        let told = if open.is_empty() { &known } else { &open };
        let number = told.len();
        let kind = plural(number, "vulnerability", "vulnerabilities");
        let more = if open.is_empty() || known.is_empty() { "known" } else { "more known" };
        let mut problem = found.problem(format!("{} has {number} {more} {kind}", run.release));
        if open.is_empty() {
            problem.silenced = Some(known.iter().filter_map(|id| reason(id)).collect::<Vec<_>>().join("; "));
        }
        for (index, id) in told.iter().enumerate() {
            let known = pins().vulnerabilities.get(*id).map_or("", |known| known.title.trim_end_matches('.'));
            problem = match (index, run.places.first()) {
                (0, _) => run.at(problem, &format!("{id}: {known}")),
                (_, Some(first)) => problem.at(first.as_str(), format!("{id}: {known}")),
                (_, None) => problem,
            };
        }
        found.add(way_out(problem, run.release, pin));
    }
}

fn way_out(problem: Problem, release: Release, pin: &Pin) -> Problem {
    let Release { product, version } = release;
    let clear = || pins().after(product, version).filter(|(_, pin)| pin.vulnerabilities.is_empty());
    let Some((first, _)) = clear().next() else {
        let best = pins().after(product, version).min_by_key(|(_, pin)| pin.vulnerabilities.len());
        let fewer = best.filter(|(_, best)| best.vulnerabilities.len() < pin.vulnerabilities.len());
        let trust = "let only hosts that you trust connect (`from` of each listener), and acknowledge each by its id \
                     in `silenced`, with the reason";
        return problem.help(match fewer {
            Some((best, pin)) => {
                let left = pin.vulnerabilities.len();
                format!(
                    "no {product} with ZooKeeper is clear of all; {best} has {left}: upgrade, and {trust}"
                )
            }
            None => format!("no {product} with ZooKeeper is clear of all: {trust}"),
        });
    };
    let vouched = clear().find(|(_, pin)| pin.vouched_by > 1).filter(|(version, _)| *version != first);
    problem.help(match vouched {
        Some((vouched, _)) => format!(
            "upgrade to {product} {first}, the first that is clear of all, or to {vouched}, the first of \
             those that two sources vouch for"
        ),
        None => format!("upgrade to {product} {first}, the first that is clear of all"),
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, one, says};
    use super::RULE;
    use crate::problem::Problem;
    use serde_json::{Value, json};

    /// Every Kafka has some, so ZooKeeper is looked at alone.
    fn of_zookeeper(version: &str) -> Value {
        json!({ "versions": { "zookeeper": version }, "kafka": { "hosts": {} } })
    }

    fn of_kafka(version: &str) -> Problem {
        one(says(&RULE, json!({ "versions": { "kafka": version } })))
    }

    #[test]
    fn each_vulnerability_is_told_with_the_first_version_without() {
        let problem = breaks(&RULE, of_zookeeper("3.9.4"));
        assert_eq!(problem.title, "ZooKeeper 3.9.4 has 2 known vulnerabilities");
        assert!(problem.labels[0].text.starts_with("CVE-2026-24281: "));
        assert!(problem.labels[1].text.starts_with("CVE-2026-24308: "));
        assert_eq!(problem.help, "upgrade to ZooKeeper 3.9.5, the first that is clear of all");
    }

    #[test]
    fn a_version_that_only_one_source_vouches_for_is_not_the_only_way_out() {
        let problem = breaks(&RULE, of_zookeeper("3.5.9"));
        assert!(problem.help.contains("3.8.6, the first that") && problem.help.contains("or to 3.9.5"));
    }

    #[test]
    fn where_no_version_is_clear_the_best_is_named_and_who_may_connect() {
        assert!(of_kafka("2.7.0").help.contains("3.9.2 has 2: upgrade, and let only hosts"));
        assert!(of_kafka("3.9.2").help.starts_with("no Kafka with ZooKeeper is clear of all: let only"));
    }

    #[test]
    fn one_is_acknowledged_by_its_id_and_the_others_are_told() {
        let silenced = |ids: &[&str]| {
            let ids: serde_json::Map<_, _> = ids.iter().map(|id| ((*id).to_owned(), json!("no such use"))).collect();
            let mut spec = of_zookeeper("3.9.4");
            spec["silenced"] = ids.into();
            breaks(&RULE, spec)
        };
        let problem = silenced(&["CVE-2026-24281"]);
        assert_eq!(problem.title, "ZooKeeper 3.9.4 has 1 more known vulnerability");
        assert!(problem.labels.len() == 1 && problem.labels[0].text.starts_with("CVE-2026-24308: "));
        assert_eq!(problem.silenced, None);
        let all = silenced(&["CVE-2026-24281", "CVE-2026-24308"]).silenced;
        assert_eq!(all.as_deref(), Some("CVE-2026-24281: no such use; CVE-2026-24308: no such use"));
    }

    #[test]
    fn a_version_without_any_is_fine() {
        holds(&RULE, of_zookeeper("3.9.5"));
    }
}
