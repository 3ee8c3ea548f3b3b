//! Each class by the smallest change that is one.

use serde_json::{Value as Json, json};

use super::*;
use crate::rules::testing::patched;
use crate::{Cluster, Files};

fn generated(patch: Json) -> (Cluster, Files) {
    let checked = crate::check(patched(patch).as_bytes(), None, &[]);
    let cluster = checked.cluster.unwrap_or_else(|| panic!("{:#?}", checked.problems));
    let files = crate::generate(&cluster, None).unwrap_or_else(|fault| panic!("{fault:?}"));
    (cluster, files)
}

fn tree(files: &Files) -> Tree<'_> {
    files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect()
}

fn between(before: Json, after: Json) -> Impact {
    let ((before, old), (after, new)) = (generated(before), generated(after));
    of_trees(&tree(&old), &tree(&new)).with_topics(&before, &after)
}

/// One line for each change, and one for each host.
fn told(impact: &Impact) -> Vec<String> {
    let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let changes = impact.changes.iter().map(|change| {
        let subject = match &change.subject {
            Subject::Part(part) => part.name().to_owned(),
            Subject::Topic(topic) => format!("topic {topic}"),
        };
        let difference = match &change.difference {
            Difference::Value { from, to } => format!("{} > {}", side(from), side(to)),
            Difference::Entries { added, removed } => {
                format!("+[{}] -[{}]", added.join(" "), removed.join(" "))
            }
        };
        let class = json!(change.class);
        let class = class.as_str().unwrap();
        format!("{class} {subject} {}: {difference} ({})", change.key, change.hosts.join(" "))
    });
    let hosts = impact.hosts.iter().map(|(name, host)| format!("{name}: {}", json!(host)));
    changes.chain(hosts).collect()
}

fn restarts(impact: &Impact) -> Vec<(&str, Vec<Role>)> {
    let hosts = impact.hosts.iter();
    hosts.map(|(name, host)| (name.as_str(), host.restarts.iter().copied().collect())).collect()
}

const NONE: [&str; 0] = [];

#[test]
fn what_means_the_same_changes_nothing() {
    let same = json!({
        "kafka": { "settings": { "num.partitions": "1" } },
        "zookeeper": { "clientPort": 2181 },
        "memory": "32g"
    });
    let before = json!({ "kafka": { "settings": { "num.partitions": 1 } } });
    let impact = between(before, same);
    assert_eq!(told(&impact), NONE);
    assert!(impact.is_nothing());
}

#[test]
fn topics_are_for_apply_and_what_kafka_cannot_do_for_a_person() {
    let topic = |partitions: u8, replicas: u8, settings: Json| {
        let topic = json!({ "partitions": partitions, "replicas": replicas, "settings": settings });
        json!({ "topics": { "t": topic } })
    };
    let created = between(json!({}), topic(6, 3, json!({ "cleanup.policy": "compact" })));
    assert_eq!(told(&created), ["live topic t : - > partitions: 6, replicas: 3, cleanup.policy=compact ()"]);
    let more = between(
        topic(6, 3, json!({ "cleanup.policy": "compact" })),
        topic(7, 3, json!({ "retention.ms": 1 })),
    );
    let expected = [
        "live topic t partitions: 6 > 7 ()",
        "live topic t cleanup.policy: compact > - ()",
        "live topic t retention.ms: - > 1 ()",
    ];
    assert_eq!(told(&more), expected);
    let deletes: Vec<_> = more.changes.iter().map(|change| change.help.is_some()).collect();
    assert_eq!(deletes, [false, true, true], "what may delete records is told");
    let fewer = between(topic(6, 3, json!({})), topic(5, 2, json!({ "min.insync.replicas": 1 })));
    let expected = [
        "manual topic t partitions: 6 > 5 ()",
        "manual topic t replicas: 3 > 2 ()",
        "live topic t min.insync.replicas: - > 1 ()",
    ];
    assert_eq!(told(&fewer), expected);
    let gone = between(topic(6, 3, json!({})), json!({}));
    assert_eq!(told(&gone), ["manual topic t : partitions: 6, replicas: 3 > - ()"]);
}

#[test]
fn a_default_of_a_topic_is_none_of_one_that_is_there() {
    let with = |partitions: u8| {
        let settings = json!({ "num.partitions": partitions });
        json!({ "topics": { "t": {} }, "kafka": { "settings": settings } })
    };
    let impact = between(with(1), with(2));
    assert_eq!(
        impact.changes.iter().filter(|change| change.class != Class::Restart).count(),
        0,
        "{impact:?}"
    );
}

