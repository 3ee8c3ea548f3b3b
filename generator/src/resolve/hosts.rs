//! Machines, their addresses and their names.

use std::collections::BTreeMap;

use super::{defaults, or_default};
use crate::cluster::{Host, Model, Origin, Sourced};
use crate::lock::{Held, Lock};
use crate::problem::pointer;
use crate::role::Role;
use crate::spec::{Address, HostSpec, Jdk, Spec, Version};

/// The network of a host that has one address and names no network: `address` is short for one in it.
pub(crate) const DEFAULT_NETWORK: &str = "default";

/// By their names: the order of the file says nothing.
pub(super) fn hosts(spec: &Spec, lock: Option<&Lock>) -> Vec<Host> {
    let by_name: BTreeMap<_, _> = spec.hosts.iter().collect();
    let held = lock.map(|lock| Role::ALL.map(|role| (role, lock.held(role))).to_vec()).unwrap_or_default();
    by_name
        .into_iter()
        .map(|(name, host)| Host {
            name: name.clone(),
            domain: of_host_or_all("domain", name, host.domain.clone(), spec.domain.clone())
                .filter(|domain| !domain.value.is_empty()),
            managed: or_default(
                host.managed,
                pointer(["hosts", name, "managed"]),
                true,
                defaults::MANAGED_REASON,
            ),
            system: of_host_or_all("system", name, host.system, spec.system)
                .unwrap_or(Sourced::new(defaults::SYSTEM, Origin::Default(defaults::SYSTEM_REASON))),
            rack: of_host_or_all("rack", name, host.rack.clone(), None),
            addresses: addresses(name, host),
            jdk: jdk(spec, &held, name, host),
            memory: of_host_or_all("memory", name, host.memory, spec.memory),
            tls: None,
            disks: Vec::new(),
            zookeeper: None,
            broker: None,
        })
        .collect()
}

/// The value that is written for one host, else the one for all.
fn of_host_or_all<T>(key: &str, host: &str, own: Option<T>, shared: Option<T>) -> Option<Sourced<T>> {
    own.map(|value| Sourced::new(value, Origin::Spec(pointer(["hosts", host, key]))))
        .or_else(|| Some(Sourced::new(shared?, Origin::Spec(pointer([key])))))
}

fn addresses(name: &str, host: &HostSpec) -> BTreeMap<String, Sourced<Address>> {
    let at = |place: &[&str]| Origin::Spec(pointer(["hosts", name].into_iter().chain(place.iter().copied())));
    let short = host.address.map(|it| (DEFAULT_NETWORK.to_owned(), Sourced::new(it, at(&["address"]))));
    let long = host.addresses.iter();
    let long = long.map(|(net, it)| (net.clone(), Sourced::new(*it, at(&["addresses", net]))));
    short.into_iter().chain(long).collect()
}

/// A version that nobody writes is kept as the last generation had it: a newer kafnix with newer
/// defaults upgrades no cluster by itself.
fn jdk(spec: &Spec, held: &[(Role, BTreeMap<&str, Held>)], name: &str, host: &HostSpec) -> Sourced<Jdk> {
    let all =
        || held.iter().flat_map(|(role, held)| held.iter().map(move |(host, held)| (*role, *host, held.jdk)));
    let own = all().find(|(_, host, _)| *host == name);
    let locked = own.or_else(|| all().max_by_key(|(.., jdk)| *jdk));
    let locked = locked.map(|(role, host, jdk)| (jdk, pointer([role.key(), host, "jdk"])));
    version(
        "jdk",
        name,
        [host.versions.jdk, spec.versions.jdk],
        locked,
        (defaults::JDK, defaults::JDK_REASON),
    )
}

/// Which release of its product a service runs.
pub(super) fn release(spec: &Spec, held: &BTreeMap<&str, Held>, role: Role, name: &str) -> Sourced<Version> {
    let product = role.product();
    let own = spec.hosts.get(name).and_then(|host| host.versions.of(product));
    let newest = || held.iter().max_by_key(|(_, held)| held.release);
    let locked = held.get_key_value(name).or_else(newest);
    let locked = locked.map(|(host, held)| (held.release, pointer([role.key(), host, "version"])));
    let default = (defaults::release(product), defaults::RELEASE_REASON);
    version(product.key(), name, [own, spec.versions.of(product)], locked, default)
}

