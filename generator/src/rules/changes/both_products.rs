//! One product at a time.

use indexmap::{IndexMap, IndexSet};

use crate::rules::prelude::*;
use crate::rules::versions::releases::releases;
use crate::rules::message::{at_all, unless_meant};
use crate::lock::Lock;
use crate::pins::Product;
use crate::role::Role;
use crate::spec::Version;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K708",
        severity: Error,
        title: "ZooKeeper and Kafka change their versions in one generation",
        why: "A host that is both restarts both at once, and a broker whose ensemble loses its quorum loses its \
              registration. If something then goes wrong there are two possible causes, and both have to be rolled \
              back. Kafka's own notes make long upgrades a staged path as well: an old Kafka first, then ZooKeeper \
              3.8, then Kafka 3.9.",
        help: "change ZooKeeper in one generation and Kafka in the next; `kafnix generate --accept K708` takes \
               the change once, on purpose",
    },
    check,
};

/// A product's change of version.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Change {
    product: Product,
    was: Version,
    now: Version,
}

type Changes<'a> = IndexMap<Change, IndexSet<&'a str>>;

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(lock) = draft.lock else { return };
    let changes = changes(draft, lock);
    let first = |product| changes.keys().find(|change| change.product == product).copied();
    let (Some(zookeeper), Some(kafka)) = (first(Product::ZooKeeper), first(Product::Kafka)) else { return };
    let mut problem = found.problem(format!(
        "ZooKeeper goes from {} to {} and Kafka from {} to {} in one generation",
        zookeeper.was, zookeeper.now, kafka.was, kafka.now
    ));
    for product in [Product::Kafka, Product::ZooKeeper] {
        for (change, places) in changes.iter().filter(|(change, _)| change.product == product) {
            let text = format!("{} in the last generation", change.was);
            problem = at_all(problem, places.iter().copied(), &text, "and here");
        }
    }
    let (first, later) = if zookeeper.now > zookeeper.was { (zookeeper, kafka) } else { (kafka, zookeeper) };
    let safe = format!(
        "leave {} at {} in this generation: first {}, and {} in the next one, when every host is well",
        later.product, later.was, first.product, later.product
    );
    found.add(problem.help(unless_meant(&safe, RULE.diagnostic.code)));
}

/// What changes on hosts that kafnix configures, with the places that decide it.
fn changes<'a>(draft: &'a Draft<'_>, lock: &Lock) -> Changes<'a> {
    let mut changes = Changes::new();
    let held = Role::ALL.map(|role| (role, lock.held(role)));
    for host in draft.cluster.hosts.iter().filter(|host| host.managed.value) {
        for (release, place) in releases(host) {
            let was = held.iter().find(|(role, _)| role.product() == release.product);
            let was = was.and_then(|(_, held)| Some(held.get(host.name.as_str())?.release));
            if let Some(was) = was.filter(|was| *was != release.version) {
                let change = Change { product: release.product, was, now: release.version };
                changes.entry(change).or_default().insert(place);
            }
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{one, says_after};
    use super::RULE;
    use serde_json::{Value, json};

    fn versions(zookeeper: &str, kafka: &str) -> Value {
        json!({ "versions": { "zookeeper": zookeeper, "kafka": kafka } })
    }

    #[test]
    fn both_in_one_generation_are_refused_and_zookeeper_comes_first() {
        let problem = one(says_after(&RULE, versions("3.8.4", "3.8.1"), versions("3.9.5", "3.9.2")));
        let title = "ZooKeeper goes from 3.8.4 to 3.9.5 and Kafka from 3.8.1 to 3.9.2 in one generation";
        assert_eq!(problem.title, title);
        assert!(problem.help.starts_with("leave Kafka at 3.8.1 in this generation: first ZooKeeper"));
    }

    #[test]
    fn on_the_way_back_kafka_comes_first() {
        let problem = one(says_after(&RULE, versions("3.9.5", "3.9.2"), versions("3.9.4", "3.9.1")));
        assert!(problem.help.starts_with("leave ZooKeeper at 3.9.5"));
    }

    #[test]
    fn one_product_or_a_new_host_is_fine() {
        assert_eq!(says_after(&RULE, versions("3.8.4", "3.9.2"), versions("3.9.5", "3.9.2")), []);
        assert_eq!(says_after(&RULE, versions("3.9.5", "3.8.1"), versions("3.9.5", "3.9.2")), []);
        let before = json!({ "zookeeper": { "hosts": { "a": {} } }, "kafka": { "hosts": { "a": {} } } });
        let new = json!({ "versions": { "zookeeper": "3.9.4", "kafka": "3.9.1" } });
        assert_eq!(says_after(&RULE, before, json!({ "hosts": { "b": new } })), []);
    }
}
