//! The ZooKeeper servers, and what they share.

use std::ops::{Deref, DerefMut};

use serde::Serialize;

use super::{Host, Kind, Model, Purpose, Service, Settings, Sourced};
use crate::lock::LockedServer;
use crate::peering::{Peering, Ports};
use crate::quorum::{self, QuorumRule};
use crate::spec::{Address, Bind, Setting, State};

/// What all ZooKeeper servers share.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ensemble {
    /// `host:port` of every server that brokers connect to, without the chroot.
    pub connect: Sourced<Vec<String>>,
    /// Whether the servers stand outside this spec, as the origin of `connect` says.
    #[serde(skip)]
    pub external: bool,
    pub extra_jars: Sourced<Vec<String>>,
    pub settings: Settings,
    /// What these servers take for a quorum.
    #[serde(skip)]
    pub quorum: QuorumRule,
}

impl Ensemble {
    /// What decides how a server counts quorums; without one, how all do that say nothing themselves.
    pub fn counting<'a>(&'a self, server: Option<&'a Server>) -> quorum::Counting<'a> {
        let own = server.into_iter().flat_map(|server| &server.settings);
        let all = self.settings.iter().chain(own).filter(|(key, _)| quorum::counts(key));
        let mut counting: quorum::Counting<'_> = all.map(|(key, value)| (key.as_str(), value)).collect();
        counting.retain(|_, setting| setting.value != Setting::Absent);
        counting
    }
}

/// A ZooKeeper server.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Server {
    #[serde(flatten)]
    pub service: Service,
    pub observer: Sourced<bool>,
    pub network: Sourced<String>,
    /// Where it is found.
    pub address: Sourced<Address>,
    pub bind: Sourced<Bind>,
    pub client_port: Sourced<u16>,
    pub peer_port: Sourced<u16>,
    pub election_port: Sourced<u16>,
    /// Whether the ensemble is still to form, as far as this server may take part in that.
    pub state: Sourced<State>,
    /// Whether it came to an ensemble that was there, whatever the spec says of its state.
    #[serde(skip)]
    pub joined: bool,
}

impl Deref for Server {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
}

impl DerefMut for Server {
    fn deref_mut(&mut self) -> &mut Service {
        &mut self.service
    }
}

impl Server {
    /// `address:port` where clients find it.
    pub fn client_endpoint(&self) -> String {
        self.address.value.with_port(self.client_port.value)
    }

    /// `address:port` where others find the first endpoint of a kind.
    pub fn place(&self, kind: &Kind) -> Option<String> {
        let endpoint = self.endpoint(kind)?;
        Some(endpoint.address.unwrap_or(self.address.value).with_port(endpoint.port.value))
    }

    pub(crate) fn locked(&self, host: &Host, cluster: &Model) -> LockedServer {
        LockedServer {
            id: self.id.value,
            jdk: host.jdk.value,
            version: self.release.value,
            observer: self.observer.value,
            address: Some(self.address.value),
            ports: Some(Ports::of(cluster, self)),
            peering: Peering::of(cluster, self),
            data_dir: self.directory(Purpose::Snapshots).unwrap_or_default().to_owned(),
            data_log_dir: self.directory(Purpose::TransactionLog).map(str::to_owned),
            joined: self.joined,
        }
    }
}
