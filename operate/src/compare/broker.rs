//! The settings of a broker: the generated ones, its file's, and the dynamic ones that beat both.

use std::borrow::Cow;
use std::collections::BTreeMap;

use kafnix_client::kafka::admin::{Entry, Source};
use kafnix_generator::Cluster;
use kafnix_generator::hosts::{Lines, ServiceConfig, hosts};
use kafnix_generator::keys::KAFKA;
use kafnix_generator::references::references;
use kafnix_generator::role::Role;

use super::{kind, same};

/// A generated setting that the broker's file does not have, or has otherwise.
#[derive(Debug)]
pub(crate) struct Differs<'a> {
    pub(crate) key: &'a str,
    pub(crate) ours: String,
    pub(crate) theirs: Option<&'a str>,
}

/// A dynamic setting.
pub(crate) struct Override<'a> {
    pub(crate) entry: &'a Entry,
    /// The generated value that it beats, where it does.
    pub(crate) beats: Option<String>,
}

/// What was generated for each broker whose file kafnix writes, by its host.
pub(crate) fn generated(cluster: &Cluster) -> BTreeMap<&str, ServiceConfig<'_>> {
    let hosts = hosts(cluster).into_iter();
    hosts.filter_map(|mut host| Some((host.name, host.services.remove(&Role::Broker)?))).collect()
}

/// What differs from the generated settings on account of the file, and how many were compared.
pub(crate) fn differences<'a>(host: &'a ServiceConfig<'_>, config: &'a [Entry]) -> (Vec<Differs<'a>>, usize) {
    let by_key: BTreeMap<_, _> = config.iter().map(|entry| (entry.key.as_str(), entry)).collect();
    let (mut faults, mut compared) = (Vec::new(), 0);
    for (key, setting) in &host.settings {
        let Some(ours) = setting.plain() else { continue };
        let Some(entry) = by_key.get(key) else {
            faults.push(Differs { key, ours: ours.into_owned(), theirs: None });
            continue;
        };
        // Whatever the host's file says may be a secret: it is not told either.
        if references(&ours).next().is_some() {
            continue;
        }
        // An override is told by itself; behind it stands what the file says.
        let theirs = if entry.source.is_dynamic() { entry.static_value() } else { entry.value.as_deref() };
        let Some(theirs) = theirs else { continue };
        compared += 1;
        if !same(kind(&KAFKA, key, host.version), &ours, theirs) {
            faults.push(Differs { key, ours: ours.into_owned(), theirs: Some(theirs) });
        }
    }
    (faults, compared)
}

/// Kafka sets one of these from the other.
const ALIASES: [(&str, &str); 1] = [("node.id", "broker.id")];

/// The keys that the broker's file has and the generated one has not.
pub(crate) fn not_generated(settings: &Lines<'_>, config: &[Entry]) -> Vec<String> {
    let generated = |key: &str| settings.get(key).is_some_and(|setting| setting.plain().is_some());
    let known =
        |key: &str| generated(key) || ALIASES.iter().any(|(alias, of)| *alias == key && generated(of));
    // A value may come through another key, as `log.retention.ms` through `log.retention.hours`; the key
    // that is written is told by itself.
    let written = |entry: &&Entry| entry.source == Source::Static && !known(&entry.key);
    config.iter().filter(written).map(|entry| entry.key.clone()).collect()
}

/// The dynamic settings that the broker has.
pub(crate) fn overrides<'a>(host: &ServiceConfig<'_>, config: &'a [Entry]) -> Vec<Override<'a>> {
    let of = |entry: &'a Entry| {
        let ours = host.settings.get(entry.key.as_str()).and_then(|setting| setting.plain());
        let kind = kind(&KAFKA, &entry.key, host.version);
        let beats = ours.filter(|ours| entry.value.as_ref().is_none_or(|theirs| !same(kind, ours, theirs)));
        Override { entry, beats: beats.map(Cow::into_owned) }
    };
    config.iter().filter(|entry| entry.source.is_dynamic()).map(of).collect()
}
