//! Takes the broker's log directories: refuses those of another broker or cluster. A directory that
//! cannot be used is a disk that failed, which Kafka serves without; one that is bare is a disk that
//! was replaced, whose replicas come back from the other brokers.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::broker::Broker;
use crate::exit::{Exit, refuse};
use crate::files;
use crate::notify;
use crate::ownership::{self, Owner};
use crate::properties::Properties;

/// What Kafka leaves in a log directory when it has closed all logs in it, and removes when it starts.
pub const CLEAN: &str = ".kafka_cleanshutdown";

pub struct Found {
    /// The directories that can be read and written.
    pub usable: Vec<PathBuf>,
    /// Whether Kafka must look through logs since the last stop did not close them.
    pub unclean: bool,
    /// The cluster that the logs are of, as Kafka wrote it, and the file that says so.
    pub cluster_id: Option<(String, PathBuf)>,
}

pub fn take(broker: &Broker) -> Result<Found> {
    let mut found = Found { usable: Vec::new(), unclean: false, cluster_id: None };
    let mut unmarked = Vec::new();
    for directory in &broker.directories {
        match look(directory, &broker.owner) {
            Ok(Look { marked, unclean, cluster_id }) => {
                found.unclean |= unclean;
                if let Some(id) = cluster_id {
                    same_cluster(broker, &mut found.cluster_id, id, directory.join(META))?;
                }
                if !marked {
                    unmarked.push(directory.as_path());
                }
                found.usable.push(directory.clone());
            }
            Err(error) if error.is::<Exit>() => return Err(error),
            Err(error) => notify::warn(&format!(
                "the log directory {} cannot be used, and Kafka serves without it: {error:#}",
                directory.display()
            )),
        }
    }
    if found.usable.is_empty() {
        bail!("no log directory can be used: mount the disks, or correct log.dirs");
    }
    ownership::mark(&unmarked, &broker.owner)?;
    Ok(found)
}

const META: &str = "meta.properties";

struct Look {
    marked: bool,
    unclean: bool,
    cluster_id: Option<String>,
}

/// What a directory says. An error is a refusal, or a directory that cannot be used.
fn look(directory: &Path, owner: &Owner) -> Result<Look> {
    let data = holds_logs(directory)?;
    try_to_write(directory)?;
    let marked = ownership::past(directory, owner, data)?.marked;
    let meta = directory.join(META);
    let mut cluster_id = None;
    if meta.exists() {
        let properties = Properties::read(&meta)?;
        let id = properties.get("broker.id").or_else(|| properties.get("node.id"));
        if let Some(id) = id.filter(|id| *id != owner.id.to_string()) {
            let says = format!("{} says that this directory is of broker {id}", meta.display());
            return Err(ownership::foreign(&says, owner));
        }
        cluster_id = properties.get("cluster.id").map(str::to_owned);
    }
    Ok(Look { marked, unclean: data && !directory.join(CLEAN).exists(), cluster_id })
}

/// Whether there is a log: each is a folder.
fn holds_logs(directory: &Path) -> Result<bool> {
    let what = || format!("cannot read {}", directory.display());
    let mut logs = false;
    for entry in fs::read_dir(directory).with_context(what)? {
        logs |= entry.with_context(what)?.path().is_dir();
    }
    Ok(logs)
}

fn try_to_write(directory: &Path) -> Result<()> {
    let file = directory.join(".kafnix-writable");
    files::write_forced(&file, "")?;
    files::remove(&file)
}

