//! Makes a running cluster what its spec says, as far as that needs no restart: does the steps of a plan, one after the
//! other. Each can be interrupted and done again; what kafnix will have set is written down before it is set.

mod owned;
mod step;
mod create;
mod delete;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use kafnix_client as client;
use kafnix_client::kafka::admin::Source;
use kafnix_generator::Cluster;
use serde::Serialize;

pub(crate) use create::create;
pub use create::{Created, create_topics};
pub use delete::{Deleted, delete};

use crate::observe::{Options, look, look_until};
use crate::plan::{Identity, Plan, Step, plan};
use crate::progress::Progress;
use crate::snapshot::Snapshot;
use step::Executor;

/// How long one step may be tried: a controller that has just been elected turns requests away.
const STEP: Duration = Duration::from_secs(60);

/// What came of a plan.
#[derive(Debug, Serialize)]
pub struct Applied {
    pub done: Vec<Step>,
    pub failed: Vec<Failed>,
    /// What is left, as the servers said afterwards.
    #[serde(flatten)]
    pub left: Plan,
}

/// A step that was not done.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Failed {
    #[serde(flatten)]
    pub step: Step,
    pub reason: String,
}

/// Does the steps that were shown. The cluster is asked anew before: where it has changed since, nothing is done. A
/// step that the brokers refuse keeps no other from being done; where no broker can be reached any more, it ends.
pub fn apply(cluster: &Cluster, options: &Options, shown: &Plan, progress: &dyn Progress) -> Result<Applied> {
    client::run(run(cluster, options, shown, progress))?
}

async fn run(cluster: &Cluster, options: &Options, shown: &Plan, progress: &dyn Progress) -> Result<Applied> {
    let snapshot = look(cluster, options, progress).await;
    let now = plan(cluster, &snapshot);
    is_certain(cluster, &now.identity, &snapshot)?;
    ensure!(
        now.digest() == shown.digest(),
        "the cluster has changed since the plan {} was made, and nothing was done: the plan is {} now",
        shown.digest(),
        now.digest()
    );
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    let mut executor = Executor::of(cluster, &options.access);
    let until = Instant::now() + STEP;
    for (topic, keys) in untidy(cluster, &snapshot) {
        executor.tidy(topic, &keys, until, progress).await?;
    }
    if now.steps.is_empty() {
        executor.close().await;
        return Ok(Applied { done, failed, left: now });
    }
    for step in now.steps {
        match executor.perform(&step, Instant::now() + STEP, progress).await {
            Ok(None) => {
                progress.note(&step::told(&step));
                done.push(step);
            }
            Ok(Some(refused)) => failed.push(Failed { step, reason: refused.to_string() }),
            Err(error) => {
                failed.push(Failed { step, reason: format!("{error:#}") });
                break;
            }
        }
    }
    executor.close().await;
    // Brokers hear from the controller what was done, a moment later.
    let lags = |snapshot: &Snapshot| {
        let left = plan(cluster, snapshot).steps;
        let lags = |step: &&Step| left.iter().any(|left| step.is_alike(left));
        let topic = done.iter().find(lags)?.topic();
        Some(format!("not every broker knows yet what was done to the topic `{topic}`"))
    };
    let left = plan(cluster, &look_until(cluster, options, lags, progress).await);
    Ok(Applied { done, failed, left })
}

/// What a run has left that was interrupted: topics that are not bound to what is written of them, and keys that are
/// written as kafnix's and are set no more.
fn untidy<'a>(cluster: &'a Cluster, snapshot: &'a Snapshot) -> Vec<(&'a str, Vec<&'a String>)> {
    let configs = snapshot.topics.as_ref().ok().and_then(|facts| facts.configs.as_ref().ok());
    let all = snapshot.registry.iter().flat_map(|registry| &registry.topics);
    let untidy = all.filter_map(|(name, owned)| {
        let declared = cluster.topics.iter().find(|topic| topic.name == *name);
        let config = declared.and(configs).and_then(|configs| configs.get(name));
        let is_used = |key: &String| {
            declared.is_some_and(|topic| topic.settings.contains_key(key))
                || config.is_none_or(|config| {
                    config.iter().any(|entry| entry.key == *key && entry.source == Source::Topic)
                })
        };
        let unused: Vec<_> = owned.keys.iter().filter(|key| !is_used(key)).collect();
        (owned.created.is_none() || !unused.is_empty()).then_some((name.as_str(), unused))
    });
    untidy.collect()
}

/// Nothing is changed where another cluster may have answered.
fn is_certain(cluster: &Cluster, identity: &Identity, snapshot: &Snapshot) -> Result<()> {
    match identity {
        Identity::Same(_) => Ok(()),
        // An ensemble alone has no topics.
        Identity::Unknown if cluster.kafka.is_none() => Ok(()),
        Identity::Unknown => {
            let why = match &snapshot.registry {
                Err(missing) => missing.reason(),
                Ok(_) => "no Kafka cluster is known below its chroot",
            };
            let servers = snapshot.servers.iter();
            let each = servers.filter_map(|(name, server)| {
                Some(format!("; {name}: {}", server.session.as_ref().err()?.reason()))
            });
            bail!(
                "nothing was done, since it is not known which cluster this is: {why}{}",
                each.collect::<String>()
            )
        }
        Identity::Other(id) => {
            bail!("the cluster that answers is {id}, not that of the spec: nothing was done")
        }
        Identity::Unwritten(id) => {
            bail!("the spec does not say that it is the cluster {id}: nothing was done")
        }
    }
}
