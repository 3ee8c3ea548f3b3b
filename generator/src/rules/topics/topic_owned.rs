//! What `survives` implies is written there and nowhere else.

use crate::rules::prelude::*;
use crate::resolve::topics::owned;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K607",
        severity: Error,
        title: "a topic sets by hand what `survives` implies",
        why: "`power-loss` is implemented by an fsync of each record before it is acknowledged. Setting the same key \
              by hand could undo that.",
        help: "take the setting out, or take `survives` out",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for (name, topic) in &draft.spec.topics {
        for (key, instead) in topic.settings.keys().filter_map(|key| Some((key, owned(topic, key)?))) {
            let problem = found.problem(format!("`{key}` of topic `{name}` is implied by its `survives`"));
            let problem = problem.at_key(pointer(["topics", name, "settings", key]), "set by hand");
            let problem = problem.at(pointer(["topics", name, "survives"]), "implied here");
            found.add(problem.help(format!("take it out ({instead}), or take `survives` out")));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn flush(survives: &str) -> Value {
        let topic = json!({ "survives": survives, "settings": { "flush.messages": 10_000 } });
        json!({ "topics": { "orders": topic } })
    }

    #[test]
    fn a_flush_by_hand_beside_power_loss_is_refused() {
        let title = "`flush.messages` of topic `orders` is implied by its `survives`";
        assert_eq!(breaks(&RULE, flush("power-loss")).title, title);
    }

    #[test]
    fn a_flush_by_hand_alone_is_the_authors() {
        holds(&RULE, flush("host-loss"));
    }
}
