//! Where a service listens, and who may reach it there: the firewall, the rules about ports, the checks of a running
//! cluster and the local one all read it here.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Sourced;
use crate::role::Role;
use crate::spec::{Address, Cidr};

#[derive(Clone, Debug)]
pub struct Endpoint {
    pub kind: Kind,
    pub security: Security,
    /// Where others may reach it; absent: at every address of the host.
    pub address: Option<Address>,
    /// What the service binds; absent: every address of the host.
    pub bound: Option<Address>,
    pub port: Sourced<u16>,
    /// The setting that opens it, where no key of the spec does.
    pub setting: Option<&'static str>,
    pub audience: Audience,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// ZooKeeper's clients.
    Clients,
    /// Followers, where the leader listens.
    Peers,
    Election,
    /// Observers that follow a follower.
    Observers,
    Metrics,
    /// ZooKeeper's `AdminServer`.
    Admin,
    /// A listener of a broker, by its name.
    Listener(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    Plaintext,
    Tls,
}

/// Who may reach an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// No other host.
    Nobody,
    /// Whoever collects metrics.
    Monitoring,
    These(Vec<Source>),
    Everybody,
}

/// Somebody who may reach a port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    Group(Group),
    Network(Cidr),
}

/// All members of a role, each by its address in one network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    pub role: Role,
    /// Absent: the one that is meant where none is named.
    pub network: Option<String>,
}

impl Endpoint {
    /// As in "… and the election are both on port 3888".
    pub fn phrase(&self) -> String {
        match (&self.kind, self.setting) {
            (Kind::Listener(name), _) => format!("the listener `{name}`"),
            (_, Some(setting)) => format!("ZooKeeper's `{setting}`"),
            (kind, None) => format!("ZooKeeper's {kind}"),
        }
    }
}

/// As the firewall calls it.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Listener(name) => write!(f, "listener {name}"),
            kind => write!(f, "ZooKeeper {kind}"),
        }?;
        if self.security == Security::Tls { f.write_str(", TLS") } else { Ok(()) }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Clients => "clients",
            Self::Peers => "peers",
            Self::Election => "election",
            Self::Observers => "observers",
            Self::Metrics => "metrics",
            Self::Admin => "AdminServer",
            Self::Listener(name) => name,
        })
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.role.group())?;
        self.network.as_ref().map_or(Ok(()), |network| write!(f, "@{network}"))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(group) => group.fmt(f),
            // a single address as everybody writes it
            Self::Network(Cidr(network)) if network.prefix_len() == network.max_prefix_len() => {
                network.addr().fmt(f)
            }
            Self::Network(network) => network.fmt(f),
        }
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
