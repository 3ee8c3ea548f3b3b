//! A setting is read beside the others that it stands with.

use std::collections::BTreeSet;

use crate::pins::Product;
use crate::role::Role;
use crate::rules::message::{and, or};
use crate::rules::prelude::*;
use crate::rules::settings::effective::services;
use crate::rules::settings::needs::{Need, is_on, need, shown};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K430",
        severity: Warning,
        title: "nothing reads a setting",
        why: "Both products read many settings only beside others: those of ZooKeeper's exporter of metrics beside \
              `metricsProvider.className`, those of one kind of connections or watches beside the class that makes \
              them. Where that is missing the server starts, and the setting has no effect.",
        help: "leave the setting out, or write what it needs beside it",
    },
    check,
};

const EXPORTER: &[&[&str]] =
    &[&["metricsProvider.className=PrometheusMetricsProvider", "metricsProvider.className=!org.apache.zookeeper."]];
const NETTY: &[&[&str]] = &[&["serverCnxnFactory=NettyServerCnxnFactory"]];
const NIO: &[&[&str]] = &[&["serverCnxnFactory=NIOServerCnxnFactory"]];
const OPTIMIZED: &[&[&str]] = &[&["watchManagerName=WatchManagerOptimized"]];
const TIERED: &[&[&str]] = &[&["remote.log.storage.system.enable"]];

/// The first that is of a key counts.
const ZOOKEEPER: &[Need] = &[
    need(&["metricsProvider.className"], &[], ""),
    // QuorumPeerConfig hands them to the provider, and DefaultMetricsProvider and NullMetricsProvider read none.
    need(&["metricsProvider.*"], EXPORTER, "the provider of metrics that reads it is not chosen"),
    need(&["netty.*"], NETTY, "connections of clients are not Netty's"),
    need(&["nio.*"], NIO, "connections of clients are not those of NIO"),
    // WatcherCleaner is WatchManagerOptimized's.
    need(
        &["watcherClean*", "maxInProcessingDeadWatchers"],
        OPTIMIZED,
        "the watch manager that reads it is not chosen",
    ),
    need(&["audit.impl.class"], &[&["audit.enable"]], "nothing is audited"),
];

const KAFKA: &[Need] = &[
    need(&["kafka.csv.metrics.dir"], &[&["kafka.csv.metrics.reporter.enabled"]], "the CSV reporter is off"),
    need(
        &["kafka.metrics.polling.interval.secs", "kafka.csv.metrics.reporter.enabled"],
        &[&["kafka.metrics.reporters"]],
        "there is not a reporter of that kind",
    ),
    need(&["remote.log.storage.system.enable"], &[], ""),
    need(&["remote.log.*", "rsm.config.*", "rlmm.config.*"], TIERED, "tiered storage is off"),
];

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut told = BTreeSet::new();
    for role in Role::ALL {
        let needs = match role.product() {
            Product::ZooKeeper => ZOOKEEPER,
            Product::Kafka => KAFKA,
        };
        for server in services(draft, role) {
            for (key, setting) in server.iter() {
                let (Some(at), Some(value)) = (setting.pointer(), setting.value.plain()) else { continue };
                let need = needs.iter().find(|need| is_on(&value) && need.is_of(key, &value));
                let Some(need) = need.filter(|need| need.missing(&server).is_some()) else { continue };
                if told.insert(at) {
                    let title = format!("nothing reads `{key}` of {}: {}", role.product(), need.reason);
                    let groups = need.needs.iter().map(|group| or(group.iter().filter_map(|one| shown(one))));
                    let help = format!("leave it out, or write {} beside it", and(groups));
                    found.add(found.problem(title).at_key(at, "does nothing").help(help));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    const EXPORTER: &str = "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider";

    fn zookeeper(settings: &Value) -> Value {
        json!({ "zookeeper": { "settings": settings } })
    }

    #[test]
    fn settings_of_the_exporter_need_the_exporter() {
        for (key, value) in [
            ("metricsProvider.httpPort", json!(7000)),
            ("metricsProvider.httpHost", json!("127.0.0.1")),
            ("metricsProvider.exportJvmInfo", json!(true)),
            ("metricsProvider.numWorkerThreads", json!(1)),
        ] {
            let problem = breaks(&RULE, zookeeper(&json!({ key: value })));
            assert!(problem.help.contains("`PrometheusMetricsProvider`"), "{}", problem.help);
            let none = "org.apache.zookeeper.metrics.impl.NullMetricsProvider";
            breaks(&RULE, zookeeper(&json!({ key: value, "metricsProvider.className": none })));
            for reads in [EXPORTER, "com.example.Metrics"] {
                holds(&RULE, zookeeper(&json!({ key: value, "metricsProvider.className": reads })));
            }
        }
    }

    #[test]
    fn settings_of_one_class_need_that_class() {
        let netty = "org.apache.zookeeper.server.NettyServerCnxnFactory";
        let threads = json!({ "nio.numWorkerThreads": 4 });
        holds(&RULE, zookeeper(&threads));
        breaks(&RULE, zookeeper(&json!({ "nio.numWorkerThreads": 4, "serverCnxnFactory": netty })));
        let handshakes = "netty.server.outstandingHandshake.limit";
        breaks(&RULE, zookeeper(&json!({ handshakes: 9 })));
        holds(&RULE, zookeeper(&json!({ handshakes: 9, "serverCnxnFactory": netty })));
        breaks(&RULE, zookeeper(&json!({ "watcherCleanThreadsNum": 4 })));
    }

    #[test]
    fn what_is_switched_off_reads_nothing() {
        let kafka = |settings: Value| json!({ "kafka": { "settings": settings } });
        breaks(&RULE, kafka(json!({ "remote.log.reader.threads": 4 })));
        holds(&RULE, kafka(json!({ "remote.log.reader.threads": 4, "remote.log.storage.system.enable": true })));
        breaks(&RULE, kafka(json!({ "kafka.csv.metrics.dir": "/x" })));
        breaks(&RULE, kafka(json!({ "kafka.metrics.polling.interval.secs": 5 })));
        holds(&RULE, kafka(json!({ "remote.log.storage.system.enable": false })));
        let none = "org.apache.zookeeper.metrics.impl.DefaultMetricsProvider";
        holds(&RULE, zookeeper(&json!({ "metricsProvider.exportJvmInfo": false, "metricsProvider.className": none })));
    }

    #[test]
    fn every_key_is_one_of_its_product() {
        for (needs, table) in [(super::KAFKA, &crate::keys::KAFKA), (super::ZOOKEEPER, &crate::keys::ZOOKEEPER)] {
            for pattern in needs.iter().flat_map(|need| need.keys) {
                let start = pattern.trim_end_matches('*');
                let is_family = ["rsm.config.", "rlmm.config."].contains(&start);
                assert!(is_family || table.names().any(|name| name.starts_with(start)), "{pattern}");
            }
        }
    }
}