/// The first there is of the host's own, the cluster's and the lock's, which has its place there.
fn version<T>(
    key: &str,
    host: &str,
    [own, shared]: [Option<T>; 2],
    locked: Option<(T, String)>,
    (default, why): (T, &'static str),
) -> Sourced<T> {
    own.map(|value| Sourced::new(value, Origin::Spec(pointer(["hosts", host, "versions", key]))))
        .or_else(|| shared.map(|value| Sourced::new(value, Origin::Spec(pointer(["versions", key])))))
        .or_else(|| locked.map(|(value, at)| Sourced::new(value, Origin::Lock(at))))
        .unwrap_or(Sourced::new(default, Origin::Default(why)))
}

/// The network that a role or a listener uses where it names none: that of the last generation, as long
/// as a host is in it, else the first one of the file.
pub(super) fn default_network(spec: &Spec, lock: Option<&Lock>) -> Sourced<String> {
    let kept = lock.and_then(|lock| lock.network.as_ref());
    if let Some(kept) = kept.filter(|kept| spec.hosts.values().any(|host| is_in(host, kept))) {
        return Sourced::new(kept.clone(), Origin::Lock("/network".into()));
    }
    let first = |host: &HostSpec| match host.address {
        Some(_) => Some(DEFAULT_NETWORK.to_owned()),
        None => host.addresses.keys().next().cloned(),
    };
    let first = spec.hosts.values().find_map(first);
    let first = first.unwrap_or_else(|| DEFAULT_NETWORK.to_owned());
    Sourced::new(first, Origin::Default(defaults::NETWORK_REASON))
}

fn is_in(host: &HostSpec, network: &str) -> bool {
    host.addresses.contains_key(network) || (host.address.is_some() && network == DEFAULT_NETWORK)
}

/// For `/etc/hosts`, where the first name of an address is the canonical one: the full name of a host.
pub(super) fn names(spec: &Spec, cluster: &Model) -> BTreeMap<Address, Vec<Sourced<String>>> {
    let mut names: BTreeMap<Address, Vec<_>> = BTreeMap::new();
    for (host, address) in cluster.known_by() {
        let full = host.full_name().zip(host.domain.as_ref());
        let full = full.map(|(name, domain)| Sourced::new(name, domain.origin.clone()));
        let short = Sourced::new(host.name.clone(), Origin::Spec(pointer(["hosts", &host.name])));
        names.entry(address).or_default().extend(full.into_iter().chain([short]));
    }
    let further: BTreeMap<_, _> = spec.names.iter().collect();
    for (name, address) in further {
        let name = Sourced::new(name.clone(), Origin::Spec(pointer(["names", name])));
        names.entry(*address).or_default().push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use crate::cluster::Origin;
    use crate::lock::Lock;
    use crate::resolve::resolve;
    use crate::spec::Version;
    use crate::spec::read::read;

    fn spec(text: &str) -> crate::spec::Spec {
        read(text.as_bytes()).spec.unwrap()
    }

    /// The network that is meant, with hosts in these networks in this order, after a lock of others.
    fn network(networks: &[&str], before: Option<&[&str]>) -> String {
        let spec_of = |networks: &[&str]| {
            let address = |network: &&str| {
                let last = if *network == "x" { 1 } else { 2 };
                (network.to_string(), serde_json::json!(format!("10.{last}.0.1")))
            };
            let addresses: serde_json::Map<_, _> = networks.iter().map(address).collect();
            spec(&serde_json::json!({ "hosts": { "a": { "addresses": addresses } } }).to_string())
        };
        let lock = before.map(|before| Lock::of(&resolve(&spec_of(before), None).cluster, None));
        resolve(&spec_of(networks), lock.as_ref()).cluster.default_network.value
    }

    #[test]
    fn the_default_network_is_the_first_and_stays_whatever_the_order_of_the_file() {
        assert_eq!(network(&["y", "x"], None), "y");
        assert_eq!(network(&["x", "y"], Some(&["y", "x"])), "y");
        assert_eq!(network(&["x"], Some(&["y", "x"])), "x");
    }

    #[test]
    fn a_version_that_nobody_writes_stays_as_the_last_generation_had_it() {
        let before = spec(r#"{"versions": {"kafka": "3.8.1"}, "hosts": {"a": {"address": "10.0.0.1"}}}"#);
        let lock = Lock::of(&resolve(&before, None).cluster, None);
        let hosts = r#"{"hosts": {"a": {"address": "10.0.0.1"}, "new": {"address": "10.0.0.2"}}}"#;
        let after = spec(hosts);
        for host in resolve(&after, Some(&lock)).cluster.hosts {
            let release = host.broker.unwrap().service.release;
            let origin = Origin::Lock("/kafka/a/version".into());
            assert_eq!((release.value, release.origin), (Version([3, 8, 1]), origin));
        }
    }
}
