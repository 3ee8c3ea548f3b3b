//! Topics that hosts create by themselves: those of their spec that are missing, once every broker of the spec is
//! registered, since the brokers that are there get the partitions for good. Nothing is altered or deleted.

use std::time::Duration;

use anyhow::Result;
use kafnix_client as client;
use kafnix_client::zookeeper::session::{self, Registry};
use kafnix_client::{Access, Identity};
use kafnix_generator::Cluster;
use kafnix_protocol::registry::Generation;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::apply;
use crate::brokers::unregistered;
use crate::ensemble;
use crate::observe::{Options, chroot};
use crate::progress::Progress;
use crate::publish::{self, ANSWER};
use crate::repeat::Pauses;

/// After this it is asked anew which configuration is the newest.
const CREATE: Duration = Duration::from_secs(10);

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
pub fn create(
    cluster: &Cluster,
    host: &str,
    it: &Generation,
    identity: Option<&Identity>,
    progress: &dyn Progress,
) -> Result<Outcome> {
    let access = Access { limit: ANSWER, identity: identity.cloned() };
    let options = Options { access, local: false, peers: false, patience: Duration::ZERO };
    publish::generation(cluster, host, it, progress)?;
    client::run(async {
        let mut waiting = publish::pauses();
        // What the brokers refuse they may refuse for good.
        let mut refused = Pauses::from(Duration::from_secs(2), Duration::from_secs(60));
        loop {
            let asked = ensemble::within_one(cluster, &options.access, async |session| {
                session::registry(session, chroot(cluster), ANSWER).await
            });
            let registry = match asked.await {
                Ok(registry) => registry,
                Err(error) => {
                    publish::waiting(&error, progress);
                    waiting.pause().await;
                    continue;
                }
            };
            match next(cluster, &registry, it) {
                Next::End(outcome) => return Ok(outcome),
                Next::Wait(on, why) => {
                    progress.server(on, &why, false);
                    waiting.pause().await;
                }
                Next::Create => match apply::create(cluster, &options, CREATE, progress).await {
                    Ok(created) => return Ok(Outcome::Created(created.topics)),
                    Err(error) => {
                        progress.server("topics", &format!("tries again: {error:#}"), false);
                        refused.pause().await;
                    }
                },
            }
        }
    })?
}

/// What is to be done with what is registered.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Create,
    /// On what is waited, and why.
    Wait(&'static str, String),
    End(Outcome),
}

fn next(cluster: &Cluster, registry: &Registry, it: &Generation) -> Next {
    // The host with the newest configuration.
    let newest = registry.hosts.iter().max_by_key(|(_, published)| published.written);
    match newest.map(|(host, published)| (host, &published.generation)) {
        Some((host, None)) => {
            return Next::Wait(
                "hosts",
                format!(
                    "waiting for {host}, which has published last: `{}` cannot be read; switch it to the newest \
                     configuration, or have it publish its own as the newest one with `systemctl start \
                     kafnix-generation`; where the host is gone, `zkCli.sh deleteall` forgets it",
                    publish::path(cluster, host)
                ),
            );
        }
        Some((host, Some(newest))) if newest.topics != it.topics => {
            return Next::End(Outcome::Newer(host.clone()));
        }
        Some(_) | None => {}
    }
    let missing = unregistered(cluster, registry);
    if missing.is_empty() {
        Next::Create
    } else {
        Next::Wait("brokers", format!("waiting for {} to register", missing.join(", ")))
    }
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

    /// What a host does whose configuration declares these topics.
    fn next_of(hosts: &[(&str, PublishedHost)], topics: &[&str]) -> Next {
        let cluster = cluster();
        let mut registry = healthy(&cluster).0.registry.unwrap();
        registry.hosts = hosts.iter().map(|(name, it)| ((*name).to_owned(), it.clone())).collect();
        next(&cluster, &registry, &host(topics, 0).generation.unwrap())
    }

    #[test]
    fn the_configuration_that_was_written_last_says_which_topics_are_declared() {
        let hosts = [("a", host(&["x"], 7)), ("b", host(&["x", "y"], 5))];
        assert_eq!(next_of(&hosts, &["x"]), Next::Create);
        assert_eq!(next_of(&hosts, &["x", "y"]), Next::End(Outcome::Newer("a".into())));
    }

    #[test]
    fn a_newest_configuration_that_nobody_can_read_is_waited_for() {
        let unreadable = |written| PublishedHost { written, ..PublishedHost::default() };
        let newest = next_of(&[("a", unreadable(7)), ("b", host(&["x"], 5))], &["x"]);
        assert!(
            matches!(newest, Next::Wait("hosts", why) if why.contains("`/t/kafnix/hosts/a` cannot be read"))
        );
        assert_eq!(next_of(&[("a", unreadable(3)), ("b", host(&["x"], 5))], &["x"]), Next::Create);
    }

    #[test]
    fn brokers_of_the_spec_that_are_not_registered_are_waited_for() {
        let cluster = cluster();
        let mut registry = healthy(&cluster).0.registry.unwrap();
        registry.brokers.remove(&2);
        let waited = next(&cluster, &registry, &Generation::default());
        assert_eq!(waited, Next::Wait("brokers", "waiting for broker 2 on b to register".into()));
    }
}
