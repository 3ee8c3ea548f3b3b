//! What a running cluster answered: data alone, which can be judged, kept and compared without a server.

use std::collections::BTreeMap;
use std::net::IpAddr;

use kafnix_client::Closed;
use kafnix_client::kafka::admin::{Entry, LogDir, Metadata, Topic};
use kafnix_client::zookeeper::session::Registry;
use kafnix_client::zookeeper::{Conf, Mntr};
use kafnix_generator::Cluster;
use kafnix_protocol::four_letter_words::Srvr;
use serde::{Deserialize, Serialize};

/// The setting of a topic, or of brokers, below which a partition takes no writes.
pub(crate) const MIN_ISR: &str = "min.insync.replicas";

/// Settings of a topic that a reassignment writes, and removes when it has ended.
pub(crate) const THROTTLED: [&str; 2] =
    ["leader.replication.throttled.replicas", "follower.replication.throttled.replicas"];

/// Why an answer is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Missing {
    /// Nobody asked, because of what another check reports or what the spec says.
    Unasked(String),
    /// The server gave none, or one that makes no sense.
    Wrong(String),
}

impl Missing {
    pub fn reason(&self) -> &str {
        match self {
            Self::Unasked(reason) | Self::Wrong(reason) => reason,
        }
    }
}

pub type Answer<T> = Result<T, Missing>;

/// An answer that was asked for, with the whole chain of what went wrong.
pub(crate) fn answer<T>(result: anyhow::Result<T>) -> Answer<T> {
    result.map_err(|error| Missing::Wrong(format!("{error:#}")))
}

/// One port, and what came of connecting to it: the address that it was reached from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    pub address: String,
    pub state: Result<IpAddr, Closed>,
}

/// What a `ZooKeeper` server answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerFacts {
    pub client: Port,
    /// Absent for a server of an ensemble that stands outside the spec.
    pub election: Option<Port>,
    /// Only the leader listens there.
    pub peer: Option<Port>,
    pub srvr: Answer<Srvr>,
    pub mntr: Answer<Mntr>,
    pub conf: Answer<Conf>,
    /// Whether it opens a session.
    pub session: Answer<()>,
}

impl ServerFacts {
    /// The ports where it talks to its peers, as far as they took a connection.
    pub fn open_among_peers(&self) -> Vec<Port> {
        let ports = [&self.election, &self.peer].into_iter().flatten();
        ports.filter(|port| port.state.is_ok()).cloned().collect()
    }
}

/// What a broker answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerFacts {
    /// Each listener by its name.
    pub listeners: Vec<(String, Port)>,
    /// Whether it takes requests.
    pub connection: Answer<()>,
    /// Of the cluster, without topics.
    pub metadata: Answer<Metadata>,
    pub config: Answer<Vec<Entry>>,
    pub log_dirs: Answer<Vec<LogDir>>,
}

/// The topics as one broker knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicFacts {
    pub topics: Vec<Topic>,
    /// The configuration of each topic: all of it for those of the spec, what the checks need for others.
    pub configs: Answer<BTreeMap<String, Vec<Entry>>>,
}

/// What all servers of a cluster answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// By host, or by connect string for an ensemble that stands outside the spec.
    pub servers: BTreeMap<String, ServerFacts>,
    pub brokers: BTreeMap<String, BrokerFacts>,
    pub registry: Answer<Registry>,
    pub topics: Answer<TopicFacts>,
    /// Whether these servers are the cluster that runs on this machine.
    pub local: bool,
}

impl Snapshot {
    /// Every port of a host that was tried.
    pub fn ports(&self, host: &str) -> Vec<&Port> {
        let server = self.servers.get(host);
        let broker = self.brokers.get(host);
        let of_server = server.into_iter().flat_map(|server| {
            [Some(&server.client), server.election.as_ref(), server.peer.as_ref()].into_iter().flatten()
        });
        let of_broker = broker.into_iter().flat_map(|broker| broker.listeners.iter().map(|(_, port)| port));
        of_server.chain(of_broker).collect()
    }

    /// Whether anything on the host gave a sign of life.
    pub fn is_reachable(&self, host: &str) -> bool {
        self.ports(host).iter().any(|port| matches!(port.state, Ok(_) | Err(Closed::Refused)))
    }

    /// Why brokers are not asked what they would ask `ZooKeeper` for: as far as is seen, nobody there serves.
    pub(crate) fn no_quorum(&self) -> Option<Missing> {
        let is_out = |server: &ServerFacts| {
            server.client.state == Err(Closed::Refused) || matches!(server.srvr, Err(Missing::Wrong(_)))
        };
        let out = !self.servers.is_empty() && self.servers.values().all(is_out);
        out.then(|| Missing::Unasked("no ZooKeeper server serves, and brokers wait for one".to_owned()))
    }

    /// Whether this machine is one of the cluster's, which firewalls let in where they keep others out.
    pub fn asked_by_a_member(&self, cluster: &Cluster) -> bool {
        let servers = self.servers.values().map(|server| &server.client);
        let brokers = self.brokers.values().flat_map(|broker| broker.listeners.iter().map(|(_, port)| port));
        let own = servers.chain(brokers).filter_map(|port| port.state.as_ref().ok());
        let members: Vec<_> = cluster.hosts.iter().flat_map(|host| host.addresses.values()).collect();
        own.into_iter().any(|own| own.is_loopback() || members.iter().any(|address| address.value.0 == *own))
    }
}
