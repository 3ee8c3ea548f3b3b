//! What is checked, one file for each check or small family, listed in one table. A check is pure: it
//! looks at the cluster of the spec and at what the servers answered, and asks nobody.

mod reachable;
mod zookeeper_ports;
mod listeners;
mod answers;
mod zookeeper_version;
mod leader;
mod followers;
mod members;
mod server_ids;
mod latency;
mod state;
mod turn;
mod broker_answers;
mod registered;
mod endpoints;
mod controller;
mod cluster_id;
mod kafka_version;
mod partitions;
mod log_dirs;
mod internal_topics;
mod broker_config;
mod zoo_cfg;
pub(crate) mod topics;
mod ephemerals;
mod round_trip;
#[cfg(test)]
mod testing;

use kafnix_generator::Cluster;
use kafnix_generator::cluster::{Broker, Host, Server};

use super::finding::{Expect, Finding, Outcome, Verdict};
use crate::round_trip::RoundTrips;
use crate::snapshot::{BrokerFacts, ServerFacts, Snapshot};
use kafnix_protocol::registry::Registration;

/// One thing that is checked on every subject that has it.
pub struct Check {
    /// Stable: V1xx ports, V2xx ZooKeeper, V3xx the Kafka cluster, V4xx configuration and topics, V5xx
    /// round trips.
    pub code: &'static str,
    /// What is so where it is good.
    pub title: &'static str,
    /// What is compared with what, and why it matters.
    pub why: &'static str,
    /// What to do, where the finding itself knows nothing better.
    pub help: &'static str,
    judge: Judge,
}

/// What a check looks at beside the spec.
enum Judge {
    Snapshot(fn(&Cluster, &Snapshot) -> Vec<Verdict>),
    RoundTrips(fn(&Cluster, &Snapshot, &RoundTrips) -> Vec<Verdict>),
}

/// Every check, by code.
pub(super) static CHECKS: [&Check; 32] = [
    &reachable::CHECK,
    &zookeeper_ports::CLIENT,
    &zookeeper_ports::ELECTION,
    &zookeeper_ports::PEER,
    &listeners::CHECK,
    &answers::CHECK,
    &zookeeper_version::CHECK,
    &leader::CHECK,
    &followers::CHECK,
    &members::CHECK,
    &server_ids::CHECK,
    &latency::CHECK,
    &state::CHECK,
    &turn::CHECK,
    &broker_answers::CHECK,
    &registered::CHECK,
    &endpoints::CHECK,
    &controller::CHECK,
    &cluster_id::CHECK,
    &kafka_version::CHECK,
    &partitions::LEADERS,
    &partitions::IN_SYNC,
    &partitions::MIN_ISR_CHECK,
    &log_dirs::CHECK,
    &internal_topics::CHECK,
    &broker_config::FILE,
    &broker_config::OVERRIDES,
    &zoo_cfg::CHECK,
    &topics::CHECK,
    &ephemerals::CHECK,
    &round_trip::CODECS,
    &round_trip::CLEAN,
];

impl Check {
    pub(super) fn verdicts(
        &self,
        cluster: &Cluster,
        snapshot: &Snapshot,
        round_trips: &RoundTrips,
    ) -> Vec<Verdict> {
        match self.judge {
            Judge::Snapshot(judge) => judge(cluster, snapshot),
            Judge::RoundTrips(judge) => judge(cluster, snapshot, round_trips),
        }
    }

    pub(super) fn finding(&self, cluster: &Cluster, verdict: Verdict) -> Finding {
        let is_host = cluster.host(&verdict.subject).is_some();
        let is_topic = || cluster.topics.iter().any(|topic| topic.name == verdict.subject);
        let noun = if is_host {
            "host"
        } else if is_topic() {
            "topic"
        } else {
            ""
        };
        let has_help = matches!(verdict.outcome, Outcome::Failed | Outcome::Note);
        let help = verdict.help.unwrap_or_else(|| self.help.to_owned());
        Finding {
            code: self.code,
            title: self.title,
            subject: verdict.subject,
            outcome: verdict.outcome,
            expected: verdict.expected,
            found: verdict.found,
            help: if has_help { help } else { String::new() },
            noun,
        }
    }
}

const UNREAD: &str = "what it answered could not be read";
/// A dead host is reported once.
const UNREACHABLE: &str = "the host is not reachable";

