//! Settings that the topology implies. They are written from their key of the spec and from
//! nowhere else, so that two places never disagree.

/// (setting, where to write it instead)
pub const ZOOKEEPER: &[(&str, &str)] = &[
    ("clientPort", "`zookeeper.clientPort`"),
    (
        "clientPortAddress",
        "`zookeeper.network` and the host's `addresses`, or `zookeeper.bind` for every address",
    ),
    ("dataDir", "`zookeeper.dataDir`"),
    ("dataLogDir", "`zookeeper.dataLogDir`"),
    ("datadir.autocreate", "nothing: a data directory that is not there is a disk that is not there"),
    ("db.autocreate", "`zookeeper.state`: it is off, so that no server votes with an empty disk"),
    ("dynamicConfigFile", "`zookeeper.hosts`: the ensemble is what the spec says"),
    ("peerType", "`observer` of the host in `zookeeper.hosts`"),
    (
        "reconfigEnabled",
        "`zookeeper.hosts`: with it ZooKeeper would rewrite its configuration, which lies in the Nix store",
    ),
];

/// `server.1`, `server.2`, … are owned, whatever the number.
pub const ZOOKEEPER_SERVER: (&str, &str) = ("server.", "`zookeeper.hosts`");

pub const KAFKA: &[(&str, &str)] = &[
    ("advertised.host.name", ADVERTISED),
    ("advertised.listeners", ADVERTISED),
    ("advertised.port", ADVERTISED),
    ("broker.id", "`id` of the host in `kafka.hosts`"),
    ("broker.id.generation.enable", "nothing: every broker has an `id`, and none is generated"),
    ("broker.rack", "`rack` of the host in `hosts`"),
    ("controller.listener.names", "nothing: it must be empty where ZooKeeper holds the metadata"),
    ("controller.quorum.bootstrap.servers", "nothing: it has no meaning where ZooKeeper holds the metadata"),
    ("controller.quorum.voters", "nothing: it has no meaning where ZooKeeper holds the metadata"),
    ("default.replication.factor", "`kafka.replicationFactor`"),
    ("host.name", "`kafka.listeners`, with `network` or `bind` for what each binds"),
    ("inter.broker.listener.name", "`kafka.interBrokerListener`"),
    ("inter.broker.protocol.version", "`kafka.interBrokerProtocolVersion`"),
    ("listener.security.protocol.map", PROTOCOL),
    ("listeners", "`kafka.listeners`, with `network` or `bind` for what each binds"),
    ("log.dir", "`kafka.logDirs`"),
    ("log.dirs", "`kafka.logDirs`"),
    ("min.insync.replicas", "`kafka.minInsyncReplicas`"),
    ("node.id", "`id` of the host in `kafka.hosts`"),
    ("port", "`port` of a listener in `kafka.listeners`"),
    ("process.roles", "nothing: it would make the broker a KRaft one"),
    ("security.inter.broker.protocol", PROTOCOL),
    (CLIENT_AUTH, "`clientAuth` of a listener in `kafka.listeners`"),
    ("ssl.key.password", NO_PASSWORD),
    ("ssl.keystore.certificate.chain", KEY_STORE),
    ("ssl.keystore.key", KEY_STORE),
    ("ssl.keystore.location", KEY_STORE),
    ("ssl.keystore.password", NO_PASSWORD),
    ("ssl.keystore.type", KEY_STORE),
    ("ssl.truststore.certificates", TRUST_STORE),
    ("ssl.truststore.location", TRUST_STORE),
    ("ssl.truststore.password", NO_PASSWORD),
    ("ssl.truststore.type", TRUST_STORE),
    ("zookeeper.connect", "`zookeeper.hosts` or `zookeeper.connect`, and `kafka.chroot`"),
];

const CLIENT_AUTH: &str = "ssl.client.auth";
const PROTOCOL: &str = "`protocol` of a listener in `kafka.listeners`";
const KEY_STORE: &str = "`tls.keyStore`, the path of a PEM file on the hosts";
const NO_PASSWORD: &str = "nothing: the PEM files of `tls` have no password";
const TRUST_STORE: &str = "`tls.trustStore`, the path of a PEM file on the hosts";

const ADVERTISED: &str = "`advertised` of a listener in `kafka.listeners`, where it is not the host's address: \
                          `{host}` in it is the host's name";

/// Where an owned setting of ZooKeeper is written.
pub fn zookeeper(key: &str) -> Option<&'static str> {
    let (prefix, instead) = ZOOKEEPER_SERVER;
    if key.starts_with(prefix) {
        return Some(instead);
    }
    find(ZOOKEEPER, key)
}

/// Where an owned setting of Kafka is written.
pub fn kafka(key: &str) -> Option<&'static str> {
    let of_listener = key.strip_prefix("listener.name.").and_then(|rest| rest.split_once('.'));
    // Kafka reads stores for one listener, too; whom a listener lets in stands once.
    find(KAFKA, of_listener.filter(|(_, rest)| *rest == CLIENT_AUTH).map_or(key, |(_, rest)| rest))
}

fn find(table: &[(&str, &'static str)], key: &str) -> Option<&'static str> {
    table.iter().find(|(name, _)| *name == key).map(|(_, instead)| *instead)
}
