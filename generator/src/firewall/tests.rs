//! Who may reach which port, on small clusters.

use super::*;
use crate::Cluster;
use crate::rules::testing::patched;
use serde_json::{Value, json};

fn cluster(patch: Value) -> Cluster {
    let checked = crate::check(patched(patch).as_bytes(), None, &[]);
    checked.cluster.unwrap_or_else(|| panic!("{:?}", checked.problems))
}

/// `host what@address:port from` of the first host.
fn rows(patch: Value) -> Vec<String> {
    let cluster = cluster(patch);
    let matrix = Matrix::of(&cluster);
    let first = matrix.rows().into_iter().filter(|row| row.host == "a");
    first
        .map(|row| {
            let Opening { what, address, port, from } = row.opening;
            let address = address.map_or_else(|| "*".to_owned(), Address::in_url);
            let words = |from: Vec<Source>| from.iter().map(Source::to_string).collect::<Vec<_>>().join(" ");
            format!("{what} {address}:{port} {}", from.map_or_else(|| "everybody".to_owned(), words))
        })
        .collect()
}

fn peers(patch: Value) -> Option<Vec<String>> {
    let cluster = cluster(patch);
    let (_, broker) = cluster.brokers().next().unwrap();
    Some(Matrix::of(&cluster).broker_peers(broker)?.iter().map(Source::to_string).collect())
}

#[test]
fn members_reach_what_they_need_of_each_other_and_the_declared_networks_the_rest() {
    let firewall =
        json!({ "admin": ["10.9.0.0/24"], "monitoring": { "from": ["10.8.0.1"], "ports": [9100] } });
    assert_eq!(
        rows(json!({ "firewall": firewall, "zookeeper": { "from": ["10.7.0.0/24"] } })),
        [
            "ZooKeeper clients 10.0.0.1:2181 ensemble brokers 10.7.0.0/24 10.9.0.0/24",
            "ZooKeeper peers 10.0.0.1:2888 ensemble",
            "ZooKeeper election 10.0.0.1:3888 ensemble",
            "listener PLAINTEXT 10.0.0.1:9092 brokers 10.0.0.0/24 10.9.0.0/24",
            "metrics *:9100 10.8.0.1",
        ]
    );
}

#[test]
fn a_listener_is_open_to_its_networks_and_without_any_to_everybody() {
    let listeners = json!({
        "PLAINTEXT": null,
        "INSIDE": { "port": 9092, "from": "brokers", "network": "inside" },
        "OUTSIDE": { "port": 9093, "from": ["192.0.2.0/25", "192.0.2.128/25", "192.0.2.7"] },
        "OPEN": { "port": 9094 }
    });
    let inside = |address: &str| json!({ "addresses": { "inside": address } });
    let hosts = json!({ "a": inside("10.1.0.1"), "b": inside("10.1.0.2"), "c": inside("10.1.0.3") });
    let firewall = json!({ "admin": ["10.9.0.0/24"] });
    let found = rows(json!({ "hosts": hosts, "firewall": firewall, "kafka": { "listeners": listeners } }));
    assert_eq!(
        found[3..],
        [
            "listener INSIDE 10.1.0.1:9092 brokers@inside",
            "listener OPEN 10.0.0.1:9094 everybody",
            "listener OUTSIDE 10.0.0.1:9093 10.9.0.0/24 192.0.2.0/24",
        ]
    );
}

#[test]
fn a_port_that_only_a_setting_opens_is_known() {
    let settings = json!({
        "secureClientPort": 2281,
        "serverCnxnFactory": "org.apache.zookeeper.server.NettyServerCnxnFactory",
        "ssl.keyStore.location": "/run/secrets/zookeeper/key.pem",
        "ssl.trustStore.location": "/run/secrets/zookeeper/ca.pem",
        "metricsProvider.className": "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider"
    });
    let firewall = json!({ "monitoring": { "from": ["10.8.0.0/24"] } });
    let mut everywhere = settings.clone();
    everywhere["secureClientPortAddress"] = json!("0.0.0.0");
    let of = |settings: Value| json!({ "firewall": firewall, "zookeeper": { "settings": settings } });
    assert_eq!(rows(of(everywhere))[1], "ZooKeeper clients, TLS *:2281 ensemble brokers");
    let secured = cluster(of(settings.clone()));
    let zoo_cfg = &crate::hosts::hosts(&secured)[0].services[&Role::ZooKeeper].files["zoo.cfg"];
    assert!(zoo_cfg.contains("secureClientPortAddress=10.0.0.1\n"), "{zoo_cfg}");
    let found = rows(of(settings));
    assert_eq!(found[1], "ZooKeeper clients, TLS 10.0.0.1:2281 ensemble brokers");
    assert_eq!(found[5], "ZooKeeper metrics *:7000 10.8.0.0/24");
}

