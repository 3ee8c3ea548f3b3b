//! Creates the topics of the spec that are missing: the same step as in a plan, and no other.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use kafnix_client as client;
use kafnix_generator::Cluster;

use super::step::Executor;
use crate::brokers::unregistered;
use crate::observe::{Options, look};
use crate::plan::{Identity, Step, plan};
use crate::progress::Progress;
use crate::repeat::repeat;
use crate::snapshot::Snapshot;

#[derive(Debug)]
pub struct Created {
    /// The names of the topics that were missing.
    pub topics: Vec<String>,
    /// What the servers answered before.
    pub snapshot: Snapshot,
}

/// Creates every topic of the spec that is missing, once all brokers of the spec are registered: where its partitions
/// are placed is decided for good then. What keeps it from that for `limit` is an error, and told before.
pub fn create_topics(
    cluster: &Cluster,
    options: &Options,
    limit: Duration,
    progress: &dyn Progress,
) -> Result<Created> {
    client::run(create(cluster, options, limit, progress))?
}

pub(crate) async fn create(
    cluster: &Cluster,
    options: &Options,
    limit: Duration,
    progress: &dyn Progress,
) -> Result<Created> {
    let until = Instant::now() + limit;
    let mut topics = Vec::new();
    let attempt = async || attempt(cluster, options, until, progress, &mut topics).await;
    let snapshot = repeat(until, progress, attempt).await?;
    Ok(Created { topics, snapshot })
}

/// One refusal keeps no other topic from being created.
async fn attempt(
    cluster: &Cluster,
    options: &Options,
    until: Instant,
    progress: &dyn Progress,
    created: &mut Vec<String>,
) -> Result<Snapshot> {
    let snapshot = look(cluster, options, progress).await;
    let plan = plan(cluster, &snapshot);
    all_are_there(cluster, &snapshot)?;
    // Brokers join their ensemble by the spec, whether it has the cluster's id or not.
    if let Identity::Other(id) = &plan.identity {
        bail!("the cluster that answers is {id}, not that of the spec");
    }
    let mut executor = Executor::of(cluster, &options.access);
    let mut refused = Vec::new();
    for step in plan.steps.iter().filter(|step| matches!(step, Step::CreateTopic { .. })) {
        let topic = step.topic();
        match executor.perform(step, until, progress).await? {
            Some(reason) => refused.push(format!("topic `{topic}` cannot be created: {reason}")),
            None if created.iter().any(|created| created == topic) => {}
            None => created.push(topic.to_owned()),
        }
    }
    executor.close().await;
    ensure!(refused.is_empty(), "{}", refused.join("; "));
    Ok(snapshot)
}

fn all_are_there(cluster: &Cluster, snapshot: &Snapshot) -> Result<()> {
    let registry = match &snapshot.registry {
        Ok(registry) => registry,
        Err(missing) => bail!("it is not known which brokers are registered: {}", missing.reason()),
    };
    let missing = unregistered(cluster, registry);
    ensure!(missing.is_empty(), "not registered: {}", missing.join(", "));
    match &snapshot.topics {
        Ok(_) => Ok(()),
        Err(missing) => bail!("it is not known which topics there are: {}", missing.reason()),
    }
}
