//! A TLS listener has a certificate to show and knows whom to believe.

use crate::rules::message::and;
use crate::rules::prelude::*;
use crate::spec::Protocol;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K901",
        severity: Error,
        title: "a TLS listener without its files",
        why: "A broker shows its certificate to whoever connects by TLS, and believes those that an authority of its \
              trust store vouches for: clients of a listener with `clientAuth`, and the other brokers. Without them \
              Kafka starts and no handshake succeeds, or it does not start.",
        help: "name both files of the hosts: `\"tls\": { \"keyStore\": \"/var/lib/kafnix-tls/{host}.pem\", \
               \"trustStore\": \"/var/lib/kafnix-tls/ca.pem\" }`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let all = &draft.spec.tls;
    for (name, listener) in draft.spec.kafka.listeners.iter().flatten() {
        if !listener.protocol.is_some_and(Protocol::has_tls) {
            continue;
        }
        let brokers = draft.cluster.brokers();
        let here = brokers.filter(|(_, broker)| broker.listeners.iter().any(|own| own.name == *name));
        let without: Vec<_> = here.filter(|(host, _)| host.tls.is_none()).map(|(host, _)| host).collect();
        let Some(first) = without.first() else { continue };
        let own = draft.spec.hosts.get(&first.name).map(|host| &host.tls);
        let has = |key: fn(&crate::spec::TlsSpec) -> bool| key(all) || own.is_some_and(key);
        let missing = [
            ("`keyStore`", has(|tls| tls.key_store.is_some())),
            ("`trustStore`", has(|tls| tls.trust_store.is_some())),
        ];
        let missing = and(missing.into_iter().filter(|(_, is_there)| !is_there).map(|(key, _)| key));
        let hosts = and(without.iter().map(|host| &host.name));
        let problem = found.problem(format!("the TLS listener {name} has no {missing} on {hosts}"));
        let at = pointer(["kafka", "listeners", name, "protocol"]);
        found.add(problem.at(at, format!("needs {missing} of `tls`")));
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{breaks, holds};
    use serde_json::{Value, json};

    fn with(tls: &Value) -> Value {
        let listeners = json!({ "PLAINTEXT": null, "TLS": { "port": 9093, "protocol": "SSL", "from": "brokers" } });
        json!({ "tls": tls, "kafka": { "listeners": listeners } })
    }

    #[test]
    fn each_file_is_needed() {
        let problem = breaks(&RULE, with(&json!({})));
        assert_eq!(problem.title, "the TLS listener TLS has no `keyStore` and `trustStore` on a, b and c");
        let problem = breaks(&RULE, with(&json!({ "keyStore": "/x/{host}.pem" })));
        assert_eq!(problem.title, "the TLS listener TLS has no `trustStore` on a, b and c");
        let mut some = with(&json!({ "keyStore": "/x/key.pem" }));
        some["hosts"] = json!({ "a": { "tls": { "trustStore": "/x/ca.pem" } } });
        assert_eq!(breaks(&RULE, some).title, "the TLS listener TLS has no `trustStore` on b and c");
    }

    #[test]
    fn both_files_are_enough_and_a_plaintext_listener_needs_none() {
        holds(&RULE, with(&json!({ "keyStore": "/x/{host}.pem", "trustStore": "/x/ca.pem" })));
        holds(&RULE, json!({}));
    }
}
