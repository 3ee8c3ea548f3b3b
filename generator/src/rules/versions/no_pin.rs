//! A host runs a release whose archive is pinned by its hash.

use crate::rules::prelude::*;
use crate::rules::versions::releases::{self, Release, way_out};
use crate::rules::message::or;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K501",
        severity: Error,
        title: "a version has no pin",
        why: "Every release archive is fetched by a hash that `generator/pins.json` holds; without one a \
              host cannot be built, and nobody knows which bytes it would run.",
        help: "choose a version that `kafnix show pins` lists",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for run in releases::managed(draft) {
        let release = run.release;
        if release.pin().is_none() && !releases::without_zookeeper(release) {
            let problem = found.problem(format!("{release} has no pin"));
            found.add(run.at(problem, "kafnix has no archive of it").help(help(release)));
        }
    }
}

fn help(release: Release) -> String {
    format!("use {}; `kafnix show pins` lists all", or(way_out(release)))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    fn help(product: &str, version: &str) -> String {
        breaks(&RULE, json!({ "versions": { product: version } })).help
    }

    #[test]
    fn a_version_without_a_pin_is_one_problem_that_names_the_nearest_with_one() {
        let problem = breaks(&RULE, json!({ "versions": { "kafka": "3.3.0" } }));
        assert_eq!(problem.title, "Kafka 3.3.0 has no pin");
        assert!(problem.help.starts_with("use 3.3.1;"), "{}", problem.help);
        assert!(help("kafka", "2.7.2").starts_with("use 2.7.1 or 2.8.0;"));
        assert!(help("kafka", "1.0.0").starts_with("use 2.7.0;"));
        assert!(help("zookeeper", "3.99.0").starts_with("use 3.9.6;"));
    }

    #[test]
    fn every_place_that_names_it_is_shown() {
        let versions = json!({ "versions": { "kafka": "3.3.0" } });
        let problem = breaks(&RULE, json!({ "hosts": { "a": versions, "b": versions } }));
        assert_eq!(problem.labels.len(), 2);
    }

    #[test]
    fn a_pinned_version_is_fine_and_so_is_what_no_host_of_ours_runs() {
        holds(&RULE, json!({ "versions": { "kafka": "3.3.1", "zookeeper": "3.5.10" } }));
        holds(&RULE, json!({ "hosts": { "a": { "managed": false, "versions": { "kafka": "3.3.0" } } } }));
        holds(&RULE, json!({ "versions": { "kafka": "3.3.0" }, "kafka": { "hosts": {} } }));
    }

    #[test]
    fn kafka_4_is_left_to_its_own_rule() {
        holds(&RULE, json!({ "versions": { "kafka": "4.1.0" } }));
    }
}
