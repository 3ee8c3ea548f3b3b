//! Addresses as the author wrote them, for the rules about addresses; no rule itself.

use std::net::IpAddr;

use crate::resolve::DEFAULT_NETWORK;
use crate::rules::prelude::*;
use crate::spec::Address;

pub(in crate::rules) struct Written<'a> {
    pub(in crate::rules) host: &'a str,
    pub(in crate::rules) address: Address,
    pub(in crate::rules) pointer: String,
}

/// Every address of every host. Of `address` and `addresses.default` the latter counts.
pub(in crate::rules) fn of_hosts<'a>(draft: &Draft<'a>) -> impl Iterator<Item = Written<'a>> {
    draft.spec.hosts.iter().flat_map(|(host, spec)| {
        let short = spec.address.filter(|_| !spec.addresses.contains_key(DEFAULT_NETWORK));
        let short =
            short.map(|address| Written { host, address, pointer: pointer(["hosts", host, "address"]) });
        let long = spec.addresses.iter().map(move |(network, address)| {
            let pointer = pointer(["hosts", host, "addresses", network]);
            Written { host, address: *address, pointer }
        });
        short.into_iter().chain(long)
    })
}

/// Why nobody else can reach an address, if so.
pub(in crate::rules) fn unreachable(address: Address) -> Option<&'static str> {
    match address.0 {
        IpAddr::V4(ip) if ip.is_loopback() => Some("is the machine itself, whichever asks"),
        IpAddr::V6(ip) if ip.is_loopback() => Some("is the machine itself, whichever asks"),
        IpAddr::V6(ip) if ip.is_unicast_link_local() => {
            Some("is link-local: without the name of an interface nobody can connect to it")
        }
        _ => no_machine(address),
    }
}

/// Why an address is that of no machine at all, if so.
pub(in crate::rules) fn no_machine(address: Address) -> Option<&'static str> {
    match address.0 {
        ip if ip.is_unspecified() => Some("means every address, and is none to connect to"),
        ip if ip.is_multicast() => Some("is a multicast group"),
        IpAddr::V4(ip) if ip.is_broadcast() => Some("is the broadcast address"),
        _ => None,
    }
}
