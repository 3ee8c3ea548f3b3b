//! A setting that is to make something secure has all that it takes to be read.

use std::collections::BTreeSet;

use crate::rules::settings::effective::services;
use crate::references::is_reference;
use crate::rules::settings::needs::{Need, is_on, of_security, shown};
use crate::role::Role;
use crate::rules::prelude::*;
use crate::rules::message::{and, or};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K423",
        severity: Error,
        title: "a security setting lacks what it needs",
        why: "Both products read many settings of TLS, SASL and authentication only beside others, and silently \
              ignore them where those are missing: the file looks secure, and the server is not. Some stop the \
              server instead. Brokers, launcher and `verify` use ZooKeeper's plain client port, kafnix has no SASL \
              listeners, and a spec gives no JVM a JAAS login.",
        help: "leave the setting out, or write what it needs beside it",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut told = BTreeSet::new();
    for server in [Role::Broker, Role::ZooKeeper].into_iter().flat_map(|role| services(draft, role)) {
        let (role, product) = (server.role(), server.role().product());
        for (key, setting) in server.iter() {
            let (Some(at), Some(value)) = (setting.pointer(), setting.value.plain()) else { continue };
            let mut needs = of_security(role).iter();
            let Some(need) = needs.find(|need| is_on(&value) && need.is_of(key, &value)) else { continue };
            let Some(missing) = need.missing(&server) else { continue };
            if !told.insert(at) {
                continue;
            }
            let problem = found.problem(format!("`{key}` of {product} does not do what it says: {}", need.reason));
            let is_known = missing.is_empty() && role.settings().is_secret(key) && !is_reference(&value);
            let help = help(need, missing) + if is_known { NEW_SECRET } else { "" };
            found.add(problem.at_key(at, "not secured by this").help(help));
        }
    }
}

/// The rule about secrets says nothing of what is to be left out.
const NEW_SECRET: &str = "; and make a new secret wherever this one is used: it is known";