#[test]
fn what_a_switch_does_by_itself_restarts_no_server() {
    let names = between(json!({}), json!({ "names": { "registry": "10.0.0.9" } }));
    let expected = "switch /etc/hosts names: +[10.0.0.9 registry] -[] (a b c)";
    assert_eq!(told(&names)[0], expected);
    let ports =
        |port: u16| json!({ "firewall": { "monitoring": { "from": ["10.8.0.0/24"], "ports": [port] } } });
    let exporter = between(ports(9100), ports(9101));
    let expected = [
        "switch firewall metrics, port 9100: +[] -[10.8.0.0/24] (a b c)",
        "switch firewall metrics, port 9101: +[10.8.0.0/24] -[] (a b c)",
    ];
    assert_eq!(told(&exporter)[..2], expected);
    let disk = |options: Json| json!({ "disks": { "/data": { "label": "data", "options": options } } });
    let options = between(disk(json!(["noatime", "nofail"])), disk(json!(["nofail"])));
    assert_eq!(told(&options)[0], "switch disks /data options: +[] -[noatime] (a b c)");
    for impact in [names, exporter, options] {
        let nobody = ["a", "b", "c"].map(|host| (host, Vec::new()));
        assert_eq!(restarts(&impact), nobody);
    }
}

#[test]
fn a_value_of_one_host_restarts_its_server_alone() {
    let heap =
        between(json!({}), json!({ "kafka": { "hosts": { "a": { "heap": "4g" }, "b": {}, "c": {} } } }));
    assert_eq!(told(&heap)[0], "restart kafka heap: 6g > 4g (a)");
    assert_eq!(restarts(&heap), [("a", vec![Role::Broker])]);
}

#[test]
fn a_setting_of_all_restarts_those_that_do_not_have_their_own() {
    let setting = |all: u8| {
        let hosts = json!({ "a": { "settings": { "num.io.threads": 4 } }, "b": {}, "c": {} });
        json!({ "kafka": { "hosts": hosts, "settings": { "num.io.threads": all } } })
    };
    let impact = between(setting(8), setting(16));
    assert_eq!(told(&impact)[0], "restart kafka num.io.threads: 8 > 16 (b c)");
    assert_eq!(restarts(&impact), [("b", vec![Role::Broker]), ("c", vec![Role::Broker])]);
}

#[test]
fn a_setting_may_be_called_as_an_option_is() {
    let named =
        json!({ "kafka": { "settings": { "heap": "1", "address": "2", "peers": "3", "enable": "4" } } });
    let added = told(&between(json!({}), named));
    let lines = ["address: - > 2", "enable: - > 4", "heap: - > 1", "peers: - > 3"];
    assert_eq!(added[..4], lines.map(|line| format!("restart kafka {line} (a b c)")));
}

#[test]
fn a_host_that_drops_a_line_of_all_has_none() {
    let setting = |own: Json| {
        let hosts = json!({ "a": { "settings": { "num.io.threads": own } }, "b": {}, "c": {} });
        json!({ "kafka": { "hosts": hosts, "settings": { "num.io.threads": 8 } } })
    };
    let impact = between(setting(json!(8)), setting(Json::Null));
    assert_eq!(told(&impact)[0], "restart kafka num.io.threads: 8 > - (a)");
}

#[test]
fn releases_restart_their_product_and_the_jdk_and_the_platform_all() {
    let kafka = |version: &str| json!({ "versions": { "kafka": version } });
    let impact = between(kafka("3.9.1"), kafka("3.9.2"));
    assert_eq!(told(&impact)[0], "restart kafka release: 3.9.1 > 3.9.2 (a b c)");
    assert!(impact.hosts.values().all(|host| host.restarts == BTreeSet::from([Role::Broker])));
    let jdk = between(json!({ "versions": { "jdk": "17" } }), json!({ "versions": { "jdk": "11" } }));
    assert!(jdk.hosts.values().all(|host| host.restarts.len() == 2), "{jdk:?}");
    let arm = between(json!({}), json!({ "hosts": { "a": { "system": "aarch64-linux" } } }));
    assert_eq!(restarts(&arm), [("a", vec![Role::ZooKeeper, Role::Broker])]);
    assert!(arm.changes[0].help.as_ref().unwrap().contains("install it anew"), "{arm:?}");
}

#[test]
fn a_network_that_may_reach_a_server_is_in_its_address_filter() {
    let admin = |networks: Json| json!({ "firewall": { "admin": networks } });
    let impact = between(admin(json!(["10.9.0.0/24"])), admin(json!(["10.9.0.0/24", "10.9.8.0/24"])));
    let expected = [
        "restart zookeeper IPAddressAllow: +[10.9.8.0/24] -[] (a b c)",
        "restart kafka IPAddressAllow: +[10.9.8.0/24] -[] (a b c)",
        "switch firewall ZooKeeper clients, port 2181: +[10.9.8.0/24] -[] (a b c)",
        "switch firewall listener PLAINTEXT, port 9092: +[10.9.8.0/24] -[] (a b c)",
    ];
    assert_eq!(told(&impact)[..4], expected);
}

