//! A session with one ZooKeeper server, and what Kafka keeps there: who is registered, who controls, and
//! which cluster it is.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;
use zookeeper_client::{Client, Error};

use crate::within;

/// The shortest that a server with any usual tick grants; what is left behind by a crash lives as long.
const SESSION: Duration = Duration::from_secs(6);

/// A session with exactly this server.
pub async fn open(address: &str, limit: Duration) -> Result<Client> {
    let connect = Client::connector().with_session_timeout(SESSION).with_fail_eagerly().connect(address);
    let opened = async { connect.await.with_context(|| format!("{address} opens no session")) };
    within(limit, address, opened).await
}

/// What Kafka's brokers keep under their chroot.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    pub brokers: BTreeMap<i64, Registration>,
    pub controller: Option<i64>,
    pub cluster_id: Option<String>,
}

/// What a broker says of itself when it registers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Registration {
    /// `NAME://host:port`
    #[serde(default)]
    pub endpoints: Vec<String>,
    #[serde(default)]
    pub listener_security_protocol_map: BTreeMap<String, String>,
    #[serde(default)]
    pub rack: Option<String>,
}

#[derive(Deserialize)]
struct Controller {
    brokerid: i64,
}

#[derive(Deserialize)]
struct ClusterId {
    id: String,
}

/// A node below the chroot.
pub fn below(chroot: &str, path: &str) -> String {
    format!("{}{path}", chroot.trim_end_matches('/'))
}

/// Reads what is registered, as new as the whole ensemble has it.
pub async fn registry(client: &Client, chroot: &str, limit: Duration) -> Result<Registry> {
    within(limit, "the ensemble", async {
        client.sync("/").await.context("the ensemble does not bring the session up to date")?;
        let mut registry = Registry {
            controller: read::<Controller>(client, &below(chroot, "/controller"))
                .await?
                .map(|of| of.brokerid),
            cluster_id: read::<ClusterId>(client, &below(chroot, "/cluster/id")).await?.map(|of| of.id),
            ..Registry::default()
        };
        let ids = below(chroot, "/brokers/ids");
        let names = match client.list_children(&ids).await {
            Err(Error::NoNode) => Vec::new(),
            names => names.with_context(|| format!("cannot list `{ids}`"))?,
        };
        for name in names {
            let id = name.parse().with_context(|| format!("`{ids}/{name}` is not a broker id"))?;
            // A broker may be gone since the list was made.
            if let Some(broker) = read(client, &format!("{ids}/{name}")).await? {
                registry.brokers.insert(id, broker);
            }
        }
        Ok(registry)
    })
    .await
}

async fn read<T: for<'a> Deserialize<'a>>(client: &Client, path: &str) -> Result<Option<T>> {
    match client.get_data(path).await {
        Err(Error::NoNode) => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{path}`")),
        Ok((data, _)) => {
            let value = serde_json::from_slice(&data);
            value.map(Some).with_context(|| format!("`{path}` holds what Kafka does not write"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chroot_ends_where_the_path_begins() {
        assert_eq!(below("/peter-kafka", "/brokers/ids"), "/peter-kafka/brokers/ids");
        assert_eq!(below("/", "/brokers/ids"), "/brokers/ids");
        assert_eq!(below("", "/brokers/ids"), "/brokers/ids");
    }

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