fn help(need: &Need, missing: &[&str]) -> String {
    match (missing, need.instead) {
        ([], Some(instead)) => format!("leave it out; {instead}"),
        ([], None) => "leave it out".to_owned(),
        _ => {
            let groups = need.needs.iter().map(|group| or(group.iter().filter_map(|one| shown(one))));
            format!("leave it out, or write {} beside it", and(groups))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, says};
    use super::RULE;
    use serde_json::{Value, json};

    fn kafka(settings: &Value) -> Value {
        json!({ "kafka": { "settings": settings } })
    }

    fn zookeeper(settings: &Value) -> Value {
        json!({ "zookeeper": { "settings": settings } })
    }

    #[test]
    fn what_only_tls_or_sasl_listeners_read_is_refused() {
        for key in [
            "ssl.cipher.suites",
            "ssl.enabled.protocols",
            "ssl.principal.mapping.rules",
            "sasl.enabled.mechanisms",
            "sasl.jaas.config",
            "sasl.mechanism.inter.broker.protocol",
            "listener.name.plaintext.ssl.keystore.location",
            "listener.name.plaintext.sasl.enabled.mechanisms",
            "listener.name.plaintext.scram-sha-512.sasl.jaas.config",
            "listener.name.plaintext.plain.connections.max.reauth.ms",
            "connections.max.reauth.ms",
            "delegation.token.secret.key",
            "delegation.token.master.key",
            "security.providers",
            "zookeeper.ssl.client.enable",
            "zookeeper.ssl.keystore.location",
            "zookeeper.clientCnxnSocket",
            "zookeeper.set.acl",
        ] {
            let problem = breaks(&RULE, kafka(&json!({ key: "true" })));
            assert!(problem.title.starts_with(&format!("`{key}` of Kafka")), "{}", problem.title);
            let own = json!({ "kafka": { "hosts": { "a": { "settings": { key: "true" } } } } });
            breaks(&RULE, own);
        }
    }

    #[test]
    fn a_secret_that_is_to_be_left_out_is_known_all_the_same() {
        for key in ["sasl.jaas.config", "listener.name.x.scram-sha-512.sasl.jaas.config"] {
            let problem = breaks(&RULE, kafka(&json!({ key: "hunter2" })));
            assert!(problem.help.ends_with("it is known"), "{}", problem.help);
            assert!(!format!("{problem:?}").contains("hunter2"), "{problem:?}");
            let elsewhere = breaks(&RULE, kafka(&json!({ key: "${file:/run/secrets/kafka:key}" })));
            assert!(!elsewhere.help.ends_with("it is known"), "{}", elsewhere.help);
        }
    }

    #[test]
    fn a_listener_with_tls_reads_what_is_of_tls() {
        let tls = json!({ "port": 9093, "protocol": "SSL", "from": "brokers" });
        let settings = json!({ "ssl.cipher.suites": "TLS_AES_256_GCM_SHA384", "security.providers": "x.Y" });
        let listeners = json!({ "PLAINTEXT": null, "TLS": tls });
        holds(&RULE, json!({ "kafka": { "listeners": listeners, "settings": settings } }));
        let sasl = json!({ "sasl.enabled.mechanisms": "PLAIN" });
        breaks(&RULE, json!({ "kafka": { "listeners": listeners, "settings": sasl } }));
    }

    #[test]
    fn what_only_an_authorizer_or_an_encoder_reads_needs_it() {
        for key in ["super.users", "allow.everyone.if.no.acl.found", "authorizer.zookeeper.url"] {
            breaks(&RULE, kafka(&json!({ key: "true" })));
            holds(&RULE, kafka(&json!({ key: "true", "authorizer.class.name": "x.AclAuthorizer" })));
        }
        breaks(&RULE, kafka(&json!({ "password.encoder.iterations": 8192 })));
        let secret = "${file:/run/secrets/kafka:encoder}";
        holds(&RULE, kafka(&json!({ "password.encoder.iterations": 8192, "password.encoder.secret": secret })));
        let tls = json!({
            "authorizer.class.name": "x.AclAuthorizer",
            "authorizer.zookeeper.url": "acls.example.org:2281",
            "authorizer.zookeeper.ssl.client.enable": true,
            "authorizer.zookeeper.ssl.truststore.location": "/run/secrets/kafka/trust.p12",
        });
        holds(&RULE, kafka(&tls));
        let mut plain = tls;
        plain["authorizer.zookeeper.ssl.client.enable"] = json!(false);
        breaks(&RULE, kafka(&plain));
    }

    #[test]
    fn zookeepers_tls_needs_stores_and_ports() {
        for (key, value) in [
            ("sslQuorum", json!(true)),
            ("portUnification", json!("true")),
            ("ssl.quorum.keyStore.location", json!("/x")),
            ("sslQuorumReloadCertFiles", json!(true)),
            ("secureClientPort", json!(2281)),
            ("secureClientPortAddress", json!("10.0.0.1")),
            ("client.portUnification", json!(true)),
            ("ssl.keyStore.location", json!("/x")),
            ("ssl.clientAuth", json!("NEED")),
            ("X509AuthenticationProvider.superUser", json!("CN=a")),
            ("fips-mode", json!(true)),
            ("admin.forceHttps", json!(true)),
            ("admin.needClientAuth", json!(true)),
            ("authProvider.1", json!("org.apache.zookeeper.server.auth.X509AuthenticationProvider")),
        ] {
            breaks(&RULE, zookeeper(&json!({ key: value })));
            breaks(&RULE, json!({ "zookeeper": { "hosts": { "a": { "settings": { key: value } } } } }));
        }
    }

    #[test]
    fn what_needs_a_login_has_none() {
        for (key, value) in [
            ("quorum.auth.enableSasl", json!(true)),
            ("quorum.auth.learnerRequireSasl", json!(true)),
            ("quorum.auth.kerberos.servicePrincipal", json!("zk/_HOST")),
            ("sessionRequireClientSASLAuth", json!(true)),
            ("enforce.auth.enabled", json!(true)),
            ("enforce.auth.schemes", json!("sasl")),
            ("requireClientAuthScheme", json!("sasl")),
            ("kerberos.removeHostFromPrincipal", json!(true)),
            ("superUser", json!("admin")),
            ("authProvider.sasl", json!("org.apache.zookeeper.server.auth.SASLAuthenticationProvider")),
        ] {
            let problem = breaks(&RULE, zookeeper(&json!({ key: value })));
            assert!(problem.help.starts_with("leave it out"), "{}", problem.help);
        }
    }

    #[test]
    fn what_has_all_that_it_needs_is_fine() {
        let quorum = json!({
            "sslQuorum": true,
            "ssl.quorum.keyStore.location": "/run/secrets/zookeeper/key.p12",
            "ssl.quorum.keyStore.passwordPath": "/run/secrets/zookeeper/password",
            "ssl.quorum.trustStore.location": "/run/secrets/zookeeper/trust.p12",
            "fips-mode": true,
        });
        holds(&RULE, zookeeper(&quorum));
        let clients = json!({
            "secureClientPort": 2281,
            "serverCnxnFactory": "org.apache.zookeeper.server.NettyServerCnxnFactory",
            "ssl.keyStore.location": "/run/secrets/zookeeper/key.pem",
            "ssl.trustStore.location": "/run/secrets/zookeeper/ca.pem",
            "authProvider.1": "org.apache.zookeeper.server.auth.X509AuthenticationProvider",
        });
        holds(&RULE, zookeeper(&clients));
        let mut nio = clients;
        // a class of no package is not there
        for factory in ["org.apache.zookeeper.server.NIOServerCnxnFactory", "NettyServerCnxnFactory"] {
            nio["serverCnxnFactory"] = json!(factory);
            breaks(&RULE, zookeeper(&nio));
        }
    }

    #[test]
    fn what_is_turned_off_or_no_security_is_fine() {
        let off = json!({ "zookeeper.set.acl": false, "zookeeper.ssl.client.enable": "false", "ssl.provider": "" });
        holds(&RULE, kafka(&off));
        holds(&RULE, kafka(&json!({ "connections.max.idle.ms": 1, "principal.builder.class": "x.Y" })));
        holds(&RULE, zookeeper(&json!({ "sslQuorum": false, "skipACL": "no", "enforceQuota": true })));
    }

    #[test]
    fn a_setting_of_all_is_one_problem() {
        let text = json!({ "sslQuorum": true, "quorum.auth.enableSasl": true });
        assert_eq!(says(&RULE, zookeeper(&text)).len(), 2);
    }
}
