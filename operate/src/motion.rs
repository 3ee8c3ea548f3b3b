//! A cluster in motion: its ensemble elects a leader, or its brokers get another controller. Questions have no answer
//! then, and have one in a moment, so that they are asked again for a while. What is not there at all is not in motion:
//! nobody waits for it.

use std::time::{Duration, Instant};

use kafnix_generator::Cluster;

use crate::brokers::named;
use crate::observe::{Observation, Options, observe};
use crate::progress::Progress;
use crate::repeat::Pauses;
use crate::round_trip::close;
use crate::snapshot::{Missing, Snapshot};

/// Most questions are answered by then: nothing is said before.
const QUIET: Duration = Duration::from_secs(1);

/// Asks every server, and again as long as the patience of the options lasts and there is a reason why the answer may
/// be another one in a moment.
pub(crate) async fn observe_until_still(
    cluster: &Cluster,
    options: &Options,
    motion: impl Fn(&Snapshot) -> Option<String>,
    progress: &dyn Progress,
) -> Observation {
    let begun = Instant::now();
    let mut pauses = Pauses::short();
    loop {
        let observation = observe(cluster, options, None).await;
        let Some(reason) = motion(&observation.snapshot) else { return observation };
        if begun.elapsed() >= options.patience {
            if !options.patience.is_zero() {
                progress.note(&format!(
                    "the cluster was asked again for {} s, and {reason}",
                    options.patience.as_secs_f32()
                ));
            }
            return observation;
        }
        if begun.elapsed() >= QUIET {
            progress.server("cluster", &format!("asked again, since {reason}"), false);
        }
        close(observation.sessions.into_values()).await;
        pauses.pause().await;
    }
}

/// Of the ensemble or the brokers.
pub(crate) fn of_any(cluster: &Cluster, snapshot: &Snapshot) -> Option<String> {
    of_ensemble(cluster, snapshot).or_else(|| of_brokers(cluster, snapshot))
}

pub(crate) fn of_ensemble(cluster: &Cluster, snapshot: &Snapshot) -> Option<String> {
    if let Err(Missing::Passing(reason)) = &snapshot.registry {
        return Some(reason.clone());
    }
    let serves = snapshot.servers.values().any(|server| server.session.is_ok());
    (!serves && may_elect(cluster, snapshot))
        .then(|| "no ZooKeeper server serves, though enough of them run for a quorum".to_owned())
}

/// Whether those that run are a quorum, which may be about to elect a leader.
fn may_elect(cluster: &Cluster, snapshot: &Snapshot) -> bool {
    let runs = |name: &String| snapshot.servers.get(name).is_some_and(|server| server.client.state.is_ok());
    let ensemble = cluster.ensemble();
    if ensemble.external {
        return snapshot.servers.keys().any(runs);
    }
    let runs = |id| cluster.voters().any(|(host, server)| server.id.value == id && runs(&host.name));
    cluster.electorate().has_quorum(runs)
}

