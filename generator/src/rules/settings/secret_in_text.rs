//! A secret is a file on the host, never a text in the spec.

use crate::rules::prelude::*;
use crate::rules::settings::settings_view::{Written, written};
use crate::keys::{Lookup, ZOOKEEPER};
use crate::references::is_reference;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K424",
        severity: Error,
        title: "a secret stands in the spec",
        why: "The text of a spec ends up in version control, in the generated tree, in images, and in the Nix \
              store, which every user of a host can read. Secrets are the keys that the products declare as \
              passwords, except certificates, and keys that are named like one.",
        help: "write it into a file on each host that the server alone can read, and the file's place here",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for setting in written(draft).iter().filter(|setting| is_literal(setting) && !setting.never_read) {
        // Never the value: what is told here goes into the logs of others.
        let problem = found.problem(format!("the value of `{}` is a secret in plain text", setting.key));
        let help = if setting.of_broker() { OF_BROKER.to_owned() } else { elsewhere(setting) };
        found.add(problem.at_key(&*setting.pointer, "everybody who sees the spec sees it").help(help));
    }
}

fn is_literal(setting: &Written<'_>) -> bool {
    let value = setting.value.plain();
    let literal = value.is_some_and(|value| !value.trim().is_empty() && !is_reference(&value));
    literal && setting.table.is_secret(setting.key)
}

const OF_BROKER: &str = "write the secret into a file on each host that the user `kafka` alone can read, and here \
                         `${directory:/run/secrets/kafka:FILE}`, beside `\"config.providers\": \"directory\"` and \
                         `\"config.providers.directory.class\": \
                         \"org.apache.kafka.common.config.provider.DirectoryConfigProvider\"`; then make a new secret: \
                         this one is known";

/// What reads no `${provider:…}`.
fn elsewhere(setting: &Written<'_>) -> String {
    const NEW: &str = "then make a new secret: this one is known";
    let by_path = format!("{}Path", setting.key);
    let from_no_file =
        || format!("no version of {} reads it from a file: leave it out; {NEW}", setting.product);
    let oldest = setting.lookups().map(|(version, _)| version).min();
    match oldest.map(|version| (version, ZOOKEEPER.find(&by_path, version))) {
        Some((_, Lookup::Known(_))) => format!(
            "write the secret into a file on each host that the user `zookeeper` alone can read, and the file's \
             path under `{by_path}` in place of this; {NEW}"
        ),
        Some((version, Lookup::Elsewhere(ranges))) => match ranges.iter().find(|(since, _)| version < *since) {
            Some((since, _)) => format!(
                "ZooKeeper {version} reads it from no file, {since} does (`{by_path}`): leave it out until then; {NEW}"
            ),
            None => from_no_file(),
        },
        _ => from_no_file(),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    const SECRET: &str = "hunter2";

    /// That it is refused, and that nothing that is said has the value in it.
    fn refused(patch: Value) -> String {
        let problem = breaks(&RULE, patch);
        assert!(!format!("{problem:?}").contains(SECRET), "{problem:?}");
        problem.help
    }

    #[test]
    fn a_secret_of_a_broker_is_refused_wherever_it_stands() {
        for key in [
            "password.encoder.secret",
            "password.encoder.old.secret",
            "com.example.password",
        ] {
            let help = refused(json!({ "kafka": { "settings": { key: SECRET } } }));
            assert!(help.contains("${directory:/run/secrets/kafka:FILE}"), "{help}");
            refused(json!({ "kafka": { "hosts": { "a": { "settings": { key: SECRET } } } } }));
        }
        breaks(&RULE, json!({ "kafka": { "settings": { "password.encoder.secret": 1234 } } }));
        breaks(&RULE, json!({ "kafka": { "settings": { "password.encoder.secret": ["a", "b"] } } }));
        let half = "x${file:/run/secrets/a:b}";
        breaks(&RULE, json!({ "kafka": { "settings": { "password.encoder.secret": half } } }));
        refused(json!({ "topics": { "t": { "settings": { "com.example.password": SECRET } } } }));
    }

    #[test]
    fn zookeeper_reads_a_password_from_a_file_since_3_8() {
        for key in ["ssl.keyStore.password", "ssl.quorum.trustStore.password"] {
            let settings = json!({ "zookeeper": { "settings": { key: SECRET } } });
            let help = refused(settings.clone());
            assert!(help.contains(&format!("`{key}Path`")), "{help}");
            let mut old = settings;
            old["versions"] = json!({ "zookeeper": "3.7.2", "jdk": "11", "kafka": "3.3.2" });
            let help = refused(old);
            assert!(help.contains("3.8.0 does"), "{help}");
        }
        let digest = json!({ "DigestAuthenticationProvider.superDigest": SECRET });
        let help = refused(json!({ "zookeeper": { "hosts": { "a": { "settings": digest } } } }));
        assert!(help.starts_with("no version of ZooKeeper"), "{help}");
    }

    #[test]
    fn what_is_to_be_left_out_in_any_case_is_told_by_its_own_rule() {
        for key in ["sasl.jaas.config", "zookeeper.ssl.keystore.password", "delegation.token.secret.key"] {
            holds(&RULE, json!({ "kafka": { "settings": { key: SECRET } } }));
        }
        let password = json!({ "SASLAuthenticationProvider.superPassword": SECRET });
        holds(&RULE, json!({ "zookeeper": { "settings": password } }));
        // nobody reads it here, nor does the other rule
        let outside = json!({ "connect": ["zk:2181"], "dataDir": null, "settings": password });
        refused(json!({ "zookeeper": outside }));
    }

    #[test]
    fn the_place_of_a_secret_and_what_is_public_are_fine() {
        let settings = json!({
            "password.encoder.secret": "${directory:/run/secrets/kafka:encoder}",
            "ssl.keystore.password": "",
            "ssl.key.password": null,
            "ssl.keystore.certificate.chain": "-----BEGIN CERTIFICATE-----",
            "ssl.keystore.location": "/run/secrets/kafka/key.p12",
        });
        holds(&RULE, json!({ "kafka": { "settings": settings } }));
        let path = json!({ "ssl.keyStore.passwordPath": "/run/secrets/zookeeper/password" });
        holds(&RULE, json!({ "zookeeper": { "settings": path } }));
    }
}
