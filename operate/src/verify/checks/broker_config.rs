//! Brokers run with the settings that were generated for them, and nothing beats these.

use std::collections::BTreeMap;

use kafnix_generator::Cluster;
use kafnix_generator::hosts::ServiceConfig;

use super::{Check, Expect, Judge, Snapshot, Verdict, brokers, count};
use crate::compare::broker::{
    Differs, Override, differences, generated, not_generated, overrides as overrides_of,
};
use kafnix_client::kafka::admin::{Entry, Source};

pub(super) static FILE: Check = Check {
    code: "V401",
    title: "brokers run with the generated settings",
    why: "Every key of the generated `server.properties` has its value in the running broker, and the broker's \
          file has no others. Values are compared as Kafka parses them. Kafka does not tell secrets, nor keys \
          that it does not know, and what a provider puts in the place of `${provider:…}` only the host knows; \
          those are not compared.",
    help: "deploy the host's configuration and start `kafka.service` again there; a value that the machine file \
           forces belongs in the spec",
    judge: Judge::Snapshot(file),
};

pub(super) static OVERRIDES: Check = Check {
    code: "V402",
    title: "no dynamic setting beats the generated ones",
    why: "A setting that was written with `kafka-configs.sh` lies in ZooKeeper and silently beats the file, at \
          every start. One that changes a generated value fails; one for another key is worth knowing.",
    help: "write the value into the spec, then remove the override with `kafka-configs.sh --alter \
           --delete-config KEY` for the broker, or with `--entity-default` for all",
    judge: Judge::Snapshot(overrides),
};

fn file(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    let hosts = generated(cluster);
    let expected = |host: &ServiceConfig<'_>| {
        format!("the {} that were generated", count(host.settings.len(), "setting"))
    };
    each(cluster, snapshot, &hosts, expected, |expect, host, config| {
        let (faults, compared) = differences(host, config);
        let faults: Vec<_> = faults.iter().map(told).collect();
        let more = not_generated(&host.settings, config);
        match (faults.is_empty(), more.is_empty()) {
            (true, true) => expect.good(count(compared, "setting")),
            (true, false) => expect.note(format!("set on the host, and not generated: {}", more.join(", "))),
            (false, _) => expect.failed(faults.join("; ")),
        }
    })
}

fn overrides(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    let hosts = generated(cluster);
    let expected = |_: &ServiceConfig<'_>| "no dynamic setting".to_owned();
    each(cluster, snapshot, &hosts, expected, |expect, host, config| {
        let dynamic = overrides_of(host, config);
        let name = |of: &Override<'_>| {
            let value = of.entry.value.as_deref().unwrap_or("(secret)");
            let against = of.beats.as_ref().map(|ours| format!(", beats the generated {ours}"));
            let against = against.unwrap_or_default();
            format!("{} = {value} ({}{against})", of.entry.key, place(of.entry.source))
        };
        let all = dynamic.iter().map(name).collect::<Vec<_>>().join("; ");
        if all.is_empty() {
            expect.good("none")
        } else if dynamic.iter().any(|of| of.beats.is_some()) {
            expect.failed(all)
        } else {
            expect.note(all)
        }
    })
}

