//! `${provider:…}` stands where a provider puts a value in its place.

use crate::rules::settings::effective::{Effective, services};
use crate::role::Role;
use crate::rules::prelude::*;
use crate::rules::settings::provider_places::nothing_there;
use crate::rules::message::and;
use crate::rules::settings::settings_view::{Written, written};
use crate::references::{Reference, references};
use crate::spec::Version;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K425",
        severity: Error,
        title: "unresolvable reference `${provider:…}`",
        why: "A broker resolves a reference by a provider that `config.providers` names and that has a class \
              (AbstractConfig). Any other reference stays as it is, and its text becomes the password. The same \
              happens where the provider finds nothing: without a key, or at a path that is not among its \
              `allowed.paths`. With a class that is not there the broker does not start. ZooKeeper, topics and the \
              settings of the providers themselves have no references.",
        help: "declare the provider in `config.providers` and `config.providers.NAME.class`, and write an absolute \
               path and what is at it: `${NAME:/PATH:KEY}`",
    },
    check,
};

/// What the launcher reads of `server.properties` and the topology does not own (launcher/src/kafka/broker.rs).
const OF_LAUNCHER: [&str; 4] = [
    "controlled.shutdown.max.retries",
    "controlled.shutdown.retry.backoff.ms",
    "controller.socket.timeout.ms",
    "request.timeout.ms",
];
const NAMES: &str = "config.providers";
/// Kafka's own.
const OWN: &str = "org.apache.kafka.common.config.provider.";
/// Since when these two read `allowed.paths` (KIP-993).
const ALLOWED_PATHS: (&str, Version) = (".param.allowed.paths", Version([3, 8, 0]));

fn check(draft: &Draft<'_>, found: &mut Found) {
    let brokers: Vec<_> = services(draft, Role::Broker).collect();
    for setting in written(draft) {
        let Some(value) = setting.value.plain() else { continue };
        let fault = references(&value).find_map(|reference| undeclared(&setting, &reference, &brokers));
        if let Some((fault, help)) = fault {
            let problem = found.problem(format!("the value of `{}` stays as it is: {fault}", setting.key));
            found.add(problem.at_key(&*setting.pointer, "no value is put in its place").help(help));
        } else if let Some((fault, help)) = limit(&setting, &brokers) {
            found.add(found.problem(fault).at(setting.pointer, "not in this Kafka").help(help));
        }
    }
}

/// Why nobody resolves a reference, and what to do.
fn undeclared(
    setting: &Written<'_>,
    reference: &Reference<'_>,
    brokers: &[Effective<'_>],
) -> Option<(String, String)> {
    let name = reference.provider;
    if !setting.of_broker() {
        let what = if setting.of_topic() { "a topic" } else { "ZooKeeper" };
        return Some((format!("{what} has no providers"), format!("{what} takes plain values alone")));
    }
    if setting.key.starts_with(NAMES) {
        let fault = "Kafka reads its providers before it asks them".to_owned();
        return Some((fault, "write the value itself, or let the provider read its own file".to_owned()));
    }
    if OF_LAUNCHER.contains(&setting.key) {
        let fault = "the launcher reads it, too, and asks no provider".to_owned();
        return Some((fault, "write the number itself".to_owned()));
    }
    let declares = |broker: &Effective<'_>| {
        let names = broker.text(NAMES).unwrap_or_default();
        let class = broker.text(&format!("{NAMES}.{name}.class")).unwrap_or_default();
        // Kafka does not trim them.
        names.split(',').any(|declared| declared == name) && !class.is_empty()
    };
    let without = readers(setting, brokers).filter(|broker| !declares(broker)).map(|broker| broker.host);
    let without: Vec<_> = without.map(|host| format!("`{host}`")).collect();
    let help = format!("add `{name}` to `{NAMES}` and its class under `{NAMES}.{name}.class`");
    if !without.is_empty() {
        return Some((format!("no provider `{name}` is declared on {}", and(without)), help));
    }
    readers(setting, brokers).find_map(|broker| {
        let text = |key: &str| broker.text(&format!("{NAMES}.{name}.{key}")).unwrap_or_default();
        nothing_there(reference, text("class").strip_prefix(OWN)?, &text("param.allowed.paths"))
    })
}

/// The brokers that read what is written there.
fn readers<'b, 'a>(
    setting: &'b Written<'_>,
    brokers: &'b [Effective<'a>],
) -> impl Iterator<Item = &'b Effective<'a>> {
    let reads = |broker: &&Effective<'_>| {
        broker.get(setting.key).and_then(|value| value.pointer()) == Some(setting.pointer.as_str())
    };
    brokers.iter().filter(reads)
}

