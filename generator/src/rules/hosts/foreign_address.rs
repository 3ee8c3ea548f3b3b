//! A server binds addresses that its host has.

use std::collections::BTreeMap;

use crate::resolve::endpoints::{IN_SETTINGS, one_address};
use crate::rules::prelude::*;
use crate::rules::message::and;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K120",
        severity: Error,
        title: "a setting binds an address that the host does not have",
        why: "A server cannot bind an address of another machine. ZooKeeper exits when it tries; only the AdminServer \
              of a quorum stays off, with a line in the log (`QuorumPeer.start`). A setting of all servers that names \
              the address of one of them does that to the others.",
        help: "write `0.0.0.0` for every address of the host, or the host's own address into its own `settings`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    // What is written for all hosts is one problem.
    let mut foreign: BTreeMap<&str, (String, Vec<&str>)> = BTreeMap::new();
    for host in &draft.cluster.hosts {
        let servers = host.zookeeper.iter();
        let bound = servers.flat_map(|server| {
            let setting = |key| draft.cluster.setting(server, key);
            let open = IN_SETTINGS.iter().filter(|opens| !opens.is_off(&draft.cluster, server));
            let keys = open.filter_map(|opens| opens.address);
            keys.filter_map(move |key| Some((key, one_address(setting(key)?)?, setting(key)?.pointer()?)))
        });
        for (key, address, at) in bound {
            let is_here = address.0.is_loopback() || host.addresses.values().any(|own| own.value == address);
            if !is_here {
                let title = format!("`{key}` is {address}, which is not an address of");
                foreign.entry(at).or_insert_with(|| (title, Vec::new())).1.push(&host.name);
            }
        }
    }
    for (at, (title, hosts)) in foreign {
        found.add(found.problem(format!("{title} {}", and(&hosts))).at(at, "this address"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn exporter(address: &str) -> Value {
        let provider = "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider";
        json!({ "metricsProvider.className": provider, "metricsProvider.httpHost": address })
    }

    #[test]
    fn an_address_of_another_host_is_refused() {
        let problem = breaks(&RULE, json!({ "zookeeper": { "settings": exporter("10.0.0.1") } }));
        assert_eq!(problem.title, "`metricsProvider.httpHost` is 10.0.0.1, which is not an address of b and c");
        breaks(&RULE, json!({ "zookeeper": { "hosts": { "a": { "settings": exporter("192.0.2.9") } } } }));
    }

    #[test]
    fn what_is_off_binds_no_address() {
        let settings = |settings: Value| json!({ "zookeeper": { "settings": settings } });
        holds(&RULE, settings(json!({ "admin.serverAddress": "10.0.0.1" })));
        breaks(&RULE, settings(json!({ "admin.serverAddress": "10.0.0.1", "admin.enableServer": true })));
        holds(&RULE, settings(json!({ "metricsProvider.httpHost": "10.0.0.1" })));
    }

    #[test]
    fn an_own_address_loopback_and_all_are_fine() {
        holds(&RULE, json!({ "zookeeper": { "hosts": { "a": { "settings": exporter("10.0.0.1") } } } }));
        holds(&RULE, json!({ "zookeeper": { "settings": exporter("0.0.0.0") } }));
        holds(&RULE, json!({ "zookeeper": { "settings": exporter("127.0.0.1") } }));
    }
}
