//! A server whose disk came back empty must not vote.

use super::prelude::*;
use super::versions;
use super::words::at_all;
use crate::pins::Product;
use crate::spec::Version;

pub static RULE: Rule = Rule {
    page: Page {
        code: "K508",
        severity: Warning,
        title: "a ZooKeeper server whose disk is empty votes",
        why: "From 3.6 on a server with `zookeeper.db.autocreate=false` and an empty disk joins without a \
              vote until it has synced (zookeeperAdmin; seen with 3.9.5). 3.5 has no such property: two \
              emptied servers of three elect each other and everything is gone (seen with 3.5.9).",
        help: "use ZooKeeper 3.6 or later; until then never start a majority of servers with empty disks",
    },
    check,
};

const FIRST_THAT_ASKS: Version = Version([3, 6, 0]);

fn check(draft: &Draft<'_>, found: &mut Found) {
    // An observer has no vote to cast.
    let voters = |host: &crate::cluster::Machine| {
        host.managed && host.zookeeper.as_ref().is_some_and(|server| !server.observer)
    };
    for run in versions::runs(draft, voters) {
        let release = run.release;
        if release.product == Product::ZooKeeper
            && release.version < FIRST_THAT_ASKS
            && release.pin().is_some()
        {
            let problem = found.problem(format!("with {release} a server whose disk is empty votes"));
            found.add(at_all(problem, &run.places, "older than 3.6", "and here"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn zookeeper_before_3_6_is_told() {
        let problem = breaks(&RULE, json!({ "versions": { "zookeeper": "3.5.10" } }));
        assert!(problem.title.contains("3.5.10"));
    }

    #[test]
    fn zookeeper_3_6_and_an_observer_are_fine() {
        holds(&RULE, json!({ "versions": { "zookeeper": "3.6.2" } }));
        holds(
            &RULE,
            json!({ "hosts": { "a": { "versions": { "zookeeper": "3.5.9" } } },
                    "zookeeper": { "hosts": { "a": { "observer": true }, "b": {} } } }),
        );
    }
}
