//! Two servers of a host, or two listeners of a broker, have two ports.

use indexmap::IndexMap;

use crate::rules::hosts::ports::{Bound, of_host};
use crate::rules::prelude::*;
use crate::rules::message::and;
use crate::problem::Problem;
use crate::spec::{Address, Version};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K112",
        severity: Error,
        title: "port conflict on a host",
        why: "The second server cannot bind the port and exits. Kafka is stricter: the listeners of a broker need \
              different ports even on different addresses. From 3.6.0 on one IPv4 and one IPv6 listener may share a \
              port (KIP-797; read in the releases' `CoreUtils.scala`).",
        help: "change one of the two ports",
    },
    check,
};

/// From this version on two listeners share a port, one on IPv4 and one on IPv6.
const SHARED_BY_FAMILIES: Version = Version([3, 6, 0]);

struct Clash<'a> {
    change: Bound<'a>,
    other: Bound<'a>,
    hosts: Vec<&'a str>,
    /// Of the broker.
    version: Option<Version>,
}

fn check(draft: &Draft<'_>, found: &mut Found) {
    // What the cluster says for all hosts clashes on all of them and is one problem.
    let mut clashes: IndexMap<(&str, &str), Clash<'_>> = IndexMap::new();
    for host in &draft.cluster.hosts {
        let version = host.broker.as_ref().map(|broker| broker.release.value);
        for (one, other) in pairs(&of_host(host).collect::<Vec<_>>()) {
            if !clash(one, other, version) {
                continue;
            }
            let (change, other) = if rank(one) > rank(other) { (one, other) } else { (other, one) };
            clashes
                .entry((change.at, other.at))
                .or_insert_with(|| Clash {
                    change: *change,
                    other: *other,
                    hosts: Vec::new(),
                    version,
                })
                .hosts
                .push(&host.name);
        }
    }
    for clash in clashes.into_values() {
        found.add(told(found, &clash));
    }
}

fn pairs<'a, 'b>(ports: &'b [Bound<'a>]) -> impl Iterator<Item = (&'b Bound<'a>, &'b Bound<'a>)> {
    let others = |index: usize| ports.iter().skip(index + 1);
    ports.iter().enumerate().flat_map(move |(index, one)| others(index).map(move |other| (one, other)))
}

/// What is written for one host is changed before what is written for all, and that before a default.
fn rank(bound: &Bound<'_>) -> (bool, bool) {
    let of_one_host = ["/zookeeper/hosts/", "/kafka/hosts/"].iter().any(|hosts| bound.at.starts_with(hosts));
    (bound.is_written(), of_one_host)
}

fn clash(one: &Bound<'_>, other: &Bound<'_>, version: Option<Version>) -> bool {
    if one.port() != other.port() {
        return false;
    }
    let (Some(here), Some(there)) = (one.bound(), other.bound()) else { return true };
    here == there || (one.is_listener() && other.is_listener() && !may_share(here, there, version))
}

fn may_share(here: Address, there: Address, version: Option<Version>) -> bool {
    here.0.is_ipv4() != there.0.is_ipv4() && version >= Some(SHARED_BY_FAMILIES)
}