/// A limit of a provider that some broker's version does not read.
fn limit(setting: &Written<'_>, brokers: &[Effective<'_>]) -> Option<(String, String)> {
    let name = setting.key.strip_prefix(NAMES)?;
    let oldest = readers(setting, brokers).map(Effective::version).min()?;
    (name.ends_with(ALLOWED_PATHS.0) && oldest < ALLOWED_PATHS.1).then(|| {
        let fault = format!("`{}` limits nothing: Kafka {oldest} does not read it", setting.key);
        (fault, format!("leave it out until every broker runs Kafka {}", ALLOWED_PATHS.1))
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    const VALUE: &str = "${file:/run/secrets/kafka:threads}";
    const FILE: &str = "org.apache.kafka.common.config.provider.FileConfigProvider";

    fn kafka(settings: &Value) -> Value {
        json!({ "kafka": { "settings": settings } })
    }

    fn declared() -> Value {
        json!({ "config.providers": "file", "config.providers.file.class": FILE })
    }

    fn with(key: &str, value: &str) -> Value {
        let mut settings = declared();
        settings[key] = json!(value);
        settings
    }

    #[test]
    fn a_provider_that_is_not_declared_is_refused() {
        for settings in [
            json!({ "num.io.threads": VALUE }),
            json!({ "num.io.threads": VALUE, "config.providers": "file" }),
            json!({ "num.io.threads": VALUE, "config.providers.file.class": FILE }),
            with("num.io.threads", "${env:THREADS}"),
            with("sasl.jaas.config", "x password=\"${vault:a:b}\";"),
            with("config.providers", "directory, file"),
        ] {
            let mut settings = settings;
            if settings.get("num.io.threads").is_none() && settings.get("sasl.jaas.config").is_none() {
                settings["num.io.threads"] = json!(VALUE);
            }
            let problem = breaks(&RULE, kafka(&settings));
            assert!(problem.help.contains("`config.providers"), "{}", problem.help);
        }
        let hosts = json!({ "a": { "settings": declared() }, "b": { "settings": { "num.io.threads": VALUE } } });
        let problem = breaks(&RULE, json!({ "kafka": { "hosts": hosts } }));
        assert!(problem.title.ends_with("declared on `b`"), "{}", problem.title);
    }

    #[test]
    fn what_asks_no_provider_keeps_the_text() {
        breaks(&RULE, json!({ "zookeeper": { "settings": { "ssl.keyStore.password": VALUE } } }));
        let mut topic = kafka(&declared());
        topic["topics"] = json!({ "t": { "settings": { "retention.ms": VALUE } } });
        breaks(&RULE, topic);
        breaks(&RULE, kafka(&with("config.providers.file.param.allowed.paths", VALUE)));
        for key in super::OF_LAUNCHER {
            breaks(&RULE, kafka(&with(key, VALUE)));
        }
    }

    #[test]
    fn a_limit_that_this_kafka_does_not_read_is_refused() {
        let mut old = kafka(&with("config.providers.file.param.allowed.paths", "/run/secrets"));
        holds(&RULE, old.clone());
        old["versions"] = json!({ "kafka": "3.4.1" });
        breaks(&RULE, old);
    }

    #[test]
    fn a_place_where_the_provider_finds_nothing_is_refused() {
        for wrong in ["${file:/run/s}", "${file::x}", "${file:run/s:x}", "${file:/run/s:}"] {
            let problem = breaks(&RULE, kafka(&with("password.encoder.secret", wrong)));
            assert!(problem.help.contains("`${file:/FILE:KEY}`"), "{}", problem.help);
        }
        let mut limited = with("num.io.threads", VALUE);
        limited["config.providers.file.param.allowed.paths"] = json!(["/etc", "/run/secrets"]);
        holds(&RULE, kafka(&limited));
        limited["config.providers.file.param.allowed.paths"] = json!("/etc");
        breaks(&RULE, kafka(&limited));
    }

    #[test]
    fn a_declared_provider_is_fine_for_all_and_for_one() {
        holds(&RULE, kafka(&with("num.io.threads", VALUE)));
        holds(&RULE, kafka(&with("config.providers.file.class", "com.example.Vault")));
        let own = json!({ "a": { "settings": with("num.io.threads", VALUE) }, "b": {} });
        holds(&RULE, json!({ "kafka": { "hosts": own } }));
        holds(&RULE, kafka(&json!({ "com.example.template": "${topic}" })));
    }
}
