//! Disks that hold data, as a person writes them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A disk or partition with one file system, mounted on a host. Exactly one of `label`, `uuid` and `id`
/// says which it is.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DiskSpec {
    /// Label of its file system, letters, digits, `.`, `_` and `-`: at most 12 for XFS, 16 for ext4.
    pub label: Option<String>,
    /// UUID of its file system, in small letters.
    pub uuid: Option<String>,
    /// Its name in `/dev/disk/by-id`: letters, digits, `.`, `_`, `-`, `:` and `+`.
    pub id: Option<String>,
    /// File system. Default: `xfs`.
    pub file_system: Option<FileSystem>,
    /// Mount options, instead of the default ones: `noatime`, `nofail` and
    /// `x-systemd.device-timeout=30s`. Without `nofail` a host whose disk is missing does not boot.
    pub options: Option<Vec<String>>,
    /// Path of the whole disk for its first installation: the host's `disko.nix` makes the file system
    /// on it. Default: the disk that `id` names, unless that is a partition.
    pub whole_disk: Option<String>,
}

/// A file system that kafnix mounts data on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileSystem {
    /// What Kafka's documentation (Filesystem Selection) found best.
    Xfs,
    Ext4,
}

impl fmt::Display for FileSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Xfs => "xfs",
            Self::Ext4 => "ext4",
        })
    }
}

/// What a broker with several log directories does while a disk is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MissingLogDirs {
    /// It serves with the directories that are there, as Kafka does.
    #[default]
    Serve,
    /// It waits until all are there.
    Wait,
}
