//! Which settings of which topics kafnix has set: a node for each topic in the ensemble, so that it is known to whoever
//! comes next, on any machine. A key stands there before it is set and goes after it was taken back: whoever is
//! interrupted in between leaves one too many, never one too few.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Result, bail};
use kafnix_client::within;
use kafnix_client::zookeeper::session::{created, refused};
use kafnix_protocol::registry::{OwnedTopic, TOPICS, below};
use zookeeper_client::{Acls, Client, CreateMode, Error};

/// Two at once may write the same node.
const ATTEMPTS: usize = 20;

/// The nodes of a cluster, and how long the ensemble may take for one.
pub(super) struct Records<'a> {
    pub(super) session: &'a Client,
    pub(super) chroot: &'a str,
    pub(super) limit: Duration,
}

impl Records<'_> {
    pub(super) async fn add(&self, topic: &str, keys: impl Iterator<Item = &String>) -> Result<()> {
        let keys: BTreeSet<_> = keys.cloned().collect();
        self.within(self.change(topic, |owned| owned.extend(keys.iter().cloned()))).await
    }

    pub(super) async fn remove(&self, topic: &str, keys: impl Iterator<Item = &String>) -> Result<()> {
        let keys: BTreeSet<_> = keys.collect();
        self.within(self.change(topic, |owned| owned.retain(|key| !keys.contains(key)))).await
    }

    /// What was written of a topic that is gone.
    pub(super) async fn forget(&self, topic: &str) -> Result<()> {
        let path = self.path(topic);
        let deleted = async {
            match self.session.delete(&path, None).await {
                Ok(()) | Err(Error::NoNode) => Ok(()),
                Err(error) => Err(refused("delete", &path, error)),
            }
        };
        self.within(deleted).await
    }

    /// Whether Kafka has a topic, one included whose deletion has begun.
    pub(super) async fn is_there(&self, topic: &str) -> Result<bool> {
        Ok(self.within(created(self.session, self.chroot, topic)).await?.is_some())
    }

    async fn within<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        within(self.limit, "the ensemble", work).await
    }

    fn path(&self, topic: &str) -> String {
        format!("{}/{topic}", below(self.chroot, TOPICS))
    }

    async fn change(&self, topic: &str, change: impl Fn(&mut BTreeSet<String>)) -> Result<()> {
        let made = created(self.session, self.chroot, topic).await?;
        let path = self.path(topic);
        for _ in 0..ATTEMPTS {
            let (before, version) = match self.session.get_data(&path).await {
                Ok((data, stat)) => {
                    // What is damaged, and what was of another topic of that name, is written anew.
                    let owned = serde_json::from_slice::<OwnedTopic>(&data).unwrap_or_default();
                    let is_same = owned.created.is_none() || owned.created == made;
                    (if is_same { owned } else { OwnedTopic::default() }, Some(stat.version))
                }
                Err(Error::NoNode) => (OwnedTopic::default(), None),
                Err(error) => return Err(refused("read", &path, error)),
            };
            let mut after = OwnedTopic { created: made, ..before.clone() };
            change(&mut after.keys);
            if after == before {
                return Ok(());
            }
            let data = serde_json::to_vec(&after)?;
            let written = match version {
                Some(version) => self.session.set_data(&path, &data, Some(version)).await.map(|_| ()),
                None => self.create(&path, &data).await,
            };
            match written {
                Ok(()) => return Ok(()),
                Err(Error::BadVersion | Error::NodeExists | Error::NoNode) => {}
                Err(error) => return Err(refused("write", &path, error)),
            }
        }
        bail!("`{path}` is written by others all the time")
    }

    async fn create(&self, path: &str, data: &[u8]) -> Result<(), Error> {
        let persistent = CreateMode::Persistent.with_acls(Acls::anyone_all());
        match self.session.mkdir(&below(self.chroot, TOPICS), &persistent).await {
            Ok(()) | Err(Error::NodeExists) => {}
            Err(error) => return Err(error),
        }
        self.session.create(path, data, &persistent).await.map(|_| ())
    }
}
