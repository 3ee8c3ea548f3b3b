//! A session with one ZooKeeper server, and what Kafka keeps there: who is registered, who controls, and
//! which cluster it is.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use kafnix_protocol::registry::{
    BROKER_IDS, CLUSTER_ID, CONTROLLER, ClusterId, OwnedTopic, Registration, TOPICS, below,
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
    target.within(async { connect.await.with_context(|| format!("{address} opens no session")) }).await
}

/// What Kafka's brokers keep under their chroot, and kafnix beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registry {
    pub brokers: BTreeMap<i64, Registration>,
    pub controller: Option<i64>,
    pub cluster_id: Option<String>,
    /// Topics with settings that kafnix has set.
    pub topics: BTreeMap<String, OwnedTopic>,
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
        for (name, broker) in children(client, &ids).await? {
            let id = name.parse().with_context(|| format!("`{ids}/{name}` is not a broker id"))?;
            registry.brokers.insert(id, broker);
        }
        registry.topics = children(client, &below(chroot, TOPICS)).await?;
        Ok(registry)
    })
    .await
}

/// What stands in each node below one; nothing where that is not there.
async fn children<T: for<'a> Deserialize<'a>>(client: &Client, path: &str) -> Result<BTreeMap<String, T>> {
    let names = match client.list_children(path).await {
        Err(Error::NoNode) => Vec::new(),
        names => names.with_context(|| format!("cannot list `{path}`"))?,
    };
    let mut all = BTreeMap::new();
    for name in names {
        // One may be gone since the list was made.
        if let Some(value) = read(client, &format!("{path}/{name}")).await? {
            all.insert(name, value);
        }
    }
    Ok(all)
}

async fn read<T: for<'a> Deserialize<'a>>(client: &Client, path: &str) -> Result<Option<T>> {
    match client.get_data(path).await {
        Err(Error::NoNode) => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{path}`")),
        Ok((data, _)) => {
            let value = serde_json::from_slice(&data);
            value.map(Some).with_context(|| format!("`{path}` holds what neither Kafka nor kafnix writes"))
        }
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
}
