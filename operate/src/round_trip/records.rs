//! A round trip through every broker: a topic of our own with a partition led by each, one record in
//! every codec written to it and read again, and the topic removed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use kafnix_generator::Cluster;
use tokio::task::JoinSet;

use super::Cleanup;
use crate::brokers;
use crate::observe::{Live, collect};
use crate::snapshot::{Answer, Missing, Snapshot, answer};
use kafnix_client::Access;
use kafnix_client::kafka::Connection;
use kafnix_client::kafka::admin::{NewTopic, Shape};
use kafnix_client::kafka::records::{CODECS, Of};

/// What came of each codec.
pub type Codecs = Vec<(&'static str, Result<(), String>)>;

const PREFIX: &str = "kafnix-verify-";

/// A topic that is older was left by a run that crashed.
const LEFT_BEHIND: Duration = Duration::from_secs(3600);

/// How often a broker is asked whether it leads its partition.
const PAUSE: Duration = Duration::from_millis(25);

/// Whether a topic was created by this module.
pub(crate) fn is_ours(topic: &str) -> bool {
    made(topic).is_some()
}

/// When it was made, since the epoch.
fn made(topic: &str) -> Option<Duration> {
    let time = topic.strip_prefix(PREFIX)?.split_once('-')?.0;
    u64::from_str_radix(time, 16).ok().map(Duration::from_millis)
}

/// What came of the round trip as a whole, and through each broker.
pub(super) struct Trips {
    pub(super) through: BTreeMap<String, Answer<Codecs>>,
    pub(super) created: Answer<()>,
    pub(super) cleanup: Answer<Cleanup>,
}

impl Trips {
    /// None was made.
    pub(super) fn none<'a>(hosts: impl Iterator<Item = &'a String>, why: &Missing) -> Self {
        let through = hosts.map(|host| (host.clone(), Err(why.clone()))).collect();
        Self { through, created: Err(why.clone()), cleanup: Err(why.clone()) }
    }
}

