//! What is silenced is a warning, and for a reason.

use crate::pins::pins;
use crate::problem::Problem;
use crate::rules::{diagnostics, meant};
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K121",
        severity: Error,
        title: "invalid entry in `silenced`",
        why: "Only a warning can be silenced: with an error there is no cluster. The reason is for whoever reads the \
              spec next and has to know whether it still holds.",
        help: "write the code of a warning, as `kafnix check` prints it, or the id of a vulnerability, and the reason",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    if draft.spec.silenced.is_empty() {
        return;
    }
    let known = diagnostics();
    for (code, reason) in &draft.spec.silenced {
        let at = pointer(["silenced", code]);
        match known.iter().find(|diagnostic| diagnostic.code == code) {
            None if code.starts_with("CVE-") => {
                if let Some(fault) = acknowledged(code, reason, found) {
                    found.add(fault.at_key(at, "this vulnerability"));
                }
            }
            None => {
                let problem = found.problem(format!("there is no warning `{code}`")).at_key(at, "no such code");
                let warnings = known.iter().filter(|it| it.severity == Warning).map(|it| it.code);
                found.add(match meant(code, warnings) {
                    Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                    None => problem,
                });
            }
            Some(diagnostic) if diagnostic.severity == Error => {
                let title = format!("{code} is an error and cannot be silenced: {}", diagnostic.title);
                found.add(found.problem(title).at_key(at, "an error").help("correct what it says"));
            }
            Some(_) if reason.trim().is_empty() => {
                let problem = found.problem(format!("{code} is silenced without a reason"));
                found.add(problem.at(at, "no reason").help("write why this warning is meant to be so"));
            }
            Some(_) => {}
        }
    }
}

/// What is wrong with the acknowledgement of a vulnerability.
fn acknowledged(id: &str, reason: &str, found: &Found) -> Option<Problem> {
    let known = &pins().vulnerabilities;
    if !known.contains_key(id) {
        let problem = found.problem(format!("no pinned release has the vulnerability {id}"));
        return Some(problem.help("take it out; `kafnix show pins` lists the vulnerabilities of each release"));
    }
    let is_told = !reason.trim().is_empty();
    let problem = || found.problem(format!("{id} is acknowledged without a reason"));
    (!is_told).then(|| problem().help("write why it does not matter here"))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{breaks, holds};
    use serde_json::json;

    #[test]
    fn a_code_that_is_no_warning_and_one_without_a_reason_are_refused() {
        let nothing = breaks(&RULE, json!({ "silenced": { "K999": "x" } }));
        assert_eq!(nothing.title, "there is no warning `K999`");
        assert!(!nothing.help.contains("did you mean"), "{}", nothing.help);
        assert_eq!(breaks(&RULE, json!({ "silenced": { "k4o4": "x" } })).help, "did you mean `K404`?");
        let error = breaks(&RULE, json!({ "silenced": { "K101": "x" } }));
        assert!(error.title.starts_with("K101 is an error and cannot be silenced"), "{}", error.title);
        breaks(&RULE, json!({ "silenced": { "K404": " " } }));
    }

    #[test]
    fn a_warning_with_a_reason_is_silenced_and_no_other_one() {
        holds(&RULE, json!({ "silenced": { "K404": "a test cluster" } }));
        let text = r#"{ "hosts": { "a": { "address": "10.0.0.1" }, "b": { "address": "10.0.0.2" } },
                       "silenced": { "K208": "two hosts are all there is" } }"#;
        let problems = crate::check(text.as_bytes(), None, &[]).problems;
        let silenced: Vec<_> = problems.iter().filter(|problem| problem.silenced.is_some()).collect();
        assert_eq!((silenced.len(), silenced[0].code), (1, "K208"));
        assert!(problems.iter().any(|problem| problem.silenced.is_none()), "others are drawn");
    }

    #[test]
    fn a_vulnerability_of_a_pin_is_acknowledged_by_its_id() {
        holds(&RULE, json!({ "silenced": { "CVE-2026-24281": "no client of ours" } }));
        breaks(&RULE, json!({ "silenced": { "CVE-2026-24281": " " } }));
        let problem = breaks(&RULE, json!({ "silenced": { "CVE-1999-00001": "x" } }));
        assert!(problem.help.starts_with("take it out"), "{}", problem.help);
    }
}
