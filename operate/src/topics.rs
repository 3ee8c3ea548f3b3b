//! The topics of the spec: makes those that are missing, and tells which are otherwise. It never alters and never
//! removes one.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use kafnix_generator::Cluster;
use kafnix_generator::cluster::Topic;

use crate::apply::owned;
use crate::brokers;
use crate::observe;
use crate::progress::Progress;
use crate::repeat::repeat;
use crate::verify::checks::topics;
use crate::verify::{Finding, Outcome};
use kafnix_client as client;
use kafnix_client::Target;
use kafnix_client::kafka::admin::{NewTopic, Shape};
use kafnix_client::zookeeper::session;
use zookeeper_client::Client;

/// Makes every topic of the spec that is missing, with its partitions, replicas and settings, and returns
/// their names once every broker knows all topics of the spec and all their replicas are in sync. What
/// keeps it from that for `limit` is an error, and told before.
pub fn create_missing(cluster: &Cluster, limit: Duration, progress: &dyn Progress) -> Result<Vec<String>> {
    if cluster.topics.is_empty() {
        return Ok(Vec::new());
    }
    client::run(async {
        let until = Instant::now() + limit;
        let mut made = Vec::new();
        // A controller that has just been elected turns requests away, and so do brokers that still start.
        repeat(until, progress, async || make(cluster, &mut made).await).await?;
        repeat(until, progress, async || in_sync(cluster).await).await?;
        Ok(made)
    })?
}

/// The topics of the spec that are there and not as it declares them.
pub fn differing(cluster: &Cluster) -> Result<Vec<Finding>> {
    if cluster.topics.is_empty() {
        return Ok(Vec::new());
    }
    client::run(async {
        let ids: Vec<_> = cluster.brokers().map(|(_, broker)| broker.id.value).collect();
        let mut controller = brokers::controller(cluster, &ids, ANSWER).await?;
        let facts = observe::topics::ask(cluster, &mut controller, None).await;
        let findings = topics::findings(cluster, &facts).into_iter();
        Ok(findings.filter(|finding| finding.outcome == Outcome::Failed).collect())
    })?
}

/// A broker that does not answer within this is asked again.
const ANSWER: Duration = Duration::from_secs(10);

async fn make(cluster: &Cluster, made: &mut Vec<String>) -> Result<()> {
    let ids: Vec<_> = cluster.brokers().map(|(_, broker)| broker.id.value).collect();
    let mut controller = brokers::controller(cluster, &ids, ANSWER).await?;
    let names: Vec<_> = cluster.topics.iter().map(|topic| topic.name.as_str()).collect();
    let known = controller.metadata(Some(&names)).await?;
    let exists = |topic: &Topic| {
        known.topics.iter().any(|there| there.name == topic.name && !there.partitions.is_empty())
    };
    let missing: Vec<_> = cluster.topics.iter().filter(|topic| !exists(topic)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let new = missing.iter().map(|topic| new_topic(topic)).collect::<Result<Vec<_>>>()?;
    let session = session(cluster).await?;
    for topic in &missing {
        owned::add(&session, observe::chroot(cluster), &topic.name, topic.settings.keys()).await?;
    }
    let failed = controller.create_topics(&new).await?;
    let is_made = |name: &str| failed.iter().all(|(failed, _)| failed != name);
    // Whose settings these are is known of this topic and of none that comes after it.
    for topic in missing.iter().filter(|topic| is_made(&topic.name)) {
        owned::add(&session, observe::chroot(cluster), &topic.name, topic.settings.keys()).await?;
    }
    made.extend(missing.iter().map(|topic| topic.name.clone()).filter(|name| is_made(name)));
    match failed.first() {
        Some((name, reason)) => bail!("topic `{name}` cannot be created: {reason}"),
        None => Ok(()),
    }
}

/// A session with the first server that opens one.
async fn session(cluster: &Cluster) -> Result<Client> {
    let mut last = None;
    for address in &cluster.ensemble().connect.value {
        match session::open(&Target::new(address, ANSWER)).await {
            Ok(session) => return Ok(session),
            Err(error) => last = Some(error),
        }
    }
    last.map_or_else(|| bail!("the spec has no ZooKeeper server"), Err)
}

fn new_topic(topic: &Topic) -> Result<NewTopic> {
    let too_many = || format!("topic `{}` has more partitions or replicas than Kafka can count", topic.name);
    let settings = topic.settings.iter();
    Ok(NewTopic {
        name: topic.name.clone(),
        shape: Shape::Counted {
            partitions: i32::try_from(topic.partitions.value).with_context(too_many)?,
            replicas: i16::try_from(topic.replicas.value).with_context(too_many)?,
        },
        settings: settings
            .filter_map(|(key, setting)| Some((key.clone(), setting.value.plain()?.into_owned())))
            .collect(),
    })
}

/// Whether every broker knows every topic, each with all its replicas in sync.
async fn in_sync(cluster: &Cluster) -> Result<()> {
    let names: Vec<_> = cluster.topics.iter().map(|topic| topic.name.as_str()).collect();
    for (host, broker) in cluster.brokers() {
        let mut connection = brokers::connect(cluster, broker.id.value, ANSWER).await?;
        for topic in connection.metadata(Some(&names)).await?.topics {
            let name = &topic.name;
            if let Some(error) = topic.error {
                bail!("broker {} on {} does not know topic `{name}`: {error}", broker.id.value, host.name);
            }
            let behind = topic.partitions.iter().find(|of| of.in_sync.len() < of.replicas.len());
            if let Some(behind) = behind {
                let (in_sync, replicas) = (behind.in_sync.len(), behind.replicas.len());
                bail!(
                    "partition {} of topic `{name}` has {in_sync} of {replicas} replicas in sync",
                    behind.index
                );
            }
            ensure!(
                !topic.partitions.is_empty(),
                "broker {} knows no partition of `{name}`",
                broker.id.value
            );
        }
    }
    Ok(())
}
