//! Does one step. The connections that it takes are kept for the next one, and opened anew where something went wrong.

use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use kafnix_client::Access;
use kafnix_client::kafka::Connection;
use kafnix_client::kafka::admin::{NewTopic, Shape};
use kafnix_client::kafka::alter::Refusal;
use kafnix_generator::Cluster;
use zookeeper_client::Client;

use super::owned::Records;
use crate::brokers;
use crate::ensemble;
use crate::observe::chroot;
use crate::plan::Step;
use crate::progress::Progress;
use crate::repeat::repeat;
use crate::round_trip::close;

pub(super) struct Executor<'a> {
    cluster: &'a Cluster,
    access: &'a Access,
    controller: Option<Connection>,
    session: Option<Client>,
}

impl<'a> Executor<'a> {
    pub(super) fn of(cluster: &'a Cluster, access: &'a Access) -> Self {
        Self { cluster, access, controller: None, session: None }
    }

    /// Does a step, or returns why it is refused. Tries again where the cluster is in motion; an error says why nobody
    /// could be asked until the time was over.
    pub(super) async fn perform(
        &mut self,
        step: &Step,
        until: Instant,
        progress: &dyn Progress,
    ) -> Result<Option<Refusal>> {
        let mut refused = None;
        let tried = repeat(until, progress, async || {
            let attempt = self.attempt(step).await;
            refused = attempt.as_ref().ok().cloned().flatten();
            let reason = match (attempt, &refused) {
                (Ok(_), Some(refused)) if refused.passing => anyhow!("{refused}"),
                (Ok(_), _) => return Ok(()),
                (Err(error), _) => error,
            };
            self.reset();
            Err(reason)
        });
        let tried = tried.await;
        if refused.is_some() { Ok(refused) } else { tried.map(|()| None) }
    }

    pub(super) async fn close(self) {
        close(self.session).await;
    }

    /// An earlier attempt may have done it, and its response been lost.
    async fn attempt(&mut self, step: &Step) -> Result<Option<Refusal>> {
        let (controller, records) = self.connections().await?;
        let refused = match step {
            Step::CreateTopic { topic, partitions, replicas, settings } => {
                records.add(topic, settings.keys()).await?;
                if count(controller, topic).await? > 0 {
                    return Ok(None);
                }
                let shape = Shape::Counted {
                    partitions: i32::try_from(*partitions).context("too many partitions")?,
                    replicas: i16::try_from(*replicas).context("too many replicas")?,
                };
                let settings_of = settings.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
                let new = NewTopic { name: topic.clone(), shape, settings: settings_of };
                let refused = controller.create_topics(&[new]).await?.pop().map(|(_, refused)| refused);
                // Somebody else may have been faster.
                let refused = refused.filter(|refused| refused.error != "TopicAlreadyExists");
                if refused.is_none() {
                    // Whose settings these are is known of this topic and of none that comes after it.
                    records.add(topic, settings.keys()).await?;
                }
                refused
            }
            Step::AddPartitions { topic, to, .. } => {
                if i64::try_from(count(controller, topic).await?)? >= *to {
                    return Ok(None);
                }
                controller.create_partitions(topic, i32::try_from(*to)?).await?
            }
            Step::AlterTopic { topic, settings } => {
                let set = settings.iter().filter(|change| change.to.is_some());
                records.add(topic, set.map(|change| &change.key)).await?;
                let changes: Vec<_> =
                    settings.iter().map(|change| (change.key.clone(), change.to.clone())).collect();
                let refused = controller.alter_topic(topic, &changes).await?;
                if refused.is_none() {
                    let taken = settings.iter().filter(|change| change.to.is_none());
                    records.remove(topic, taken.map(|change| &change.key)).await?;
                }
                refused
            }
            Step::ElectLeaders { topic, partitions } => controller.elect_preferred(topic, partitions).await?,
        };
        Ok(refused)
    }

    /// Writes that these keys of a topic are not kafnix's any more, and binds to it what is written of it.
    pub(super) async fn tidy(
        &mut self,
        topic: &str,
        keys: &[&String],
        until: Instant,
        progress: &dyn Progress,
    ) -> Result<()> {
        repeat(until, progress, async || {
            let tidied =
                async { self.connections().await?.1.remove(topic, keys.iter().copied()).await }.await;
            if tidied.is_err() {
                self.reset();
            }
            tidied
        })
        .await
    }

    /// Another server may be the one to ask by now.
    pub(super) fn reset(&mut self) {
        (self.controller, self.session) = (None, None);
    }

    /// Those that are there, or new ones.
    pub(super) async fn connections(&mut self) -> Result<(&mut Connection, Records<'_>)> {
        let controller = if let Some(controller) = self.controller.take() {
            controller
        } else {
            let ids: Vec<_> = self.cluster.brokers().map(|(_, broker)| broker.id.value).collect();
            brokers::controller(self.cluster, &ids, self.access).await?
        };
        let session = match self.session.take() {
            Some(session) => session,
            None => ensemble::open(self.cluster, self.access).await?,
        };
        let session = self.session.insert(session);
        let records = Records { session, chroot: chroot(self.cluster), limit: self.access.limit };
        Ok((self.controller.insert(controller), records))
    }
}

/// How many partitions the controller knows of a topic.
async fn count(controller: &mut Connection, topic: &str) -> Result<usize> {
    let known = controller.metadata(Some(&[topic])).await?;
    Ok(known.topics.iter().map(|topic| topic.partitions.len()).sum())
}

/// What was done, for a person.
pub(super) fn told(step: &Step) -> String {
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