#[test]
fn what_binds_every_address_is_open_at_every_one_to_those_who_need_it() {
    let secured = json!({
        "secureClientPort": 2281,
        "serverCnxnFactory": "org.apache.zookeeper.server.NettyServerCnxnFactory",
        "ssl.keyStore.location": "/run/secrets/zookeeper/key.pem",
        "ssl.trustStore.location": "/run/secrets/zookeeper/ca.pem"
    });
    let of = |settings: &Value| json!({ "zookeeper": { "bind": "all", "settings": settings } });
    assert_eq!(
        rows(of(&secured))[..4],
        [
            "ZooKeeper clients *:2181 ensemble brokers",
            "ZooKeeper clients, TLS *:2281 ensemble brokers",
            "ZooKeeper peers *:2888 ensemble",
            "ZooKeeper election *:3888 ensemble",
        ]
    );
    let everywhere = cluster(of(&secured));
    let zoo_cfg = &crate::hosts::hosts(&everywhere)[0].services[&Role::ZooKeeper].files["zoo.cfg"];
    for line in ["clientPortAddress=0.0.0.0", "secureClientPortAddress=0.0.0.0", "quorumListenOnAllIPs=true"]
    {
        assert!(zoo_cfg.lines().any(|found| found == line), "{zoo_cfg}");
    }
    // the author has the last word on the ports among peers
    let apart = of(&json!({ "quorumListenOnAllIPs": false }));
    assert_eq!(rows(apart)[1], "ZooKeeper peers 10.0.0.1:2888 ensemble");
    let listener = json!({ "kafka": { "listeners": { "PLAINTEXT": { "bind": "all" } } } });
    assert_eq!(rows(listener)[3], "listener PLAINTEXT *:9092 brokers 10.0.0.0/24");
}

#[test]
fn observers_reach_the_port_of_those_that_they_may_follow() {
    let zookeeper = json!({
        "settings": { "observerMasterPort": 2191 },
        "hosts": { "a": {}, "b": {}, "c": { "observer": true } }
    });
    let cluster = cluster(json!({ "zookeeper": zookeeper }));
    let found = Matrix::of(&cluster).rows();
    let open: Vec<_> = found.iter().filter(|row| row.opening.port == 2191).map(|row| row.host).collect();
    assert_eq!(open, ["a", "b"]);
}

#[test]
fn nobody_comes_from_a_network_of_the_other_family() {
    let firewall = json!({
        "admin": ["10.9.0.0/24", "fd00:9::/64"],
        "monitoring": { "from": ["10.8.0.1", "fd00:8::/64"], "ports": [9100] }
    });
    let found = rows(json!({ "firewall": firewall }));
    assert_eq!(found[0], "ZooKeeper clients 10.0.0.1:2181 ensemble brokers 10.9.0.0/24");
    // every address of the host
    assert_eq!(found[4], "metrics *:9100 10.8.0.1 fd00:8::/64");
}

#[test]
fn a_row_has_the_addresses_of_the_others() {
    let cluster = cluster(json!({ "kafka": { "hosts": { "a": {}, "c": {} } } }));
    let found = Matrix::of(&cluster).rows();
    let of = |port: u16| found.iter().find(|row| row.host == "a" && row.opening.port == port).unwrap();
    assert_eq!(of(2888).addresses.as_deref().unwrap(), ["10.0.0.2", "10.0.0.3"]);
    assert_eq!(of(9092).addresses.as_deref().unwrap(), ["10.0.0.0/24", "10.0.0.3"]);
    assert_eq!(Matrix::of(&cluster).groups()["brokers"].len(), 2);
}

#[test]
fn a_broker_has_peers_unless_everybody_or_somebody_by_name_may_be_one() {
    assert_eq!(peers(json!({})).unwrap(), ["brokers", "10.0.0.0/24", "ensemble"]);
    let listener = |listener: Value| json!({ "kafka": { "listeners": { "PLAINTEXT": listener } } });
    assert_eq!(peers(listener(json!({ "from": null }))), None);
    assert_eq!(peers(listener(json!({ "advertised": { "host": "{host}.example.org" } }))), None);
    // one that brokers find behind an address translation, and the others where they listen
    let own = json!({ "a": { "listeners": { "PLAINTEXT": { "advertised": { "host": "192.0.2.9" } } } } });
    let found = peers(json!({ "kafka": { "hosts": { "a": own["a"], "b": {} } } })).unwrap();
    assert_eq!(found, ["brokers", "10.0.0.0/24", "192.0.2.9", "ensemble"]);
}

#[test]
fn an_exporter_on_loopback_and_a_host_without_a_role_open_nothing() {
    let settings = json!({
        "metricsProvider.className": "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider",
        "metricsProvider.httpHost": "127.0.0.1"
    });
    let firewall = json!({ "monitoring": { "from": ["10.8.0.0/24"], "ports": [9100] } });
    let zookeeper = json!({ "settings": settings, "hosts": { "a": {} } });
    let patch = json!({ "firewall": firewall, "zookeeper": zookeeper, "kafka": { "hosts": { "b": {} } } });
    assert_eq!(rows(patch.clone()).last().unwrap(), "metrics *:9100 10.8.0.0/24");
    let cluster = cluster(patch);
    assert!(Matrix::of(&cluster).rows().iter().all(|row| row.host != "c" && row.opening.port != 7000));
}

#[test]
fn an_ensemble_elsewhere_is_a_peer_where_its_addresses_are_known() {
    let external = |place: &str| json!({ "zookeeper": { "connect": [place], "dataDir": null } });
    let found = peers(external("[fd00::1]:2181")).unwrap();
    assert_eq!(found.last().unwrap(), "fd00::1");
    assert_eq!(peers(external("zk.example.org:2181")), None);
    let mut named = external("zk.example.org:2181");
    named["names"] = json!({ "zk.example.org": "10.5.0.1" });
    assert_eq!(peers(named).unwrap().last().unwrap(), "10.5.0.1");
}
