//! Why a server restarts: what differs between what was built for its host and what that and the server itself tell.

use std::collections::BTreeMap;

use kafnix_generator::cluster::Host;
use kafnix_generator::hosts::ServiceConfig;
use kafnix_generator::pins::Product;
use kafnix_generator::role::Role;
use kafnix_generator::{Cluster, Files, render};

use crate::compare::{broker, server};
use crate::snapshot::Snapshot;

/// How many settings are named.
const NAMED: usize = 3;

/// What was generated for the hosts.
pub(super) struct Generated<'a> {
    files: Files,
    brokers: BTreeMap<&'a str, ServiceConfig<'a>>,
    servers: BTreeMap<&'a str, ServiceConfig<'a>>,
}

impl<'a> Generated<'a> {
    pub(super) fn of(cluster: &'a Cluster) -> Self {
        let files = kafnix_generator::generate(cluster, None).unwrap_or_default();
        Self { files, brokers: broker::generated(cluster), servers: server::generated(cluster) }
    }

    /// `versions` are those of what was built.
    pub(super) fn why(
        &self,
        snapshot: &Snapshot,
        host: &Host,
        role: Role,
        versions: &BTreeMap<String, String>,
    ) -> String {
        let published = snapshot.registry.as_ref().ok().and_then(|registry| registry.hosts.get(&host.name));
        let runs = published.and_then(|published| published.running.as_ref());
        let changed = |what: &str, key: &str| {
            let (before, now) = (runs?.versions.get(key)?, versions.get(key)?);
            (before != now).then(|| format!("{what} {before} → {now}"))
        };
        let mut parts: Vec<_> =
            [changed("release", role.key()), changed("JDK", "jdk")].into_iter().flatten().collect();
        let has = published.and_then(|published| published.generation.as_ref()?.generated.as_deref());
        let is_generated_anew = has != render::digest(&self.files, &host.name).as_deref();
        if is_generated_anew {
            parts.extend(self.settings(snapshot, &host.name, role));
        }
        if !parts.is_empty() {
            return parts.join("; ");
        }
        match has {
            None => "what it was generated from is not known",
            Some(_) if is_generated_anew => "what was generated for its host",
            Some(_) => "only store paths: nixpkgs, kafnix or the machine file",
        }
        .to_owned()
    }

    /// As far as the server tells them: a ZooKeeper server tells few, and none its heap.
    fn settings(&self, snapshot: &Snapshot, host: &str, role: Role) -> Option<String> {
        let mut keys: Vec<_> = match role.product() {
            Product::Kafka => {
                let config = snapshot.brokers.get(host)?.config.as_ref().ok()?;
                let (differs, _) = broker::differences(self.brokers.get(host)?, config);
                differs.iter().map(|differs| differs.key.to_owned()).collect()
            }
            Product::ZooKeeper => {
                let conf = snapshot.servers.get(host)?.conf.as_ref().ok()?;
                let (differs, _) = server::differences(self.servers.get(host)?, conf);
                differs.iter().map(|differs| differs.key.to_owned()).collect()
            }
        };
        let more = keys.len().saturating_sub(NAMED);
        keys.truncate(NAMED);
        if more > 0 {
            keys.push(format!("{more} more"));
        }
        (!keys.is_empty()).then(|| format!("settings: {}", keys.join(", ")))
    }
}
