//! When a cluster that has come up is whole again: every broker knows every other and all topics of the spec, and each
//! partition has a leader and all its replicas in sync that are on brokers of the spec.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use kafnix_generator::Cluster;

use super::certificates;
use super::start::PATIENCE;
use kafnix_client as client;
use kafnix_client::Access;
use kafnix_client::kafka::admin::Metadata;
use kafnix_operate::brokers;
use kafnix_operate::progress::Progress;

const PAUSE: Duration = Duration::from_millis(100);
const ANSWER: Duration = Duration::from_secs(10);

/// Returns once the brokers of a moved cluster are as they should be, however long replicas take that
/// still catch up.
pub fn wait(cluster: &Cluster, progress: &dyn Progress) -> Result<()> {
    let access = certificates::access(cluster, ANSWER)?;
    let all = client::run(async {
        let mut before = String::new();
        let mut changed = Instant::now();
        loop {
            let error = match whole(cluster, &access).await {
                Ok(all) => return Ok(all),
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
    })??;
    tell_replicas_elsewhere(cluster, &all, progress);
    Ok(())
}

/// What a broker knows, which is all of these brokers, each replica on one of them in sync, and a leader for each
/// partition with such a replica.
async fn known(cluster: &Cluster, id: i64, brokers: &[i64], access: &Access) -> Result<Metadata> {
    let known = brokers::connect(cluster, id, access).await?.metadata(None).await?;
    if let Some(missing) = brokers.iter().find(|id| !known.brokers.contains(id)) {
        bail!("broker {id} does not know broker {missing}");
    }
    let partitions = known.topics.iter().flat_map(|topic| &topic.partitions);
    let behind = partitions.filter(|of| {
        let here: Vec<_> = of.replicas.iter().filter(|id| brokers.contains(id)).collect();
        !here.is_empty() && (of.leader.is_none() || here.iter().any(|id| !of.in_sync.contains(id)))
    });
    let behind = behind.count();
    ensure!(behind == 0, "{behind} partitions do not have all their replicas in sync");
    Ok(known)
}

/// What every broker of the spec knows, each topic of the spec included.
async fn whole(cluster: &Cluster, access: &Access) -> Result<Metadata> {
    let ids: Vec<_> = cluster.brokers().map(|(_, broker)| broker.id.value).collect();
    let mut all = Metadata::default();
    for id in &ids {
        all = known(cluster, *id, &ids, access).await?;
        let is_there = |name: &str| all.topics.iter().any(|of| of.name == name && !of.partitions.is_empty());
        if let Some(missing) = cluster.topics.iter().find(|topic| !is_there(&topic.name)) {
            bail!("broker {id} does not know topic `{}`", missing.name);
        }
    }
    Ok(all)
}

/// Replicas on brokers that have left the spec come into sync no more: nobody waits for them.
fn tell_replicas_elsewhere(cluster: &Cluster, all: &Metadata, progress: &dyn Progress) {
    let is_here = |id: &i64| cluster.brokers().any(|(_, broker)| broker.id.value == *id);
    let partitions = all.topics.iter().flat_map(|topic| &topic.partitions);
    let elsewhere: Vec<Vec<_>> =
        partitions.map(|of| of.replicas.iter().filter(|id| !is_here(id)).collect()).collect();
    let brokers: BTreeSet<_> = elsewhere.iter().flatten().map(ToString::to_string).collect();
    if !brokers.is_empty() {
        progress.note(&format!(
            "replicas on brokers that are not in the spec ({}) are not waited for (partitions: {}): \
             `kafka-reassign-partitions.sh` gives partitions other replicas",
            brokers.into_iter().collect::<Vec<_>>().join(", "),
            elsewhere.iter().filter(|of| !of.is_empty()).count()
        ));
    }
}