fn told(found: &Found, clash: &Clash<'_>) -> Problem {
    let Clash { change, other, hosts, version } = clash;
    let title =
        format!("{} and {} are both on port {} of {}", other.phrase(), change.phrase(), change.port(), and(hosts));
    let text = |bound: &Bound<'_>| {
        let by_default = if bound.is_written() { "" } else { " by default" };
        format!("{}: {}{by_default}", bound.phrase(), bound.port())
    };
    let problem = found.problem(title).at(change.at, text(change)).at(other.at, text(other));
    let two_addresses =
        change.bound().is_some() && other.bound().is_some() && change.bound() != other.bound();
    let Some(version) = version.filter(|_| two_addresses) else {
        return problem.help(format!("change the port of {} or of {}", change.phrase(), other.phrase()));
    };
    problem.help(format!(
        "change one of the two: Kafka {version} refuses listeners with one port, even on different addresses"
    ))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, says};
    use super::RULE;
    use crate::problem::Place;
    use serde_json::{Value, json};

    fn at(problem: &crate::problem::Problem, label: usize) -> &Place {
        &problem.labels[label].place
    }

    /// Two listeners on one port in two networks.
    fn two_listeners(address: &str, version: &str) -> Value {
        let hosts = json!({ "a": { "addresses": { "outer": address } } });
        let listeners = json!({ "OUTER": { "port": 9092, "network": "outer" } });
        json!({ "versions": { "kafka": version }, "hosts": hosts,
                "kafka": { "hosts": { "a": {} }, "listeners": listeners } })
    }

    #[test]
    fn a_clash_on_all_hosts_is_one_problem() {
        let problem = breaks(&RULE, json!({ "zookeeper": { "clientPort": 3888 } }));
        let title = "ZooKeeper's election and ZooKeeper's clients are both on port 3888 of a, b and c";
        assert_eq!(problem.title, title);
        assert_eq!(at(&problem, 0), &Place::Pointer("/zookeeper/clientPort".into()));
        assert_eq!(problem.labels[1].text, "ZooKeeper's election: 3888 by default");
    }

    #[test]
    fn what_binds_every_address_clashes_with_each_of_them() {
        let spec = |bind: &str| {
            let hosts = json!({ "a": { "addresses": { "outer": "10.1.0.1" } } });
            let outer = json!({ "port": 2181, "network": "outer", "bind": bind, "hosts": ["a"] });
            let kafka = json!({ "listeners": { "OUTER": outer }, "interBrokerListener": "PLAINTEXT" });
            json!({ "hosts": hosts, "kafka": kafka })
        };
        let title = breaks(&RULE, spec("all")).title;
        assert_eq!(title, "ZooKeeper's clients and the listener `OUTER` are both on port 2181 of a");
        holds(&RULE, spec("address"));
    }

    #[test]
    fn the_two_products_share_no_port() {
        let listener = json!({ "PLAINTEXT": { "port": 2181 } });
        let problem = breaks(&RULE, json!({ "kafka": { "listeners": listener } }));
        assert_eq!(at(&problem, 0), &Place::Pointer("/kafka/listeners/PLAINTEXT/port".into()));
    }

    #[test]
    fn what_one_host_overrides_is_the_place_to_change() {
        let own = json!({ "b": { "clientPort": 9092 } });
        let problem = breaks(&RULE, json!({ "zookeeper": { "hosts": own } }));
        assert_eq!(at(&problem, 0), &Place::Pointer("/zookeeper/hosts/b/clientPort".into()));
        assert!(problem.title.ends_with("port 9092 of b"), "{}", problem.title);
    }

    #[test]
    fn a_port_of_the_settings_binds_every_address() {
        breaks(&RULE, json!({ "zookeeper": { "settings": { "secureClientPort": 9092 } } }));
        let admin = |address: &str| {
            json!({ "admin.enableServer": true, "admin.serverPort": 2888, "admin.serverAddress": address })
        };
        // on loopback by default, where no server listens
        holds(&RULE, json!({ "zookeeper": { "settings": admin("127.0.0.1") } }));
        let settings = admin("0.0.0.0");
        breaks(&RULE, json!({ "zookeeper": { "settings": settings } }));
        holds(&RULE, json!({ "zookeeper": { "settings": { "admin.serverPort": 2888 } } }));
    }

    #[test]
    fn an_exporter_has_a_port_by_default() {
        let provider = "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider";
        let zookeeper = json!({ "settings": { "metricsProvider.className": provider } });
        let on_port = |port: u16| json!({ "listeners": { "PLAINTEXT": { "port": port } } });
        let problem = breaks(&RULE, json!({ "zookeeper": zookeeper, "kafka": on_port(7000) }));
        assert!(problem.title.contains("ZooKeeper's `metricsProvider.httpPort`"), "{}", problem.title);
        holds(&RULE, json!({ "zookeeper": zookeeper, "kafka": on_port(7001) }));
        holds(&RULE, json!({ "kafka": on_port(7000) }));
        // which nothing reads without an exporter
        let settings = json!({ "metricsProvider.httpPort": 9092 });
        holds(&RULE, json!({ "zookeeper": { "settings": settings } }));
    }

    #[test]
    fn listeners_of_one_broker_need_two_ports_even_on_two_addresses() {
        let problem = breaks(&RULE, two_listeners("203.0.113.1", "3.9.2"));
        assert!(problem.help.contains("Kafka 3.9.2 refuses"), "{}", problem.help);
        breaks(&RULE, two_listeners("fd00::1", "3.5.2"));
    }

    #[test]
    fn an_ipv4_and_an_ipv6_listener_share_a_port_since_3_6() {
        holds(&RULE, two_listeners("fd00::1", "3.6.0"));
    }

    #[test]
    fn the_same_port_on_different_hosts_is_fine() {
        let members = json!({ "zookeeper": { "hosts": { "a": {} }, "clientPort": 9092 },
                              "kafka": { "hosts": { "b": {} } } });
        assert_eq!(says(&RULE, members), []);
    }
}
