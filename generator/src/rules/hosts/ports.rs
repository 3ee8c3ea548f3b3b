//! The ports that the services of one host bind, for the rules about clashes; no rule itself.

use crate::cluster::{Endpoint, Host, Kind};
use crate::spec::Address;

#[derive(Clone, Copy, Debug)]
pub(in crate::rules) struct Bound<'a> {
    endpoint: &'a Endpoint,
    /// Where the author wrote the port; for a default, where it would be.
    pub(in crate::rules) at: &'a str,
}

impl Bound<'_> {
    pub(in crate::rules) fn port(&self) -> u16 {
        self.endpoint.port.value
    }

    /// Absent: every address of the host.
    pub(in crate::rules) fn bound(&self) -> Option<Address> {
        self.endpoint.bound
    }

    pub(in crate::rules) fn phrase(&self) -> String {
        self.endpoint.phrase()
    }

    pub(in crate::rules) fn is_listener(&self) -> bool {
        matches!(self.endpoint.kind, Kind::Listener(_))
    }

    pub(in crate::rules) fn is_exporter(&self) -> bool {
        self.endpoint.kind == Kind::Metrics
    }

    pub(in crate::rules) fn is_written(&self) -> bool {
        self.endpoint.port.pointer().is_some()
    }
}

pub(in crate::rules) fn of_host(host: &Host) -> impl Iterator<Item = Bound<'_>> {
    let endpoints = host.services().flat_map(|service| &service.endpoints);
    let bound = endpoints.map(|endpoint| Bound { endpoint, at: place(endpoint) });
    // A rule of its own refuses 0.
    bound.filter(|bound| bound.port() != 0)
}

fn place(endpoint: &Endpoint) -> &str {
    endpoint.port.pointer().unwrap_or(match &endpoint.kind {
        Kind::Clients => "/zookeeper/clientPort",
        Kind::Peers => "/zookeeper/peerPort",
        Kind::Election => "/zookeeper/electionPort",
        Kind::Observers | Kind::Metrics | Kind::Admin => "/zookeeper/settings",
        Kind::Listener(_) => "/kafka/listeners",
    })
}
