//! The turn: the right of one host to restart its servers now, a node of the ensemble that stays until it is given
//! back. It is taken before anything is checked: of two hosts that would both find the cluster whole, one has it.

#[cfg(test)]
mod tests;

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use kafnix_client as client;
use kafnix_client::{Access, Identity};
use kafnix_generator::Cluster;
use kafnix_generator::cluster::Host;
use kafnix_protocol::registry::{ENSEMBLE_TURN, TURN, Turn, below};
use serde::{Deserialize, Serialize};
use zookeeper_client::{Acls, Client, CreateMode, Error};

use crate::ensemble::within_one;
use crate::motion;
use crate::observe::{Options, chroot, look};
use crate::progress::{Progress, Silent};
use crate::publish;
use crate::restart::unwell;

/// A server that is alive answers in milliseconds. All is asked again as long as servers are not well.
const ANSWER: Duration = Duration::from_secs(5);
const ENSEMBLE: Access = Access::plain(ANSWER);
const PAUSE: Duration = Duration::from_secs(1);

/// The last second of the year 9999: later times have no text.
const LAST: Duration = Duration::from_secs(253_402_300_799);

/// Two may write the same node at once.
const ATTEMPTS: usize = 20;

/// A turn that somebody has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The node.
    pub path: String,
    pub turn: Turn,
    /// When it was taken, in milliseconds since 1970, by the ensemble's clock.
    pub since: i64,
    /// Of the node: it is given back by it.
    version: i32,
}

#[cfg(test)]
impl Held {
    pub(crate) fn new(path: &str, turn: Turn, since: i64) -> Self {
        Self { path: path.to_owned(), turn, since, version: 0 }
    }
}

impl Held {
    /// Who has it and since when: the same as long as that is so.
    pub fn claim(&self) -> String {
        let since = humantime::format_rfc3339_seconds(self.since());
        format!("`{}` has had the turn since {since}", self.turn.host)
    }

    /// The host as a word of a command line.
    pub fn quoted(&self) -> String {
        let host = &self.turn.host;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if host.bytes().all(is_plain) { host.clone() } else { format!("'{}'", host.replace('\'', r"'\''")) }
    }

    fn since(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(u64::try_from(self.since).unwrap_or(0)).min(LAST)
    }
}

/// Who has it, since when and for what.
impl fmt::Display for Held {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let age = SystemTime::now().duration_since(self.since()).unwrap_or_default();
        let age = humantime::format_duration(Duration::from_secs(age.as_secs()));
        write!(out, "{} ({age} ago)", self.claim())?;
        match &self.turn.reason {
            Some(reason) => write!(out, ", taken by hand: {reason}"),
            None => Ok(()),
        }
    }
}

/// The nodes that a host takes, in this order: of the ensemble, which several clusters may share, and of the brokers.
pub fn paths(cluster: &Cluster, host: &Host) -> Vec<String> {
    let ensemble = (!cluster.ensemble().external).then(|| ENSEMBLE_TURN.to_owned());
    let brokers = host.broker.as_ref().map(|_| below(chroot(cluster), TURN));
    ensemble.into_iter().chain(brokers).collect()
}

/// Every node that a host of the cluster may take.
pub fn all_paths(cluster: &Cluster) -> Vec<String> {
    let mut all: Vec<_> = cluster.hosts.iter().flat_map(|host| paths(cluster, host)).collect();
    all.sort();
    all.dedup();
    all
}

/// What came of asking for the turn.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken {
    /// These nodes are this host's now; those that it did not have before are new.
    Yes { new: Vec<String> },
    /// Another host has it; nothing was taken.
    HeldBy(Held),
}

/// Takes every node for a host, or none. The host that has them may take them again: it repairs, or rolls back.
pub async fn take(session: &Client, paths: &[String], turn: &Turn) -> Result<Taken> {
    let mut new = Vec::new();
    for path in paths {
        match take_one(session, path, turn).await {
            Ok(None) => {}
            Ok(Some(true)) => new.push(path.clone()),
            Ok(Some(false)) => {
                give_back(session, &new, &turn.host).await?;
                let held = read(session, path).await?;
                match held {
                    Some(held) => return Ok(Taken::HeldBy(held)),
                    None => bail!("the turn `{path}` was given back a moment ago: try again"),
                }
            }
            Err(error) => {
                // What is left of it is given back like one that was taken.
                let _ = give_back(session, &new, &turn.host).await;
                return Err(error);
            }
        }
    }
    // What others have written before this host had the turn is seen from here on.
    session.sync("/").await.context("the ensemble does not bring the session up to date")?;
    Ok(Taken::Yes { new })
}

/// Whether it is new for the host; nothing where the host had it; false where another has it.
async fn take_one(session: &Client, path: &str, turn: &Turn) -> Result<Option<bool>> {
    let persistent = CreateMode::Persistent.with_acls(Acls::anyone_all());
    let data = serde_json::to_vec(turn)?;
    let failed = || format!("cannot write `{path}`");
    for _ in 0..ATTEMPTS {
        if let Some((folder, _)) = path.rsplit_once('/').filter(|(folder, _)| !folder.is_empty()) {
            session.mkdir(folder, &persistent).await.with_context(failed)?;
        }
        match session.create(path, &data, &persistent).await {
            Ok(_) => return Ok(Some(true)),
            Err(Error::NodeExists) => {}
            Err(error) => return Err(error).with_context(failed),
        }
        let Some(held) = read(session, path).await? else { continue };
        if held.turn.host != turn.host {
            return Ok(Some(false));
        }
        match session.set_data(path, &data, Some(held.version)).await {
            Ok(_) => return Ok(None),
            Err(Error::BadVersion | Error::NoNode) => {}
            Err(error) => return Err(error).with_context(failed),
        }
    }
    bail!("`{path}` is written by others all the time")
}

