//! The id of the cluster: in the ensemble, in the broker's log directories, and perhaps in the spec.
//! All that name one must name the same. An ensemble that has lost its data would give the brokers a
//! new cluster, in which their logs are strays; so it is not the broker that finds out.

use std::path::PathBuf;

use anyhow::Result;
use kafnix_protocol::registry::{CLUSTER_ID, ClusterId};
use zookeeper_client::{Acls, Client, CreateMode, Error};

use super::broker::Broker;
use super::link::Link;
use crate::ensemble::Roll;
use crate::exit::refuse;

#[derive(Debug, Eq, PartialEq)]
enum Verdict {
    /// The broker may start.
    Fits,
    /// The ensemble is to be told the id first.
    Give(String),
}

/// Compares the ids and gives the ensemble that of the spec where it has none. The outer error is that
/// the ensemble does not answer, the inner one a refusal.
pub async fn reconcile(
    broker: &Broker,
    logs: Option<&(String, PathBuf)>,
    link: &mut Link<'_>,
) -> Result<Result<()>, Roll> {
    let path = broker.ensemble.path(CLUSTER_ID);
    loop {
        let node = link.ask(async |client: &Client| read(client, &path).await).await?;
        let id = match judge(broker, &path, node.as_deref(), logs) {
            Err(refusal) => return Ok(Err(refusal)),
            Ok(Verdict::Fits) => return Ok(Ok(())),
            Ok(Verdict::Give(id)) => id,
        };
        link.ask(async |client: &Client| create(client, &path, &id).await).await?;
    }
}

async fn read(client: &Client, path: &str) -> Result<Option<Vec<u8>>, Error> {
    client.sync("/").await?;
    match client.get_data(path).await {
        Ok((data, _)) => Ok(Some(data)),
        Err(Error::NoNode) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Another broker may be as fast: what then stands there is read and judged.
async fn create(client: &Client, path: &str, id: &str) -> Result<(), Error> {
    let options = CreateMode::Persistent.with_acls(Acls::anyone_all());
    if let Some((parent, _)) = path.rsplit_once('/') {
        client.mkdir(parent, &options).await?;
    }
    let node = ClusterId { version: "1".to_owned(), id: id.to_owned() };
    let text = serde_json::to_vec(&node).unwrap_or_default();
    match client.create(path, &text, &options).await {
        Ok(_) | Err(Error::NodeExists) => Ok(()),
        Err(error) => Err(error),
    }
}

fn judge(
    broker: &Broker,
    path: &str,
    node: Option<&[u8]>,
    logs: Option<&(String, PathBuf)>,
) -> Result<Verdict> {
    let here = &broker.owner;
    let Some(node) = node else {
        return match (logs, &broker.cluster_id) {
            (Some((id, file)), _) => Err(refuse(format!(
                "the ensemble has forgotten this cluster: it has no {path}, and {} says that {here} is of the \
                 cluster {id}, whose topics only the ensemble knows: bring the ensemble's data back, or correct \
                 the chroot, or empty the log directories of all brokers if their data may go",
                file.display()
            ))),
            (None, Some(id)) => Ok(Verdict::Give(id.clone())),
            (None, None) => Ok(Verdict::Fits),
        };
    };
    let Ok(ClusterId { id, .. }) = serde_json::from_slice(node) else {
        return Err(refuse(format!("{path} in the ensemble is not what Kafka writes there: correct it")));
    };
    if let Some((own, file)) = logs
        && *own != id
    {
        return Err(refuse(format!(
            "{} says that this directory is of the cluster {own}, and the ensemble that {here} belongs to says {id} \
             in {path}: mount the right disk, correct `zookeeper.connect` or the chroot, or empty the directory if \
             its data may go",
            file.display()
        )));
    }
    if let Some(given) = broker.cluster_id.as_ref().filter(|given| **given != id) {
        return Err(refuse(format!(
            "the ensemble says in {path} that the cluster is {id}, and `kafka.clusterId` of {here} is {given}: correct \
             `kafka.clusterId`, `zookeeper.connect` or the chroot"
        )));
    }
    Ok(Verdict::Fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::broker::Ensemble;
    use crate::ownership::{Owner, Role};

    fn judged(node: Option<&str>, logs: Option<&str>, given: Option<&str>) -> Result<Verdict> {
        let broker = Broker {
            owner: Owner { cluster: "c".to_owned(), role: Role::Broker, id: 1 },
            cluster_id: given.map(str::to_owned),
            directories: Vec::new(),
            listeners: Vec::new(),
            stores: Vec::new(),
            advertised: Vec::new(),
            ensemble: Ensemble { members: Vec::new(), chroot: String::new() },
            hand_over: std::time::Duration::ZERO,
        };
        let logs = logs.map(|id| (id.to_owned(), PathBuf::from("/d/meta.properties")));
        let node = node.map(|id| format!("{{\"version\":\"1\",\"id\":\"{id}\"}}").into_bytes());
        judge(&broker, CLUSTER_ID, node.as_deref(), logs.as_ref())
    }

    #[test]
    fn what_names_the_same_cluster_fits() {
        for (node, logs, given) in [
            (None, None, None),
            (Some("x"), None, None),
            (Some("x"), Some("x"), None),
            (Some("x"), None, Some("x")),
            (Some("x"), Some("x"), Some("x")),
        ] {
            assert_eq!(judged(node, logs, given).unwrap(), Verdict::Fits);
        }
    }

    #[test]
    fn a_new_ensemble_is_told_the_id_of_the_spec() {
        assert_eq!(judged(None, None, Some("x")).unwrap(), Verdict::Give("x".to_owned()));
    }

    #[test]
    fn an_ensemble_that_has_forgotten_the_cluster_is_refused() {
        for given in [None, Some("x")] {
            let error = judged(None, Some("x"), given).unwrap_err();
            assert!(
                format!("{error}")
                    .starts_with("the ensemble has forgotten this cluster: it has no /cluster/id")
            );
        }
    }

    #[test]
    fn another_cluster_is_refused() {
        let sentence = |node, logs, given| format!("{}", judged(node, logs, given).unwrap_err());
        assert!(sentence(Some("y"), Some("x"), None).contains("of the cluster x, and the ensemble"));
        assert!(sentence(Some("y"), None, Some("x")).contains("the cluster is y, and `kafka.clusterId`"));
    }

    #[test]
    fn the_node_is_written_as_kafka_writes_it() {
        let node = ClusterId { version: "1".to_owned(), id: "x".to_owned() };
        assert_eq!(serde_json::to_string(&node).unwrap(), "{\"version\":\"1\",\"id\":\"x\"}");
    }
}
