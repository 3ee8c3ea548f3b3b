//! What a service is in its cluster. What differs from role to role and is not more than a word stands here, once.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::keys::{KAFKA, Table, ZOOKEEPER};
use crate::pins::Product;
use crate::resolve::{defaults, reserved_settings};
use crate::spec::Heap;

/// In the order in which a host's services are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    #[serde(rename = "zookeeper")]
    ZooKeeper,
    #[serde(rename = "kafka")]
    Broker,
}

struct Words {
    key: &'static str,
    product: Product,
    noun: &'static str,
    group: &'static str,
    id: &'static str,
    id_file: &'static str,
    largest_id: i64,
    heap: (Heap, &'static str),
    config_file: &'static str,
    settings: &'static LazyLock<Table>,
    defaults: &'static [defaults::Line],
    reserved: fn(&str) -> Option<&'static str>,
    module_options: &'static [&'static str],
}

const ZOOKEEPER_WORDS: Words = Words {
    key: "zookeeper",
    product: Product::ZooKeeper,
    noun: "ZooKeeper server",
    group: "ensemble",
    id: "server",
    id_file: "`myid`",
    largest_id: 255,
    heap: defaults::ZOOKEEPER_HEAP,
    config_file: "zoo.cfg",
    settings: &ZOOKEEPER,
    defaults: defaults::ZOOKEEPER_SETTINGS,
    reserved: reserved_settings::zookeeper,
    module_options: &["id", "state", "heap", "server", "peers", "settings", "systemProperties"],
};

const BROKER_WORDS: Words = Words {
    key: "kafka",
    product: Product::Kafka,
    noun: "broker",
    group: "brokers",
    id: "broker",
    id_file: "`broker.id` in `meta.properties`",
    largest_id: i32::MAX as i64,
    heap: defaults::BROKER_HEAP,
    config_file: "server.properties",
    settings: &KAFKA,
    defaults: defaults::KAFKA_SETTINGS,
    reserved: reserved_settings::kafka,
    module_options: &["heap", "bootstrapServer", "clientSettings", "peers", "missingLogDirs", "settings"],
};

impl Role {
    pub const ALL: [Self; 2] = [Self::ZooKeeper, Self::Broker];

    const fn words(self) -> &'static Words {
        match self {
            Self::ZooKeeper => &ZOOKEEPER_WORDS,
            Self::Broker => &BROKER_WORDS,
        }
    }

    /// The section of the spec, the lock and the modules' options, and the name of the unit.
    pub fn key(self) -> &'static str {
        self.words().key
    }

    /// The systemd unit that runs it on a host.
    pub fn unit(self) -> String {
        format!("{}.service", self.key())
    }

    pub fn of_unit(unit: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| unit.strip_suffix(".service") == Some(role.key()))
    }

    pub fn product(self) -> Product {
        self.words().product
    }

    /// One of them, in a message.
    pub fn noun(self) -> &'static str {
        self.words().noun
    }

    /// All of them, in the firewall.
    pub fn group(self) -> &'static str {
        self.words().group
    }

    /// Of which kind its id is, as in "server id 3".
    pub fn id(self) -> &'static str {
        self.words().id
    }

    /// Where a running service keeps its id.
    pub fn id_file(self) -> &'static str {
        self.words().id_file
    }

    /// Ids are 0 to this.
    pub fn largest_id(self) -> i64 {
        self.words().largest_id
    }

    /// The default one, with its reason.
    pub fn heap(self) -> (Heap, &'static str) {
        self.words().heap
    }

    /// What a service reads its settings from.
    pub fn config_file(self) -> &'static str {
        self.words().config_file
    }

    /// What a host's file sets for the module, in this order, where there is something to set.
    pub fn module_options(self) -> &'static [&'static str] {
        self.words().module_options
    }

    /// Which keys its configuration has.
    pub fn settings(self) -> &'static Table {
        self.words().settings
    }

    /// What kafnix sets where the spec does not.
    pub fn defaults(self) -> &'static [defaults::Line] {
        self.words().defaults
    }

    /// Where to write a setting that the topology implies.
    pub fn reserved(self, setting: &str) -> Option<&'static str> {
        (self.words().reserved)(setting)
    }
}