/// All directories must be of one cluster, and of the one that the spec names.
fn same_cluster(
    broker: &Broker,
    known: &mut Option<(String, PathBuf)>,
    id: String,
    file: PathBuf,
) -> Result<()> {
    let (here, way_out) = (&broker.owner, "mount the right disk, or empty the directory if its data may go");
    if let Some((other, first)) = known
        && *other != id
    {
        return Err(refuse(format!(
            "{} says that this directory is of the cluster {id}, and {} says {other}, and this host runs {here}: \
             {way_out}",
            file.display(),
            first.display()
        )));
    }
    if let Some(given) = broker.cluster_id.as_ref().filter(|given| **given != id) {
        return Err(refuse(format!(
            "{} says that this directory is of the cluster {id}, and this host runs {here}, whose \
             `kafka.clusterId` is {given}: {way_out}",
            file.display()
        )));
    }
    *known = Some((id, file));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::broker::Ensemble;
    use crate::ownership::{MARKER, Role};

    struct Host {
        _folder: tempfile::TempDir,
        broker: Broker,
    }

    fn host() -> Host {
        let folder = tempfile::tempdir().unwrap();
        let directories: Vec<_> = ["a", "b"].iter().map(|name| folder.path().join(name)).collect();
        for directory in &directories {
            fs::create_dir(directory).unwrap();
        }
        let owner = Owner { cluster: "c".to_owned(), role: Role::Broker, id: 1 };
        let ensemble = Ensemble { members: Vec::new(), chroot: String::new() };
        let broker = Broker {
            owner,
            cluster_id: None,
            directories,
            listeners: Vec::new(),
            stores: Vec::new(),
            advertised: Vec::new(),
            ensemble,
            hand_over: std::time::Duration::ZERO,
        };
        Host { _folder: folder, broker }
    }

    impl Host {
        fn meta(&self, directory: usize, text: &str) {
            fs::write(self.broker.directories[directory].join(META), text).unwrap();
        }

        fn take(&self) -> Result<Found> {
            take(&self.broker)
        }

        fn refused(&self) -> String {
            let Err(error) = self.take() else { panic!("was taken") };
            assert_eq!(error.downcast_ref::<Exit>().unwrap().status, 78, "{error}");
            assert!(!self.broker.directories.iter().any(|directory| directory.join(MARKER).exists()));
            format!("{error}")
        }
    }

    #[test]
    fn directories_that_fit_are_adopted() {
        let host = host();
        host.meta(0, "version=0\nbroker.id=1\ncluster.id=x\n");
        let found = host.take().unwrap();
        assert_eq!((found.usable.len(), found.unclean), (2, false));
        assert_eq!(found.cluster_id.unwrap().0, "x");
        assert!(host.broker.directories.iter().all(|directory| directory.join(MARKER).exists()));
        assert!(host.take().is_ok());
    }

    #[test]
    fn another_brokers_directory_is_refused() {
        let host = host();
        host.meta(1, "version=0\nbroker.id=2\ncluster.id=x\n");
        assert!(host.refused().contains("b/meta.properties says that this directory is of broker 2"));
    }

    #[test]
    fn directories_of_two_clusters_are_refused() {
        let host = host();
        host.meta(0, "broker.id=1\ncluster.id=x\n");
        host.meta(1, "broker.id=1\ncluster.id=y\n");
        assert!(host.refused().contains("of the cluster y, and "));
    }

    #[test]
    fn the_cluster_must_be_the_one_that_the_spec_names() {
        let mut host = host();
        host.meta(0, "broker.id=1\ncluster.id=x\n");
        host.broker.cluster_id = Some("z".to_owned());
        assert!(host.refused().contains("whose `kafka.clusterId` is z"));
        host.broker.cluster_id = Some("x".to_owned());
        assert!(host.take().is_ok());
    }

    #[test]
    fn a_missing_directory_is_left_to_kafka_and_all_missing_is_an_error() {
        let host = host();
        fs::remove_dir(&host.broker.directories[0]).unwrap();
        assert_eq!(host.take().unwrap().usable, [host.broker.directories[1].clone()]);
        fs::remove_dir_all(&host.broker.directories[1]).unwrap();
        let Err(error) = host.take() else { panic!("was taken") };
        assert!(!error.is::<Exit>());
    }

    #[test]
    fn logs_that_were_not_closed_are_seen() {
        let host = host();
        let log = host.broker.directories[1].join("orders-0");
        fs::create_dir(log).unwrap();
        assert!(host.take().unwrap().unclean);
        fs::write(host.broker.directories[1].join(CLEAN), "").unwrap();
        assert!(!host.take().unwrap().unclean);
    }
}