/// Gives back those of the nodes that a host has, the last one first: whether it had any.
pub async fn give_back(session: &Client, paths: &[String], host: &str) -> Result<bool> {
    let mut had = false;
    for path in paths.iter().rev() {
        let Some(held) = read(session, path).await? else { continue };
        if held.turn.host == host {
            had |= delete(session, &held).await?;
        }
    }
    Ok(had)
}

/// Takes a turn away from whoever has it, by hand: false where it has been given back or taken anew meanwhile.
pub async fn delete(session: &Client, held: &Held) -> Result<bool> {
    match session.delete(&held.path, Some(held.version)).await {
        Ok(()) => Ok(true),
        Err(Error::NoNode | Error::BadVersion) => Ok(false),
        Err(error) => Err(error).with_context(|| format!("cannot delete `{}`", held.path)),
    }
}

/// Who has it, as new as the whole ensemble knows.
pub async fn holders(session: &Client, paths: &[String]) -> Result<Vec<Held>> {
    session.sync("/").await.context("the ensemble does not bring the session up to date")?;
    let mut all = Vec::new();
    for path in paths {
        all.extend(read(session, path).await?);
    }
    Ok(all)
}

async fn read(session: &Client, path: &str) -> Result<Option<Held>> {
    match session.get_data(path).await {
        Ok((data, stat)) => {
            // One that nobody can read is somebody's: it is released by hand.
            let turn = serde_json::from_slice(&data)
                .unwrap_or_else(|_| Turn { host: format!("(unreadable: {path})"), ..Turn::default() });
            Ok(Some(Held { path: path.to_owned(), turn, since: stat.ctime, version: stat.version }))
        }
        Err(Error::NoNode) => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{path}`")),
    }
}

/// Who has the turn of a cluster.
pub fn ask(cluster: &Cluster) -> Result<Vec<Held>> {
    client::run(held(cluster))?
}

/// Takes the turn for a host, where no other has it.
pub fn take_now(cluster: &Cluster, host: &Host, turn: &Turn) -> Result<Taken> {
    let nodes = paths(cluster, host);
    client::run(within_one(cluster, &ENSEMBLE, async |session| take(session, &nodes, turn).await))?
}

/// Takes the turn away from a host: whether it had it.
pub fn release(cluster: &Cluster, host: &str) -> Result<bool> {
    client::run(taken_away(cluster, host))?
}

/// Gives the turn back that a host has, once its servers are well, however long that takes: whether it had it. One that
/// was taken by hand is for a restart that `is_over` knows.
pub fn finish(
    cluster: &Cluster,
    host: &Host,
    is_over: &dyn Fn(&Turn) -> Result<bool>,
    identity: Option<&Identity>,
    progress: &dyn Progress,
) -> Result<bool> {
    let access = Access { limit: ANSWER, identity: identity.cloned() };
    let options = Options { access, local: false, peers: false, patience: Duration::ZERO };
    client::run(async {
        loop {
            match step(cluster, host, is_over, &options).await {
                Ok(Step::Done(had)) => return Ok(had),
                Ok(Step::Waits(why)) => {
                    progress.server("turn", &format!("has the turn, and waits: {}", why.join("; ")), false);
                }
                Err(error) => publish::waiting(&error, progress),
            }
            tokio::time::sleep(PAUSE).await;
        }
    })?
}

enum Step {
    Done(bool),
    Waits(Vec<String>),
}

async fn step(
    cluster: &Cluster,
    host: &Host,
    is_over: &dyn Fn(&Turn) -> Result<bool>,
    options: &Options,
) -> Result<Step> {
    let all = held(cluster).await?;
    let own: Vec<_> = all.into_iter().filter(|held| held.turn.host == host.name).collect();
    let Some(first) = own.first() else { return Ok(Step::Done(false)) };
    if !is_over(&first.turn)? {
        return Ok(Step::Waits(vec!["it was taken by hand, and nothing was restarted since".to_owned()]));
    }
    let snapshot = look(cluster, options, &Silent).await;
    let mut why: Vec<_> = motion::of_any(cluster, &snapshot).into_iter().collect();
    why.extend(unwell(cluster, &snapshot, host));
    if !why.is_empty() {
        return Ok(Step::Waits(why));
    }
    // One that was taken anew meanwhile is another turn.
    within_one(cluster, &ENSEMBLE, async |session| {
        for held in own.iter().rev() {
            delete(session, held).await?;
        }
        Ok(Step::Done(true))
    })
    .await
}

async fn held(cluster: &Cluster) -> Result<Vec<Held>> {
    let nodes = all_paths(cluster);
    within_one(cluster, &ENSEMBLE, async |session| holders(session, &nodes).await).await
}

async fn taken_away(cluster: &Cluster, host: &str) -> Result<bool> {
    let nodes = all_paths(cluster);
    within_one(cluster, &ENSEMBLE, async |session| give_back(session, &nodes, host).await).await
}
