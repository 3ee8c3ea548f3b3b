//! One server process of a host, and what it has in any role.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::{Endpoint, Kind, Origin, Settings, Sourced};
use crate::role::Role;
use crate::spec::{Heap, Version};

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    #[serde(skip)]
    pub role: Role,
    /// The release of its product.
    pub release: Sourced<Version>,
    pub id: Sourced<i64>,
    pub heap: Sourced<Heap>,
    #[serde(flatten, serialize_with = "by_purpose")]
    pub directories: Vec<Directories>,
    /// Where it listens.
    #[serde(skip)]
    pub endpoints: Vec<Endpoint>,
    /// Where its process finds the host's files for TLS, if it needs any.
    #[serde(skip)]
    pub stores: Option<Stores>,
    /// What this service adds to the settings of all in its role, or overrides.
    pub settings: Settings,
    /// Where the spec gives the host this role.
    #[serde(skip)]
    pub pointer: String,
}

impl Service {
    /// All that it keeps data in.
    pub fn paths(&self) -> impl Iterator<Item = &String> {
        self.directories.iter().flat_map(|directories| &directories.paths.value)
    }

    /// Those of one purpose, if it has any.
    pub fn directories(&self, purpose: Purpose) -> Option<&Sourced<Vec<String>>> {
        let mut all = self.directories.iter();
        all.find(|directories| directories.purpose == purpose).map(|directories| &directories.paths)
    }

    /// The first endpoint of a kind.
    pub fn endpoint(&self, kind: &Kind) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.kind == *kind)
    }

    /// The first path of a purpose.
    pub fn directory(&self, purpose: Purpose) -> Option<&str> {
        self.directories(purpose)?.value.first().map(String::as_str)
    }
}

/// Files for TLS, in PEM, as the process that reads them finds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stores {
    /// Private key and certificate chain.
    pub key: String,
    /// Authorities.
    pub trust: String,
}

impl Stores {
    /// Where a host puts what its service of a role may read: `nixos-modules/tls.nix`.
    pub fn of(role: Role) -> Self {
        let folder = format!("/run/kafnix-tls/{}", role.key());
        Self { key: format!("{folder}/keystore.pem"), trust: format!("{folder}/truststore.pem") }
    }
}

/// Where a service keeps one kind of its data.
#[derive(Clone, Debug)]
pub struct Directories {
    pub purpose: Purpose,
    pub paths: Sourced<Vec<String>>,
}

/// What a directory is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// ZooKeeper's snapshots.
    Snapshots,
    /// ZooKeeper's transaction log.
    TransactionLog,
    /// Kafka's records.
    Records,
}

impl Purpose {
    pub const ALL: [Self; 3] = [Self::Snapshots, Self::TransactionLog, Self::Records];

    pub fn role(self) -> Role {
        match self {
            Self::Snapshots | Self::TransactionLog => Role::ZooKeeper,
            Self::Records => Role::Broker,
        }
    }

    /// The key of the spec.
    pub fn key(self) -> &'static str {
        match self {
            Self::Snapshots => "dataDir",
            Self::TransactionLog => "dataLogDir",
            Self::Records => "logDirs",
        }
    }

    /// The setting of the server.
    pub fn setting(self) -> &'static str {
        match self {
            Self::Snapshots | Self::TransactionLog => self.key(),
            Self::Records => "log.dirs",
        }
    }

    /// Where the spec has it for all services of the role.
    pub fn pointer(self) -> String {
        format!("/{}/{}", self.role().key(), self.key())
    }

    /// As in "`/data` is …".
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Snapshots => "ZooKeeper's data directory",
            Self::TransactionLog => "the directory of ZooKeeper's transaction log",
            Self::Records => "a log directory of Kafka",
        }
    }

    /// Whether a service may have several.
    pub fn is_list(self) -> bool {
        self == Self::Records
    }
}

/// As the spec writes them, with what is not kept apart.
fn by_purpose<S: Serializer>(all: &[Directories], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Paths<'a> {
        One(&'a str),
        List(&'a [String]),
        Unset,
    }
    #[derive(Serialize)]
    struct Written<'a> {
        value: Paths<'a>,
        origin: &'a Origin,
    }
    const IN_DATA_DIR: Written<'_> =
        Written { value: Paths::Unset, origin: &Origin::Default("the transaction log lies in `dataDir`") };
    let entries = all.iter().map(|Directories { purpose, paths }| {
        let value = match &paths.value[..] {
            [one] if !purpose.is_list() => Paths::One(one),
            list => Paths::List(list),
        };
        (purpose.key(), Written { value, origin: &paths.origin })
    });
    let mut entries: BTreeMap<_, _> = entries.collect();
    if entries.contains_key(Purpose::Snapshots.key()) {
        entries.entry(Purpose::TransactionLog.key()).or_insert(IN_DATA_DIR);
    }
    entries.serialize(serializer)
}
