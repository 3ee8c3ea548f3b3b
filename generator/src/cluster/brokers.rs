//! The brokers with their listeners, and what they share.

use std::ops::{Deref, DerefMut};

use serde::{Serialize, Serializer};

use super::{Host, Purpose, Service, Settings, Sourced};
use crate::lock::LockedBroker;
use crate::spec::{Address, Bind, ClientAuth, MissingLogDirs, Protocol, ProtocolVersion, Reach, Version};

/// What all brokers share.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Brokers {
    pub chroot: Sourced<String>,
    #[serde(serialize_with = "super::unset::cluster_id")]
    pub cluster_id: Option<Sourced<String>>,
    pub protocol_version: Sourced<ProtocolVersion>,
    pub inter_broker_listener: Sourced<String>,
    pub replication_factor: Sourced<u32>,
    pub min_insync_replicas: Sourced<u32>,
    pub extra_jars: Sourced<Vec<String>>,
    pub settings: Settings,
}

/// A broker.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Broker {
    #[serde(flatten)]
    pub service: Service,
    pub missing_log_dirs: Sourced<MissingLogDirs>,
    /// By their names.
    pub listeners: Vec<Listener>,
}

impl Deref for Broker {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
}

impl DerefMut for Broker {
    fn deref_mut(&mut self) -> &mut Service {
        &mut self.service
    }
}

impl Broker {
    pub fn log_dirs(&self) -> &[String] {
        self.directories(Purpose::Records).map(|dirs| &dirs.value[..]).unwrap_or_default()
    }

    /// Whether a listener of it speaks TLS.
    pub fn has_tls(&self) -> bool {
        self.listeners.iter().any(|listener| listener.protocol.value.has_tls())
    }

    /// Whether a partition that it leads needs no more replicas in sync than it has: from 3.7.0 on Kafka takes the
    /// lesser of the two for the min ISR (Partition, `effectiveMinIsr`); before, such a partition took no record with
    /// `acks=all`.
    pub fn bounds_min_isr(&self) -> bool {
        self.release.value >= Version([3, 7, 0])
    }

    pub(crate) fn locked(&self, host: &Host) -> LockedBroker {
        LockedBroker {
            id: self.id.value,
            jdk: host.jdk.value,
            version: self.release.value,
            log_dirs: self.log_dirs().to_vec(),
            domain: host.domain.as_ref().map(|domain| domain.value.clone()),
            listeners: self.listeners.iter().map(|listener| listener.name.clone()).collect(),
        }
    }
}

/// A listener of one broker.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listener {
    pub name: String,
    pub network: Sourced<String>,
    /// Where it is found.
    pub address: Sourced<Address>,
    pub bind: Sourced<Bind>,
    pub port: Sourced<u16>,
    pub protocol: Sourced<Protocol>,
    /// Absent where the listener has no TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_auth: Option<Sourced<ClientAuth>>,
    pub advertised_host: Sourced<String>,
    pub advertised_port: Sourced<u16>,
    /// Absent: everybody may reach it.
    #[serde(serialize_with = "super::unset::reach")]
    pub from: Option<Sourced<Reach>>,
    /// Where the spec defines it; absent for the default listener.
    #[serde(skip)]
    pub pointer: Option<String>,
}

impl Listener {
    /// `address:port` where it listens, whatever it advertises.
    pub fn endpoint(&self) -> String {
        self.address.value.with_port(self.port.value)
    }
}

impl Serialize for Reach {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Brokers => serializer.serialize_str("brokers"),
            Self::Networks(networks) => networks.serialize(serializer),
        }
    }
}
