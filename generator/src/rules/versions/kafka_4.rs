//! Kafka 4 is not for a cluster with ZooKeeper.

use crate::rules::prelude::*;
use crate::rules::versions::releases;
use crate::pins::{Product, pins};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K502",
        severity: Error,
        title: "Kafka 4 has no ZooKeeper",
        why: "Kafka 4.0 removed ZooKeeper: its brokers keep the metadata among themselves (KRaft) and ignore \
              `zookeeper.connect`. 3.9 is the last line that a cluster of ZooKeeper and Kafka can run, and \
              the one from which a cluster moves to KRaft (Kafka's upgrade notes for 4.0).",
        help: "use a release of Kafka 3.9",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let newest = pins().of(Product::Kafka).keys().next_back();
    // A broker that another system runs cannot be one of this cluster either.
    for run in releases::runs(draft, |_| true) {
        if releases::without_zookeeper(run.release) {
            let problem = found.problem(format!("{} has no ZooKeeper", run.release));
            let problem = run.at(problem, "cannot join an ensemble");
            found.add(match newest {
                Some(newest) => problem.help(format!("use Kafka {newest}, the newest that can")),
                None => problem,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn kafka_4_is_refused_on_whatever_host_it_runs() {
        let problem = breaks(&RULE, json!({ "versions": { "kafka": "4.0.0" } }));
        assert_eq!(problem.help, "use Kafka 3.9.2, the newest that can");
        breaks(&RULE, json!({ "hosts": { "a": { "managed": false, "versions": { "kafka": "4.1.0" } } } }));
    }

    #[test]
    fn the_last_line_before_it_is_fine() {
        holds(&RULE, json!({ "versions": { "kafka": "3.9.2" } }));
    }
}
