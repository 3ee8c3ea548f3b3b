//! What a host tells the others of itself, in nodes of the ensemble: the configuration that it was switched to, and
//! what its services run with. It waits for the ensemble for as long as that takes.

use std::time::Duration;

use anyhow::{Error, Result};
use kafnix_client as client;
use kafnix_client::zookeeper::session::{Registry, refused};
use kafnix_client::{Access, is_passing};
use kafnix_generator::Cluster;
use kafnix_protocol::registry::{Generation, HOSTS, RUNNING, Running, below};
use serde::Serialize;
use zookeeper_client::{Acls, Client, CreateMode, Error as Ensemble};

use crate::ensemble;
use crate::observe::chroot;
use crate::progress::Progress;
use crate::repeat::Pauses;

/// A server that does not answer within this is asked again.
pub(crate) const ANSWER: Duration = Duration::from_secs(10);
static ENSEMBLE: Access = Access::plain(ANSWER);

/// The declared topics stand in it by their names, so that a host with an older spec knows that it has one.
pub fn generation_of(cluster: &Cluster, generated: Option<String>) -> Generation {
    Generation { generated, topics: cluster.topics.iter().map(|topic| topic.name.clone()).collect() }
}

/// Tells which configuration a host has. False where it has been told before: then the node stays as old as it is,
/// since the one that was written last is of the newest configuration.
pub fn generation(cluster: &Cluster, host: &str, it: &Generation, progress: &dyn Progress) -> Result<bool> {
    publish(cluster, &path(cluster, host), it, progress)
}

/// Tells what a host's services run with, below what [`generation`] has told.
pub fn running(cluster: &Cluster, host: &str, it: &Running, progress: &dyn Progress) -> Result<bool> {
    publish(cluster, &format!("{}/{RUNNING}", path(cluster, host)), it, progress)
}

/// The node of a host.
pub(crate) fn path(cluster: &Cluster, host: &str) -> String {
    format!("{}/{host}", below(chroot(cluster), HOSTS))
}

/// The hosts that kafnix configures and that have published nothing.
pub(crate) fn silent<'a>(cluster: &'a Cluster, registry: &Registry) -> Vec<&'a str> {
    let managed = cluster.hosts.iter().filter(|host| host.managed.value).map(|host| host.name.as_str());
    managed.filter(|name| !registry.hosts.contains_key(*name)).collect()
}

/// How often an ensemble is asked that does not answer yet.
pub(crate) fn pauses() -> Pauses {
    Pauses::from(Duration::from_secs(1), Duration::from_secs(5))
}

/// Tells why an ensemble is asked again.
pub(crate) fn waiting(error: &Error, progress: &dyn Progress) {
    if is_passing(error) {
        progress.server("ensemble", &format!("waiting for the ensemble: {error:#}"), false);
    } else {
        progress.server("znodes", &format!("tries again: {error:#}"), false);
    }
}

fn publish(cluster: &Cluster, path: &str, it: &impl Serialize, progress: &dyn Progress) -> Result<bool> {
    let data = serde_json::to_vec(it)?;
    client::run(async {
        let mut pauses = pauses();
        loop {
            let written = ensemble::within_one(cluster, &ENSEMBLE, async |session| {
                write(session, path, &data).await.map_err(|error| refused("write", path, error))
            });
            match written.await {
                Ok(is_new) => return Ok(is_new),
                Err(error) => waiting(&error, progress),
            }
            pauses.pause().await;
        }
    })?
}

/// Writes a node where it holds something else.
async fn write(session: &Client, path: &str, data: &[u8]) -> Result<bool, Ensemble> {
    let persistent = CreateMode::Persistent.with_acls(Acls::anyone_all());
    session.sync("/").await?;
    loop {
        let done = match session.get_data(path).await {
            Ok((before, _)) if before == data => return Ok(false),
            Ok(_) => session.set_data(path, data, None).await.map(drop),
            Err(Ensemble::NoNode) => {
                if let Some((folder, _)) = path.rsplit_once('/') {
                    session.mkdir(folder, &persistent).await?;
                }
                session.create(path, data, &persistent).await.map(drop)
            }
            Err(error) => return Err(error),
        };
        match done {
            Ok(()) => return Ok(true),
            // Somebody has been as fast.
            Err(Ensemble::NoNode | Ensemble::NodeExists) => {}
            Err(error) => return Err(error),
        }
    }
}
