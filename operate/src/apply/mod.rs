//! Does the steps of a plan, one after the other. Each can be interrupted and done again; what kafnix will have set is
//! written down before it is set.

pub(crate) mod owned;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use kafnix_client as client;
use kafnix_client::kafka::Connection;
use kafnix_client::kafka::admin::{NewTopic, Shape};
use kafnix_generator::Cluster;
use zookeeper_client::Client;

use crate::brokers;
use crate::observe::{Options, chroot, observe};
use crate::plan::{Identity, Plan, Step, plan};
use crate::progress::Progress;
use crate::repeat::repeat;
use crate::round_trip::close;

/// How long one step may be tried: a controller that has just been elected turns requests away.
const STEP: Duration = Duration::from_secs(60);

/// Does the steps that were shown and returns what is left to do. The cluster is asked anew before: where it has
/// changed since, nothing is done.
pub fn apply(cluster: &Cluster, options: &Options, shown: &Plan, progress: &dyn Progress) -> Result<Plan> {
    client::run(async {
        let observation = observe(cluster, options, None).await;
        let now = plan(cluster, &observation.snapshot);
        ensure!(
            now.digest() == shown.digest(),
            "the cluster has changed since the plan {} was made, and nothing was done: the plan is {} now",
            shown.digest(),
            now.digest()
        );
        match &now.identity {
            Identity::Same(_) => {}
            Identity::Unknown => {
                bail!(
                    "no ZooKeeper server tells which cluster this is, and nothing was done: is there a quorum?"
                )
            }
            Identity::Other(id) => {
                bail!("the cluster that answers is {id}, not that of the spec: nothing was done")
            }
            Identity::Unwritten(id) => {
                bail!("the spec does not say that it is the cluster {id}: nothing was done")
            }
        }
        let session = observation.sessions.values().next().context("no ZooKeeper server opens a session")?;
        let mut refused = Vec::new();
        for step in &now.steps {
            let work = Work { cluster, session, step };
            let until = Instant::now() + STEP;
            let mut refusal = None;
            let tried = repeat(until, progress, async || {
                refusal = work.attempt().await?;
                Ok(())
            });
            match (tried.await, refusal) {
                (Ok(()), None) => progress.note(&told(step)),
                (Ok(()), Some(reason)) => refused.push(format!("topic `{}`: {reason}", step.topic())),
                (Err(error), _) => refused.push(format!("topic `{}`: {error:#}", step.topic())),
            }
        }
        close(observation.sessions).await;
        ensure!(refused.is_empty(), "all else is done, but not this: {}", refused.join("; "));
        Ok(plan(cluster, &observe(cluster, options, None).await.snapshot))
    })?
}

/// A broker that does not answer within this is asked again.
const ANSWER: Duration = Duration::from_secs(10);

struct Work<'a> {
    cluster: &'a Cluster,
    session: &'a Client,
    step: &'a Step,
}

impl Work<'_> {
    /// An earlier attempt may have done it, and its answer been lost. Nothing is tried again that was refused for good.
    async fn attempt(&self) -> Result<Option<String>> {
        let ids: Vec<_> = self.cluster.brokers().map(|(_, broker)| broker.id.value).collect();
        let mut controller = brokers::controller(self.cluster, &ids, ANSWER).await?;
        let root = chroot(self.cluster);
        let refused = match self.step {
            Step::CreateTopic { topic, partitions, replicas, settings } => {
                owned::add(self.session, root, topic, settings.keys()).await?;
                if count(&mut controller, topic).await? > 0 {
                    return Ok(None);
                }
                let shape = Shape::Counted {
                    partitions: i32::try_from(*partitions).context("too many partitions")?,
                    replicas: i16::try_from(*replicas).context("too many replicas")?,
                };
                let pairs = settings.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
                let new = NewTopic { name: topic.clone(), shape, settings: pairs };
                let refused = controller.create_topics(&[new]).await?.pop().map(|(_, reason)| reason);
                if refused.is_none() {
                    owned::add(self.session, root, topic, settings.keys()).await?;
                }
                refused
            }
            Step::AddPartitions { topic, to, .. } => {
                if i64::try_from(count(&mut controller, topic).await?)? >= *to {
                    return Ok(None);
                }
                controller.create_partitions(topic, i32::try_from(*to)?).await?
            }
            Step::AlterTopic { topic, settings } => {
                let set = settings.iter().filter(|change| change.to.is_some());
                owned::add(self.session, root, topic, set.map(|change| &change.key)).await?;
                let changes: Vec<_> =
                    settings.iter().map(|change| (change.key.clone(), change.to.clone())).collect();
                let refused = controller.alter_topic(topic, &changes).await?;
                if refused.is_none() {
                    let taken = settings.iter().filter(|change| change.to.is_none());
                    owned::remove(self.session, root, topic, taken.map(|change| &change.key)).await?;
                }
                refused
            }
            Step::ElectLeaders { topic, partitions } => controller.elect_preferred(topic, partitions).await?,
        };
        match refused {
            Some(reason) if PASSING.iter().any(|error| reason.contains(error)) => bail!("{reason}"),
            refused => Ok(refused),
        }
    }
}

/// Errors of a cluster in motion: it is asked again.
const PASSING: [&str; 5] = [
    "NotController",
    "RequestTimedOut",
    "LeaderNotAvailable",
    "UnknownTopicOrPartition",
    "NotLeaderOrFollower",
];

/// How many partitions the controller knows of a topic.
async fn count(controller: &mut Connection, topic: &str) -> Result<usize> {
    let known = controller.metadata(Some(&[topic])).await?;
    Ok(known.topics.iter().map(|topic| topic.partitions.len()).sum())
}

fn told(step: &Step) -> String {
    match step {
        Step::CreateTopic { topic, .. } => format!("created the topic `{topic}`"),
        Step::AddPartitions { topic, to, .. } => format!("topic `{topic}` has {to} partitions"),
        Step::AlterTopic { topic, settings } => {
            let keys: Vec<_> = settings.iter().map(|change| change.key.as_str()).collect();
            format!("topic `{topic}`: changed {}", keys.join(", "))
        }
        Step::ElectLeaders { topic, partitions } => {
            format!("topic `{topic}`: elected leaders (partitions: {})", partitions.len())
        }
    }
}
