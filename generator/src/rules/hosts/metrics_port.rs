//! A port of metrics is not a port of a server.

use crate::rules::hosts::ports;
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K114",
        severity: Error,
        title: "a port of `firewall.monitoring` is not an exporter's",
        why: "The ports of exporters are opened on every host to the networks of monitoring. A port that a server \
              of this spec uses would be opened to them, and no exporter could bind it.",
        help: "name the ports that the exporters listen on, 1 to 65535",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(monitoring) = &draft.spec.firewall.monitoring else { return };
    for (index, port) in monitoring.ports.iter().enumerate() {
        let at = format!("/firewall/monitoring/ports/{index}");
        if *port == 0 {
            found.add(found.problem("port 0 is not a port").at(at, "0 means any free port"));
            continue;
        }
        let bound = draft.cluster.hosts.iter().flat_map(ports::of_host);
        // ZooKeeper's own exporter is one.
        let server = |bound: &ports::Bound<'_>| bound.port() == *port && !bound.is_exporter();
        let Some(taken) = bound.into_iter().find(server) else { continue };
        let problem = found.problem(format!("port {port} is that of {}", taken.phrase())).at(at, "this one");
        found.add(if taken.is_written() { problem.at(taken.at, "the same port") } else { problem });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    fn ports(ports: &[u16]) -> serde_json::Value {
        json!({ "firewall": { "monitoring": { "from": ["10.8.0.0/24"], "ports": ports } } })
    }

    #[test]
    fn a_port_of_a_server_and_port_0_are_refused() {
        assert!(breaks(&RULE, ports(&[9404, 9092])).title.contains("9092"));
        assert!(breaks(&RULE, ports(&[3888])).title.contains("3888"));
        breaks(&RULE, ports(&[0]));
    }

    #[test]
    fn ports_of_exporters_are_fine() {
        holds(&RULE, ports(&[9100, 9404]));
        holds(&RULE, json!({}));
    }
}
