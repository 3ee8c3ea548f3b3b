//! One ensemble counts quorums in one way.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K218",
        severity: Error,
        title: "a server counts quorums differently from the others",
        why: "Each server counts votes and acknowledgements by the `group.N`, `weight.N` and `oraclePath` of its own \
              file. A leader that counts differently from its followers acknowledges writes that they may lose.",
        help: "write groups and weights in `zookeeper.settings`, for all servers",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for gap in &draft.gaps {
        let Gap::OtherQuorum { host, pointer } = gap else { continue };
        let problem = found.problem(format!("`{host}` counts quorums differently from the others"));
        found.add(problem.at_key(pointer, "set on this server alone"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, says};
    use super::RULE;
    use serde_json::{Value, json};

    /// Settings of all and of each server.
    fn settings(all: &Value, own: [&Value; 3]) -> Value {
        let [a, b, c] = own.map(|own| json!({ "settings": own }));
        json!({ "zookeeper": { "settings": all, "hosts": { "a": a, "b": b, "c": c } } })
    }

    #[test]
    fn a_server_with_groups_or_weights_of_its_own_is_refused() {
        let (none, groups) = (json!({}), json!({ "group.1": "1:2:3" }));
        let problem = breaks(&RULE, settings(&groups, [&json!({ "weight.1": 3 }), &none, &none]));
        assert_eq!(problem.title, "`a` counts quorums differently from the others");
        breaks(&RULE, settings(&groups, [&none, &json!({ "group.1": null }), &none]));
        breaks(&RULE, settings(&none, [&none, &none, &groups]));
        breaks(&RULE, settings(&none, [&none, &none, &json!({ "oraclePath": "/run/oracle" })]));
        let (two, three) = (json!({ "weight.1": 2 }), json!({ "weight.1": 3 }));
        assert_eq!(says(&RULE, settings(&groups, [&two, &two, &three])).len(), 3);
    }

    #[test]
    fn the_same_on_every_server_is_fine() {
        let (none, groups) = (json!({}), json!({ "group.1": "1:2:3" }));
        holds(&RULE, settings(&groups, [&none, &none, &none]));
        holds(&RULE, settings(&none, [&groups, &groups, &groups]));
        holds(&RULE, settings(&groups, [&groups, &none, &json!({ "weight.1": 1 })]));
    }
}
