//! Deletes one topic, which a person has named: none that Kafka, the spec or the configuration of a host needs.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail, ensure};
use kafnix_client as client;
use kafnix_client::kafka::alter::Refusal;
use kafnix_generator::Cluster;
use kafnix_generator::rules::topic_name_fault;

use super::step::Executor;
use super::{STEP, is_certain};
use crate::brokers::{named, unregistered};
use crate::observe::{Options, look};
use crate::plan::plan;
use crate::progress::Progress;
use crate::publish;
use crate::repeat::repeat;
use crate::snapshot::Snapshot;

/// Kafka's own, those included that no broker marks as internal.
const INTERNAL: [&str; 3] = ["__consumer_offsets", "__transaction_state", "__remote_log_metadata"];

/// What became of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deleted {
    Gone,
    /// It was not there.
    Absent,
    /// Its deletion has begun and cannot be taken back; it ends once its brokers have removed their replicas. These
    /// have some, and do not run.
    Pending(Vec<String>),
}

/// Deletes a topic with what is written of it. It returns once the topic is gone, or after a minute.
pub fn delete(cluster: &Cluster, options: &Options, topic: &str, progress: &dyn Progress) -> Result<Deleted> {
    client::run(run(cluster, options, topic, STEP, progress))?
}

pub(super) async fn run(
    cluster: &Cluster,
    options: &Options,
    topic: &str,
    limit: Duration,
    progress: &dyn Progress,
) -> Result<Deleted> {
    if let Some(fault) = topic_name_fault(topic) {
        bail!("{topic:?} is not a valid topic name: {fault}");
    }
    let snapshot = look(cluster, options, progress).await;
    is_certain(cluster, &plan(cluster, &snapshot).identity, &snapshot)?;
    may_go(cluster, &snapshot, topic)?;
    if let Some(unknown) = untold(cluster, &snapshot, topic) {
        progress.note(&unknown);
    }
    let mut executor = Executor::of(cluster, &options.access);
    let until = Instant::now() + limit;
    let deleted = until_gone(&mut executor, topic, &down(cluster, &snapshot, topic), until, progress).await;
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
    for (host, published) in &registry.hosts {
        let path = publish::path(cluster, host);
        let forget = if cluster.hosts.iter().any(|known| known.name == *host) {
            String::new()
        } else {
            format!("; the spec has no such host: if it is gone, `zkCli.sh deleteall {path}` forgets it")
        };
        match &published.generation {
            None => bail!(
                "what {host} has published in `{path}` cannot be read, so its configuration may declare the topic \
                 `{topic}`, which was not deleted: `systemctl start kafnix-generation` there writes it again{forget}"
            ),
            Some(generation) => ensure!(
                !generation.topics.contains(topic),
                "the configuration of {host} declares the topic `{topic}`, which was not deleted: switch the host to \
                 one without it first{forget}"
            ),
        }
    }
    Ok(())
}

/// The hosts of which nobody knows whether their configuration declares the topic.
fn untold(cluster: &Cluster, snapshot: &Snapshot, topic: &str) -> Option<String> {
    let registry = snapshot.registry.as_ref().ok().filter(|_| !snapshot.local)?;
    let silent = publish::silent(cluster, registry);
    (!silent.is_empty()).then(|| {
        format!(
            "it is not known whether the configuration of {} declares the topic `{topic}`: nothing was published there \
             yet, and a host whose configuration declares it may create it again",
            silent.join(", ")
        )
    })
}

/// The brokers that have replicas of a topic and are not registered. Of one whose deletion has begun before nobody
/// tells who has them.
fn down(cluster: &Cluster, snapshot: &Snapshot, topic: &str) -> Vec<String> {
    let Ok(registry) = &snapshot.registry else { return Vec::new() };
    let mut topics = snapshot.topics.iter().flat_map(|facts| &facts.topics);
    let Some(known) = topics.find(|known| known.name == topic) else {
        return unregistered(cluster, registry);
    };
    let replicas: BTreeSet<_> = known.partitions.iter().flat_map(|of| of.replicas.iter().copied()).collect();
    let down = replicas.into_iter().filter(|id| !registry.brokers.contains_key(id));
    down.map(|id| named(cluster, id)).collect()
}

async fn until_gone(
    executor: &mut Executor<'_>,
    topic: &str,
    down: &[String],
    until: Instant,
    progress: &dyn Progress,
) -> Result<Deleted> {
    let (mut was_there, mut is_asked, mut has_begun) = (false, false, false);
    let refused = repeat(until, progress, async || {
        let attempt = attempt(executor, topic, down, &mut was_there, &mut is_asked).await;
        if attempt.is_err() && !is_asked {
            executor.reset();
        }
        has_begun |= is_asked;
        attempt
    })
    .await;
    match refused {
        Err(_) if has_begun => Ok(Deleted::Pending(down.to_vec())),
        Err(error) => Err(error),
        Ok(None) if was_there => Ok(Deleted::Gone),
        Ok(None) => Ok(Deleted::Absent),
        Ok(Some(refused)) if refused.error == "TopicDeletionDisabled" => {
            bail!("the brokers delete no topic, since their `delete.topic.enable` is false")
        }
        Ok(Some(refused)) => Err(anyhow!("the topic `{topic}` cannot be deleted: {refused}")),
    }
}

/// Brokers forget a topic when its deletion begins. It is gone with its node, and what is written of it goes last. An
/// error after `is_asked` says what the deletion waits for.
async fn attempt(
    executor: &mut Executor<'_>,
    topic: &str,
    down: &[String],
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
    let waits =
        if down.is_empty() { String::new() } else { format!(", and {} must run for it", down.join(", ")) };
    bail!("deleting the topic `{topic}`: its brokers remove their replicas{waits}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{cluster, healthy};

    #[test]
    fn brokers_that_do_not_run_and_have_replicas_are_named() {
        let cluster = cluster();
        let (mut snapshot, _) = healthy(&cluster);
        assert!(down(&cluster, &snapshot, "orders").is_empty());
        snapshot.registry.as_mut().unwrap().brokers.remove(&2);
        assert_eq!(down(&cluster, &snapshot, "orders"), ["broker 2 on b"]);
        assert_eq!(down(&cluster, &snapshot, "begun-before"), ["broker 2 on b"]);
        let partitions = &mut snapshot.topics.as_mut().unwrap().topics[0].partitions;
        for partition in partitions {
            partition.replicas = vec![1, 7];
        }
        assert_eq!(down(&cluster, &snapshot, "orders"), ["broker 7"]);
    }
}
