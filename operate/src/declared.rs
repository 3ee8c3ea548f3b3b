//! Topics that hosts create by themselves: those of their spec that are missing, once every broker of the spec is
//! registered, since the brokers that are there get the partitions for good. Nothing is altered or deleted.

use std::time::Duration;

use anyhow::{Result, bail};
use kafnix_client as client;
use kafnix_client::Target;
use kafnix_client::zookeeper::session::{self, Registry};
use kafnix_generator::Cluster;
use kafnix_protocol::registry::Generation;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::brokers::unregistered;
use crate::observe::{Options, chroot};
use crate::progress::Progress;
use crate::{apply, publish};

/// A server that does not answer within this is asked again.
const ANSWER: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_secs(2);
/// After this it is asked anew which configuration is the newest.
const CREATE: Duration = Duration::from_secs(60);

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The topics that were missing; all are there now.
    Created(Vec<String>),
    /// This host was switched to its newer configuration, which declares other topics.
    Newer(String),
}

/// What names the declared topics, with all that is declared of them.
pub fn digest(cluster: &Cluster) -> String {
    let topics = cluster.topics.iter().map(|topic| {
        let settings: Vec<_> =
            topic.settings.iter().map(|(key, setting)| (key, setting.value.plain())).collect();
        json!([topic.name, topic.partitions.value, topic.replicas.value, settings])
    });
    let text = json!(topics.collect::<Vec<_>>()).to_string();
    Sha256::digest(text).iter().fold(String::new(), |all, byte| format!("{all}{byte:02x}"))
}

/// Creates what is missing, however long the brokers take to come. Where another host has published a newer
/// configuration with other topics, nothing is created: what was deleted with that one does not come back.
pub fn create(cluster: &Cluster, host: &str, it: &Generation, progress: &dyn Progress) -> Result<Outcome> {
    let asked = Options { timeout: ANSWER, local: false, peers: false, patience: Duration::ZERO };
    loop {
        publish::generation(cluster, host, it, progress)?;
        match client::run(registry(cluster))? {
            Err(error) => progress.server("ensemble", &format!("waiting for the ensemble: {error:#}"), false),
            Ok(registry) => {
                if let Some(newer) = newer(&registry, it) {
                    return Ok(Outcome::Newer(newer));
                }
                let missing = unregistered(cluster, &registry);
                if missing.is_empty() {
                    match apply::create_topics(cluster, &asked, CREATE, progress) {
                        Ok(created) => return Ok(Outcome::Created(created.topics)),
                        Err(error) => progress.server("topics", &format!("{error:#}"), false),
                    }
                } else {
                    progress.server(
                        "brokers",
                        &format!("waiting for {} to register", missing.join(", ")),
                        false,
                    );
                }
            }
        }
        std::thread::sleep(PAUSE);
    }
}

async fn registry(cluster: &Cluster) -> Result<Registry> {
    let mut last = None;
    for address in &cluster.ensemble().connect.value {
        let target = Target::new(address, ANSWER);
        let asked =
            async { session::registry(&session::open(&target).await?, chroot(cluster), ANSWER).await };
        match asked.await {
            Ok(registry) => return Ok(registry),
            Err(error) => last = Some(error),
        }
    }
    last.map_or_else(|| bail!("the spec has no ZooKeeper server"), Err)
}

/// The host with the newest configuration, where that declares other topics.
fn newer(registry: &Registry, it: &Generation) -> Option<String> {
    let (host, newest) = registry.hosts.iter().max_by_key(|(_, published)| published.written)?;
    let declares = newest.generation.as_ref().map(|newest| &newest.topics);
    // What nobody can read may declare others.
    (declares != Some(&it.topics)).then(|| host.clone())
}

#[cfg(test)]
mod tests {
    use kafnix_client::zookeeper::session::PublishedHost;
    use serde_json::json;

    use super::*;
    use crate::testing::{cluster, healthy, patched};

    #[test]
    fn a_digest_is_of_all_that_is_declared_of_topics_and_of_nothing_else() {
        let of = |topics| digest(&patched(&json!({ "topics": topics })));
        let one = json!({ "orders": { "partitions": 6 }, "more": {} });
        assert_eq!(of(one.clone()), digest(&patched(&json!({ "name": "other", "topics": one }))));
        for other in [
            json!({ "orders": { "partitions": 7 }, "more": {} }),
            json!({ "orders": { "partitions": 6, "replicas": 2 }, "more": {} }),
            json!({ "orders": { "partitions": 6, "settings": { "retention.ms": 5 } }, "more": {} }),
            json!({ "orders": { "partitions": 6 } }),
        ] {
            assert_ne!(of(one.clone()), of(other));
        }
    }

    fn host(topics: &[&str], written: i64) -> PublishedHost {
        let topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
        let generation = Some(Generation { topics, ..Generation::default() });
        PublishedHost { generation, written, running: None }
    }

    #[test]
    fn the_configuration_that_was_written_last_says_which_topics_are_declared() {
        let hosts = [("a", host(&["x"], 7)), ("b", host(&["x", "y"], 5))];
        let registry =
            Registry { hosts: hosts.map(|(name, it)| (name.into(), it)).into(), ..Registry::default() };
        assert_eq!(newer(&registry, &host(&["x"], 0).generation.unwrap()), None);
        assert_eq!(newer(&registry, &host(&["x", "y"], 0).generation.unwrap()).as_deref(), Some("a"));
    }

    #[test]
    fn brokers_of_the_spec_that_are_not_registered_are_waited_for() {
        let cluster = cluster();
        let mut registry = healthy(&cluster).0.registry.unwrap();
        assert!(unregistered(&cluster, &registry).is_empty());
        registry.brokers.remove(&2);
        assert_eq!(unregistered(&cluster, &registry), ["broker 2 on b"]);
    }
}
