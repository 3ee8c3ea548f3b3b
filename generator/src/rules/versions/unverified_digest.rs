//! Two who say the same bytes.

use crate::rules::prelude::*;
use crate::rules::versions::releases::{self, Release};
use crate::pins::{Line, pins};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K507",
        severity: Warning,
        title: "only one source vouches for a pin",
        why: "A pin's hash was compared with what independent packagers state for the same archive. With only one \
              source, a mistake or a forgery there would not be noticed.",
        help: "compare the hash with the project's own checksum or signature, or take a version that two \
               sources vouch for",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for run in releases::managed(draft) {
        if run.release.pin().is_some_and(|pin| pin.vouched_by < 2) {
            let problem = found.problem(format!("only one source vouches for {}", run.release));
            let problem = run.at(problem, "this pin");
            found.add(match instead(run.release) {
                Some(version) => problem.help(format!(
                    "take {version}, which two or more vouch for, or compare the hash with the project's own"
                )),
                None => problem,
            });
        }
    }
}

/// The next newer version with two sources, else the nearest older one of the same line.
fn instead(release: Release) -> Option<crate::spec::Version> {
    let Release { product, version } = release;
    let older = || pins().before(product, version).take_while(|(v, _)| Line::of(*v) == Line::of(version));
    pins()
        .after(product, version)
        .chain(older())
        .find(|(_, pin)| pin.vouched_by > 1)
        .map(|(version, _)| version)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_pin_of_one_source_is_told_with_one_of_two() {
        let problem = breaks(&RULE, json!({ "versions": { "zookeeper": "3.8.6" } }));
        assert!(problem.help.starts_with("take 3.9.0,"), "{}", problem.help);
        let problem = breaks(&RULE, json!({ "versions": { "zookeeper": "3.9.6" } }));
        assert!(problem.help.starts_with("take 3.9.5,"), "{}", problem.help);
    }

    #[test]
    fn a_pin_of_two_is_fine() {
        holds(&RULE, json!({ "versions": { "zookeeper": "3.9.5" } }));
    }
}
