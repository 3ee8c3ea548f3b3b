//! A round trip through every `ZooKeeper` server (the zk-smoketest): each session makes an ephemeral
//! node, every session sees and watches all of them, each removes its own, and every watch fires.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use tokio::task::JoinSet;
use zookeeper_client::{Acls, Client, CreateMode, EventType, OneshotWatcher};

use crate::observe::collect;
use crate::snapshot::{Answer, Missing};
use kafnix_client::within;
use kafnix_protocol::registry::below;

pub(super) async fn round_trip(
    sessions: &BTreeMap<String, Client>,
    chroot: &str,
    limit: Duration,
) -> BTreeMap<String, Answer<Duration>> {
    let begin = Instant::now();
    let root = root(sessions, chroot, limit).await;
    let mut trips: BTreeMap<String, Trip> = sessions
        .iter()
        .enumerate()
        .map(|(number, (server, client))| {
            let path = below(root, &format!("/kafnix-verify-{}-{number}", stamp()));
            (server.clone(), Trip { client: client.clone(), path, watches: Vec::new(), broken: None })
        })
        .collect();
    trips = side_by_side(trips, Step::Create, limit).await;
    let made = trips.values().filter(|trip| trip.broken.is_none()).map(|trip| trip.path.clone()).collect();
    for step in [Step::Watch(made), Step::Remove, Step::Hear] {
        trips = side_by_side(trips, step, limit).await;
    }
    let took = begin.elapsed();
    let results = sessions.keys().map(|server| {
        let broken = match trips.remove(server) {
            Some(trip) => trip.broken,
            None => Some("the round trip broke off".to_owned()),
        };
        (server.clone(), broken.map_or(Ok(took), |reason| Err(Missing::Wrong(reason))))
    });
    results.collect()
}

/// Ends the sessions, so that no server waits for them to expire.
pub(crate) async fn close(sessions: impl IntoIterator<Item = Client>) {
    const LONGEST: Duration = Duration::from_millis(300);
    let mut states: Vec<_> = sessions.into_iter().map(|session| session.state_watcher()).collect();
    for state in &mut states {
        let _ = tokio::time::timeout(LONGEST, state.changed()).await;
    }
}

/// Where the nodes are made: under the chroot, once the brokers have made it.
async fn root<'a>(sessions: &BTreeMap<String, Client>, chroot: &'a str, limit: Duration) -> &'a str {
    let Some(client) = sessions.values().next() else { return "/" };
    match tokio::time::timeout(limit, client.check_stat(chroot)).await {
        Ok(Ok(Some(_))) => chroot,
        _ => "/",
    }
}

/// No two runs meet in one name.
fn stamp() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}-{:x}", now.as_micros(), std::process::id())
}

/// What every server does before any goes on.
#[derive(Clone, Debug)]
enum Step {
    Create,
    /// Sees and watches the nodes that all servers made.
    Watch(Arc<[String]>),
    Remove,
    /// Is told that all of them are gone.
    Hear,
}

impl Step {
    fn fails(&self) -> &'static str {
        match self {
            Self::Create => "the server does not take a node",
            Self::Watch(_) => "the server does not show what was made through another one",
            Self::Remove => "the server does not remove its node",
            Self::Hear => "the server does not tell of what was removed through another one",
        }
    }
}

/// The part of one server.
struct Trip {
    client: Client,
    path: String,
    watches: Vec<(String, OneshotWatcher)>,
    broken: Option<String>,
}

impl Trip {
    async fn take(&mut self, step: &Step) -> Result<()> {
        match step {
            Step::Create => {
                let options = CreateMode::Ephemeral.with_acls(Acls::anyone_all());
                let created = self.client.create(&self.path, b"", &options).await;
                created.with_context(|| format!("`{}`", self.path))?;
            }
            Step::Watch(paths) => {
                self.client.sync("/").await.context("it does not catch up with the leader")?;
                for path in paths.iter() {
                    let watched = self.client.check_and_watch_stat(path).await;
                    let (stat, watch) = watched.with_context(|| format!("`{path}`"))?;
                    ensure!(stat.is_some(), "`{path}` is missing");
                    self.watches.push((path.clone(), watch));
                }
            }
            Step::Remove => {
                let deleted = self.client.delete(&self.path, None).await;
                deleted.with_context(|| format!("`{}`", self.path))?;
            }
            Step::Hear => {
                for (path, watch) in self.watches.drain(..) {
                    let event = watch.changed().await.event_type;
                    ensure!(event == EventType::NodeDeleted, "`{path}`: the watch says {event:?}");
                }
            }
        }
        Ok(())
    }
}

/// One step through every server that got so far. What was made is removed whatever went wrong before;
/// the first thing that went wrong is kept.
async fn side_by_side(trips: BTreeMap<String, Trip>, step: Step, limit: Duration) -> BTreeMap<String, Trip> {
    let mut steps = JoinSet::new();
    for (server, mut trip) in trips {
        let step = step.clone();
        steps.spawn(async move {
            if trip.broken.is_none() || matches!(step, Step::Remove) {
                let taken = within(limit, &server, trip.take(&step)).await;
                let reason = taken.err().map(|error| format!("{}: {error:#}", step.fails()));
                trip.broken = trip.broken.or(reason);
            }
            (server, trip)
        });
    }
    collect(steps).await
}