/// A verdict on every `ZooKeeper` server of the spec.
fn servers(
    cluster: &Cluster,
    snapshot: &Snapshot,
    expected: impl Fn(&Host, &Server) -> String,
    judge: impl Fn(&Server, &ServerFacts, Expect) -> Verdict,
) -> Vec<Verdict> {
    if cluster.ensemble().external {
        return vec![outside()];
    }
    let verdict = |(host, server): (&Host, &Server)| {
        let expect = Expect::of(&host.name, expected(host, server));
        match snapshot.servers.get(&host.name) {
            Some(_) if !snapshot.is_reachable(&host.name) => expect.skipped(UNREACHABLE),
            Some(facts) => judge(server, facts, expect),
            None => expect.failed(UNREAD),
        }
    };
    cluster.servers().map(verdict).collect()
}

/// What stands for all servers of an ensemble that this spec does not describe.
fn outside() -> Verdict {
    Expect::of(ENSEMBLE, "what the spec says of each server")
        .skipped("the ensemble stands outside this spec: only its connect strings are known")
}

/// A verdict on every broker.
fn brokers(
    cluster: &Cluster,
    snapshot: &Snapshot,
    expected: impl Fn(&Host, &Broker) -> String,
    judge: impl Fn(&Broker, &BrokerFacts, Expect) -> Verdict,
) -> Vec<Verdict> {
    let verdict = |(host, broker): (&Host, &Broker)| {
        let expect = Expect::of(&host.name, expected(host, broker));
        match snapshot.brokers.get(&host.name) {
            Some(_) if !snapshot.is_reachable(&host.name) => expect.skipped(UNREACHABLE),
            Some(facts) => judge(broker, facts, expect),
            None => expect.failed(UNREAD),
        }
    };
    cluster.brokers().map(verdict).collect()
}

/// A verdict on what is registered of every broker, which needs no answer of its host.
fn registered(
    cluster: &Cluster,
    snapshot: &Snapshot,
    expected: impl Fn(&Broker) -> String,
    judge: impl Fn(&Broker, Option<&Registration>, Expect) -> Verdict,
) -> Vec<Verdict> {
    let verdict = |(host, broker): (&Host, &Broker)| {
        let expect = Expect::of(&host.name, expected(broker));
        match &snapshot.registry {
            Ok(registry) => judge(broker, registry.brokers.get(&broker.id.value), expect),
            Err(missing) => expect.skipped(missing.reason()),
        }
    };
    cluster.brokers().map(verdict).collect()
}

/// The subject of what all `ZooKeeper` servers make together.
const ENSEMBLE: &str = "ensemble";
/// The subject of what all brokers make together.
const BROKERS: &str = "brokers";
/// The subject of what holds for all topics.
const TOPICS: &str = "topics";

/// `1, 2 and 3`
fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<_> = items.into_iter().map(|item| item.to_string()).collect();
    match items.as_slice() {
        [] => "none".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `1 partition`, `2 partitions`
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::check;

    #[test]
    fn codes_are_in_order_and_each_check_has_all_its_words() {
        assert!(CHECKS.windows(2).all(|pair| pair[0].code < pair[1].code));
        for check in CHECKS {
            assert!(!check.title.ends_with('.') && check.why.ends_with('.') && !check.help.ends_with('.'));
        }
    }

    #[test]
    fn a_healthy_cluster_is_good() {
        let cluster = testing::cluster();
        let (snapshot, round_trips) = testing::healthy(&cluster);
        let findings = check(&cluster, &snapshot, &round_trips);
        let bad: Vec<_> = findings.iter().filter(|finding| finding.outcome != Outcome::Good).collect();
        // Only that the ensemble has formed is worth a word.
        assert!(bad.iter().all(|finding| finding.code == "V208"), "{bad:#?}");
        assert!(CHECKS.iter().all(|check| findings.iter().any(|finding| finding.code == check.code)));
    }

    #[test]
    fn a_snapshot_that_was_kept_is_the_same() {
        let cluster = testing::cluster();
        let (mut snapshot, _) = testing::healthy(&cluster);
        testing::dead(&mut snapshot, "c");
        let kept = serde_json::to_string(&snapshot).unwrap();
        assert_eq!(serde_json::from_str::<Snapshot>(&kept).unwrap(), snapshot);
    }
}
