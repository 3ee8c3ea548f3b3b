//! What to write in place of a setting that the topology implies, with the value that it has. No rule itself.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::resolve::Draft;
use crate::resolve::defaults::{ELECTION_PORT, LISTENER, PEER_PORT};
use crate::role::Role;
use crate::rules::brokers::insecure_name::sounds_like;
use crate::rules::settings::settings_view::{Written, before_comment, written};
use crate::spec::{Address, Setting, fitted};

/// Settings whose value is that of a key of the spec, for all brokers or servers and for one.
const SAME: &[(&str, &str)] = &[
    ("clientPort", "clientPort"),
    ("dataDir", "dataDir"),
    ("dataLogDir", "dataLogDir"),
    ("log.dir", "logDirs"),
    ("log.dirs", "logDirs"),
];

/// The same for all brokers only.
const SHARED: &[(&str, &str)] = &[
    ("default.replication.factor", "replicationFactor"),
    ("inter.broker.listener.name", "interBrokerListener"),
    ("inter.broker.protocol.version", "interBrokerProtocolVersion"),
    ("listeners", "listeners"),
    ("min.insync.replicas", "minInsyncReplicas"),
];

const NO_SUCH_LISTENERS: &str = "leave it out: define each listener in `kafka.listeners`, one with TLS with \
                                 `\"protocol\": \"SSL\"`; kafnix has no SASL listeners yet: `from` says who may reach \
                                 a PLAINTEXT one, whose name is to promise no more, like `CLIENTS`";

/// Absent where the value says no more than the key.
pub(in crate::rules) fn way_out(draft: &Draft<'_>, setting: &Written<'_>) -> Option<String> {
    let text = setting.value.plain()?;
    let text = before_comment(&text);
    if setting.role? == Role::Broker && promises_security(setting.key, text) {
        return Some(NO_SUCH_LISTENERS.to_owned());
    }
    match setting.key {
        "broker.id" | "node.id" => id(setting, text),
        "advertised.listeners" => advertised(draft, setting.host?, text),
        "broker.rack" => Some(format!("write `\"rack\": {}` in `hosts.{}`", json!(text), setting.host?)),
        "port" => {
            let port: u16 = text.parse().ok()?;
            Some(format!("write `\"listeners\": {{ \"{LISTENER}\": {{ \"port\": {port} }} }}` in `kafka`"))
        }
        "zookeeper.connect" => Some(connect(draft, text)),
        key => match key.strip_prefix("server.") {
            Some(id) => server(draft, id.parse().ok()?, text),
            None => same(setting, text),
        },
    }
}

/// Whether a broker with such a setting has listeners that kafnix has not.
fn promises_security(key: &str, text: &str) -> bool {
    let mut entries = text.split(',').map(str::trim);
    let names = |name: &str| sounds_like(name).is_some();
    match key {
        "security.inter.broker.protocol" | "inter.broker.listener.name" => names(text),
        "listener.security.protocol.map" => {
            entries.any(|entry| entry.split_once(':').is_some_and(|(_, protocol)| names(protocol)))
        }
        "listeners" | "advertised.listeners" => {
            entries.any(|entry| entry.split_once("://").is_some_and(|(name, _)| names(name)))
        }
        _ => false,
    }
}

fn id(setting: &Written<'_>, text: &str) -> Option<String> {
    let id: i64 = text.parse().ok()?;
    if id < 0 {
        return Some(
            "leave it out; a broker that has data has its id in `meta.properties`: write that as `id` of the host in \
             `kafka.hosts`"
                .to_owned(),
        );
    }
    Some(format!("write `\"id\": {id}` in `kafka.hosts.{}`", setting.host?))
}

/// What a host advertises beside its address, listener by listener.
fn advertised(draft: &Draft<'_>, host: &str, text: &str) -> Option<String> {
    let mut told = Vec::new();
    for entry in text.split(',') {
        let (name, endpoint) = entry.trim().split_once("://")?;
        let (written, port) = endpoint.rsplit_once(':')?;
        let (name, port): (_, u16) = (name.to_uppercase(), port.parse().ok()?);
        let own = host_named(draft, written).filter(|own| *own == host);
        let rest = own.and_then(|own| {
            let start = written.get(..own.len())?;
            start.eq_ignore_ascii_case(own).then(|| &written[own.len()..])
        });
        let bound = bound_port(draft, host, &name);
        if bound.is_none() {
            told.push(format!("define `{name}` in `kafka.listeners` with the port that it binds"));
        }
        let port = (bound != Some(port)).then_some(port);
        let keys = match (rest, own, port) {
            // the address, which is advertised where nothing else is
            (None, Some(_), None) => continue,
            (None, Some(_), Some(port)) => format!("\"port\": {port}"),
            (rest, _, port) => {
                let named = json!(rest.map_or(written.to_owned(), |rest| format!("{{host}}{rest}")));
                let port = port.map(|port| format!(", \"port\": {port}")).unwrap_or_default();
                format!("\"host\": {named}{port}")
            }
        };
        let place = match (rest, port) {
            (Some(_), None) => "kafka.listeners".to_owned(),
            _ => format!("kafka.hosts.{host}.listeners"),
        };
        told.push(format!("write `\"advertised\": {{ {keys} }}` in `{place}.{name}`"));
    }
    Some(match told.as_slice() {
        [] => {
            "leave it out: each listener advertises the host's address where nothing else is named".to_owned()
        }
        told => told.join(", "),
    })
}

