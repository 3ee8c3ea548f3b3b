//! The files for TLS of a local cluster: an authority made for it, and what it issues to each host. They are nobody's
//! but this cluster's: whatever the spec names on its hosts is not looked at here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use kafnix_client::{Access, Identity};
use kafnix_generator::Cluster;
use kafnix_generator::cluster::{Host, Stores};
use kafnix_pki::Authority;

use super::state::write;

/// Nobody renews them.
const DAYS: u32 = 3650;

const FOLDER: &str = "authority";
const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca-key.pem";

/// Where the services of a host find their files.
pub(super) fn stores(folder: &Path, host: &str) -> Stores {
    let path = |file: &str| folder.join(host).join("tls").join(file).to_string_lossy().into_owned();
    Stores { key: path("keystore.pem"), trust: path("truststore.pem") }
}

/// Makes what a moved cluster lacks.
pub(super) fn make(folder: &Path, cluster: &Cluster) -> Result<()> {
    let needing = cluster.hosts.iter().filter_map(|host| Some((host, of_host(host)?)));
    let lacking: Vec<_> = needing.filter(|(_, stores)| !is_there(stores)).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let authority = authority(folder, &cluster.name.value)?;
    for (host, stores) in lacking {
        let names: Vec<_> = host.reached_by().into_iter().collect();
        secret(Path::new(&stores.trust), authority.certificate())?;
        secret(Path::new(&stores.key), &authority.issue_host(&cluster.name.value, &names, DAYS)?)?;
    }
    Ok(())
}

/// How kafnix reaches the servers of a moved cluster: by TLS as one of its hosts.
pub fn access(cluster: &Cluster, limit: Duration) -> Result<Access> {
    let stores = cluster.hosts.iter().find_map(of_host);
    let identity = stores.map(|stores| Identity::read(Path::new(&stores.key), Path::new(&stores.trust)));
    Ok(Access { limit, identity: identity.transpose()? })
}

fn of_host(host: &Host) -> Option<&Stores> {
    host.services().find_map(|service| service.stores.as_ref())
}

fn is_there(stores: &Stores) -> bool {
    Path::new(&stores.key).exists() && Path::new(&stores.trust).exists()
}

/// That of the cluster, made where there is none.
fn authority(folder: &Path, cluster: &str) -> Result<Authority> {
    let [certificate, key]: [PathBuf; 2] = [CERTIFICATE, KEY].map(|file| folder.join(FOLDER).join(file));
    if let (Ok(certificate), Ok(key)) = (fs_err::read_to_string(&certificate), fs_err::read_to_string(&key)) {
        return Authority::read(&certificate, &key);
    }
    let made = Authority::create(cluster, DAYS)?;
    secret(&key, &made.key())?;
    secret(&certificate, made.certificate())?;
    Ok(made)
}

/// A file that its owner alone reads: as such a temporary file is made, and it is renamed.
fn secret(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    write(path, text.as_bytes())
}
