//! A server can take its port.

use std::collections::BTreeSet;

use crate::resolve::endpoints::IN_SETTINGS;
use crate::role::Role;
use crate::rules::hosts::ports::of_host;
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K119",
        severity: Error,
        title: "a port that the server cannot bind",
        why: "The servers run as users of their own without any capability, and Linux lets only a privileged process \
              bind a port below 1024 (`net.ipv4.ip_unprivileged_port_start`). Above 65535 there is none. A server \
              that cannot bind its port exits and is restarted for ever.",
        help: "write a port from 1024 to 65535; what clients see may be another one, `advertised.port`",
    },
    check,
};

/// The first that needs no privilege.
const FIRST: u16 = 1024;

fn check(draft: &Draft<'_>, found: &mut Found) {
    // What is written for all hosts is one problem.
    let mut told = BTreeSet::new();
    for host in &draft.cluster.hosts {
        for bound in of_host(host).filter(|bound| bound.port() < FIRST) {
            if told.insert(bound.at.to_owned()) {
                let title = format!("{} cannot be on port {}", bound.phrase(), bound.port());
                let problem = found.problem(title).at(bound.at, "only a privileged process can bind it");
                found.add(if bound.is_listener() { problem } else { problem.help("write a port from 1024 to 65535") });
            }
        }
        let servers = host.zookeeper.iter();
        for (server, opens) in servers.flat_map(|server| IN_SETTINGS.iter().map(move |opens| (server, opens))) {
            let Some(port) = opens.written(&draft.cluster, server) else { continue };
            let table = Role::ZooKeeper.settings();
            let entry = table.known(opens.port, server.release.value);
            // What the product's own range refuses is told by a rule of its own.
            if entry.is_some_and(|entry| entry.refuses(&port.value).is_some()) {
                continue;
            }
            let number = port.value.integer().filter(|port| *port > 0 && u16::try_from(*port).is_ok());
            let Some(at) = port.pointer().filter(|_| number.is_none()) else { continue };
            if told.insert(at.to_owned()) {
                found.add(found.problem(format!("`{}` is not a port", opens.port)).at(at, "this value"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, says};
    use super::RULE;
    use serde_json::{Value, json};

    #[test]
    fn a_port_for_the_privileged_is_refused() {
        let problem = breaks(&RULE, json!({ "kafka": { "listeners": { "PLAINTEXT": { "port": 443 } } } }));
        assert_eq!(problem.title, "the listener `PLAINTEXT` cannot be on port 443");
        assert!(problem.help.contains("advertised.port"), "{}", problem.help);
        let client = breaks(&RULE, json!({ "zookeeper": { "clientPort": 80 } }));
        assert_eq!(client.help, "write a port from 1024 to 65535");
        breaks(&RULE, json!({ "zookeeper": { "settings": { "secureClientPort": 1023 } } }));
    }

    #[test]
    fn a_setting_that_is_a_port_has_a_port() {
        let exporter = |port: Value| json!({ "zookeeper": { "settings": { "metricsProvider.httpPort": port } } });
        for port in [json!(70_000), json!(0), json!(-1), json!("x"), json!(true)] {
            assert_eq!(breaks(&RULE, exporter(port)).title, "`metricsProvider.httpPort` is not a port");
        }
        holds(&RULE, exporter(json!("7001")));
        let secure = |port: Value| json!({ "zookeeper": { "settings": { "secureClientPort": port } } });
        breaks(&RULE, secure(json!(0)));
        // the range of the key tells
        holds(&RULE, secure(json!(70_000)));
    }

    #[test]
    fn what_clients_see_may_be_any_port() {
        let listener = json!({ "port": 9092, "advertised": { "port": 443 } });
        assert_eq!(says(&RULE, json!({ "kafka": { "listeners": { "PLAINTEXT": listener } } })), []);
        holds(&RULE, json!({ "zookeeper": { "clientPort": 1024 } }));
    }
}
