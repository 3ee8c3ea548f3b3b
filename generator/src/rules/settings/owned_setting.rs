//! What the topology implies is written from its own key of the spec and from nowhere else.

use crate::rules::prelude::*;
use crate::rules::settings::settings_view::written;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K410",
        severity: Error,
        title: "a setting that the topology implies is set by hand",
        why: "Ids, addresses, listeners, directories and the ensemble come from their own keys of the spec. A \
              second place for one of them could disagree with the first, with `/etc/hosts`, and with the \
              other hosts.",
        help: "use the key of the spec that implies the setting",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for setting in written(draft) {
        let Some(instead) = setting.owned else { continue };
        let problem = found.problem(format!("`{}` is implied by the topology", setting.key));
        found.add(problem.at_key(setting.pointer, "set by hand").help(format!("use {instead}")));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn what_the_topology_implies_is_refused_with_its_own_key() {
        let problem = breaks(&RULE, json!({ "kafka": { "settings": { "broker.id": 7 } } }));
        assert_eq!(problem.help, "use `id` of the host in `kafka.hosts`");
        breaks(&RULE, json!({ "zookeeper": { "hosts": { "a": { "settings": { "server.2": "x" } } } } }));
    }

    #[test]
    fn any_other_setting_is_the_authors() {
        holds(&RULE, json!({ "kafka": { "settings": { "num.io.threads": 7 } } }));
    }
}
