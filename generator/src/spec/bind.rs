//! Which addresses of its host a server binds.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Address;

/// What a server binds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Bind {
    /// The host's address in its network, where others find it.
    #[default]
    Address,
    /// Every address of the host: `0.0.0.0`, or `::` in a network of IPv6. Others find it at the host's address in
    /// its network.
    All,
}

impl Bind {
    /// What a server binds whose others find it at this address.
    pub fn of(self, address: Address) -> Address {
        match (self, address.0) {
            (Self::Address, _) => address,
            (Self::All, IpAddr::V4(_)) => Address(Ipv4Addr::UNSPECIFIED.into()),
            (Self::All, IpAddr::V6(_)) => Address(Ipv6Addr::UNSPECIFIED.into()),
        }
    }

    /// The one address that it binds; nothing where that is every one.
    pub fn one(self, address: Address) -> Option<Address> {
        (self == Self::Address).then_some(address)
    }
}
