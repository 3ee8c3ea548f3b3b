//! When a cluster that has come up is whole again: every broker knows every other, and each partition
//! has a leader and all its replicas in sync.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use kafnix_generator::Cluster;
use kafnix_generator::role::Role;

use super::changes;
use super::plan::Planned;
use super::server::Server;
use super::start::PATIENCE;
use kafnix_client as client;
use kafnix_operate::progress::Progress;

use kafnix_operate::brokers;

const PAUSE: Duration = Duration::from_millis(100);
const ANSWER: Duration = Duration::from_secs(10);

/// Returns once the brokers of a moved cluster are as they should be, however long replicas take that
/// still catch up.
pub fn wait(cluster: &Cluster, progress: &dyn Progress) -> Result<()> {
    until(async || is_whole(cluster).await, &|| true, progress).map(drop)
}

/// A broker, and whether its listeners are where they are planned.
#[derive(Debug)]
pub(super) struct Asked {
    id: i64,
    server: Server,
    is_there: bool,
}

impl Asked {
    /// Every broker, of which some may run otherwise than they are planned.
    pub(super) fn all(moved: &Cluster, planned: &[Planned]) -> Vec<Self> {
        const LISTENERS: [&str; 2] = ["listeners", "listener.security.protocol.map"];
        let asked = moved.brokers().filter_map(|(host, broker)| {
            let is_it = |one: &&Planned| one.server.host == host.name && one.server.role == Role::Broker;
            let Planned { server, plan, .. } = planned.iter().find(is_it)?;
            let is_there = server.plan().is_some_and(|before| changes::is_same(&before, plan, &LISTENERS));
            Some(Self { id: broker.id.value, server: server.clone(), is_there })
        });
        asked.collect()
    }
}

/// What is known of a cluster with all its replicas in sync.
#[derive(Debug, Default)]
pub(super) struct InSync {
    pub(super) controller: Option<i64>,
}

/// Returns once each replica on a broker that serves is in sync; with nothing where not all servers run any more.
pub(super) fn before_a_restart(
    cluster: &Cluster,
    brokers: &[Asked],
    all_run: &dyn Fn() -> bool,
    progress: &dyn Progress,
) -> Result<Option<InSync>> {
    let serving: Vec<_> = brokers.iter().filter(|asked| asked.server.status().serves()).collect();
    until(async || are_in_sync(cluster, &serving).await, all_run, progress)
}

/// Asks again until there is an answer; none where not all servers run any more.
fn until<T>(
    mut ask: impl AsyncFnMut() -> Result<T>,
    all_run: &dyn Fn() -> bool,
    progress: &dyn Progress,
) -> Result<Option<T>> {
    client::run(async {
        let mut before = String::new();
        let mut changed = Instant::now();
        loop {
            let error = match ask().await {
                Ok(answer) => return Ok(Some(answer)),
                Err(_) if !all_run() => return Ok(None),
                Err(error) => error,
            };
            let reason = format!("{error:#}");
            if reason != before {
                progress.server("replicas", &reason, false);
                (before, changed) = (reason, Instant::now());
            }
            if changed.elapsed() > PATIENCE {
                return Err(error.context(format!("nothing has changed for {} s", PATIENCE.as_secs())));
            }
            tokio::time::sleep(PAUSE).await;
        }
    })?
}

/// Every broker that can be asked knows all that serve, and their replicas are in sync.
async fn are_in_sync(cluster: &Cluster, serving: &[&Asked]) -> Result<InSync> {
    let mut in_sync = InSync::default();
    let serves = |id: &&i64| serving.iter().any(|asked| asked.id == **id);
    for Asked { id, .. } in serving.iter().filter(|asked| asked.is_there) {
        let known = brokers::connect(cluster, *id, ANSWER).await?.metadata(None).await?;
        if let Some(missing) = serving.iter().find(|asked| !known.brokers.contains(&asked.id)) {
            bail!("broker {id} does not know broker {}", missing.id);
        }
        let partitions = known.topics.iter().flat_map(|topic| &topic.partitions);
        let behind = partitions.filter(|of| {
            let here: Vec<_> = of.replicas.iter().filter(serves).collect();
            !here.is_empty() && (of.leader.is_none() || here.iter().any(|id| !of.in_sync.contains(id)))
        });
        let behind = behind.count();
        ensure!(behind == 0, "{behind} partitions do not have all their replicas in sync");
        in_sync.controller = known.controller;
    }
    Ok(in_sync)
}

async fn is_whole(cluster: &Cluster) -> Result<()> {
    let expected = cluster.brokers().count();
    for (host, broker) in cluster.brokers() {
        let mut connection = brokers::connect(cluster, broker.id.value, ANSWER).await?;
        let known = connection.metadata(None).await?;
        ensure!(
            known.brokers.len() >= expected,
            "{} knows {} of {expected} brokers",
            host.name,
            known.brokers.len()
        );
        let partitions = known.topics.iter().flat_map(|topic| &topic.partitions);
        let behind =
            partitions.filter(|of| of.leader.is_none() || of.in_sync.len() < of.replicas.len()).count();
        if behind > 0 {
            bail!("{behind} partitions do not have all their replicas in sync");
        }
    }
    Ok(())
}
