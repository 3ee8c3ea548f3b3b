//! A broker has somewhere to write.

use crate::rules::storage::dirs;
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K403",
        severity: Error,
        title: "a broker has no log directory",
        why: "Kafka does not start with an empty `log.dirs`.",
        help: "name at least one directory, or leave `logDirs` out for the default",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let kafka = &draft.spec.kafka;
    if kafka.log_dirs.as_ref().is_some_and(Vec::is_empty) {
        found.add(found.problem("`logDirs` names no directory").at("/kafka/logDirs", "nothing in it"));
    }
    for (name, broker) in kafka.hosts.iter().flatten().filter(|(name, _)| dirs::managed(draft, name)) {
        if broker.log_dirs.as_ref().is_some_and(Vec::is_empty) {
            let problem = found.problem(format!("`logDirs` of `{name}` names no directory"));
            found.add(problem.at(pointer(["kafka", "hosts", name, "logDirs"]), "nothing in it"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn an_empty_list_is_refused_for_all_and_for_one() {
        breaks(&RULE, json!({ "kafka": { "logDirs": [] } }));
        let problem = breaks(&RULE, json!({ "kafka": { "hosts": { "a": { "logDirs": [] }, "b": {} } } }));
        assert!(problem.title.contains("`a`"));
    }

    #[test]
    fn one_directory_or_the_default_is_enough() {
        holds(&RULE, json!({ "kafka": { "logDirs": ["/data/kafka"] } }));
        holds(&RULE, json!({ "kafka": { "logDirs": null } }));
    }
}