fn of_brokers(cluster: &Cluster, snapshot: &Snapshot) -> Option<String> {
    // Without an ensemble they get no other controller.
    snapshot.registry.as_ref().ok()?;
    let open: Vec<_> = snapshot.brokers.iter().filter(|(_, broker)| broker.connection.is_ok()).collect();
    let of_all = [
        snapshot.topics.as_ref().err(),
        snapshot.topics.as_ref().ok().and_then(|facts| facts.configs.as_ref().err()),
        snapshot.reassignments.as_ref().err(),
    ];
    let of_each =
        open.iter().flat_map(|(_, broker)| [broker.metadata.as_ref().err(), broker.config.as_ref().err()]);
    let unanswered = of_all.into_iter().chain(of_each).flatten().find_map(|missing| match missing {
        Missing::Passing(reason) => Some(reason.clone()),
        Missing::Unasked(_) | Missing::Wrong(_) => None,
    });
    if unanswered.is_some() {
        return unanswered;
    }
    for (host, broker) in open {
        let Ok(metadata) = &broker.metadata else { continue };
        let Some(controller) = metadata.controller else {
            // It has just started, and knows no topic either.
            return Some(format!("the broker on {host} does not know the controller yet"));
        };
        let found = cluster.brokers().find(|(_, broker)| broker.id.value == controller);
        let facts = found.and_then(|(host, _)| snapshot.brokers.get(&host.name));
        if facts.is_some_and(|facts| facts.connection.is_err()) {
            let controller = named(cluster, controller);
            return Some(format!(
                "the controller, {controller}, cannot be asked: another one takes its place"
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{cluster, healthy, refused};

    /// Why the healthy cluster is in motion after a change.
    fn after(change: impl FnOnce(&mut Snapshot)) -> Option<String> {
        let cluster = cluster();
        let (mut snapshot, _) = healthy(&cluster);
        change(&mut snapshot);
        of_any(&cluster, &snapshot)
    }

    fn electing(snapshot: &mut Snapshot) {
        for server in snapshot.servers.values_mut() {
            server.srvr = Err(Missing::Passing("it does not serve".into()));
            server.session = Err(Missing::Unasked("it does not serve".into()));
        }
        snapshot.registry = Err(Missing::Unasked("no session".into()));
    }

    #[test]
    fn a_cluster_that_answers_is_not_in_motion() {
        assert_eq!(after(|_| ()), None);
        assert_eq!(after(|snapshot| refused(snapshot, "c")), None);
    }

    #[test]
    fn an_ensemble_that_may_elect_is_waited_for_and_one_that_is_not_there_is_not() {
        assert!(after(electing).unwrap().contains("no ZooKeeper server serves"));
        assert!(
            after(|snapshot| {
                electing(snapshot);
                refused(snapshot, "c");
            })
            .is_some()
        );
        assert_eq!(
            after(|snapshot| {
                electing(snapshot);
                refused(snapshot, "b");
                refused(snapshot, "c");
            }),
            None
        );
    }

    #[test]
    fn a_session_that_breaks_is_opened_again() {
        let broken = || Err(Missing::Passing("the connection is lost".to_owned()));
        assert_eq!(after(|snapshot| snapshot.registry = broken()).unwrap(), "the connection is lost");
        assert_eq!(after(|snapshot| snapshot.registry = Err(Missing::Wrong("not authorized".into()))), None);
    }

    #[test]
    fn another_controller_is_waited_for() {
        let moved = after(|snapshot| refused(snapshot, "a")).unwrap();
        assert!(moved.starts_with("the controller, broker 1 on a, cannot be asked"), "{moved}");
        let started = after(|snapshot| {
            snapshot.brokers.get_mut("b").unwrap().metadata.as_mut().unwrap().controller = None;
        });
        assert_eq!(started.unwrap(), "the broker on b does not know the controller yet");
        let turned_away = Err(Missing::Passing("NotController".into()));
        assert_eq!(after(|snapshot| snapshot.reassignments = turned_away).unwrap(), "NotController");
    }

    #[test]
    fn a_controller_that_is_not_in_the_spec_and_brokers_that_are_all_gone_are_not_waited_for() {
        assert_eq!(
            after(|snapshot| {
                for broker in snapshot.brokers.values_mut() {
                    broker.metadata.as_mut().unwrap().controller = Some(9);
                }
                snapshot.reassignments = Err(Missing::Unasked("the controller cannot be asked".into()));
            }),
            None
        );
        assert_eq!(
            after(|snapshot| {
                for host in ["a", "b", "c"] {
                    let server = snapshot.servers[host].clone();
                    refused(snapshot, host);
                    snapshot.servers.insert(host.into(), server);
                }
                snapshot.topics = Err(Missing::Unasked("no broker can be asked".into()));
                snapshot.reassignments = Err(Missing::Unasked("no broker can be asked".into()));
            }),
            None
        );
    }
}
