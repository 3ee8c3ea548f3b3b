//! The brokers find their metadata again.

use crate::rules::prelude::*;
use crate::rules::message::unless_meant;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K706",
        severity: Error,
        title: "the chroot in ZooKeeper changes",
        why: "All that the brokers know (topics, settings, ACLs, their cluster id) lies below the chroot. \
              Below another one they find nothing, make a new cluster there, and those with disks refuse to \
              start: their `meta.properties` has the id of the old cluster.",
        help: "keep the chroot; `kafnix generate --accept K706` takes the change once, on purpose",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(was) = draft.lock.and_then(|lock| lock.chroot.as_deref()) else { return };
    let Some(chroot) = draft.cluster.kafka.as_ref().map(|kafka| &kafka.chroot) else { return };
    let now = chroot.value.as_str();
    if now.trim_end_matches('/') != was.trim_end_matches('/') {
        let problem = found.problem(format!("the chroot in ZooKeeper changes from `{was}` to `{now}`"));
        let problem = match chroot.pointer() {
            Some(at) => problem.at(at, "another chroot"),
            None => problem.at("/name", "the chroot is this name where the spec names none"),
        };
        let safe = format!("write `\"chroot\": \"{was}\"` in `kafka`");
        found.add(problem.help(unless_meant(&safe, RULE.diagnostic.code)));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{one, says_after};
    use super::RULE;
    use serde_json::{Value, json};

    fn chroot(chroot: &str) -> Value {
        json!({ "kafka": { "chroot": chroot } })
    }

    #[test]
    fn another_chroot_is_refused() {
        let problem = one(says_after(&RULE, chroot("/a"), chroot("/b")));
        assert_eq!(problem.title, "the chroot in ZooKeeper changes from `/a` to `/b`");
        one(says_after(&RULE, chroot("/"), chroot("/b")));
    }

    #[test]
    fn a_chroot_that_follows_the_name_is_told_at_the_name() {
        let problem = one(says_after(&RULE, json!({}), json!({ "name": "other" })));
        assert!(
            problem.labels[0].text.contains("this name") && problem.help.contains(r#""chroot": "/test""#)
        );
    }

    #[test]
    fn the_same_chroot_is_fine_however_it_is_written() {
        assert_eq!(says_after(&RULE, json!({}), chroot("/test")), []);
        assert_eq!(says_after(&RULE, chroot("/test/"), chroot("/test")), []);
        let renamed = json!({ "name": "other", "kafka": { "chroot": "/test" } });
        assert_eq!(says_after(&RULE, json!({}), renamed), []);
    }
}
