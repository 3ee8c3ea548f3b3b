//! A cluster keeps its name.

use crate::rules::prelude::*;
use crate::rules::message::unless_meant;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K705",
        severity: Error,
        title: "the cluster is renamed",
        why: "The name is written into the data directories, so that no server starts on the disk of another \
              cluster, and it is the chroot in ZooKeeper where the spec names none. A spec of another cluster beside \
              this lock gives the same error.",
        help: "keep the name; `kafnix generate --accept K705` takes the change once, on purpose",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(lock) = draft.lock else { return };
    let name = &draft.cluster.name.value;
    if *name != lock.cluster {
        let was = &lock.cluster;
        let problem = found.problem(format!("the cluster was `{was}` and is `{name}` now"));
        let text =
            if draft.cluster.name.pointer().is_some() { "another name" } else { "no name is given here" };
        let safe = format!("write `\"name\": \"{was}\"`, or generate into a folder of its own with `--out`");
        found.add(problem.at("/name", text).help(unless_meant(&safe, RULE.diagnostic.code)));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{one, says_after};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn another_name_or_none_is_refused() {
        let problem = one(says_after(&RULE, json!({}), json!({ "name": "other" })));
        assert_eq!(problem.title, "the cluster was `test` and is `other` now");
        let problem = one(says_after(&RULE, json!({}), json!({ "name": null })));
        assert_eq!(problem.labels[0].text, "no name is given here");
    }

    #[test]
    fn the_same_name_is_fine_also_where_it_is_the_default() {
        assert_eq!(says_after(&RULE, json!({}), json!({})), []);
        assert_eq!(says_after(&RULE, json!({ "name": null }), json!({ "name": "kafka" })), []);
    }
}
