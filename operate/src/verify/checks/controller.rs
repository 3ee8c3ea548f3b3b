//! One broker is the controller, for everybody.

use std::collections::{BTreeMap, BTreeSet};

use kafnix_generator::Cluster;

use super::{BROKERS, Check, Expect, Judge, Snapshot, Verdict, list};

pub(super) static CHECK: Check = Check {
    code: "V304",
    title: "the cluster has one controller",
    why: "The controller elects the leaders of partitions. `/controller` in ZooKeeper and every broker name the \
          same one, and it is registered.",
    help: "ask again: a controller that has just changed is known to all within seconds; a broker that still names \
           another one has lost its connection to ZooKeeper: restart it",
    judge: Judge::Snapshot(run),
};

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    if cluster.kafka.is_none() {
        return Vec::new();
    }
    let expect = Expect::of(BROKERS, "one registered controller, the same for all");
    let mut said: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut say = |who: &str, id: Option<i64>| {
        let id = id.map_or("none".to_owned(), |id| format!("broker {id}"));
        said.entry(id).or_default().push(who.to_owned());
    };
    let registry = match &snapshot.registry {
        Ok(registry) => {
            say("ZooKeeper", registry.controller);
            Some(registry)
        }
        Err(_) => None,
    };
    for (host, _) in cluster.brokers() {
        if let Some(Ok(metadata)) = snapshot.brokers.get(&host.name).map(|broker| &broker.metadata) {
            say(&host.name, metadata.controller);
        }
    }
    let registered: Option<BTreeSet<_>> = registry.map(|registry| registry.brokers.keys().copied().collect());
    let is_there = |id: &str| {
        let id = id.strip_prefix("broker ").and_then(|id| id.parse().ok());
        id.is_some_and(|id: i64| registered.as_ref().is_none_or(|ids| ids.contains(&id)))
    };
    let mut ids = said.keys();
    vec![match (ids.next(), ids.next()) {
        (None, _) => expect.skipped("nobody can be asked"),
        (Some(only), None) if is_there(only) => expect.good(only),
        (Some(only), None) if only == "none" => expect.failed("there is none"),
        (Some(only), None) => expect.failed(format!("{only}, which is not registered")),
        _ => {
            let each = said.iter().map(|(id, who)| format!("{id} for {}", list(who)));
            expect.failed(each.collect::<Vec<_>>().join("; "))
        }
    }]
}

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good};
    use super::CHECK;

    #[test]
    fn a_broker_with_another_controller_fails() {
        good(&CHECK, |_| ());
        let found = failed(&CHECK, |snapshot| {
            snapshot.brokers.get_mut("c").unwrap().metadata.as_mut().unwrap().controller = Some(3);
        });
        assert_eq!(found, "broker 1 for ZooKeeper, a and b; broker 3 for c");
    }

    #[test]
    fn a_controller_that_is_gone_fails() {
        let found = failed(&CHECK, |snapshot| {
            snapshot.registry.as_mut().unwrap().brokers.remove(&1);
        });
        assert_eq!(found, "broker 1, which is not registered");
    }
}
