//! Files for TLS are read by something.

use crate::rules::prelude::*;
use crate::spec::TlsSpec;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K902",
        severity: Error,
        title: "files for TLS that nothing reads",
        why: "`tls` names the files of a host. They are read where a listener of its broker has the protocol `SSL`: \
              without one the spec looks as if something were encrypted, and nothing is.",
        help: "give a listener `\"protocol\": \"SSL\"`, or take `tls` out",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let reads = |host: &crate::cluster::Host| host.services().any(|service| service.stores.is_some());
    let is_written = |tls: &TlsSpec| tls.key_store.is_some() || tls.trust_store.is_some();
    if is_written(&draft.spec.tls) && !draft.cluster.hosts.iter().any(reads) {
        let problem = found.problem("no service of any host reads the files of `tls`");
        found.add(problem.at_key(pointer(["tls"]), "secures nothing"));
    }
    for (name, host) in &draft.spec.hosts {
        if is_written(&host.tls) && !draft.cluster.host(name).is_some_and(reads) {
            let problem = found.problem(format!("no service of {name} reads the files of its `tls`"));
            found.add(problem.at_key(pointer(["hosts", name, "tls"]), "secures nothing"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{breaks, holds};
    use serde_json::json;

    #[test]
    fn files_without_a_tls_listener_are_refused() {
        let tls = json!({ "keyStore": "/x/key.pem", "trustStore": "/x/ca.pem" });
        assert!(breaks(&RULE, json!({ "tls": tls })).title.contains("any host"));
        assert!(breaks(&RULE, json!({ "hosts": { "a": { "tls": tls } } })).title.contains("of a reads"));
    }

    #[test]
    fn a_tls_listener_reads_them() {
        let tls = json!({ "keyStore": "/x/key.pem", "trustStore": "/x/ca.pem" });
        let listeners = json!({ "PLAINTEXT": null, "TLS": { "port": 9093, "protocol": "SSL", "from": "brokers" } });
        holds(&RULE, json!({ "tls": tls, "kafka": { "listeners": listeners } }));
    }
}
