//! Deletes one topic, which a person has named: none that Kafka, the spec or the configuration of a host needs.

use std::time::Instant;

use anyhow::{Result, anyhow, bail, ensure};
use kafnix_client as client;
use kafnix_client::kafka::alter::Refusal;
use kafnix_generator::Cluster;
use kafnix_generator::rules::topic_name_fault;

use super::step::Executor;
use super::{STEP, is_certain};
use crate::observe::{Options, look};
use crate::plan::plan;
use crate::progress::Progress;
use crate::repeat::repeat;
use crate::snapshot::Snapshot;

/// Kafka's own, those included that no broker marks as internal.
const INTERNAL: [&str; 3] = ["__consumer_offsets", "__transaction_state", "__remote_log_metadata"];

/// Deletes a topic with what is written of it, and returns once it is gone: whether it was there.
pub fn delete(cluster: &Cluster, options: &Options, topic: &str, progress: &dyn Progress) -> Result<bool> {
    client::run(run(cluster, options, topic, progress))?
}

pub(super) async fn run(
    cluster: &Cluster,
    options: &Options,
    topic: &str,
    progress: &dyn Progress,
) -> Result<bool> {
    if let Some(fault) = topic_name_fault(topic) {
        bail!("{topic:?} is not a valid topic name: {fault}");
    }
    let snapshot = look(cluster, options, progress).await;
    is_certain(cluster, &plan(cluster, &snapshot).identity, &snapshot)?;
    may_go(cluster, &snapshot, topic)?;
    let mut executor = Executor::of(cluster, options.timeout);
    let deleted = until_gone(&mut executor, topic, progress).await;
    executor.close().await;
    deleted
}

fn may_go(cluster: &Cluster, snapshot: &Snapshot, topic: &str) -> Result<()> {
    let (facts, registry) = match (&snapshot.topics, &snapshot.registry) {
        (Ok(facts), Ok(registry)) => (facts, registry),
        (Err(missing), _) => bail!("it is not known which topics are internal: {}", missing.reason()),
        (_, Err(missing)) => bail!("it is not known which topics hosts declare: {}", missing.reason()),
    };
    let is_internal = facts.topics.iter().any(|known| known.name == topic && known.internal);
    ensure!(
        !is_internal && !INTERNAL.contains(&topic),
        "`{topic}` is an internal topic of Kafka, and was not deleted"
    );
    ensure!(
        cluster.topics.iter().all(|declared| declared.name != topic),
        "the spec declares the topic `{topic}`, which was not deleted: take it out of the spec first"
    );
    let hosts = registry.hosts.iter().filter(|(_, host)| host.generation.topics.contains(topic));
    let hosts: Vec<_> = hosts.map(|(name, _)| name.as_str()).collect();
    ensure!(
        hosts.is_empty(),
        "the configuration of {} declares the topic `{topic}`, which was not deleted: switch to one without it first",
        hosts.join(", ")
    );
    Ok(())
}

async fn until_gone(executor: &mut Executor<'_>, topic: &str, progress: &dyn Progress) -> Result<bool> {
    let (mut was_there, mut is_asked) = (false, false);
    let refused = repeat(Instant::now() + STEP, progress, async || {
        let attempt = attempt(executor, topic, &mut was_there, &mut is_asked).await;
        if attempt.is_err() && !is_asked {
            executor.reset();
        }
        attempt
    });
    match refused.await? {
        None => Ok(was_there),
        Some(refused) if refused.error == "TopicDeletionDisabled" => {
            bail!("the brokers delete no topic, since their `delete.topic.enable` is false")
        }
        Some(refused) => Err(anyhow!("the topic `{topic}` cannot be deleted: {refused}")),
    }
}

/// Brokers forget a topic when its deletion begins. It is gone with its node, and what is written of it goes last.
async fn attempt(
    executor: &mut Executor<'_>,
    topic: &str,
    was_there: &mut bool,
    is_asked: &mut bool,
) -> Result<Option<Refusal>> {
    let asked_before = std::mem::take(is_asked);
    let (controller, records) = executor.connections().await?;
    if !records.is_there(topic).await? {
        records.forget(topic).await?;
        return Ok(None);
    }
    *was_there = true;
    if !asked_before {
        let refused = controller.delete_topics(&[topic.to_owned()]).await?.pop().map(|(_, refused)| refused);
        match refused {
            Some(refused) if refused.error == "UnknownTopicOrPartition" => {}
            Some(refused) if refused.passing => bail!("{refused}"),
            Some(refused) => return Ok(Some(refused)),
            None => {}
        }
    }
    *is_asked = true;
    bail!(
        "the deletion of the topic `{topic}` has begun and goes on: it ends once every broker that has its replicas \
         runs"
    )
}
