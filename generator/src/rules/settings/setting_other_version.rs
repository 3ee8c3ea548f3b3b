//! A key that only other versions of the product know does nothing.

use crate::rules::prelude::*;
use crate::rules::settings::settings_view::free;
use crate::keys::Lookup;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K413",
        severity: Error,
        title: "setting unknown to the version in use",
        why: "A key from the documentation of another version is silently accepted and has no effect.",
        help: "take the setting out, or use a version that knows it",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for setting in free(draft) {
        let elsewhere = setting.lookups().find_map(|(version, lookup)| match lookup {
            Lookup::Elsewhere(first, last) => Some((version, first, last)),
            _ => None,
        });
        let Some((version, first, last)) = elsewhere else { continue };
        let product = setting.product;
        let problem = found.problem(format!("{product} {version} knows no setting `{}`", setting.key));
        let known = last.map_or(format!("from {first} on"), |last| format!("from {first} to {last}"));
        found.add(problem.at_key(setting.pointer, format!("known {known}, among the pinned versions")));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_key_of_a_later_or_an_earlier_version_is_refused() {
        let tiered = json!({ "remote.log.storage.system.enable": true });
        let problem =
            breaks(&RULE, json!({ "versions": { "kafka": "2.7.0" }, "kafka": { "settings": tiered } }));
        assert!(problem.labels[0].text.starts_with("known from 3."), "{problem:?}");
        breaks(&RULE, json!({ "kafka": { "settings": { "zookeeper.sync.time.ms": 2000 } } }));
    }

    #[test]
    fn the_same_key_is_fine_where_it_is_known() {
        let settings = json!({ "zookeeper.sync.time.ms": 2000 });
        holds(&RULE, json!({ "versions": { "kafka": "2.7.0" }, "kafka": { "settings": settings } }));
    }
}
