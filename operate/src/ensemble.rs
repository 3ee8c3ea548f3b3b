//! The way to an ensemble: the first of its servers that opens a session.

use std::time::Duration;

use anyhow::{Result, bail};
use kafnix_client::zookeeper::session;
use kafnix_client::{Target, within};
use kafnix_generator::Cluster;
use zookeeper_client::Client;

use crate::round_trip::close;

/// A session with the first server that opens one; the reason of the last one where none does.
pub(crate) async fn open(cluster: &Cluster, limit: Duration) -> Result<Client> {
    let mut last = None;
    let servers = &cluster.ensemble().connect.value;
    for address in servers {
        match session::open(&Target::new(address, limit)).await {
            Ok(session) => return Ok(session),
            Err(error) => last = Some(error),
        }
    }
    match last {
        Some(error) => {
            Err(error.context(format!("none of {} ZooKeeper servers can be asked", servers.len())))
        }
        None => bail!("the spec has no ZooKeeper server"),
    }
}

/// Does something in a session of its own.
pub(crate) async fn within_one<T>(
    cluster: &Cluster,
    limit: Duration,
    work: impl AsyncFnOnce(&Client) -> Result<T>,
) -> Result<T> {
    let session = open(cluster, limit).await?;
    let done = within(limit, "the ensemble", work(&session)).await;
    close([session]).await;
    done
}
