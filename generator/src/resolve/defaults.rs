//! Every default of kafnix, once, each with its reason. What is not here is the product's default.

use kafnix_protocol::four_letter_words;

use crate::pins::Product;
use crate::spec::{FileSystem, Heap, Jdk, System, Version};

pub const CLUSTER_NAME: &str = "kafka";
pub const SYSTEM: System = System::X86_64Linux;
pub const SYSTEM_REASON: &str = "what most servers are";
pub const MANAGED_REASON: &str = "kafnix configures each host that does not say otherwise";
pub const NETWORK_REASON: &str = "the first network of the first host";
pub const BIND_REASON: &str = "the host's address in this network and no other";
pub const OBSERVER_REASON: &str = "every server votes";
pub const PROTOCOL_REASON: &str = "what needs no certificate";
pub const CLIENT_AUTH_REASON: &str = "who has no certificate that the trust store vouches for is refused";
pub const SURVIVES_REASON: &str = "what replication gives";
pub const EXTRA_JARS_REASON: &str = "the release has all that it needs";
pub const FIREWALL_REASON: &str = "nobody but the members and the clients of listeners";
pub const EXPORTERS_REASON: &str = "no exporter";

pub const JDK: Jdk = Jdk(17);
pub const JDK_REASON: &str = "the newest JDK that ZooKeeper 3.6 and later and Kafka 3.1 and later run on";

pub fn release(product: Product) -> Version {
    match product {
        Product::ZooKeeper => Version([3, 9, 5]),
        Product::Kafka => Version([3, 9, 2]),
    }
}
pub const RELEASE_REASON: &str = "the newest pin that two independent sources vouch for";

pub const CLIENT_PORT: u16 = 2181;
pub const PEER_PORT: u16 = 2888;
pub const ELECTION_PORT: u16 = 3888;
pub const LISTENER_PORT: u16 = 9092;
pub const LISTENER: &str = "PLAINTEXT";
pub const PORT_REASON: &str = "the port of the products' manuals";

/// With the reason.
pub const ZOOKEEPER_HEAP: (Heap, &str) = (Heap { mebibytes: 1024 }, "what ZooKeeper's own start script sets");
pub const BROKER_HEAP: (Heap, &str) =
    (Heap { mebibytes: 6144 }, "Kafka's documentation, Java Version; the page cache does the rest");

pub const ZOOKEEPER_DIR: &str = "/var/lib/zookeeper";
pub const KAFKA_DIR: &str = "/var/lib/kafka/data";
pub const DIR_REASON: &str = "no directory is named";
pub const STATE_REASON: &str = "the ensemble is still to form";

pub const MISSING_LOG_DIRS_REASON: &str = "as Kafka does: its replicas elsewhere hold what is missing";

pub const FILE_SYSTEM: FileSystem = FileSystem::Xfs;
pub const FILE_SYSTEM_REASON: &str = "Kafka's documentation, Filesystem Selection";
pub const MOUNT_OPTIONS: [&str; 3] = ["noatime", "nofail", "x-systemd.device-timeout=30s"];
pub const MOUNT_OPTIONS_REASON: &str =
    "no write for each read, and a host whose disk is missing boots after half a minute";

/// Most replicas that are made without being asked for.
pub const REPLICATION_FACTOR: u32 = 3;
pub const REPLICATION_REASON: &str = "three, or the number of brokers where there are fewer";
pub const MIN_ISR_REASON: &str = "one fewer than the replication factor: one broker may be down";

pub enum Value {
    Bool(bool),
    Int(i64),
    Text(&'static str),
    Texts(&'static [&'static str]),
}

/// A key, its value and the reason.
pub type Line = (&'static str, Value, &'static str);

/// Lines of `zoo.cfg`.
pub const ZOOKEEPER_SETTINGS: &[Line] = &[
    ("tickTime", Value::Int(2000), "ZooKeeper's sample: 2 s"),
    ("initLimit", Value::Int(10), "ZooKeeper's sample: 20 s to connect and sync"),
    ("syncLimit", Value::Int(5), "ZooKeeper's sample: a follower may lag 10 s"),
    ("autopurge.snapRetainCount", Value::Int(5), "two more than the least that ZooKeeper keeps"),
    (
        "autopurge.purgeInterval",
        Value::Int(1),
        "every hour; ZooKeeper's default never purges and fills the disk",
    ),
    (
        four_letter_words::WHITELIST,
        Value::Texts(&four_letter_words::ALLOWED),
        "what monitoring and verification ask; the others cost or tell more",
    ),
    ("admin.enableServer", Value::Bool(false), "it would listen on port 8080 without authentication"),
    ("admin.serverAddress", Value::Text("127.0.0.1"), "whoever turns it on still shows it to nobody else"),
    ("standaloneEnabled", Value::Bool(false), "one server is an ensemble of one, which can grow"),
];

/// Lines of `server.properties`.
pub const KAFKA_SETTINGS: &[Line] = &[
    ("auto.create.topics.enable", Value::Bool(false), "a slip in a topic's name would create a topic"),
    (
        "controlled.shutdown.max.retries",
        Value::Int(2),
        "an attempt takes up to 30 s; Kafka's three are too many when all hosts power off together",
    ),
    (
        "unclean.leader.election.enable",
        Value::Bool(false),
        "a replica out of sync that becomes leader loses records",
    ),
];
