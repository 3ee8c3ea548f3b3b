//! Brokers understand the ensemble, and it them.

use crate::rules::prelude::*;
use crate::rules::versions::releases::{Run, runs};
use crate::rules::message::and;
use crate::pins::Product;
use crate::spec::Version;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K504",
        severity: Error,
        title: "incompatible versions of Kafka and ZooKeeper",
        why: "Kafka from 3.6 brings the client of ZooKeeper 3.8, which supports servers from 3.5 on; \
              servers from 3.8 on support clients from 3.5 on, which Kafka brings since 2.4 (KIP-902, \
              ZooKeeper's release notes for 3.8.0). Every pair of pinned versions goes together, so only \
              a member that another system runs can be too old.",
        help: "upgrade the older side first: ZooKeeper to 3.5 or later, Kafka to 2.4 or later",
    },
    check,
};

const SERVER_OF_NEW_CLIENTS: Version = Version([3, 5, 0]);
const KAFKA_WITH_NEW_CLIENT: Version = Version([3, 6, 0]);
const NEW_SERVER: Version = Version([3, 8, 0]);
const KAFKA_OF_NEW_SERVERS: Version = Version([2, 4, 0]);

fn check(draft: &Draft<'_>, found: &mut Found) {
    let (zookeeper, kafka): (Vec<_>, Vec<_>) =
        runs(draft, |_| true).into_iter().partition(|run| run.release.product == Product::ZooKeeper);
    let old_servers = chosen(&zookeeper, |version| version < SERVER_OF_NEW_CLIENTS);
    let new_brokers = chosen(&kafka, |version| version >= KAFKA_WITH_NEW_CLIENT);
    let old_brokers = chosen(&kafka, |version| version < KAFKA_OF_NEW_SERVERS);
    let new_servers = chosen(&zookeeper, |version| version >= NEW_SERVER);
    add(found, &old_servers, &new_brokers, "upgrade these servers to ZooKeeper 3.5 or later before Kafka");
    add(found, &old_brokers, &new_servers, "upgrade these brokers to Kafka 2.4 or later before ZooKeeper");
}

fn chosen(runs: &[Run], fits: impl Fn(Version) -> bool) -> Vec<&Run> {
    runs.iter().filter(|run| fits(run.release.version)).collect()
}

fn add(found: &mut Found, old: &[&Run], new: &[&Run], help: &str) {
    if old.is_empty() || new.is_empty() {
        return;
    }
    let names = |runs: &[&Run]| and(runs.iter().map(|run| run.release));
    let mut problem = found.problem(format!("{} does not go with {}", names(old), names(new)));
    for run in old {
        problem = run.at(problem, "too old");
    }
    for run in new {
        problem = run.at(problem, "for this one");
    }
    found.add(problem.help(help));
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn member(product: &str, version: &str) -> Value {
        json!({ "hosts": { "a": { "managed": false, "versions": { product: version } } } })
    }

    #[test]
    fn a_server_too_old_for_the_client_of_new_brokers_is_refused() {
        let problem = breaks(&RULE, member("zookeeper", "3.4.14"));
        assert_eq!(problem.title, "ZooKeeper 3.4.14 does not go with Kafka 3.9.2");
    }

    #[test]
    fn a_broker_too_old_for_new_servers_is_refused() {
        let problem = breaks(&RULE, member("kafka", "2.3.1"));
        assert_eq!(problem.title, "Kafka 2.3.1 does not go with ZooKeeper 3.9.5");
    }

    #[test]
    fn the_oldest_that_is_said_to_work_is_fine() {
        holds(&RULE, member("zookeeper", "3.5.0"));
        holds(&RULE, member("kafka", "2.4.0"));
        holds(&RULE, json!({ "versions": { "zookeeper": "3.5.9", "kafka": "3.9.2" } }));
        holds(&RULE, json!({ "versions": { "zookeeper": "3.9.5", "kafka": "2.7.0" } }));
    }
}
