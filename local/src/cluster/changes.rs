//! What differs between two plans of a server: as whoever waits is told it, and whether servers that have taken it
//! work beside those that have not.

use std::collections::BTreeMap;

use kafnix_generator::pins::Product;
use kafnix_generator::role::Role;
use kafnix_protocol::properties;

use super::server::Plan;

type Settings = BTreeMap<String, String>;

/// Why a server is restarted, in words behind its name.
pub fn reason(before: Option<&Plan>, now: &Plan) -> String {
    let Some(before) = before else { return "what it was started with is not known".to_owned() };
    let settings = changed(&read(before), &read(now));
    let flags = flags(before, now);
    let told = |what: &str, names: &[String]| (!names.is_empty()).then(|| format!("{what}: {}", few(names)));
    let parts = [told("settings changed", &settings), told("flags changed", &flags)];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "its JVM gets other flags from this kafnix".to_owned() } else { parts.join("; ") }
}

/// The change that all servers of a role must take at once, if there is one: those that have it and those that
/// have not do not find or do not understand each other.
pub fn together(role: Role, before: &Plan, now: &Plan) -> Option<String> {
    let (was, is) = (read(before), read(now));
    let changed = changed(&was, &is);
    match role.product() {
        Product::ZooKeeper => changed.into_iter().find(|key| is_of_ensemble(key)),
        Product::Kafka => changed.into_iter().find(|key| match key.as_str() {
            "listener.security.protocol.map" => inter_broker_security(&was) != inter_broker_security(&is),
            "zookeeper.connect" => !is_one_ensemble(&was, &is),
            // A release does not know what its successors speak.
            "inter.broker.protocol.version" => flags(before, now).iter().any(|flag| flag == "--release"),
            key => AMONG_BROKERS.contains(&key),
        }),
    }
}

const AMONG_BROKERS: [&str; 4] = [
    "control.plane.listener.name",
    "inter.broker.listener.name",
    "sasl.mechanism.inter.broker.protocol",
    "security.inter.broker.protocol",
];

/// Members, ports and votes; how members know each other; and where brokers find all of them.
fn is_of_ensemble(key: &str) -> bool {
    ["server.", "group.", "weight.", "quorum.auth."].iter().any(|start| key.starts_with(start))
        || ["clientPort", "sslQuorum"].contains(&key)
}

/// How brokers speak on the listener that they have for each other.
fn inter_broker_security(settings: &Settings) -> Option<&str> {
    let name = settings.get("inter.broker.listener.name")?;
    let listeners = settings.get("listener.security.protocol.map")?.split(',');
    listeners.filter_map(|listener| listener.trim().split_once(':')).find(|of| of.0 == name).map(|of| of.1)
}

/// Whether brokers with the one and with the other are one cluster, and find a server that both know.
fn is_one_ensemble(was: &Settings, is: &Settings) -> bool {
    let connect = |settings: &Settings| {
        let text = settings.get("zookeeper.connect").cloned().unwrap_or_default();
        let (servers, chroot) = text.split_once('/').unwrap_or((&text, ""));
        (servers.split(',').map(str::to_owned).collect::<Vec<_>>(), chroot.to_owned())
    };
    let ((was, was_in), (is, is_in)) = (connect(was), connect(is));
    was_in == is_in && was.iter().any(|server| is.contains(server))
}

fn read(plan: &Plan) -> Settings {
    properties::read(plan.settings.as_bytes()).unwrap_or_default()
}

