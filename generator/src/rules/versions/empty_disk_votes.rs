//! A server whose disk came back empty must not vote.

use crate::rules::prelude::*;
use crate::rules::versions::releases;
use crate::rules::message::at_all;
use crate::cluster::{Host, Server};
use crate::pins::Product;
use crate::spec::{State, Version};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K508",
        severity: Warning,
        title: "a ZooKeeper server before 3.6 may vote with an empty disk",
        why: "Two emptied servers of three elect each other, and everything is gone (seen with 3.5.9). From \
              3.6 on kafnix starts each server with `zookeeper.db.autocreate=false`, and its launcher lets one \
              with an empty disk vote only where the ensemble is still to form (`state`). Before 3.6 there is \
              no such property: the launcher only keeps an empty server that was in a quorum before, or whose \
              `state` is `existing`, from starting until another one leads.",
        help: "write `\"state\": \"existing\"` in `zookeeper` once the ensemble has formed, and never start a \
               majority of servers with empty disks; ZooKeeper 3.6 and later enforce this",
    },
    check,
};

const FIRST_THAT_ASKS: Version = Version([3, 6, 0]);

fn check(draft: &Draft<'_>, found: &mut Found) {
    // An observer has no vote to cast, and where the ensemble exists the launcher waits for a leader.
    let forms = |server: &Server| !server.observer.value && server.state.value == State::New;
    let voters = |host: &Host| host.managed.value && host.zookeeper.as_ref().is_some_and(forms);
    for run in releases::runs(draft, voters) {
        let release = run.release;
        if release.product == Product::ZooKeeper
            && release.version < FIRST_THAT_ASKS
            && release.pin().is_some()
        {
            let problem = found
                .problem(format!("{release} itself does not keep a server with an empty disk from voting"));
            found.add(at_all(problem, &run.places, "older than 3.6", "and here"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn zookeeper_before_3_6_is_told() {
        let problem = breaks(&RULE, json!({ "versions": { "zookeeper": "3.5.10" } }));
        assert!(problem.title.contains("3.5.10"));
    }

    #[test]
    fn zookeeper_3_6_an_observer_and_an_ensemble_that_exists_are_fine() {
        let zookeeper = json!({ "state": "existing" });
        holds(&RULE, json!({ "versions": { "zookeeper": "3.5.9" }, "zookeeper": zookeeper }));
        holds(&RULE, json!({ "versions": { "zookeeper": "3.6.2" } }));
        holds(
            &RULE,
            json!({ "hosts": { "a": { "versions": { "zookeeper": "3.5.9" } } },
                    "zookeeper": { "hosts": { "a": { "observer": true }, "b": {} } } }),
        );
    }
}
