//! Every broker has an id of its own.

use std::collections::BTreeMap;

use crate::rules::prelude::*;
use crate::rules::message::{and, at_all};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K302",
        severity: Error,
        title: "duplicate broker id",
        why: "A broker registers as `/brokers/ids/<id>` in ZooKeeper and exits where another one holds that path \
              (KafkaZkClient, `registerBroker`). So of two brokers with one id only one runs.",
        help: "give each broker an id of its own, or leave `id` out: kafnix then takes the lowest free one",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut holders: BTreeMap<i64, Vec<_>> = BTreeMap::new();
    for (host, broker) in draft.cluster.brokers() {
        holders.entry(broker.id.value).or_default().push((host, broker));
    }
    for (id, mut brokers) in holders.into_iter().filter(|(_, brokers)| brokers.len() > 1) {
        let names = and(brokers.iter().map(|(host, _)| &host.name));
        // An id that comes from the lock stays; the written one is the one to change.
        brokers.sort_by_key(|(_, broker)| broker.id.pointer().is_none());
        let places = brokers.iter().map(|(_, broker)| broker.id.pointer().unwrap_or(&broker.pointer));
        let problem = found.problem(format!("broker id {id} is given to {names}"));
        found.add(at_all(problem, places, "given here", "and here"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, one, says_after};
    use super::RULE;
    use crate::problem::Place;
    use serde_json::json;

    #[test]
    fn two_brokers_with_one_id_are_refused() {
        let hosts = json!({ "a": { "id": 3 }, "b": { "id": 1 }, "c": { "id": 3 } });
        let problem = breaks(&RULE, json!({ "kafka": { "hosts": hosts } }));
        assert_eq!(problem.title, "broker id 3 is given to a and c");
        assert_eq!(problem.labels.len(), 2);
    }

    #[test]
    fn an_id_that_the_lock_gave_to_another_is_wrong_where_it_is_written() {
        let after = json!({ "kafka": { "hosts": { "a": {}, "b": { "id": 1 } } } });
        let problem = one(says_after(&RULE, json!({ "kafka": { "hosts": { "a": {} } } }), after));
        assert_eq!(problem.labels[0].place, Place::Pointer("/kafka/hosts/b/id".into()));
    }

    #[test]
    fn an_id_may_be_that_of_a_zookeeper_server() {
        let one = json!({ "hosts": { "a": { "id": 1 } } });
        holds(&RULE, json!({ "zookeeper": one, "kafka": one }));
    }
}
