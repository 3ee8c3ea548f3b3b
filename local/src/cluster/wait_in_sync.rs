//! When a cluster that has come up is whole again: every broker knows every other, and each partition
//! has a leader and all its replicas in sync.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use kafnix_generator::Cluster;

use super::start::PATIENCE;
use kafnix_client as client;
use kafnix_operate::progress::Progress;

use kafnix_operate::brokers;

const PAUSE: Duration = Duration::from_millis(100);
const ANSWER: Duration = Duration::from_secs(10);

/// Returns once the brokers of a moved cluster are as they should be, however long replicas take that
/// still catch up.
pub fn wait(cluster: &Cluster, progress: &dyn Progress) -> Result<()> {
    client::run(async {
        let mut before = String::new();
        let mut changed = Instant::now();
        loop {
            let Err(error) = is_whole(cluster).await else { return Ok(()) };
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
