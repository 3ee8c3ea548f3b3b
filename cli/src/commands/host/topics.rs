//! `kafnix host create-topics`

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use kafnix_operate::declared::{self, Outcome};
use kafnix_operate::progress::Progress as _;
use tempfile::NamedTempFile;

use super::super::identity;
use super::log::Log;
use super::{Known, ThisHost};
use crate::exit::Status;

/// Create the topics of the spec that are missing, once for each set of declared topics
///
/// It waits until all brokers of the spec are registered. Nothing is created where another host was switched to a newer
/// configuration that declares other topics, and nothing is altered or deleted.
#[derive(Debug, clap::Args)]
pub(super) struct Opts {
    #[command(flatten)]
    pub(super) host: ThisHost,
    /// Where it is kept which topics were created
    #[arg(long, value_name = "FILE", default_value = "/var/lib/kafnix/topics")]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    done: PathBuf,
}

pub(super) fn run(opts: &Opts, known: &Known, log: &Log<'_>) -> Result<Status> {
    let cluster = &known.cluster;
    let digest = declared::digest(cluster);
    if done(&opts.done)?.as_deref() == Some(digest.as_str()) {
        log.end("the declared topics were created before");
        return Ok(Status::Good);
    }
    if !cluster.topics.is_empty() {
        let host = cluster.host(&known.configured.host);
        let identity = host.map_or(Ok(None), identity::of_host)?;
        match declared::create(cluster, &known.configured.host, &known.generation(), identity.as_ref(), log)?
        {
            Outcome::Created(topics) => {
                for topic in topics {
                    log.note(&format!("created the topic `{topic}`"));
                }
            }
            Outcome::Newer(host) => {
                log.end(&format!("nothing is created: {host} has a newer configuration, with other topics"));
                return Ok(Status::Good);
            }
        }
    }
    write(&opts.done, &digest)?;
    log.end("all declared topics are there");
    Ok(Status::Good)
}

fn done(path: &Path) -> Result<Option<String>> {
    match fs_err::read_to_string(path) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn write(path: &Path, digest: &str) -> Result<()> {
    let folder = path.parent().context("`--done` names no file")?;
    let mut file = NamedTempFile::new_in(folder)?;
    writeln!(file, "{digest}")?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
