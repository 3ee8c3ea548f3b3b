//! What the topology implies is written from its own key of the spec and from nowhere else.

use crate::rules::prelude::*;
use crate::rules::settings::owned_value::way_out;
use crate::rules::settings::settings_view::written;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K410",
        severity: Error,
        title: "a setting that the topology implies is set by hand",
        why: "Ids, addresses, listeners, directories and the ensemble come from their own keys of the spec. A \
              second place for one of them could disagree with the first, with `/etc/hosts`, and with the \
              other hosts.",
        help: "use the key of the spec that implies the setting",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for setting in written(draft) {
        let Some(instead) = setting.owned else { continue };
        let why_not = instead.strip_prefix("nothing: ");
        let problem = found.problem(match why_not {
            Some(_) => format!("`{}` cannot be set", setting.key),
            None => format!("`{}` is implied by the topology", setting.key),
        });
        let help = way_out(draft, &setting).unwrap_or_else(|| match why_not {
            Some(why) => format!("leave it out: {why}"),
            None => format!("use {instead}"),
        });
        found.add(problem.at_key(setting.pointer, "set by hand").help(help));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, says};
    use super::RULE;
    use serde_json::{Value, json};

    fn help(section: &str, host: Option<&str>, key: &str, value: &Value) -> String {
        let settings = json!({ "settings": { key: value } });
        let settings = host.map_or(settings.clone(), |host| json!({ "hosts": { host: settings } }));
        breaks(&RULE, json!({ section: settings })).help
    }

    #[test]
    fn what_the_topology_implies_is_refused_with_what_to_write_in_its_place() {
        let kafka = |host: Option<&str>, key: &str, value: &str| help("kafka", host, key, &json!(value));
        let zookeeper = |host: Option<&str>, key: &str, value: &str| help("zookeeper", host, key, &json!(value));
        for (told, keys, place) in [
            (kafka(Some("a"), "broker.id", "0"), r#""id": 0"#, "kafka.hosts.a"),
            (kafka(Some("b"), "broker.rack", "1"), r#""rack": "1""#, "hosts.b"),
            (kafka(None, "default.replication.factor", "1"), r#""replicationFactor": 1"#, "kafka"),
            (kafka(Some("a"), "log.dirs", "/a,/b"), r#""logDirs": ["/a","/b"]"#, "kafka.hosts.a"),
            (kafka(None, "log.dir", "/a"), r#""logDirs": ["/a"]"#, "kafka"),
            (
                kafka(None, "inter.broker.protocol.version", "3.6.1"),
                r#""interBrokerProtocolVersion": "3.6""#,
                "kafka",
            ),
            (kafka(None, "port", "6667"), r#""listeners": { "PLAINTEXT": { "port": 6667 } }"#, "kafka"),
            (zookeeper(Some("a"), "clientPort", "2182"), r#""clientPort": 2182"#, "zookeeper.hosts.a"),
            (zookeeper(None, "dataDir", "/x"), r#""dataDir": "/x""#, "zookeeper"),
            (zookeeper(None, "server.0", "A.example.org:2888:3888"), r#""id": 0"#, "zookeeper.hosts.a"),
            (
                zookeeper(Some("a"), "server.2", "10.0.0.3:2889:3889:observer;2181   # far away"),
                r#""id": 2, "peerPort": 2889, "electionPort": 3889, "observer": true"#,
                "zookeeper.hosts.c",
            ),
        ] {
            assert_eq!(told, format!("write `{keys}` in `{place}`"));
        }
    }

    #[test]
    fn what_only_the_author_knows_is_left_open() {
        for (section, key, value, told) in [
            ("kafka", "broker.id", json!(7), "use `id` of the host in `kafka.hosts`"),
            ("kafka", "broker.id", json!(-1), "leave it out; a broker that has data has its id in `meta.properties`"),
            ("kafka", "process.roles", json!("broker"), "leave it out: it would make the broker a KRaft one"),
            ("zookeeper", "server.3", json!("zoo3:2888:3888"), "write `\"id\": 3` in `zookeeper.hosts`, with the host"),
            ("zookeeper", "server.3", json!("x"), "use `zookeeper.hosts`"),
        ] {
            let help = help(section, None, key, &value);
            assert!(help.starts_with(told), "{help}");
        }
    }

    #[test]
    fn what_nothing_implies_cannot_be_set() {
        let title = |key: &str| breaks(&RULE, json!({ "kafka": { "settings": { key: "x" } } })).title;
        assert_eq!(title("process.roles"), "`process.roles` cannot be set");
        assert_eq!(title("broker.id"), "`broker.id` is implied by the topology");
    }

    #[test]
    fn the_chroot_that_the_brokers_have_is_told_and_the_servers_that_the_spec_has_not() {
        let connect = |servers: &str| help("kafka", None, "zookeeper.connect", &json!(servers));
        assert_eq!(connect("a:2181,10.0.0.2,C.example.org:2181"), "write `\"chroot\": \"/\"` in `kafka`");
        assert_eq!(connect("localhost:2181/kafka/"), "write `\"chroot\": \"/kafka\"` in `kafka`");
        let outside = connect("zk1:2181, zk2/kafka");
        assert!(outside.starts_with("write `\"chroot\": \"/kafka\"` in `kafka`, and, unless "), "{outside}");
        assert!(outside.ends_with("`\"connect\": [\"zk1:2181\",\"zk2:2181\"]` in `zookeeper`"), "{outside}");
    }

    #[test]
    fn what_a_host_advertises_is_told_for_each_listener_and_its_address_for_none() {
        let advertised = |host, listeners: &str| help("kafka", host, "advertised.listeners", &json!(listeners));
        assert!(advertised(Some("a"), "PLAINTEXT://10.0.0.1:9092").starts_with("leave it out: each listener"));
        for (listener, keys, place) in [
            ("plaintext://A.example.org:9092", r#""host": "{host}.example.org""#, "listeners.PLAINTEXT"),
            ("PLAINTEXT://a:443", r#""host": "{host}", "port": 443"#, "hosts.a.listeners.PLAINTEXT"),
            ("PLAINTEXT://203.0.113.1:9092", r#""host": "203.0.113.1""#, "hosts.a.listeners.PLAINTEXT"),
            ("PLAINTEXT://10.0.0.1:443", r#""port": 443"#, "hosts.a.listeners.PLAINTEXT"),
            // of another host
            ("PLAINTEXT://b:9092", r#""host": "b""#, "hosts.a.listeners.PLAINTEXT"),
        ] {
            let told = format!("write `\"advertised\": {{ {keys} }}` in `kafka.{place}`");
            assert_eq!(advertised(Some("a"), listener), told);
        }
        let two = advertised(Some("a"), "PLAINTEXT://a:9092, X://a:9094");
        assert_eq!(two.matches("write `").count(), 2, "{two}");
        assert!(two.contains("define `X` in `kafka.listeners` with the port that it binds, write `"), "{two}");
        assert!(advertised(None, "PLAINTEXT://x:9092").starts_with("use `advertised` of a listener"));
        let own = json!({ "settings": { "listeners": "X://:9094", "advertised.listeners": "X://a:9094" } });
        let told = says(&RULE, json!({ "kafka": { "hosts": { "a": own, "b": {}, "c": {} } } }));
        assert!(told[1].help.ends_with("in `kafka.listeners.X`"), "{}", told[1].help);
    }

    #[test]
    fn a_listener_with_security_is_told_not_to_be_there_yet() {
        for (key, value) in [
            ("listeners", "PLAINTEXT://:9092,SSL://:9093"),
            ("advertised.listeners", "SASL_SSL://a:9092"),
            ("listener.security.protocol.map", "A:PLAINTEXT, B:SASL_PLAINTEXT"),
            ("security.inter.broker.protocol", "SSL"),
            ("inter.broker.listener.name", "SASL_SSL"),
        ] {
            let help = help("kafka", None, key, &json!(value));
            assert!(help.contains(r#"one with TLS with `"protocol": "SSL"`"#), "{key}: {help}");
        }
        let plain = help("kafka", None, "listeners", &json!("INSIDE://:9092, OUT://a:9093"));
        assert!(plain.starts_with("write `\"listeners\": {\"INSIDE\":{\"port\":9092},"), "{plain}");
        let map = help("kafka", None, "listener.security.protocol.map", &json!("A:PLAINTEXT"));
        assert_eq!(map, "use `protocol` of a listener in `kafka.listeners`");
    }

    #[test]
    fn any_other_setting_is_the_authors() {
        holds(&RULE, json!({ "kafka": { "settings": { "num.io.threads": 7 } } }));
    }
}