pub(super) async fn round_trip(
    cluster: &Cluster,
    live: Vec<Live>,
    snapshot: &Snapshot,
    access: &Access,
) -> Trips {
    if let Some(missing) = obstacle(&live, snapshot) {
        return Trips::none(live.iter().map(|(host, ..)| host), &missing);
    }
    let ids: Vec<_> = live.iter().map(|(_, id, _)| *id).collect();
    let name = format!("{PREFIX}{:x}-{:x}", now().as_millis(), std::process::id());
    let created = answer(create(cluster, &ids, &name, access).await);
    let through = if created.is_ok() {
        side_by_side(live, &name, access.limit).await
    } else {
        let unasked = || Err(Missing::Unasked("the topic of the round trip cannot be created".to_owned()));
        live.into_iter().map(|(host, ..)| (host, unasked())).collect()
    };
    let topics = snapshot.topics.iter().flat_map(|known| &known.topics);
    let mut remove: Vec<_> =
        topics.map(|topic| topic.name.clone()).filter(|topic| is_left_behind(topic)).collect();
    let left_behind = remove.clone();
    if created.is_ok() {
        remove.push(name);
    }
    let cleanup = answer(clean_up(cluster, &ids, remove, left_behind, access).await);
    Trips { through, created, cleanup }
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn is_left_behind(topic: &str) -> bool {
    made(topic).is_some_and(|made| now().saturating_sub(made) > LEFT_BEHIND)
}

/// Why there is no round trip.
fn obstacle(live: &[Live], snapshot: &Snapshot) -> Option<Missing> {
    let unasked = |why: &str| Missing::Unasked(why.to_owned());
    if live.is_empty() {
        return Some(unasked("no broker can be asked"));
    }
    let stays = || unasked("`delete.topic.enable` is false, so that the topic of a round trip would stay");
    snapshot.no_quorum().or_else(|| (!may_delete(snapshot)).then(stays))
}

/// Whether the brokers remove topics when they are told to.
fn may_delete(snapshot: &Snapshot) -> bool {
    let configs = snapshot.brokers.values().filter_map(|broker| broker.config.as_ref().ok());
    let mut settings = configs.flatten().filter(|entry| entry.key == "delete.topic.enable");
    settings.all(|entry| entry.value.as_deref() != Some("false"))
}

/// Makes the topic: partition N is led by the N-th broker, and has as many replicas as any other topic.
async fn create(cluster: &Cluster, ids: &[i64], name: &str, access: &Access) -> Result<()> {
    let replicas = cluster.kafka.as_ref().map_or(1, |kafka| kafka.replication_factor.value);
    let replicas = usize::try_from(replicas).unwrap_or(1).clamp(1, ids.len().max(1));
    let place = |first: usize| ids.iter().cycle().skip(first).take(replicas).copied().collect();
    let shape = Shape::Placed((0..ids.len()).map(place).collect());
    let new = [NewTopic { name: name.to_owned(), shape, settings: Vec::new() }];
    let made = async {
        let mut controller = brokers::controller(cluster, ids, access).await?;
        match controller.create_topics(&new).await?.into_iter().next() {
            Some((_, reason)) => bail!("{reason}"),
            None => Ok(()),
        }
    };
    made.await.with_context(|| format!("the topic `{name}` cannot be created"))
}

async fn side_by_side(live: Vec<Live>, topic: &str, limit: Duration) -> BTreeMap<String, Answer<Codecs>> {
    let hosts: Vec<_> = live.iter().map(|(host, ..)| host.clone()).collect();
    let mut trips = JoinSet::new();
    for (partition, (host, id, connection)) in (0..).zip(live) {
        let topic = topic.to_owned();
        trips.spawn(async move {
            let of = Of { topic: &topic, partition };
            (host, answer(through(connection, id, of, limit).await))
        });
    }
    let mut trips = collect(trips).await;
    let broken = || Err(Missing::Wrong("the round trip broke off".to_owned()));
    hosts.into_iter().map(|host| (host.clone(), trips.remove(&host).unwrap_or_else(broken))).collect()
}

async fn through(mut broker: Connection, id: i64, of: Of<'_>, limit: Duration) -> Result<Codecs> {
    lead(&mut broker, id, of, Instant::now() + limit).await?;
    let from = broker.end_offset(of).await?;
    let time = i64::try_from(now().as_millis()).unwrap_or_default();
    let mut trips: Codecs = Vec::new();
    for (codec, compression) in CODECS {
        // Long and even enough that every codec makes less of it.
        let value = Bytes::from(format!("{codec} ").repeat(100));
        let written = broker.produce(of, compression, &value, time).await;
        trips.push((codec, written.map_err(|error| format!("is not taken: {error:#}"))));
    }
    let written = trips.iter().filter(|(_, result)| result.is_ok()).count();
    let read = read(&mut broker, of, from, written, Instant::now() + limit).await?;
    for (codec, result) in &mut trips {
        let value = format!("{codec} ").repeat(100);
        if result.is_ok() && !read.iter().any(|read| read.as_ref() == value.as_bytes()) {
            *result = Err("is taken and does not come back".to_owned());
        }
    }
    Ok(trips)
}

/// Waits until the broker knows that it leads the partition.
async fn lead(broker: &mut Connection, id: i64, of: Of<'_>, until: Instant) -> Result<()> {
    loop {
        let topics = broker.metadata(Some(&[of.topic])).await?.topics;
        let mut partitions = topics.iter().flat_map(|topic| &topic.partitions);
        let leader = partitions.find(|known| known.index == of.partition).and_then(|known| known.leader);
        match leader {
            Some(leader) if leader == id => return Ok(()),
            _ if Instant::now() < until => tokio::time::sleep(PAUSE).await,
            Some(other) => bail!("the partition that it is to lead is led by broker {other}"),
            None => bail!("it does not come to lead the partition that was made for it"),
        }
    }
}

async fn read(
    broker: &mut Connection,
    of: Of<'_>,
    from: i64,
    count: usize,
    until: Instant,
) -> Result<Vec<Bytes>> {
    let (mut read, mut next) = (Vec::new(), from);
    while read.len() < count && Instant::now() < until {
        let (mut more, behind) = broker.fetch(of, next).await?;
        read.append(&mut more);
        next = behind;
    }
    Ok(read)
}

async fn clean_up(
    cluster: &Cluster,
    ids: &[i64],
    remove: Vec<String>,
    left_behind: Vec<String>,
    access: &Access,
) -> Result<Cleanup> {
    if remove.is_empty() {
        return Ok(Cleanup::default());
    }
    let names = remove.join("`, `");
    let deleted = async {
        let mut controller = brokers::controller(cluster, ids, access).await?;
        controller.delete_topics(&remove).await
    };
    let left = deleted.await.with_context(|| format!("cannot remove `{names}`"))?;
    let left: Vec<_> = left.into_iter().map(|(name, refused)| (name, refused.to_string())).collect();
    let is_gone = |name: &String| left.iter().all(|(left, _)| left != name);
    Ok(Cleanup { removed: left_behind.into_iter().filter(is_gone).collect(), left })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_old_topic_of_ours_was_left_behind() {
        let hours_ago = |hours: u128| now().as_millis() - hours * 3_600_000;
        assert!(is_left_behind(&format!("{PREFIX}{:x}-a", hours_ago(2))));
        assert!(!is_left_behind(&format!("{PREFIX}{:x}-a", hours_ago(0))));
        assert!(!is_left_behind("kafnix-verify-mine"));
        assert!(!is_left_behind("orders"));
    }
}