/// The keys whose values differ.
fn changed(was: &Settings, is: &Settings) -> Vec<String> {
    let mut keys: Vec<_> = was.keys().chain(is.keys()).filter(|key| was.get(*key) != is.get(*key)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().cloned().collect()
}

/// The launcher's flags that differ, without their values.
fn flags(before: &Plan, now: &Plan) -> Vec<String> {
    let both = [(before, now), (now, before)].into_iter();
    let only =
        both.flat_map(|(one, other)| one.arguments.iter().filter(|word| !other.arguments.contains(word)));
    let mut flags: Vec<_> = only.map(|word| word.split('=').next().unwrap_or(word).to_owned()).collect();
    flags.sort_unstable();
    flags.dedup();
    flags
}

/// The names, as long as they are few.
fn few(names: &[String]) -> String {
    const MOST: usize = 3;
    match names.get(MOST..) {
        Some(more) if !more.is_empty() => format!("{} and {} more", names[..MOST].join(", "), more.len()),
        _ => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(settings: &str, arguments: &[&str]) -> Plan {
        let arguments = arguments.iter().map(|word| (*word).to_owned()).collect();
        Plan { arguments, java: Vec::new(), settings: settings.replace(' ', "\n"), archive: None }
    }

    #[test]
    fn the_reason_names_what_has_changed() {
        let before = plan("a=1 b=2", &["--heap=1m", "x"]);
        assert_eq!(reason(Some(&before), &plan("a=1 c=2", &["--heap=1m", "x"])), "settings changed: b, c");
        assert_eq!(reason(Some(&before), &plan("a=1 b=2", &["--heap=2m", "x"])), "flags changed: --heap");
        let all = plan("a=2 b=1 c=1 d=1 e=1", &["--heap=1m", "y"]);
        let told = "settings changed: a, b, c and 2 more; flags changed: x, y";
        assert_eq!(reason(Some(&before), &all), told);
        assert!(reason(None, &before).contains("not known"));
        assert!(
            reason(Some(&before), &Plan { java: vec!["-Xint".into()], ..before.clone() }).contains("kafnix")
        );
    }

    #[test]
    fn only_what_keeps_servers_from_each_other_is_taken_together() {
        let taken = |role, was: &str, is: &str| together(role, &plan(was, &[]), &plan(is, &[]));
        for (was, is, key) in [
            ("server.1=a:2888:3888", "server.1=a:2889:3888", Some("server.1")),
            ("weight.1=1", "weight.1=2", Some("weight.1")),
            ("tickTime=2000", "tickTime=3000", None),
            ("clientPort=2181", "clientPort=2182", Some("clientPort")),
            ("dataDir=/a", "dataDir=/b", None),
        ] {
            assert_eq!(taken(Role::ZooKeeper, was, is).as_deref(), key, "{was} → {is}");
        }
        let name = "inter.broker.listener.name=A";
        let map = |of: &str| format!("{name} listener.security.protocol.map={of}");
        for (was, is, key) in [
            (name.to_owned(), name.replace('A', "B"), Some("inter.broker.listener.name")),
            (map("A:PLAINTEXT"), map("A:PLAINTEXT,B:SSL"), None),
            (map("A:PLAINTEXT"), map("A:SSL"), Some("listener.security.protocol.map")),
            ("zookeeper.connect=a:1,b:1/x".into(), "zookeeper.connect=b:1,c:1/x".into(), None),
            ("zookeeper.connect=a:1/x".into(), "zookeeper.connect=b:1/x".into(), Some("zookeeper.connect")),
            ("zookeeper.connect=a:1/x".into(), "zookeeper.connect=a:1".into(), Some("zookeeper.connect")),
            ("num.io.threads=8".into(), "num.io.threads=9".into(), None),
            ("inter.broker.protocol.version=3.8".into(), "inter.broker.protocol.version=3.9".into(), None),
        ] {
            assert_eq!(taken(Role::Broker, &was, &is).as_deref(), key, "{was} → {is}");
        }
        let version = "inter.broker.protocol.version";
        let (old, new) = (format!("{version}=3.8"), format!("{version}=3.9"));
        let (old, new) = (plan(&old, &["--release=3.8.1"]), plan(&new, &["--release=3.9.2"]));
        assert_eq!(together(Role::Broker, &old, &new).as_deref(), Some(version));
    }
}
