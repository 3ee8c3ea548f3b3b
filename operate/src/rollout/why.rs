//! Why a server restarts, as far as its host and itself tell what it runs with.

use std::collections::BTreeMap;

use kafnix_generator::cluster::Host;
use kafnix_generator::hosts::ServiceConfig;
use kafnix_generator::pins::Product;
use kafnix_generator::role::Role;
use kafnix_generator::{Cluster, Files, render};

use crate::compare::broker;
use crate::snapshot::Snapshot;

/// How many settings are named.
const NAMED: usize = 3;

/// What was generated for the hosts.
pub(super) struct Generated<'a> {
    files: Files,
    brokers: BTreeMap<&'a str, ServiceConfig<'a>>,
}

impl<'a> Generated<'a> {
    pub(super) fn of(cluster: &'a Cluster) -> Self {
        let files = kafnix_generator::generate(cluster, None).unwrap_or_default();
        Self { files, brokers: broker::generated(cluster) }
    }

    pub(super) fn why(&self, snapshot: &Snapshot, host: &Host, role: Role) -> String {
        let published = snapshot.registry.as_ref().ok().and_then(|registry| registry.hosts.get(&host.name));
        let has = published.and_then(|published| published.generation.as_ref()?.generated.as_deref());
        let generated = render::digest(&self.files, &host.name);
        if has.is_none() {
            return "what it was generated from is not known".to_owned();
        }
        if has == generated.as_deref() {
            return "only store paths: nixpkgs, kafnix or the machine file".to_owned();
        }
        let told = match role.product() {
            Product::ZooKeeper => release(snapshot, host),
            Product::Kafka => self.settings(snapshot, &host.name),
        };
        told.unwrap_or_else(|| "what was generated for its host".to_owned())
    }

    fn settings(&self, snapshot: &Snapshot, host: &str) -> Option<String> {
        let config = snapshot.brokers.get(host)?.config.as_ref().ok()?;
        let (differs, _) = broker::differences(self.brokers.get(host)?, config);
        let mut keys: Vec<_> = differs.iter().map(|differs| differs.key.to_owned()).collect();
        let more = keys.len().saturating_sub(NAMED);
        keys.truncate(NAMED);
        if more > 0 {
            keys.push(format!("{more} more"));
        }
        (!keys.is_empty()).then(|| format!("settings: {}", keys.join(", ")))
    }
}

fn release(snapshot: &Snapshot, host: &Host) -> Option<String> {
    let runs = &snapshot.servers.get(&host.name)?.srvr.as_ref().ok()?.version;
    let wanted = host.service(Role::ZooKeeper)?.release.value.to_string();
    (*runs != wanted).then(|| format!("release {runs} → {wanted}"))
}
