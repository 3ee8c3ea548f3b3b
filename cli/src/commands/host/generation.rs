//! What a host was configured with, as its configuration lays it down.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

pub(in crate::commands) const FILE: &str = "/etc/kafnix/generation.json";

#[derive(Debug, Deserialize)]
pub(in crate::commands) struct Configured {
    pub(in crate::commands) host: String,
    pub(in crate::commands) generated: Option<String>,
    /// Digests of its services, by the names of their units.
    pub(in crate::commands) services: BTreeMap<String, String>,
    /// Of the releases and of the JDK.
    #[serde(default)]
    pub(in crate::commands) versions: BTreeMap<String, String>,
}

pub(in crate::commands) fn read(path: &Path) -> Result<Configured> {
    let text = fs_err::read(path)?;
    serde_json::from_slice(&text).with_context(|| {
        format!("`{}` is not what the NixOS module `services.kafnix.tools` writes", path.display())
    })
}

/// The same where a host may be without.
pub(in crate::commands) fn read_or_none(path: &Path) -> Result<Option<Configured>> {
    match read(path) {
        Ok(configured) => Ok(Some(configured)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_absent(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::NotFound)
}
