//! The topics as one broker knows them, with the configuration that the checks look at.

use std::collections::BTreeMap;

use anyhow::Result;
use kafnix_generator::Cluster;

use super::Live;
use crate::round_trip::is_ours;
use crate::snapshot::{Answer, MIN_ISR, Missing, THROTTLED, TopicFacts, answer};
use kafnix_client::kafka::Connection;
use kafnix_client::kafka::admin::{Entry, Metadata, Of, Topic};

/// Asks for the topics, and for their configuration unless there is a reason not to: brokers read it from
/// `ZooKeeper`, and wait for it without end.
pub(crate) async fn ask(
    cluster: &Cluster,
    broker: &mut Connection,
    no_quorum: Option<&Missing>,
) -> Answer<TopicFacts> {
    let Metadata { controller, topics, .. } = answer(broker.metadata(None).await)?;
    if controller.is_none() {
        // It has just started, and knows no topic either.
        return Err(Missing::Passing("the broker that was asked knows no controller yet".to_owned()));
    }
    let configs = match no_quorum {
        Some(missing) => Err(missing.clone()),
        None => answer(configs(cluster, broker, &topics).await),
    };
    Ok(TopicFacts { topics, configs })
}

/// Asks the controller which partitions are being given other replicas.
pub(super) async fn reassignments(
    controller: Option<i64>,
    connections: &mut [Live],
    no_quorum: Option<&Missing>,
) -> Answer<BTreeMap<String, Vec<i32>>> {
    if let Some(missing) = no_quorum {
        return Err(missing.clone());
    }
    let found = connections.iter_mut().find(|(_, id, _)| controller == Some(*id));
    let (.., connection) =
        found.ok_or_else(|| Missing::Unasked("the controller cannot be asked".to_owned()))?;
    answer(connection.reassignments().await)
}

async fn configs(
    cluster: &Cluster,
    broker: &mut Connection,
    topics: &[Topic],
) -> Result<BTreeMap<String, Vec<Entry>>> {
    let mut all = BTreeMap::new();
    let declared = |name: &str| cluster.topics.iter().any(|topic| topic.name == name);
    let known = topics.iter().map(|topic| topic.name.clone()).filter(|name| !is_ours(name));
    let (whole, rest): (Vec<_>, Vec<_>) = known.partition(|name| declared(name));
    let judged = [MIN_ISR, THROTTLED[0], THROTTLED[1]];
    for (names, keys) in [(whole, None), (rest, Some(judged.as_slice()))] {
        if names.is_empty() {
            continue;
        }
        let of: Vec<_> = names.iter().map(|name| Of::Topic(name)).collect();
        let configs = broker.configs(&of, keys).await?;
        all.extend(names.iter().cloned().zip(configs));
    }
    Ok(all)
}