/// A verdict on every broker whose file kafnix writes.
fn each(
    cluster: &Cluster,
    snapshot: &Snapshot,
    hosts: &BTreeMap<&str, ServiceConfig<'_>>,
    expected: impl Fn(&ServiceConfig<'_>) -> String,
    judge: impl Fn(Expect, &ServiceConfig<'_>, &[Entry]) -> Verdict,
) -> Vec<Verdict> {
    let ids: BTreeMap<_, _> = hosts.values().map(|host| (host.id, host)).collect();
    brokers(
        cluster,
        snapshot,
        |host, _| match hosts.get(host.name.as_str()) {
            Some(host) => expected(host),
            None => "the generated settings".to_owned(),
        },
        |broker, facts, expect| match (ids.get(&broker.id.value), &facts.config) {
            (None, _) => expect.skipped("another system runs this host"),
            (_, Err(missing)) => expect.skipped(missing.reason()),
            (Some(host), Ok(config)) => judge(expect, host, config),
        },
    )
}

fn told(of: &Differs<'_>) -> String {
    let (key, ours) = (of.key, &of.ours);
    match of.theirs {
        Some(theirs) => format!("{key} is {theirs} (generated: {ours})"),
        None => format!("{key} is not set (generated: {ours})"),
    }
}

fn place(source: Source) -> &'static str {
    match source {
        Source::DynamicBroker => "dynamic, for this broker",
        _ => "dynamic, for all brokers",
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good, noted};
    use super::{Entry, FILE, OVERRIDES, Snapshot, Source};

    fn entry<'a>(snapshot: &'a mut Snapshot, key: &str) -> &'a mut Entry {
        let config = snapshot.brokers.get_mut("b").unwrap().config.as_mut().unwrap();
        config.iter_mut().find(|entry| entry.key == key).unwrap()
    }

    fn set(snapshot: &mut Snapshot, key: &str, value: &str, source: Source) {
        let entry = entry(snapshot, key);
        entry.value = Some(value.into());
        entry.source = source;
        entry.layers.insert(0, (source, Some(value.into())));
    }

    #[test]
    fn another_value_in_the_file_fails() {
        good(&FILE, |_| ());
        let found = failed(&FILE, |snapshot| set(snapshot, "num.partitions", "5", Source::Static));
        assert_eq!(found, "num.partitions is 5 (generated: 3)");
    }

    #[test]
    fn a_generated_setting_that_the_broker_lacks_fails() {
        let found = failed(&FILE, |snapshot| {
            let config = snapshot.brokers.get_mut("b").unwrap().config.as_mut().unwrap();
            config.retain(|entry| entry.key != "broker.id");
        });
        assert_eq!(found, "broker.id is not set (generated: 2)");
    }

    #[test]
    fn what_only_the_host_sets_is_worth_a_note() {
        noted(&FILE, |snapshot| entry(snapshot, "num.io.threads").source = Source::Static);
    }

    #[test]
    fn a_secret_is_not_compared() {
        good(&FILE, |snapshot| entry(snapshot, "num.partitions").value = None);
    }

    #[test]
    fn what_only_the_host_knows_is_not_compared_and_not_told() {
        let spec = r#"{
            "hosts": { "b": { "address": "10.0.0.1" } },
            "kafka": { "settings": {
                "config.providers": "file", "num.io.threads": "${file:/run/secrets/kafka:threads}",
                "config.providers.file.class": "org.apache.kafka.common.config.provider.FileConfigProvider"
            } }
        }"#;
        let cluster = kafnix_generator::check(spec.as_bytes(), None, &[]).cluster.unwrap();
        let generated = super::generated(&cluster);
        let config = generated["b"].settings.iter().map(|(key, setting)| {
            let theirs =
                if *key == "num.io.threads" { "5".to_owned() } else { setting.plain().unwrap().into_owned() };
            let value = Some(theirs);
            Entry {
                key: (*key).to_owned(),
                secret: false,
                layers: vec![(Source::Static, value.clone())],
                source: Source::Static,
                value,
            }
        });
        let config: Vec<_> = config.collect();
        let (faults, _) = super::differences(&generated["b"], &config);
        assert!(faults.is_empty(), "{faults:?}");
    }

    #[test]
    fn an_override_of_a_generated_value_fails_and_the_file_is_still_good() {
        good(&OVERRIDES, |_| ());
        let change =
            |snapshot: &mut Snapshot| set(snapshot, "min.insync.replicas", "1", Source::DynamicDefault);
        let found = failed(&OVERRIDES, |snapshot| change(snapshot));
        assert_eq!(found, "min.insync.replicas = 1 (dynamic, for all brokers, beats the generated 2)");
        good(&FILE, |snapshot| change(snapshot));
    }

    #[test]
    fn an_override_of_another_key_is_worth_a_note() {
        noted(&OVERRIDES, |snapshot| set(snapshot, "num.io.threads", "16", Source::DynamicBroker));
    }
}
