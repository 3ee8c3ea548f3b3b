//! The heaps leave the larger part of the memory to the page cache.

use crate::rules::prelude::*;
use crate::cluster::Host;
use crate::pins::Product;
use crate::problem::Problem;
use crate::spec::Heap;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K322",
        severity: Warning,
        title: "the heaps take too much of a host's memory",
        why: "A broker reads and writes through the page cache, which is what its heap leaves: Kafka's \
              documentation (Hardware and OS) asks for enough memory to buffer active readers and writers, and \
              LinkedIn's brokers gave 6 of 64 GB to the heap (Java Version). So the heaps of a host with a \
              broker take at most half of it. ZooKeeper must never swap (zookeeperAdmin, Things to Avoid: a 3 GB \
              heap on a host of 4 GB), so on a host without a broker its heap takes at most three quarters.",
        help: "write smaller heaps, or the host's `memory` as it is; if it has worked like this for a long time, \
               acknowledge the code under `silenced` with that reason",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut told = std::collections::BTreeSet::new();
    for host in draft.cluster.hosts.iter().filter(|host| host.managed.value) {
        let Some(memory) = &host.memory else { continue };
        let heaps = heaps(host);
        let taken: u64 = heaps.iter().map(|(_, heap, _)| u64::from(heap.mebibytes)).sum();
        let whole = u64::from(memory.value.mebibytes);
        let (most, share) = match host.broker {
            Some(_) => (whole / 2, "half"),
            None => (whole * 3 / 4, "three quarters"),
        };
        let places: Vec<_> = heaps.iter().filter_map(|(.., at)| *at).map(str::to_owned).collect();
        if taken <= most || !told.insert((memory.pointer().map(str::to_owned), places)) {
            continue;
        }
        let what = heaps.iter().map(|(name, heap, _)| format!("{heap} for {name}")).collect::<Vec<_>>().join(" and ");
        let title = format!("the heaps of {}, {what}, take more than {share} of its {}", host.name, memory.value);
        let at = memory.pointer().unwrap_or("/hosts");
        let problem = found.problem(title).at(at, format!("{share} of this is {most}m"));
        let label = |problem: Problem, (name, heap, at): &(Product, Heap, Option<&str>)| match at {
            Some(at) => problem.at(*at, format!("{heap} for {name}")),
            None => problem,
        };
        found.add(heaps.iter().fold(problem, label));
    }
}

/// Each heap with its product and where it is written.
fn heaps(host: &Host) -> Vec<(Product, Heap, Option<&str>)> {
    host.services().map(|service| (service.role.product(), service.heap.value, service.heap.pointer())).collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, says};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn heaps_over_half_of_a_brokers_memory_are_refused_once_for_all_hosts() {
        // 6g and 1g by default
        let problem = breaks(&RULE, json!({ "memory": "13g" }));
        assert!(problem.title.contains("1g for ZooKeeper and 6g for Kafka"), "{}", problem.title);
        let problem = breaks(&RULE, json!({ "memory": "14g", "kafka": { "heap": "7g" } }));
        assert_eq!(problem.labels.len(), 2);
        assert_eq!(says(&RULE, json!({ "hosts": { "a": { "memory": "8g" }, "b": { "memory": "8g" } } })).len(), 2);
    }

    #[test]
    fn zookeeper_alone_may_take_three_quarters() {
        let alone = |heap: &str| {
            json!({ "memory": "4g", "zookeeper": { "heap": heap }, "kafka": { "hosts": {} } })
        };
        holds(&RULE, alone("3g"));
        breaks(&RULE, alone("3073m"));
    }

    #[test]
    fn what_leaves_half_or_is_not_known_is_fine() {
        holds(&RULE, json!({ "memory": "14g" }));
        holds(&RULE, json!({}));
        let hosts = json!({ "a": { "memory": "64g" }, "b": { "memory": "64g" }, "c": { "managed": false } });
        holds(&RULE, json!({ "memory": "4g", "hosts": hosts }));
    }
}
