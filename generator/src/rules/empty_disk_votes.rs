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
        title: "nothing can keep a ZooKeeper server with an empty disk from voting",
        why: "Two emptied servers of three elect each other, and everything is gone (seen with 3.5.9). From \
              3.6 on `zookeeper.db.autocreate=false` can make a server with an empty disk wait until it has \
              synced (zookeeperAdmin; seen with 3.9.5), which kafnix does not set yet; before 3.6 there is \
              no such property.",
        help: "never start a majority of servers with empty disks; a newer ZooKeeper alone does not prevent it",
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
            let problem = found
                .problem(format!("with {release} nothing can keep a server with an empty disk from voting"));
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
