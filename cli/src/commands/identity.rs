//! As whom a command asks brokers that speak TLS.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use kafnix_client::Identity;
use kafnix_generator::Cluster;
use kafnix_generator::cluster::Host;

use super::host::generation;

#[derive(Debug, clap::Args)]
pub(crate) struct IdentityArgs {
    /// Private key and certificate chain (PEM) with which servers that speak TLS are asked
    ///
    /// On a host of the cluster the default is that of its broker, which root can read.
    #[arg(long, value_name = "FILE", requires = "trust_store")]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    key_store: Option<PathBuf>,
    /// Certificates (PEM) of the authorities that these servers must be vouched for by
    #[arg(long, value_name = "FILE", requires = "key_store")]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    trust_store: Option<PathBuf>,
}

impl IdentityArgs {
    /// The one that is named, else that of the host which this machine is.
    pub(crate) fn read(&self, cluster: &Cluster) -> Result<Option<Identity>> {
        if let (Some(key), Some(trust)) = (&self.key_store, &self.trust_store) {
            return Identity::read(key, trust).map(Some);
        }
        let configured = generation::read_or_none(Path::new(generation::FILE))?;
        let host = configured.and_then(|configured| cluster.host(&configured.host));
        host.map_or(Ok(None), of_host)
    }
}

/// That of a host's broker, which its user and root can read there.
pub(crate) fn of_host(host: &Host) -> Result<Option<Identity>> {
    let Some(stores) = host.broker.as_ref().and_then(|broker| broker.stores.as_ref()) else {
        return Ok(None);
    };
    let read = Identity::read(Path::new(&stores.key), Path::new(&stores.trust));
    read.with_context(|| format!("the TLS files of {} cannot be used", host.name)).map(Some)
}
