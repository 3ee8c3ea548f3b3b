//! `kafnix host tls`

use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use kafnix_client::Identity;
use kafnix_pki::Certificate;
use sd_notify::NotifyState;
use tempfile::NamedTempFile;

use super::log::{Log, status};
use crate::exit::Status;

/// Copy the TLS files of this host to where each of its servers may read them, and copy them again when they change
///
/// A pair that does not fit together is left out, and the servers keep the one before. It says what it waits for.
#[derive(Debug, clap::Args)]
pub(super) struct Opts {
    /// Private key and certificate chain (PEM)
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    key_store: PathBuf,
    /// Authorities (PEM)
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    trust_store: PathBuf,
    /// Below which each server has a folder
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    to: PathBuf,
    /// A server's folder and the id of its group, which may read there (repeatable)
    #[arg(long, value_name = "NAME=GID", required = true)]
    reader: Vec<Reader>,
}

#[derive(Clone, Debug)]
struct Reader {
    name: String,
    group: u32,
}

impl FromStr for Reader {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, group) = text.split_once('=').ok_or("expected NAME=GID")?;
        let group = group.parse().map_err(|_| format!("`{group}` is not the id of a group"))?;
        Ok(Self { name: name.to_owned(), group })
    }
}

const PAUSE: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);

/// By which a change is seen: time, size and number of each file.
type Seen = [Option<(i64, i64, u64, u64)>; 2];

pub(super) fn run(opts: &Opts, log: &Log<'_>) -> Result<Status> {
    for reader in &opts.reader {
        folder(&opts.to, reader)?;
    }
    let mut before: Option<Seen> = None;
    let mut told = SystemTime::UNIX_EPOCH;
    loop {
        let now = [&opts.key_store, &opts.trust_store].map(|path| seen(path));
        let is_old = told.elapsed().is_ok_and(|age| age > DAY);
        if before != Some(now) || is_old {
            // What it says of the certificate's end is of today.
            match copy(opts) {
                Ok(said) if before == Some(now) => status(&said),
                Ok(said) => log.end(&said),
                Err(error) => log.end(&format!("the servers keep what they have: {error:#}")),
            }
            if before.is_none() {
                // Who runs it by hand has no unit.
                let _ = sd_notify::notify(&[NotifyState::Ready]);
            }
            (before, told) = (Some(now), SystemTime::now());
        }
        sleep(PAUSE);
    }
}

fn seen(path: &Path) -> Option<(i64, i64, u64, u64)> {
    let file = path.metadata().ok()?;
    Some((file.mtime(), file.mtime_nsec(), file.len(), file.ino()))
}

/// What was copied, in a sentence.
fn copy(opts: &Opts) -> Result<String> {
    let read = |path: &Path| fs_err::read_to_string(path);
    let (key, trust) = (read(&opts.key_store)?, read(&opts.trust_store)?);
    Identity::read(&opts.key_store, &opts.trust_store)?;
    let certificates = Certificate::read_all(&key)?;
    let certificate = certificates.first().context("there is no certificate")?;
    for Reader { name, group } in &opts.reader {
        let folder = opts.to.join(name);
        // In this order: who has the new certificate believes the new authorities.
        place(&folder.join("truststore.pem"), &trust, *group)?;
        place(&folder.join("keystore.pem"), &key, *group)?;
    }
    let days = certificate.days_left(SystemTime::now().into());
    Ok(format!("copied the certificate of `{}`, which ends in {days} days", certificate.subject))
}

fn folder(to: &Path, reader: &Reader) -> Result<()> {
    let folder = to.join(&reader.name);
    fs_err::create_dir_all(&folder)?;
    give(&folder, reader.group, 0o750)
}

/// A file that root and the group read: whole, or as it was before.
fn place(path: &Path, text: &str, group: u32) -> Result<()> {
    let folder = path.parent().context("a file without a folder")?;
    let mut file =
        NamedTempFile::new_in(folder).with_context(|| format!("cannot write to `{}`", folder.display()))?;
    file.write_all(text.as_bytes())?;
    give(file.path(), group, 0o440)?;
    file.persist(path).with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(())
}

fn give(path: &Path, group: u32, mode: u32) -> Result<()> {
    let given = std::os::unix::fs::chown(path, None, Some(group));
    given.with_context(|| format!("cannot give `{}` to the group {group}", path.display()))?;
    Ok(fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode))?)
}

#[cfg(test)]
mod tests {
    use kafnix_pki::Authority;

    use super::*;

    fn opts(folder: &Path) -> Opts {
        let group = folder.metadata().unwrap().gid();
        Opts {
            key_store: folder.join("key.pem"),
            trust_store: folder.join("ca.pem"),
            to: folder.join("to"),
            reader: vec![Reader { name: "kafka".to_owned(), group }],
        }
    }

    #[test]
    fn a_pair_that_fits_is_copied_and_another_one_leaves_what_is_there() {
        let here = tempfile::tempdir().unwrap();
        let opts = opts(here.path());
        folder(&opts.to, &opts.reader[0]).unwrap();
        assert!(copy(&opts).unwrap_err().to_string().contains("key.pem"));

        let authority = Authority::create("c", 10).unwrap();
        let issue = || authority.issue_host("c", &["a".to_owned()], 10).unwrap();
        let (one, other) = (issue(), issue());
        fs_err::write(&opts.trust_store, authority.certificate()).unwrap();
        fs_err::write(&opts.key_store, &one).unwrap();
        assert_eq!(copy(&opts).unwrap(), "copied the certificate of `O=c, CN=kafka`, which ends in 9 days");
        let copied = opts.to.join("kafka/keystore.pem");
        assert_eq!(fs_err::read_to_string(&copied).unwrap(), one);
        assert_eq!(copied.metadata().unwrap().mode() & 0o777, 0o440);

        let half = other.split_inclusive("-----END PRIVATE KEY-----\n").next().unwrap();
        let mixed = half.to_owned() + one.split_once("-----END PRIVATE KEY-----\n").unwrap().1;
        for wrong in ["", half, &mixed, "nonsense"] {
            fs_err::write(&opts.key_store, wrong).unwrap();
            assert!(copy(&opts).is_err(), "{wrong}");
            assert_eq!(fs_err::read_to_string(&copied).unwrap(), one);
        }
    }
}
