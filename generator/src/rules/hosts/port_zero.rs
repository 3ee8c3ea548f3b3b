//! A port has a number.

use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K111",
        severity: Error,
        title: "a port is 0",
        why: "Port 0 asks the system for any free port. The other servers, the clients and the firewall would \
              not know which one it gave.",
        help: "write the port, from 1 to 65535",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let zero = ports(draft).into_iter().filter(|(port, _)| *port == Some(0));
    for (_, at) in zero {
        let key = at.trim_start_matches('/').replace('/', ".");
        found.add(found.problem(format!("`{key}` is 0")).at(at, "this port"));
    }
}

/// Every port that can be written, with its place.
fn ports(draft: &Draft<'_>) -> Vec<(Option<u16>, String)> {
    let (zookeeper, kafka) = (&draft.spec.zookeeper, &draft.spec.kafka);
    let mut ports = vec![
        (zookeeper.client_port, pointer(["zookeeper", "clientPort"])),
        (zookeeper.peer_port, pointer(["zookeeper", "peerPort"])),
        (zookeeper.election_port, pointer(["zookeeper", "electionPort"])),
    ];
    for (host, own) in zookeeper.hosts.iter().flatten() {
        let at = |key| pointer(["zookeeper", "hosts", host, key]);
        ports.push((own.client_port, at("clientPort")));
        ports.push((own.peer_port, at("peerPort")));
        ports.push((own.election_port, at("electionPort")));
    }
    for (name, listener) in kafka.listeners.iter().flatten() {
        let at = pointer(["kafka", "listeners", name]);
        ports.push((Some(listener.port), format!("{at}/port")));
        let advertised = listener.advertised.as_ref().and_then(|advertised| advertised.port);
        ports.push((advertised, format!("{at}/advertised/port")));
    }
    for (host, broker) in kafka.hosts.iter().flatten() {
        for (name, listener) in &broker.listeners {
            let at = pointer(["kafka", "hosts", host, "listeners", name]);
            ports.push((listener.port, format!("{at}/port")));
            let advertised = listener.advertised.as_ref().and_then(|advertised| advertised.port);
            ports.push((advertised, format!("{at}/advertised/port")));
        }
    }
    ports
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use crate::problem::Place;
    use serde_json::json;

    #[test]
    fn zero_is_refused_wherever_a_port_stands() {
        let listener = json!({ "port": 9092, "advertised": { "port": 0 } });
        let own = json!({ "a": { "listeners": { "PLAINTEXT": { "advertised": { "port": 0 } } } } });
        for (patch, at) in [
            (json!({ "zookeeper": { "clientPort": 0 } }), "/zookeeper/clientPort"),
            (json!({ "zookeeper": { "hosts": { "a": { "peerPort": 0 } } } }), "/zookeeper/hosts/a/peerPort"),
            (json!({ "kafka": { "listeners": { "X": { "port": 0 } } } }), "/kafka/listeners/X/port"),
            (json!({ "kafka": { "listeners": { "X": listener } } }), "/kafka/listeners/X/advertised/port"),
            (json!({ "kafka": { "hosts": own } }), "/kafka/hosts/a/listeners/PLAINTEXT/advertised/port"),
        ] {
            let problem = breaks(&RULE, patch);
            assert_eq!(problem.labels[0].place, Place::Pointer(at.into()));
            assert_eq!(problem.title, format!("`{}` is 0", at[1..].replace('/', ".")));
        }
    }

    #[test]
    fn every_other_number_is_a_port() {
        holds(&RULE, json!({ "zookeeper": { "clientPort": 1, "electionPort": 65535 } }));
    }
}
