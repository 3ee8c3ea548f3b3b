//! A session with one ZooKeeper server, and what Kafka keeps there: who is registered, who controls, and
//! which cluster it is.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use kafnix_protocol::registry::{
    BROKER_IDS, CLUSTER_ID, CONTROLLER, ClusterId, Generation, HOSTS, KAFKA_TOPICS, OwnedTopic, RUNNING,
    Registration, Running, TOPICS, below,
};
use serde::{Deserialize, Serialize};
use zookeeper_client::{Client, Error};

use crate::{Target, within};

/// The shortest that a server with any usual tick grants; what is left behind by a crash lives as long.
const SESSION: Duration = Duration::from_secs(6);

/// A session with exactly this server. Its library opens the connection, and again whenever it breaks.
pub async fn open(target: &Target) -> Result<Client> {
    let address = &target.address;
    let connect = Client::connector().with_session_timeout(SESSION).with_fail_eagerly().connect(address);
    let opened = async {
        connect.await.map_err(|error| match error {
            Error::NoHosts => anyhow!(NoSession(address.clone())),
            error => anyhow!(error).context(format!("{address} opens no session")),
        })
    };
    target.within(opened).await
}

/// A server took no connection, or closed it at once.
#[derive(Debug)]
pub(crate) struct NoSession(String);

impl fmt::Display for NoSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} opens no session: no server runs there, or it is in no quorum", self.0)
    }
}

impl std::error::Error for NoSession {}

/// What Kafka's brokers keep under their chroot, and kafnix beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registry {
    pub brokers: BTreeMap<i64, Registration>,
    pub controller: Option<i64>,
    pub cluster_id: Option<String>,
    /// Topics with settings that kafnix has set.
    pub topics: BTreeMap<String, OwnedTopic>,
    /// What hosts say of themselves, by their names.
    #[serde(default)]
    pub hosts: BTreeMap<String, PublishedHost>,
}

/// What a host has published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedHost {
    /// Absent where the node holds what nobody can read.
    pub generation: Option<Generation>,
    /// The transaction that wrote it: the greatest one is of the newest generation.
    pub written: i64,
    pub running: Option<Running>,
}

#[derive(Deserialize)]
struct Controller {
    brokerid: i64,
}

/// Reads what is registered, as new as the whole ensemble has it.
pub async fn registry(client: &Client, chroot: &str, limit: Duration) -> Result<Registry> {
    within(limit, "the ensemble", async {
        client.sync("/").await.context("the ensemble does not bring the session up to date")?;
        let mut registry = Registry {
            controller: read::<Controller>(client, &below(chroot, CONTROLLER)).await?.map(|of| of.brokerid),
            cluster_id: read::<ClusterId>(client, &below(chroot, CLUSTER_ID)).await?.map(|of| of.id),
            ..Registry::default()
        };
        let ids = below(chroot, BROKER_IDS);
        for name in names(client, &ids).await? {
            let id = name.parse().with_context(|| format!("`{ids}/{name}` is not a broker id"))?;
            // A broker may be gone since the list was made.
            if let Some(broker) = read(client, &format!("{ids}/{name}")).await? {
                registry.brokers.insert(id, broker);
            }
        }
        registry.topics = owned(client, chroot).await?;
        registry.hosts = hosts(client, chroot).await?;
        Ok(registry)
    })
    .await
}

/// What kafnix has written of topics that are still the same ones. What nobody can read is as good as nothing: what
/// was set by it counts as set by others.
async fn owned(client: &Client, chroot: &str) -> Result<BTreeMap<String, OwnedTopic>> {
    let mut all = BTreeMap::new();
    let folder = below(chroot, TOPICS);
    for name in names(client, &folder).await? {
        let Some(data) = data(client, &format!("{folder}/{name}")).await? else { continue };
        let Ok(topic) = serde_json::from_slice::<OwnedTopic>(&data) else { continue };
        if topic.created.is_none() || topic.created == created(client, chroot, &name).await? {
            all.insert(name, topic);
        }
    }
    Ok(all)
}

