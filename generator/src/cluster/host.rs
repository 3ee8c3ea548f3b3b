//! One machine: its addresses, its disks and its services.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Broker, Server, Service, Sourced};
use crate::role::Role;
use crate::spec::{Address, FileSystem, Heap, Jdk, System};

/// One machine of the cluster.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Host {
    pub name: String,
    #[serde(serialize_with = "super::unset::domain")]
    pub domain: Option<Sourced<String>>,
    pub managed: Sourced<bool>,
    pub system: Sourced<System>,
    #[serde(serialize_with = "super::unset::rack")]
    pub rack: Option<Sourced<String>>,
    /// By the name of the network.
    pub addresses: BTreeMap<String, Sourced<Address>>,
    /// Major version of the one that runs all its services.
    pub jdk: Sourced<Jdk>,
    #[serde(serialize_with = "super::unset::memory")]
    pub memory: Option<Sourced<Heap>>,
    /// Where the host has its files for TLS; absent where a service needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// By their mount points.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disks: Vec<Disk>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zookeeper: Option<Server>,
    #[serde(rename = "kafka", skip_serializing_if = "Option::is_none")]
    pub broker: Option<Broker>,
}

impl Host {
    /// Its name with its domain, where it has one.
    pub fn full_name(&self) -> Option<String> {
        Some(format!("{}.{}", self.name, self.domain.as_ref()?.value))
    }

    /// Every name and address by which others reach its services: what its certificate has to be for.
    pub fn reached_by(&self) -> BTreeSet<String> {
        let addresses = self.addresses.values().map(|address| address.value.to_string());
        let listeners = self.broker.iter().flat_map(|broker| &broker.listeners);
        let advertised = listeners.map(|listener| listener.advertised_host.value.clone());
        addresses.chain(advertised).chain([self.name.clone()]).chain(self.full_name()).collect()
    }

    /// In the order of the roles.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        let zookeeper = self.zookeeper.as_deref();
        zookeeper.into_iter().chain(self.broker.as_deref())
    }

    pub(crate) fn services_mut(&mut self) -> impl Iterator<Item = &mut Service> {
        let zookeeper = self.zookeeper.as_deref_mut();
        zookeeper.into_iter().chain(self.broker.as_deref_mut())
    }

    pub fn service(&self, role: Role) -> Option<&Service> {
        self.services().find(|service| service.role == role)
    }

    /// Where its services keep their data.
    pub fn directories(&self) -> impl Iterator<Item = &String> {
        self.services().flat_map(Service::paths)
    }

    /// Where the others find this host in a network: its address there, else the one in the first of its
    /// networks by name.
    pub fn address_in(&self, network: &str) -> Option<Address> {
        let own = self.addresses.get(network).or_else(|| self.addresses.values().next());
        own.map(|address| address.value)
    }
}

/// Files of a host for TLS, in PEM, which root can read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tls {
    pub key_store: Sourced<String>,
    pub trust_store: Sourced<String>,
}

/// A disk of a host.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Disk {
    pub mount_point: String,
    pub device: Sourced<Device>,
    pub file_system: Sourced<FileSystem>,
    pub options: Sourced<Vec<String>>,
    /// Where `disko.nix` makes the file system.
    #[serde(serialize_with = "super::unset::whole_disk")]
    pub whole_disk: Option<Sourced<String>>,
    /// Where the spec declares it.
    #[serde(skip)]
    pub pointer: String,
}

impl Disk {
    /// Whether a path is or lies below the mount point.
    pub fn holds(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.mount_point.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// Which disk it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    Label(String),
    Uuid(String),
    Id(String),
}

impl Device {
    pub fn path(&self) -> String {
        match self {
            Self::Label(label) => format!("/dev/disk/by-label/{label}"),
            Self::Uuid(uuid) => format!("/dev/disk/by-uuid/{uuid}"),
            Self::Id(id) => format!("/dev/disk/by-id/{id}"),
        }
    }
}
