//! What the spec says of a role, as far as it is the same for every role.

use indexmap::IndexMap;

use super::{Heap, Setting, Spec, Version, Versions};
use crate::pins::Product;
use crate::role::Role;

/// What stands for all services of a role, or for the one of a host.
#[derive(Debug)]
pub struct Section<'a> {
    /// Of one service.
    pub id: Option<i64>,
    pub heap: Option<Heap>,
    pub settings: &'a IndexMap<String, Setting>,
    /// Of all services.
    pub extra_jars: &'a [String],
}

impl Spec {
    pub fn of_all(&self, role: Role) -> Section<'_> {
        let (heap, settings, extra_jars) = match role {
            Role::ZooKeeper => (self.zookeeper.heap, &self.zookeeper.settings, &self.zookeeper.extra_jars),
            Role::Broker => (self.kafka.heap, &self.kafka.settings, &self.kafka.extra_jars),
        };
        Section { id: None, heap, settings, extra_jars }
    }

    /// Absent where nothing stands for this host.
    pub fn of_one(&self, role: Role, host: &str) -> Option<Section<'_>> {
        let (id, heap, settings) = match role {
            Role::ZooKeeper => {
                let own = self.zookeeper.hosts.as_ref()?.get(host)?;
                (own.id, own.heap, &own.settings)
            }
            Role::Broker => {
                let own = self.kafka.hosts.as_ref()?.get(host)?;
                (own.id, own.heap, &own.settings)
            }
        };
        Some(Section { id, heap, settings, extra_jars: &[] })
    }

    /// The hosts that are named for a role; absent: every host has it.
    pub fn listed(&self, role: Role) -> Option<Vec<&str>> {
        match role {
            Role::ZooKeeper => self.zookeeper.hosts.as_ref().map(names),
            Role::Broker => self.kafka.hosts.as_ref().map(names),
        }
    }

    /// Whether the services of a role stand outside the spec, so that no host has it.
    pub fn is_external(&self, role: Role) -> bool {
        role == Role::ZooKeeper && self.zookeeper.connect.is_some()
    }
}

fn names<T>(hosts: &IndexMap<String, T>) -> Vec<&str> {
    hosts.keys().map(String::as_str).collect()
}

impl Versions {
    pub fn of(&self, product: Product) -> Option<Version> {
        match product {
            Product::ZooKeeper => self.zookeeper,
            Product::Kafka => self.kafka,
        }
    }
}
