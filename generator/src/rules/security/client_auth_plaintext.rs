//! Only TLS asks for a certificate.

use crate::rules::prelude::*;
use crate::spec::Protocol;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K904",
        severity: Error,
        title: "a PLAINTEXT listener that is to ask for certificates",
        why: "A certificate is shown in a TLS handshake. On a PLAINTEXT listener there is none, so nobody would read \
              `clientAuth`, and everybody would be let in.",
        help: "give the listener `\"protocol\": \"SSL\"`, or take `clientAuth` out",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for (name, listener) in draft.spec.kafka.listeners.iter().flatten() {
        let has_tls = listener.protocol.is_some_and(Protocol::has_tls);
        if listener.client_auth.is_some() && !has_tls {
            let problem = found.problem(format!("{name} is PLAINTEXT and cannot ask clients for a certificate"));
            found.add(problem.at_key(pointer(["kafka", "listeners", name, "clientAuth"]), "asks nobody"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{breaks, holds};
    use serde_json::{Value, json};

    fn listener(protocol: &Value) -> Value {
        let one = json!({ "port": 9093, "protocol": protocol, "clientAuth": "required", "from": "brokers" });
        json!({ "kafka": { "listeners": { "PLAINTEXT": null, "IN": one } } })
    }

    #[test]
    fn a_listener_without_tls_asks_for_no_certificate() {
        breaks(&RULE, listener(&json!("PLAINTEXT")));
        breaks(&RULE, json!({ "kafka": { "listeners": { "PLAINTEXT": { "clientAuth": "none" } } } }));
    }

    #[test]
    fn a_tls_listener_does() {
        holds(&RULE, listener(&json!("SSL")));
    }
}
