//! What a command reads: the spec, and the lock of the last generation.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use kafnix_generator::problem::Source;
use kafnix_generator::{Checked, Problem, render};

use crate::console::Console;
use crate::jars;
use crate::locate::Locator;

/// The generator refuses a spec long before this; the bound is for what never ends, like a device.
const MOST_BYTES: u64 = 256 << 20;

/// The spec of a command that takes one.
#[derive(Debug, clap::Args)]
pub(crate) struct SpecArg {
    /// The cluster spec
    #[arg(value_name = "SPEC", default_value = "cluster.json", value_hint = clap::ValueHint::FilePath)]
    pub(crate) spec: PathBuf,
}

/// The spec that a host was configured from, as the NixOS modules lay it down.
pub(crate) const HOST_SPEC: &str = "/etc/kafnix/cluster.json";

/// The spec of a command that changes no file: on a host it need not be named.
#[derive(Debug, clap::Args)]
pub(crate) struct ReadSpecArg {
    /// The cluster spec [default: cluster.json, and where there is none /etc/kafnix/cluster.json, which hosts have]
    #[arg(value_name = "SPEC", value_hint = clap::ValueHint::FilePath)]
    spec: Option<PathBuf>,
}

impl ReadSpecArg {
    /// The one of the host is told, since nobody has named it.
    pub(crate) fn path(&self, console: &Console) -> PathBuf {
        let path = self.here();
        if path.exists() || self.spec.is_some() || !Path::new(HOST_SPEC).exists() {
            return path;
        }
        console.note(&format!(
            "there is no `{}` here: the spec is that of this host, `{HOST_SPEC}`",
            path.display()
        ));
        PathBuf::from(HOST_SPEC)
    }

    /// The same for what does not run on hosts.
    pub(crate) fn here(&self) -> PathBuf {
        self.spec.clone().unwrap_or_else(|| PathBuf::from("cluster.json"))
    }
}

/// The spec of a command whose arguments are others.
#[derive(Debug, clap::Args)]
pub(crate) struct SpecOption {
    /// The cluster spec
    #[arg(long, value_name = "SPEC", default_value = "cluster.json", value_hint = clap::ValueHint::FilePath)]
    pub(crate) spec: PathBuf,
}

/// The lock of a command that only reads it.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct LockArg {
    /// The lock of the last generation [default: hosts/lock.json beside the spec, if it is there]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    lock: Option<PathBuf>,
}

impl LockArg {
    pub(crate) fn path(&self, spec: &Path) -> PathBuf {
        self.lock.clone().unwrap_or_else(|| hosts_beside(spec).join(render::LOCK))
    }
}

/// A file as it was read.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) spec: Text,
    /// Absent before the first generation.
    pub(crate) lock: Option<Text>,
}

impl Input {
    /// A spec and the lock that the arguments name.
    pub(crate) fn read(spec: &Path, lock: &LockArg) -> Result<Self> {
        if let Some(path) = &lock.lock {
            let lock =
                read(path).context("name the lock that `kafnix generate` wrote, or leave --lock out")?;
            return Ok(Self { spec: read_spec(spec)?, lock: Some(lock) });
        }
        Self::beside(spec, &hosts_beside(spec))
    }

    /// The same for what tells ids of hosts that run: a lock that is lost is missed.
    pub(crate) fn with_ids(spec: &Path, lock: &LockArg) -> Result<Self> {
        let input = Self::read(spec, lock)?;
        match input.lost_lock() {
            Some(said) => bail!(said),
            None => Ok(input),
        }
    }

    /// Says that there is no lock beside a generated tree.
    pub(crate) fn lost_lock(&self) -> Option<String> {
        let dir = hosts_beside(&self.spec.path);
        let lock = dir.join(render::LOCK);
        let lock = lock.display();
        (self.lock.is_none() && is_generated(&dir)).then(|| {
            format!(
                "there is no `{lock}` beside a generated tree: without it ids could be others than the hosts have; \
                 take it back from version control (git checkout -- {lock}), or, where nothing was deployed yet, let \
                 `kafnix generate` write it"
            )
        })
    }

    /// A spec and the lock in a folder that may not be there yet.
    pub(crate) fn beside(spec: &Path, dir: &Path) -> Result<Self> {
        let spec = read_spec(spec)?;
        let lock = match read(&dir.join(render::LOCK)) {
            Ok(lock) => Some(lock),
            // What the folder is, if it is no folder, is for the tree to say.
            Err(error) if is_absent(&error) => None,
            Err(error) => return Err(error),
        };
        Ok(Self { spec, lock })
    }

