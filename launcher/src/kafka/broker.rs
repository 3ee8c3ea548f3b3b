//! What the launcher knows of its broker: from the command line and from the broker's own
//! server.properties.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kafnix_protocol::registry::below;

use crate::addresses;
use crate::options;
use crate::ownership::{Owner, Role};
use crate::properties::Properties;

pub struct Broker {
    pub owner: Owner,
    /// The id that the cluster must have, where the spec gives it.
    pub cluster_id: Option<String>,
    pub directories: Vec<PathBuf>,
    pub listeners: Vec<Listener>,
    /// Files that it reads for TLS.
    pub stores: Vec<PathBuf>,
    /// `NAME://host:port`, as it registers with.
    pub advertised: Vec<String>,
    pub ensemble: Ensemble,
    /// How long it may take to hand over its leaders, where nobody answers it.
    pub hand_over: Duration,
}

const STORES: [&str; 2] = ["ssl.keystore.location", "ssl.truststore.location"];

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listener {
    pub name: String,
    /// Where it is reached from this host.
    pub address: String,
    /// Whether it speaks Kafka without TLS or SASL before it.
    pub plain: bool,
}

/// `zookeeper.connect`
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ensemble {
    pub members: Vec<String>,
    pub chroot: String,
}

impl Broker {
    pub fn read(options: &options::Kafka) -> Result<Self> {
        let properties = Properties::read(Path::new(&options.jvm.config))?;
        let id = properties.number("broker.id")?;
        let directories: Vec<_> = properties.list("log.dirs").into_iter().map(PathBuf::from).collect();
        ensure!(!directories.is_empty(), "{} lacks log.dirs: set it", options.jvm.config);
        let owner = Owner { cluster: options.cluster.clone(), role: Role::Broker, id };
        let listeners = listeners(&properties)?;
        let advertised = advertised(&properties);
        let stores =
            STORES.into_iter().filter_map(|key| properties.get(key)).filter(|path| path.starts_with('/'));
        let stores = stores.map(PathBuf::from).collect();
        let ensemble = Ensemble::parse(properties.require("zookeeper.connect")?);
        let (cluster_id, hand_over) = (options.cluster_id.clone(), hand_over(&properties)?);
        Ok(Self { owner, cluster_id, directories, listeners, stores, advertised, ensemble, hand_over })
    }

    /// Those that its listeners are bound to.
    pub fn addresses(&self) -> Vec<IpAddr> {
        let hosts = self.listeners.iter().filter_map(|listener| listener.address.rsplit_once(':'));
        addresses::of(hosts.map(|(host, _)| host))
    }
}

impl Ensemble {
    fn parse(connect: &str) -> Self {
        let (members, chroot) = match connect.find('/') {
            Some(slash) => connect.split_at(slash),
            None => (connect, ""),
        };
        let members = members.split(',').map(str::trim).filter(|member| !member.is_empty());
        let members = members.map(with_port).collect();
        Self { members, chroot: chroot.to_owned() }
    }

    pub fn path(&self, path: &str) -> String {
        below(&self.chroot, path)
    }
}

/// Kafka's controlled shutdown: some attempts, each of which ends with a timeout, and pauses between.
fn hand_over(properties: &Properties) -> Result<Duration> {
    let number = |key, default| match properties.get(key) {
        Some(_) => properties.number(key).map(i64::unsigned_abs),
        None => Ok(default),
    };
    let attempts = number("controlled.shutdown.max.retries", 3)?;
    let pause = number("controlled.shutdown.retry.backoff.ms", 5000)?;
    let attempt = number("request.timeout.ms", 30_000)?.max(number("controller.socket.timeout.ms", 30_000)?);
    Ok(Duration::from_millis(attempts.saturating_mul(attempt.saturating_add(pause))))
}

fn with_port(member: &str) -> String {
    let bare = member.rsplit_once(']').map_or(member, |(_, after)| after);
    if bare.contains(':') { member.to_owned() } else { addresses::join(member, addresses::CLIENT_PORT) }
}

fn listeners(properties: &Properties) -> Result<Vec<Listener>> {
    let protocols = properties.list("listener.security.protocol.map");
    let protocols: HashMap<_, _> = protocols.into_iter().filter_map(|pair| pair.split_once(':')).collect();
    let listeners = properties.list("listeners");
    let listeners = if listeners.is_empty() { vec!["PLAINTEXT://:9092"] } else { listeners };
    let listener = |text: &str| {
        let (name, address) = text.split_once("://")?;
        let protocol = protocols.get(name).map_or(name, |protocol| *protocol);
        let plain = protocol.eq_ignore_ascii_case("PLAINTEXT");
        Some(Listener { name: name.to_owned(), address: from_here(address)?, plain })
    };
    let what = |text: &str| format!("{text:?} in listeners is not NAME://HOST:PORT: correct it");
    listeners.into_iter().map(|text| listener(text).with_context(|| what(text))).collect()
}

/// Without `advertised.listeners` it advertises what it listens at.
fn advertised(properties: &Properties) -> Vec<String> {
    let keys = ["advertised.listeners", "listeners"];
    let lists = keys.into_iter().map(|key| properties.list(key));
    let endpoints = lists.into_iter().find(|list| !list.is_empty()).unwrap_or_default();
    endpoints.into_iter().map(str::to_owned).collect()
}

fn from_here(address: &str) -> Option<String> {
    let (host, port) = address.rsplit_once(':')?;
    Some(addresses::join(addresses::from_here(host), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zookeeper_connect_is_read_as_kafka_reads_it() {
        let ensemble = Ensemble::parse("a:2181, [fd00::1]:2182,b,[fd00::2]/one/two/");
        assert_eq!(ensemble.members, ["a:2181", "[fd00::1]:2182", "b:2181", "[fd00::2]:2181"]);
        assert_eq!(ensemble.path("/brokers/ids/1"), "/one/two/brokers/ids/1");
        assert_eq!(Ensemble::parse("a:1").path("/x"), "/x");
        assert_eq!(Ensemble::parse("a:1/").path("/x"), "/x");
    }

    #[test]
    fn the_hand_over_is_as_long_as_the_configuration_lets_it_be() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let seconds = |text: &str| {
            std::fs::write(file.path(), text).unwrap();
            hand_over(&Properties::read(file.path()).unwrap()).unwrap().as_secs()
        };
        assert_eq!(seconds(""), 105);
        assert_eq!(seconds("controlled.shutdown.max.retries=2\n"), 70);
        assert_eq!(seconds("controlled.shutdown.max.retries=1\nrequest.timeout.ms=40000\n"), 45);
    }

    #[test]
    fn a_listener_is_reached_from_this_host() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let read = |text: &str| {
            std::fs::write(file.path(), text).unwrap();
            listeners(&Properties::read(file.path()).unwrap())
        };
        let listener = |name: &str, address: &str, plain| Listener {
            name: name.to_owned(),
            address: address.to_owned(),
            plain,
        };
        let text = "listeners=IN://10.0.0.1:9092,OUT://:9093,SSL://[::]:9094\n\
            listener.security.protocol.map=IN:PLAINTEXT,OUT:SASL_SSL,SSL:SSL\n";
        let expected = [
            listener("IN", "10.0.0.1:9092", true),
            listener("OUT", "127.0.0.1:9093", false),
            listener("SSL", "[::1]:9094", false),
        ];
        assert_eq!(read(text).unwrap(), expected);
        assert_eq!(read("").unwrap(), [listener("PLAINTEXT", "127.0.0.1:9092", true)]);
        assert!(read("listeners=9092\n").is_err());
    }
}
