//! A listener without encryption does not bear the name of one with it.

use crate::rules::prelude::*;
use crate::spec::Protocol;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K323",
        severity: Error,
        title: "a PLAINTEXT listener has the name of a security protocol",
        why: "A listener's name is only a name: its security is its `protocol`, and that is PLAINTEXT where none is \
              written. Whoever sees `SSL://…` in a configuration takes it for encrypted, and it is not: no key store \
              is read, and clients are not authenticated.",
        help: "give it a name that says what it is, like `PLAINTEXT` or `CLIENTS`, or `\"protocol\": \"SSL\"`; kafnix \
               has no SASL listeners yet",
    },
    check,
};

const PROTOCOLS: [&str; 3] = ["SASL", "SSL", "TLS"];

fn check(draft: &Draft<'_>, found: &mut Found) {
    for (name, listener) in draft.spec.kafka.listeners.iter().flatten() {
        let has_tls = listener.protocol.is_some_and(Protocol::has_tls);
        let Some(protocol) = sounds_like(name).filter(|_| !has_tls) else { continue };
        let problem = found.problem(format!("the listener `{name}` is PLAINTEXT, and its name says {protocol}"));
        found.add(problem.at_key(pointer(["kafka", "listeners", name]), "neither encrypted nor authenticated"));
    }
}

/// The protocol that a word of the name begins or ends with, as `SASL_SSL`, `MTLS` and `SSL2` do.
pub(in crate::rules) fn sounds_like(name: &str) -> Option<&'static str> {
    let name = name.to_uppercase();
    let words = || name.split(|letter: char| !letter.is_alphanumeric());
    let in_word = |protocol: &&str| words().any(|word| word.starts_with(protocol) || word.ends_with(protocol));
    PROTOCOLS.into_iter().find(in_word)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn named(name: &str) -> Value {
        json!({ "kafka": { "listeners": { "PLAINTEXT": null, name: { "port": 9093 } } } })
    }

    #[test]
    fn a_name_that_promises_what_the_listener_is_not_is_refused() {
        for name in ["SSL", "SASL_SSL", "SASL_PLAINTEXT", "ssl", "CLIENT-SSL", "MTLS", "TLS_EXTERNAL", "SSL2"] {
            breaks(&RULE, named(name));
        }
        let written = json!({ "PLAINTEXT": null, "SSL": { "port": 9093, "protocol": "PLAINTEXT" } });
        breaks(&RULE, json!({ "kafka": { "listeners": written } }));
    }

    #[test]
    fn a_listener_with_tls_may_say_so() {
        let listener = json!({ "port": 9093, "protocol": "SSL" });
        holds(&RULE, json!({ "kafka": { "listeners": { "PLAINTEXT": null, "SSL": listener } } }));
    }

    #[test]
    fn letters_within_a_word_promise_nothing() {
        for name in ["PLAINTEXT", "CROSSLAN", "REPLICATION", "OUTSIDE_1"] {
            holds(&RULE, named(name));
        }
    }
}
