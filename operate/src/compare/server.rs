//! The settings of a ZooKeeper server: the generated ones, and those that it tells of itself (`conf`).

use std::collections::BTreeMap;

use kafnix_client::zookeeper::Conf;
use kafnix_generator::Cluster;
use kafnix_generator::hosts::{ServiceConfig, hosts};
use kafnix_generator::role::Role;
use kafnix_protocol::directories::VERSION_2;

/// A generated setting that the server tells otherwise.
#[derive(Debug)]
pub(crate) struct Differs<'a> {
    pub(crate) key: &'a str,
    pub(crate) ours: String,
    pub(crate) theirs: &'a str,
}

/// What was generated for each server whose file kafnix writes, by its host.
pub(crate) fn generated(cluster: &Cluster) -> BTreeMap<&str, ServiceConfig<'_>> {
    let hosts = hosts(cluster).into_iter();
    hosts.filter_map(|mut host| Some((host.name, host.services.remove(&Role::ZooKeeper)?))).collect()
}

/// What differs from the generated settings, and how many were compared.
pub(crate) fn differences<'a>(host: &'a ServiceConfig<'_>, conf: &'a Conf) -> (Vec<Differs<'a>>, usize) {
    let (mut faults, mut compared) = (Vec::new(), 0);
    for (key, setting) in &host.settings {
        let (Some(ours), Some(theirs)) = (setting.plain(), conf.values.get(*key)) else { continue };
        // What cannot be a number is never taken for equal to one.
        let number = |text: &str| text.trim().parse::<i64>().ok();
        // The folder that a server makes in each of its directories.
        let above = theirs.strip_suffix(VERSION_2).and_then(|path| path.strip_suffix('/'));
        let theirs = above.unwrap_or(theirs);
        compared += 1;
        let same = match (number(named(&ours)), number(theirs)) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => ours.trim().trim_end_matches('/') == theirs,
        };
        if !same {
            faults.push(Differs { key, ours: ours.into_owned(), theirs });
        }
    }
    (faults, compared)
}

/// `conf` tells the kind of a peer by its number.
fn named(value: &str) -> &str {
    match value {
        "participant" => "0",
        "observer" => "1",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn an_observer_is_told_by_its_number() {
        assert_eq!((named("observer"), named("participant"), named("10.0.0.1")), ("1", "0", "10.0.0.1"));
    }
}