#[test]
fn a_server_that_everybody_may_reach_has_no_address_filter() {
    let from = |from: Json| json!({ "kafka": { "listeners": { "PLAINTEXT": { "from": from } } } });
    let (closed, open) = (from(json!(["10.0.0.0/24"])), json!({ "kafka": { "listeners": null } }));
    let impact = between(closed, open);
    assert!(
        told(&impact)
            .iter()
            .any(|line| line.starts_with("restart kafka IPAddressAllow: 10.0.0.0/24, 10.0.0.1, ")
                && line.contains(" > everybody ")),
        "{:#?}",
        told(&impact)
    );
}

#[test]
fn the_members_of_a_group_are_in_the_filters_that_name_it() {
    let four = json!({ "hosts": { "d": { "address": "10.0.0.4", "rack": "1" } },
                       "zookeeper": { "hosts": { "a": {}, "b": {}, "c": {} } } });
    let three = json!({ "zookeeper": { "hosts": { "a": {}, "b": {}, "c": {} } } });
    let impact = between(three.clone(), four.clone());
    let told = told(&impact);
    for line in [
        "start kafka : - > - (d)",
        "restart kafka IPAddressAllow: +[10.0.0.4] -[] (a b c)",
        "restart zookeeper IPAddressAllow: +[10.0.0.4] -[] (a b c)",
        "switch firewall group brokers: +[10.0.0.4] -[] (a b c)",
        "switch /etc/hosts names: +[10.0.0.4 d] -[] (a b c)",
    ] {
        assert!(told.iter().any(|told| told == line), "{line}: {told:#?}");
    }
    assert_eq!(impact.hosts["d"].starts, BTreeSet::from([Role::Broker]));
    let back = between(four, three);
    assert!(back.hosts["d"].leaves && back.hosts["d"].stops == BTreeSet::from([Role::Broker]), "{back:?}");
}

#[test]
fn a_server_that_comes_beside_a_broker_restarts_it() {
    let servers = |hosts: Json| json!({ "zookeeper": { "hosts": hosts } });
    let impact = between(servers(json!({ "b": {} })), servers(json!({ "a": {}, "b": {} })));
    assert_eq!(impact.hosts["a"].starts, BTreeSet::from([Role::ZooKeeper]));
    assert!(told(&impact).contains(&"restart kafka After: - > zookeeper.service (a)".to_owned()));
}

#[test]
fn a_disk_restarts_the_servers_whose_directories_are_on_it() {
    let disks = |label: &str| {
        json!({
            "disks": { "/data/zookeeper": { "label": "zk" }, "/data/kafka": { "label": label } },
            "zookeeper": { "dataDir": "/data/zookeeper/data" },
            "kafka": { "logDirs": ["/data/kafka/logs"] }
        })
    };
    let impact = between(disks("kafka"), disks("new"));
    let expected =
        "restart kafka /data/kafka device: /dev/disk/by-label/kafka > /dev/disk/by-label/new (a b c)";
    assert_eq!(told(&impact)[0], expected);
    assert!(impact.hosts.values().all(|host| host.restarts == BTreeSet::from([Role::Broker])));
    assert!(impact.changes[0].help.as_ref().unwrap().contains("copy the data"), "{impact:?}");
    // a disk that is new replaces none
    let mut undeclared = disks("kafka");
    undeclared["disks"] = json!({ "/data/zookeeper": { "label": "zk" } });
    let new = between(undeclared, disks("kafka"));
    let devices: Vec<_> = new.changes.iter().filter(|change| change.key == "/data/kafka device").collect();
    assert!(matches!(devices[..], [Change { help: None, .. }]), "{new:?}");
}

#[test]
fn the_file_for_a_first_installation_is_for_no_host_that_runs() {
    let disk = json!({ "label": "data" });
    let whole = json!({ "label": "data", "wholeDisk": "/dev/sdb" });
    let impact = between(json!({ "disks": { "/data": disk } }), json!({ "disks": { "/data": whole } }));
    assert_eq!(told(&impact), ["installation installation disko.nix: - > - (a b c)"]);
    assert!(!impact.is_nothing());
}