/// The port of a listener on a host, as it is or as it stands by hand.
fn bound_port(draft: &Draft<'_>, host: &str, name: &str) -> Option<u16> {
    let here =
        |setting: &Written<'_>| setting.key == "listeners" && setting.host.is_none_or(|own| own == host);
    let by_hand = written(draft).into_iter().filter(here).max_by_key(|setting| setting.host.is_some());
    if let Some(listeners) = by_hand.as_ref().and_then(|setting| setting.value.plain()) {
        let mut entries = listeners.split(',').filter_map(|entry| entry.trim().split_once("://"));
        let (_, endpoint) = entries.find(|(listener, _)| listener.eq_ignore_ascii_case(name))?;
        return endpoint.rsplit_once(':')?.1.parse().ok();
    }
    let mut listeners = draft.cluster.host(host)?.broker.as_ref()?.listeners.iter();
    listeners.find(|listener| listener.name == name).map(|listener| listener.port.value)
}

/// The value under its key of the spec.
fn same(setting: &Written<'_>, text: &str) -> Option<String> {
    let section = setting.role?.key();
    let find = |table: &[(&str, &'static str)]| {
        let mut table = table.iter();
        table.find(|(name, _)| *name == setting.key).map(|(_, key)| *key)
    };
    let (place, key): (Vec<&str>, _) = match (find(SAME), setting.host) {
        (Some(key), Some(host)) => (vec![section, "hosts", host], key),
        (Some(key), None) => (vec![section], key),
        (None, _) => (vec![section], find(SHARED)?),
    };
    let parts: Vec<String> = place.iter().chain([&key]).map(|part| (*part).to_owned()).collect();
    let written = match setting.value {
        Setting::Text(_) => json!(text),
        other => serde_json::to_value(other).ok()?,
    };
    let value = fitted(&parts, &written)?;
    let more = if key == "listeners" {
        "; each is bound to the host's address in its `network`, or with `\"bind\": \"all\"` to every one"
    } else {
        ""
    };
    Some(format!("write `\"{key}\": {value}` in `{}`{more}", place.join(".")))
}

/// Without a path the brokers keep what they have at the root, and not below a chroot of the cluster's name.
fn connect(draft: &Draft<'_>, text: &str) -> String {
    let (servers, path) = text.split_once('/').unwrap_or((text, ""));
    let chroot = json!(format!("/{}", path.trim_end_matches('/')));
    let servers: Vec<Cow<'_, str>> = servers.split(',').map(str::trim).map(with_port).collect();
    let is_here = |server: &Cow<'_, str>| {
        let host = server.rsplit_once(':').map_or(server.as_ref(), |(host, _)| host);
        host == "localhost" || host_named(draft, host).is_some()
    };
    let outside = if servers.iter().all(is_here) {
        String::new()
    } else {
        let servers: Value = servers.iter().map(AsRef::as_ref).collect();
        format!(", and, unless its servers are hosts of this spec, `\"connect\": {servers}` in `zookeeper`")
    };
    format!("write `\"chroot\": {chroot}` in `kafka`{outside}")
}

/// As the client of ZooKeeper reads a server without a port.
fn with_port(server: &str) -> Cow<'_, str> {
    let has_port =
        server.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    if has_port { server.into() } else { format!("{server}:2181").into() }
}

/// `HOST:PEER:ELECTION`, with `:observer` and the client's port behind `;` where there is one.
fn server(draft: &Draft<'_>, id: i64, text: &str) -> Option<String> {
    let server = text.split(';').next()?.trim();
    let (rest, observes) = match server.strip_suffix(":observer") {
        Some(rest) => (rest, true),
        None => (server.strip_suffix(":participant").unwrap_or(server), false),
    };
    let mut from_the_end = rest.rsplitn(3, ':');
    let (election, peer, host) = (from_the_end.next()?, from_the_end.next()?, from_the_end.next()?);
    let mut keys = vec![format!("\"id\": {id}")];
    for (key, port, default) in [("peerPort", peer, PEER_PORT), ("electionPort", election, ELECTION_PORT)] {
        let port: u16 = port.parse().ok()?;
        if port != default {
            keys.push(format!("\"{key}\": {port}"));
        }
    }
    if observes {
        keys.push(r#""observer": true"#.to_owned());
    }
    let place = match host_named(draft, host) {
        Some(name) => format!("`zookeeper.hosts.{name}`"),
        None => "`zookeeper.hosts`, with the host that it is".to_owned(),
    };
    Some(format!("write `{}` in {place}", keys.join(", ")))
}

/// The host of the spec that has a name or an address.
fn host_named<'a>(draft: &'a Draft<'_>, written: &str) -> Option<&'a str> {
    let name = written.to_lowercase();
    let address: Option<Address> = written.trim_matches(['[', ']']).parse().ok();
    let mut hosts = draft.cluster.hosts.iter();
    let host = hosts.find(|host| {
        let at = |here: Address| Some(here) == address;
        let short = name.split('.').next();
        let named = Some(host.name.to_lowercase().as_str()) == short && address.is_none();
        named || host.addresses.values().any(|here| at(here.value))
    });
    host.map(|host| host.name.as_str())
}
