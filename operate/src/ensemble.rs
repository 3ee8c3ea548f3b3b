//! The way to an ensemble: the first of its servers that opens a session.

use anyhow::{Result, bail};
use kafnix_client::zookeeper::session;
use kafnix_client::{Access, within};
use kafnix_generator::Cluster;
use zookeeper_client::Client;

use crate::round_trip::close;

/// A session with the first server that opens one; the reason of the last one where none does.
pub(crate) async fn open(cluster: &Cluster, access: &Access) -> Result<Client> {
    let mut last = None;
    let servers = &cluster.ensemble().connect.value;
    for address in servers {
        match session::open(&access.to(address)).await {
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
    access: &Access,
    work: impl AsyncFnOnce(&Client) -> Result<T>,
) -> Result<T> {
    let session = open(cluster, access).await?;
    let done = within(access.limit, "the ensemble", work(&session)).await;
    close([session]).await;
    done
}