    /// Says which of the files has the errors.
    pub(crate) fn has_errors(&self, problems: &[Problem]) -> String {
        let errors = problems.iter().filter(|problem| problem.is_error());
        let sources: BTreeSet<Source> = errors.map(|problem| problem.source).collect();
        let files = sources.iter().map(|source| match (source, &self.lock) {
            (Source::Lock, Some(lock)) => format!("`{}`", lock.path.display()),
            _ => format!("`{}`", self.spec.path.display()),
        });
        let files: Vec<_> = files.collect();
        format!("{} {} errors", files.join(" and "), if files.len() == 1 { "has" } else { "have" })
    }

    pub(crate) fn check(&self, accepted: &[String]) -> Checked {
        self.checked(accepted, |_| Vec::new())
    }

    /// The same for what goes to hosts, which take along files that the spec names.
    pub(crate) fn check_with_files(&self, accepted: &[String]) -> Checked {
        self.checked(accepted, |checked| jars::problems(&checked.jars, &self.spec.path))
    }

    fn checked(&self, accepted: &[String], further: impl Fn(&Checked) -> Vec<Problem>) -> Checked {
        let lock = self.lock.as_ref().map(|lock| lock.bytes.as_slice());
        let mut checked = kafnix_generator::check(&self.spec.bytes, lock, accepted);
        let further = further(&checked);
        checked.cluster = checked.cluster.filter(|_| further.is_empty());
        checked.problems.extend(further);
        self.place(&mut checked.problems);
        checked
    }

    /// Errors first, and each in the order of the text; what is about something that is not written comes last, and is
    /// placed where it could be.
    fn place(&self, problems: &mut [Problem]) {
        if problems.is_empty() {
            return;
        }
        let text = |text: &Text| String::from_utf8_lossy(&text.bytes).into_owned();
        let (spec, lock) = (text(&self.spec), self.lock.as_ref().map(text).unwrap_or_default());
        let (spec, lock) = (Locator::new(&spec), Locator::new(&lock));
        let page = |problem: &Problem| if problem.source == Source::Spec { &spec } else { &lock };
        problems.sort_by_cached_key(|problem| {
            let place = problem.labels.first().map(|label| page(problem).order(&label.place));
            (problem.severity, problem.source, place)
        });
        for problem in problems {
            let page = page(problem);
            problem.labels.iter_mut().for_each(|label| label.place = page.written(&label.place));
        }
    }
}

/// Where the files of a spec go, unless an argument says otherwise.
pub(crate) fn hosts_beside(spec: &Path) -> PathBuf {
    spec.with_file_name("hosts")
}

/// Whether a generation has written into a folder.
fn is_generated(dir: &Path) -> bool {
    let path = dir.join(render::CLUSTER);
    path.is_file() && fs_err::read(path).is_ok_and(|text| text.starts_with(render::HEADER.as_bytes()))
}

fn read_spec(path: &Path) -> Result<Text> {
    match read(path) {
        Err(error) if is_absent(&error) => {
            bail!("there is no spec `{}`: name one, or begin one with `kafnix init`", path.display())
        }
        read => read,
    }
}

fn read(path: &Path) -> Result<Text> {
    refuse_what_waits(path)?;
    let mut bytes = Vec::new();
    let mut file = fs_err::File::open(path)?;
    if let Ok(metadata) = file.metadata() {
        bytes.reserve(usize::try_from(metadata.len().min(MOST_BYTES)).unwrap_or_default());
    }
    file.by_ref().take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(Text { path: path.to_owned(), bytes })
}

/// Opening a named pipe waits until somebody writes into it, which may be never. What is below `/dev`
/// is meant: the shell hands over its own pipes there, as in `kafnix check /dev/stdin`.
fn refuse_what_waits(path: &Path) -> Result<()> {
    let metadata = std::fs::metadata(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let is_handed_over = path.starts_with("/dev") || path.starts_with("/proc");
    ensure!(
        metadata.is_file() || metadata.is_dir() || is_handed_over,
        "`{}` is not a regular file but a pipe, a socket or a device: name a file",
        path.display()
    );
    Ok(())
}

fn is_absent(error: &anyhow::Error) -> bool {
    let kind = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    matches!(kind, Some(ErrorKind::NotFound | ErrorKind::NotADirectory))
}
