//! An id of 0 works and is not one of the manual's.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K223",
        severity: Warning,
        title: "a ZooKeeper server has the id 0",
        why: "ZooKeeper's administrator's guide gives ids from 1 to 255 (Clustered Setup). A server with 0 serves. \
              It is the default of nixpkgs' own module, so that an ensemble that is taken over may have one. Tools \
              that follow the manual may not accept it.",
        help: "keep it where a server has it: changing the id of one that holds data is a change of the ensemble; \
               give new servers ids from 1 up",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for (host, server) in draft.cluster.servers().filter(|(_, server)| server.id.value == 0) {
        let at = server.id.pointer().unwrap_or(&server.pointer);
        found.add(found.problem(format!("`{}` is server 0", host.name)).at(at, "the manual begins with 1"));
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{breaks, holds};
    use serde_json::json;

    #[test]
    fn server_0_is_warned_of_and_no_other_one() {
        let problem = breaks(&RULE, json!({ "zookeeper": { "hosts": { "a": { "id": 0 }, "b": { "id": 1 } } } }));
        assert_eq!(problem.title, "`a` is server 0");
        holds(&RULE, json!({ "zookeeper": { "hosts": { "a": { "id": 1 }, "b": { "id": 2 } } } }));
    }
}
