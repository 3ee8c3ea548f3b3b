//! What a running cluster answered: data alone, which can be judged, kept and compared without a server.

use std::collections::BTreeMap;
use std::net::IpAddr;

use kafnix_client::kafka::admin::{Entry, LogDir, Metadata, Topic};
use kafnix_client::zookeeper::session::Registry;
use kafnix_client::zookeeper::{Conf, Mntr};
use kafnix_client::{Closed, is_passing};
use kafnix_generator::Cluster;
use kafnix_protocol::four_letter_words::Srvr;
use serde::{Deserialize, Serialize};

use crate::turn::Held;

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
    /// The server gave none, and may give one in a moment.
    Passing(String),
}

impl Missing {
    pub fn reason(&self) -> &str {
        match self {
            Self::Unasked(reason) | Self::Wrong(reason) | Self::Passing(reason) => reason,
        }
    }

    /// Whether the question was asked in vain.
    pub(crate) fn was_asked(&self) -> bool {
        !matches!(self, Self::Unasked(_))
    }
}

pub type Answer<T> = Result<T, Missing>;

/// An answer that was asked for, with the whole chain of what went wrong.
pub(crate) fn answer<T>(result: anyhow::Result<T>) -> Answer<T> {
    result.map_err(|error| {
        let reason = format!("{error:#}");
        if is_passing(&error) { Missing::Passing(reason) } else { Missing::Wrong(reason) }
    })
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
    /// The partitions that are being given other replicas, by topic.
    pub reassignments: Answer<BTreeMap<String, Vec<i32>>>,
    /// Who has the turn, by the nodes that it consists of.
    pub turns: Answer<Vec<Held>>,
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
            server.client.state == Err(Closed::Refused) || server.srvr.as_ref().is_err_and(Missing::was_asked)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{cluster, dead, healthy};

    /// A snapshot as it was written: whoever has kept one can read it.
    const KEPT: &str = r#"{
        "servers": { "a": {
            "client": { "address": "10.0.0.1:2181", "state": { "Ok": "10.0.0.9" } },
            "election": { "address": "10.0.0.1:3888", "state": { "Err": "Refused" } },
            "peer": null,
            "srvr": { "Ok": { "version": "3.9.5", "mode": "leader", "zxid": 8589934592 } },
            "mntr": { "Ok": { "zk_synced_followers": "2" } },
            "conf": { "Ok": { "values": { "serverId": "1" }, "members": {} } },
            "session": { "Ok": null }
        } },
        "brokers": { "a": {
            "listeners": [["PLAINTEXT", {
                "address": "10.0.0.1:9092", "state": { "Err": { "Silent": { "secs": 5, "nanos": 0 } } }
            }]],
            "connection": { "Err": { "Wrong": "it speaks TLS" } },
            "metadata": { "Ok": { "cluster_id": "x", "controller": 1, "brokers": [1], "topics": [] } },
            "config": { "Ok": [{
                "key": "num.partitions", "value": "3", "secret": false, "source": "static",
                "layers": [["static", "3"], ["default", "1"]]
            }] },
            "log_dirs": { "Ok": [{ "path": "/data", "error": null, "space": { "total": 2, "usable": 1 } }] }
        } },
        "registry": { "Ok": {
            "brokers": { "1": { "endpoints": [], "listener_security_protocol_map": {}, "rack": null } },
            "controller": 1, "cluster_id": "x",
            "topics": { "orders": { "keys": ["retention.ms"], "created": 7 } },
            "hosts": { "a": {
                "generation": { "generated": "0", "topics": ["orders"] }, "written": 9, "running": null
            } }
        } },
        "topics": { "Ok": {
            "topics": [{ "name": "orders", "internal": false, "error": null, "partitions": [
                { "index": 0, "leader": 1, "replicas": [1], "in_sync": [1], "offline": [] }
            ] }],
            "configs": { "Err": { "Unasked": "no quorum" } }
        } },
        "reassignments": { "Ok": { "orders": [0] } },
        "turns": { "Ok": [{
            "path": "/kafnix/turn", "since": 7, "version": 0,
            "turn": { "host": "a", "boot": "b", "services": { "kafka.service": "0" }, "reason": null, "runs": {} }
        }] },
        "local": true
    }"#;

    #[test]
    fn a_snapshot_that_was_kept_is_read_and_written_as_it_is() {
        let kept: serde_json::Value = serde_json::from_str(KEPT).unwrap();
        let read: Snapshot = serde_json::from_str(KEPT).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), kept);
    }

    #[test]
    fn nothing_is_lost_on_the_way_to_text_and_back() {
        let (mut snapshot, _) = healthy(&cluster());
        dead(&mut snapshot, "b");
        let text = serde_json::to_string(&snapshot).unwrap();
        assert_eq!(serde_json::from_str::<Snapshot>(&text).unwrap(), snapshot);
    }
}
