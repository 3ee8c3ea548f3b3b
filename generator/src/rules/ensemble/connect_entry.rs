//! An ensemble elsewhere is a list of places to connect to.

use std::collections::BTreeMap;
use std::net::{Ipv6Addr, SocketAddr};

use crate::rules::hosts::addresses::unreachable;
use crate::rules::hosts::names::{is_localhost, name_fault};
use crate::rules::prelude::*;
use crate::spec::Address;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K205",
        severity: Error,
        title: "invalid entry in `zookeeper.connect`",
        why: "The entries go into every broker's `zookeeper.connect`, joined by commas and followed by the chroot. \
              ZooKeeper's client takes an invalid entry for a host name, which no resolver knows, and takes 2181 \
              where the port is missing. A server that is listed twice gets twice the connections. `localhost` is \
              another machine on each broker.",
        help: "write a name or an address and a port, like `\"zk1.example.org:2181\"` or `\"[fd00::1]:2181\"`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut first: BTreeMap<String, String> = BTreeMap::new();
    for (index, entry) in draft.spec.zookeeper.connect.iter().flatten().enumerate() {
        let at = format!("/zookeeper/connect/{index}");
        let canonical = match canonical(entry) {
            Ok(canonical) => canonical,
            Err(fault) => {
                let problem = found.problem(format!("`{entry}` is not the `host:port` of a server: {fault}"));
                let problem = problem.at(at, "this entry");
                let has_path = entry.split_once('/').filter(|(server, _)| canonical_server(server).is_ok());
                found.add(match has_path {
                    Some((server, path)) => problem.help(format!(
                        "write `\"{server}\"` here and `\"chroot\": \"/{path}\"` under `kafka`"
                    )),
                    None => problem,
                });
                continue;
            }
        };
        if let Some(before) = first.get(&canonical) {
            let problem = found.problem(format!("`{canonical}` is given twice in `zookeeper.connect`"));
            found.add(problem.at(at, "again here").at(before, "first here").help("keep one of them"));
        } else {
            first.insert(canonical, at);
        }
    }
}

/// The one way to write an entry, or what is wrong with it.
fn canonical(entry: &str) -> Result<String, String> {
    if entry.contains('/') {
        return Err("the path in ZooKeeper is `kafka.chroot`".to_owned());
    }
    if entry.contains(',') {
        return Err("each server is an entry of its own".to_owned());
    }
    canonical_server(entry)
}

fn canonical_server(entry: &str) -> Result<String, String> {
    if entry.parse::<Ipv6Addr>().is_ok() {
        return Err("an IPv6 address stands in brackets, before a port".to_owned());
    }
    let (host, port) = entry.rsplit_once(':').ok_or("it has no port")?;
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let port: u16 = port
        .parse()
        .ok()
        .filter(|port| digits && *port > 0)
        .ok_or_else(|| format!("`{port}` is not a port from 1 to 65535"))?;
    if host.starts_with('[') {
        let address: SocketAddr = format!("{host}:{port}")
            .parse()
            .map_err(|_| format!("`{host}` is not an IPv6 address in brackets"))?;
        return known_address(Address(address.ip().to_canonical()), port);
    }
    if let Ok(address) = host.parse::<Address>() {
        return known_address(address, port);
    }
    // The dot of a whole name, below which no search domain is tried.
    let host = host.strip_suffix('.').unwrap_or(host);
    if is_localhost(host) {
        return Err(format!("`{host}` is the machine itself, whichever asks"));
    }
    match name_fault(host) {
        Some(fault) => Err(format!("`{host}` is not a valid host name: {fault}")),
        None => Ok(format!("{}:{port}", host.to_ascii_lowercase())),
    }
}

fn known_address(address: Address, port: u16) -> Result<String, String> {
    match unreachable(address) {
        Some(reason) => Err(format!("{address} {reason}")),
        None => Ok(address.with_port(port)),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use crate::problem::Place;
    use serde_json::{Value, json};

    fn connect(entries: &[&str]) -> Value {
        json!({ "zookeeper": { "connect": entries } })
    }

    #[test]
    fn what_is_no_host_and_port_is_refused_with_the_fault() {
        for (entry, fault) in [
            ("", "no port"),
            ("zk1", "no port"),
            ("zk1:", "not a port from 1"),
            ("zk1:0", "not a port from 1"),
            ("zk1:+1", "not a port from 1"),
            ("zk1:65536", "not a port from 1"),
            (":2181", "it is empty"),
            ("zk_1:2181", "'_'"),
            ("zk1:2181,zk2:2181", "entry of its own"),
            ("fd00::1", "in brackets"),
            ("fd00::1:2:2181", "in brackets"),
            ("[fd00::1]", "not a port"),
            ("[zk1]:2181", "not an IPv6 address"),
            ("10.0.0.256:2181", "a number"),
            ("0.0.0.0:2181", "means every address"),
            ("[ff02::1]:2181", "multicast"),
            ("127.0.0.1:2181", "the machine itself"),
            ("[::1]:2181", "the machine itself"),
            ("[::]:2181", "means every address"),
            ("LocalHost:2181", "the machine itself"),
            ("tcp://zk1:2181", "chroot"),
        ] {
            let title = breaks(&RULE, connect(&["zk9:2181", entry])).title;
            assert!(title.contains(fault), "{title}");
        }
    }

    #[test]
    fn the_dot_of_a_whole_name_is_taken_and_changes_nothing() {
        holds(&RULE, connect(&["zk1.example.org.:2181"]));
        breaks(&RULE, connect(&["zk1.example.org.:2181", "zk1.example.org:2181"]));
        breaks(&RULE, connect(&[".:2181"]));
    }

    #[test]
    fn a_chroot_is_sent_to_its_own_key() {
        let problem = breaks(&RULE, connect(&["zk1:2181/kafka/a"]));
        assert_eq!(problem.help, r#"write `"zk1:2181"` here and `"chroot": "/kafka/a"` under `kafka`"#);
    }

    #[test]
    fn an_entry_that_stands_twice_is_refused_however_it_is_written() {
        for twice in [["zk1:2181", "ZK1:2181"], ["[fd00::1]:2181", "[FD00:0::1]:2181"]] {
            let problem = breaks(&RULE, connect(&twice));
            assert_eq!(problem.labels[0].place, Place::Pointer("/zookeeper/connect/1".into()));
        }
    }

    #[test]
    fn names_and_addresses_with_ports_are_entries() {
        holds(&RULE, connect(&["zk1.example.org:2181", "10.0.0.9:2181", "10.0.0.9:2182", "[fd00::9]:1"]));
    }
}