#[test]
fn a_host_that_loses_its_only_role_closes_its_ports() {
    let brokers = |hosts: Json| {
        let disks = json!({ "/data/kafka": { "label": "kafka" } });
        json!({ "zookeeper": { "hosts": { "a": {} } }, "disks": disks,
                "kafka": { "hosts": hosts, "logDirs": ["/data/kafka/logs"] } })
    };
    let before = brokers(json!({ "a": {}, "b": {}, "c": {} }));
    let after = brokers(json!({ "a": {}, "b": {} }));
    let impact = between(before, after);
    let told = told(&impact);
    for start in ["stop kafka : ", "switch firewall listener PLAINTEXT, port 9092: +[] -["] {
        assert!(
            told.iter().any(|line| line.starts_with(start) && line.ends_with(" (c)")),
            "{start}: {told:#?}"
        );
    }
    for key in ["device", "fsType", "options"] {
        let start = format!("switch disks /data/kafka {key}: ");
        let is_told = told.iter().any(|line| line.starts_with(&start) && line.ends_with(" > - (c)"));
        assert!(is_told, "{key}: {told:#?}");
    }
}

#[test]
fn of_lists_it_is_told_what_comes_and_goes_once_for_all_hosts_where_it_is_the_same() {
    let log_dirs = |more: &[&str]| {
        let of = |host: &str| {
            let own = format!("/data/{host}");
            let dirs: Vec<&str> = std::iter::once(own.as_str()).chain(more.iter().copied()).collect();
            json!({ "logDirs": dirs })
        };
        json!({ "kafka": { "hosts": { "a": of("a"), "b": of("b"), "c": of("c") } } })
    };
    let impact = between(log_dirs(&[]), log_dirs(&["/data/more"]));
    assert_eq!(told(&impact)[0], "restart kafka log.dirs: +[/data/more] -[] (a b c)");
    let jars = |jars: Json| json!({ "kafka": { "extraJars": jars } });
    let impact = between(jars(json!(["jars/a.jar"])), jars(json!(["jars/a.jar", "../all/b.jar"])));
    assert_eq!(told(&impact)[0], "restart kafka extraJars: +[../all/b.jar] -[] (a b c)");
}

#[test]
fn a_file_that_somebody_has_edited_is_named() {
    let (_, new) = generated(json!({}));
    let mut old = new.clone();
    old.insert("b/default.nix".to_owned(), "{ lib, ... }: { }".to_owned());
    let impact = of_trees(&tree(&old), &tree(&new));
    assert_eq!((impact.unreadable.clone(), impact.is_nothing()), (vec!["b/default.nix".to_owned()], false));
    old.insert("cluster.nix".to_owned(), "<<<<".to_owned());
    assert_eq!(of_trees(&tree(&old), &tree(&new)).unreadable, ["cluster.nix"]);
}

#[test]
fn before_there_was_a_tree_nothing_restarts() {
    let (_, new) = generated(json!({}));
    assert_eq!(told(&of_trees(&Tree::new(), &tree(&new))), NONE);
}

#[test]
fn an_option_that_is_not_known_may_reach_every_server() {
    let (_, old) = generated(json!({}));
    let mut new = old.clone();
    let text = old["a/default.nix"].replace("    addresses = ", "    another.option = 1;\n    addresses = ");
    new.insert("a/default.nix".to_owned(), text);
    let impact = of_trees(&tree(&old), &tree(&new));
    assert_eq!(told(&impact)[0], "restart zookeeper another.option: - > 1 (a)");
    assert_eq!(restarts(&impact), [("a", vec![Role::ZooKeeper, Role::Broker])]);
}

/// A new option stands in one of these trees, and is classified with the change that brings it.
#[test]
#[allow(clippy::disallowed_methods, reason = "a test reads the committed files")]
fn every_option_of_the_committed_trees_is_known() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let specs = std::fs::read_dir(root.join("tests/specs")).unwrap().map(|spec| spec.unwrap().path());
    let mut files = 0;
    for tree in specs.chain([root]).map(|spec| spec.join("hosts")).filter(|tree| tree.exists()) {
        let hosts = std::fs::read_dir(&tree).unwrap().map(|host| host.unwrap().path().join(HOST));
        for path in hosts.chain([tree.join(CLUSTER)]).filter(|path| path.exists()) {
            let file = read::read(&std::fs::read_to_string(&path).unwrap());
            let file = file.unwrap_or_else(|| panic!("{} is not read", path.display()));
            for option in facts::of(&file).keys() {
                let parts: Vec<&str> = option.iter().map(String::as_str).collect();
                assert!(
                    facts::known_reach(&parts).is_some(),
                    "{parts:?}: say in `known_reach` what reads it"
                );
            }
            files += 1;
        }
    }
    assert!(files > 20);
}
