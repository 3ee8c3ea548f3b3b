//! A server starts within its heap.

use crate::rules::prelude::*;
use crate::cluster::Sourced;
use crate::role::Role;
use crate::rules::settings::effective::Effective;
use crate::spec::Heap;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K321",
        severity: Error,
        title: "a heap is too small for its server to start",
        why: "The log cleaner allocates `log.cleaner.dedupe.buffer.size`, 128 MiB by default, when the broker starts, \
              and the broker exits with an OutOfMemoryError where the heap does not hold it (seen with 3.9.2 and 63m). \
              kafnix asks for 64 MiB beside it, and for 32 MiB for ZooKeeper.",
        help: "write a larger `heap`",
    },
    check,
};

const BUFFER: &str = "log.cleaner.dedupe.buffer.size";
const BESIDE_BUFFER: u64 = 64;
const ZOOKEEPER: u64 = 32;

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut told = std::collections::BTreeSet::new();
    for (host, service) in draft.cluster.services().filter(|(host, _)| host.managed.value) {
        let Some(settings) = Effective::of(&draft.cluster, host, service) else { continue };
        let (product, heap) = (service.role.product(), &service.heap);
        let (needs, buffer) = needs(&settings);
        let at = heap.pointer().or(buffer).unwrap_or(&service.pointer);
        // A heap for all servers is one problem.
        if u64::from(heap.value.mebibytes) >= needs || !told.insert((at, buffer)) {
            continue;
        }
        let problem = found.problem(format!("{product} does not start with a heap of {}", heap.value));
        let problem = problem.at(at, format!("it needs at least {}", size(needs)));
        let problem = match buffer.filter(|buffer| *buffer != at) {
            Some(buffer) => problem.at(buffer, "the log cleaner takes this at the start"),
            None => problem,
        };
        found.add(problem.help(match buffer {
            Some(_) => format!("write a heap of {} or more, or a smaller `{BUFFER}`", size(needs)),
            None => format!("write a heap of {} or more", size(needs)),
        }));
    }
}

fn size(mebibytes: u64) -> String {
    match u32::try_from(mebibytes) {
        Ok(mebibytes) => Heap { mebibytes }.to_string(),
        Err(_) => format!("{mebibytes}m"),
    }
}

/// MiB that a service needs, and where the buffer of a broker is written.
fn needs<'a>(service: &Effective<'a>) -> (u64, Option<&'a str>) {
    if service.role() == Role::ZooKeeper {
        return (ZOOKEEPER, None);
    }
    if service.text("log.cleaner.enable").is_some_and(|value| value.eq_ignore_ascii_case("false")) {
        return (BESIDE_BUFFER, None);
    }
    // What is not a number is told by a rule of its own.
    let bytes = service.number(BUFFER).unwrap_or(0);
    let mebibytes = u64::try_from(bytes).unwrap_or(0).div_ceil(1 << 20);
    let written = service.get(BUFFER).filter(|setting| setting.value.plain().is_some());
    (mebibytes + BESIDE_BUFFER, written.and_then(Sourced::pointer))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, says};
    use super::RULE;
    use serde_json::{Value, json};

    fn kafka(heap: &str, settings: &Value) -> Value {
        json!({ "kafka": { "heap": heap, "settings": settings } })
    }

    #[test]
    fn a_heap_that_does_not_hold_the_cleaners_buffer_is_refused_once_for_all_brokers() {
        let problem = breaks(&RULE, kafka("191m", &json!({})));
        assert_eq!(problem.title, "Kafka does not start with a heap of 191m");
        assert_eq!(problem.help, "write a heap of 192m or more");
        holds(&RULE, kafka("192m", &json!({})));
    }

    #[test]
    fn the_buffer_that_is_written_counts_and_a_broker_without_cleaner_has_none() {
        let buffer = json!({ "log.cleaner.dedupe.buffer.size": 1 << 30 });
        let problem = breaks(&RULE, kafka("1g", &buffer));
        assert_eq!(problem.labels.len(), 2);
        holds(&RULE, kafka("1088m", &buffer));
        holds(&RULE, kafka("64m", &json!({ "log.cleaner.enable": false })));
    }

    #[test]
    fn a_host_with_a_heap_of_its_own_and_zookeeper_are_looked_at_too() {
        let own = json!({ "kafka": { "hosts": { "a": { "heap": "100m" }, "b": {} } } });
        breaks(&RULE, own);
        breaks(&RULE, json!({ "zookeeper": { "heap": "31m" } }));
        holds(&RULE, json!({ "zookeeper": { "heap": "32m" } }));
        assert_eq!(says(&RULE, json!({ "zookeeper": { "heap": "1m" }, "kafka": { "heap": "1m" } })).len(), 2);
    }
}