/// What hosts have published.
async fn hosts(client: &Client, chroot: &str) -> Result<BTreeMap<String, PublishedHost>> {
    let mut all = BTreeMap::new();
    let folder = below(chroot, HOSTS);
    for name in names(client, &folder).await? {
        let path = format!("{folder}/{name}");
        let (data, stat) = match client.get_data(&path).await {
            Err(Error::NoNode) => continue,
            found => found.map_err(|error| refused("read", &path, error))?,
        };
        let generation = serde_json::from_slice(&data).ok();
        let running = self::data(client, &format!("{path}/{RUNNING}")).await?;
        let running = running.and_then(|data| serde_json::from_slice(&data).ok());
        all.insert(name, PublishedHost { generation, written: stat.mzxid, running });
    }
    Ok(all)
}

/// The transaction that created a topic, where it is there.
pub async fn created(client: &Client, chroot: &str, topic: &str) -> Result<Option<i64>> {
    let path = format!("{}/{topic}", below(chroot, KAFKA_TOPICS));
    let stat = client.check_stat(&path).await.map_err(|error| refused("read", &path, error))?;
    Ok(stat.map(|stat| stat.czxid))
}

/// The names of the nodes below one; none where that is not there.
async fn names(client: &Client, path: &str) -> Result<Vec<String>> {
    match client.list_children(path).await {
        Err(Error::NoNode) => Ok(Vec::new()),
        names => names.map_err(|error| refused("list", path, error)),
    }
}

async fn read<T: for<'a> Deserialize<'a>>(client: &Client, path: &str) -> Result<Option<T>> {
    let Some(data) = data(client, path).await? else { return Ok(None) };
    let value = serde_json::from_slice(&data);
    value.map(Some).with_context(|| format!("`{path}` holds what Kafka does not write"))
}

async fn data(client: &Client, path: &str) -> Result<Option<Vec<u8>>> {
    match client.get_data(path).await {
        Err(Error::NoNode) => Ok(None),
        Err(error) => Err(refused("read", path, error)),
        Ok((data, _)) => Ok(Some(data)),
    }
}

/// Why something cannot be done to a node. One that somebody has closed stays closed until a person opens it.
pub fn refused(what: &str, path: &str, error: Error) -> anyhow::Error {
    let context = format!("cannot {what} `{path}`");
    match error {
        Error::NoAuth => anyhow!(
            "{context}: its access list, or that of the znode above it, does not allow it; `zkCli.sh getAcl` shows \
             whom it allows, and one of them can change it with `zkCli.sh setAcl`"
        ),
        error => anyhow!(error).context(context),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_is_read_as_kafka_writes_it() {
        let text = r#"{"features":{},"listener_security_protocol_map":{"PLAINTEXT":"PLAINTEXT"},
            "endpoints":["PLAINTEXT://10.0.0.11:9092"],"jmx_port":-1,"port":9092,"host":"10.0.0.11",
            "version":5,"timestamp":"1795478400000","rack":"a"}"#;
        let read: Registration = serde_json::from_str(text).unwrap();
        assert_eq!(read.endpoints, ["PLAINTEXT://10.0.0.11:9092"]);
        assert_eq!(read.rack.as_deref(), Some("a"));
    }

    #[test]
    fn what_names_no_topics_is_no_generation() {
        assert!(serde_json::from_str::<Generation>(r#"{ "topics": ["orders"] }"#).is_ok());
        for other in [r#"{ "generated": "0" }"#, r#"{ "version": 2, "declared": [] }"#, "{}", "[]", ""] {
            assert!(serde_json::from_str::<Generation>(other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_node_that_somebody_has_closed_comes_with_the_way_out() {
        let refused = |error| format!("{:#}", refused("write", "/k/kafnix/hosts/a", error));
        assert!(refused(Error::NoAuth).ends_with("one of them can change it with `zkCli.sh setAcl`"));
        assert_eq!(refused(Error::Timeout), "cannot write `/k/kafnix/hosts/a`: timeout");
    }
}
