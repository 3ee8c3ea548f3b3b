//! `kafnix pki`

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail, ensure};
use kafnix_generator::Cluster;
use kafnix_generator::cluster::Host;
use kafnix_pki::{Authority, Certificate};
use serde::Serialize;

use super::refuse;
use crate::accept::AcceptArg;
use crate::console::Console;
use crate::exit::Status;
use crate::input::{Input, LockArg, SpecOption};

/// Make an authority for the cluster, and certificates for its hosts
///
/// All of it lies in one folder: `ca.pem` is the trust store of every host, HOST.pem its key store (private key and
/// certificate), and `ca-key.pem` is what issues them. Bring HOST.pem and ca.pem to where `tls` of the spec names them
/// on each host, by what brings your other secrets there. Whoever has `ca-key.pem` or the key of one host can pass for
/// a broker: keep them out of the repository and the Nix store. Every host has the same distinguished name, since
/// ZooKeeper compares whole names, and its own names and addresses.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make the authority: `ca.pem` and `ca-key.pem`
    Init {
        #[command(flatten)]
        folder: Folder,
        /// How long it is valid
        #[arg(long, value_name = "DAYS", default_value_t = 3650)]
        #[arg(value_parser = clap::value_parser!(u32).range(1..=36500))]
        days: u32,
    },
    /// Issue certificates: HOST.pem for every host of the spec that needs one, or for those that are named
    Issue {
        /// Hosts of the spec
        hosts: Vec<String>,
        #[command(flatten)]
        folder: Folder,
        /// How long each is valid
        #[arg(long, value_name = "DAYS", default_value_t = 365)]
        #[arg(value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: u32,
        /// Make new keys and certificates where there are some already
        #[arg(long)]
        renew: bool,
    },
    /// Show what the certificates say, and whether each fits its host
    ///
    /// Exit status 1 where one is missing, ends within 30 days, or does not fit.
    Show {
        #[command(flatten)]
        folder: Folder,
    },
}

#[derive(Debug, clap::Args)]
struct Folder {
    #[command(flatten)]
    spec: SpecOption,
    #[command(flatten)]
    lock: LockArg,
    #[command(flatten)]
    accept: AcceptArg,
    /// Where keys and certificates are
    #[arg(long, value_name = "DIR", default_value = "pki", value_hint = clap::ValueHint::DirPath)]
    dir: PathBuf,
}

const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca-key.pem";
/// Less is warned of.
const DAYS_LEFT: i64 = 30;

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    let (Command::Init { folder, .. } | Command::Issue { folder, .. } | Command::Show { folder }) =
        &opts.command;
    let Some(cluster) = folder.cluster(console)? else { return Ok(Status::Fault) };
    match &opts.command {
        Command::Init { folder, days } => init(&cluster, &folder.dir, *days, console),
        Command::Issue { hosts, folder, days, renew } => {
            let names: BTreeSet<_> = hosts.iter().collect();
            let hosts = needing(&cluster, &names)?;
            issue(&cluster, &hosts, &folder.dir, *days, *renew, console)
        }
        Command::Show { folder } => show(&cluster, &folder.dir, console),
    }
}

impl Folder {
    fn cluster(&self, console: &Console) -> Result<Option<Cluster>> {
        let input = Input::read(&self.spec.spec, &self.lock)?;
        let checked = self.accept.check(&input, "kafnix generate", console)?;
        if checked.cluster.is_none() {
            refuse(checked.problems, &input, console)?;
        }
        Ok(checked.cluster)
    }
}

/// The hosts with a service that reads a key store, those of these names where there are some.
fn needing<'a>(cluster: &'a Cluster, names: &BTreeSet<&String>) -> Result<Vec<&'a Host>> {
    let needs = |host: &&Host| host.services().any(|service| service.stores.is_some());
    for name in names {
        let host = cluster.host(name).with_context(|| format!("the spec has no host `{name}`"))?;
        ensure!(
            needs(&host),
            "no service of `{name}` reads a certificate: no listener on it has `\"protocol\": \"SSL\"`"
        );
    }
    let all: Vec<_> = cluster.hosts.iter().filter(needs).collect();
    ensure!(
        !all.is_empty(),
        "no host of the spec needs a certificate: no listener has `\"protocol\": \"SSL\"`"
    );
    Ok(all.into_iter().filter(|host| names.is_empty() || names.contains(&host.name)).collect())
}

fn init(cluster: &Cluster, dir: &Path, days: u32, console: &Console) -> Result<Status> {
    for file in [CERTIFICATE, KEY] {
        let path = dir.join(file);
        ensure!(!path.exists(), "`{}` is there already, and `pki init` overwrites nothing", path.display());
    }
    let authority = Authority::create(&cluster.name.value, days)?;
    write(&dir.join(KEY), &authority.key(), 0o600, false)?;
    write(&dir.join(CERTIFICATE), authority.certificate(), 0o644, false)?;
    console.print(&format!(
        "added {}\nadded {}\n",
        dir.join(KEY).display(),
        dir.join(CERTIFICATE).display()
    ))?;
    Ok(Status::Good)
}

fn issue(
    cluster: &Cluster,
    hosts: &[&Host],
    dir: &Path,
    days: u32,
    renew: bool,
    console: &Console,
) -> Result<Status> {
    let read = |file: &str| {
        let path = dir.join(file);
        fs_err::read_to_string(path).context("there is no authority here: `kafnix pki init` makes one")
    };
    let authority = Authority::read(&read(CERTIFICATE)?, &read(KEY)?)
        .with_context(|| format!("the authority in `{}` cannot be used", dir.display()))?;
    for host in hosts {
        let path = dir.join(format!("{}.pem", host.name));
        let is_there = path.exists();
        if is_there && !renew {
            console.print(&format!("unchanged {}\n", path.display()))?;
            continue;
        }
        let names: Vec<_> = host.reached_by().into_iter().collect();
        write(&path, &authority.issue_host(&cluster.name.value, &names, days)?, 0o600, renew)?;
        console.print(&format!("{} {}\n", if is_there { "changed" } else { "added" }, path.display()))?;
    }
    Ok(Status::Good)
}

/// Whole or not at all, with its mode from the first byte on.
fn write(path: &Path, text: &str, mode: u32, replaces: bool) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs_err::create_dir_all(folder)?;
    let mut options = std::fs::OpenOptions::new();
    options.mode(mode);
    let mut file = tempfile::Builder::new()
        .prefix(".kafnix-pki-")
        .make_in(folder, |path| options.write(true).create_new(true).open(path))
        .with_context(|| format!("cannot write to `{}`", folder.display()))?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all())?;
    let done = if replaces {
        file.persist(path).map(drop).map_err(|failed| failed.error)
    } else {
        file.persist_noclobber(path).map(drop).map_err(|failed| failed.error)
    };
    done.with_context(|| format!("cannot write `{}`", path.display()))
}

/// A certificate of the folder.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    file: String,
    subject: String,
    issuer: String,
    names: Vec<String>,
    days_left: i64,
    problems: Vec<String>,
}

fn show(cluster: &Cluster, dir: &Path, console: &Console) -> Result<Status> {
    let authority = shown(&dir.join(CERTIFICATE), None)?;
    let hosts = needing(cluster, &BTreeSet::new())?;
    let hosts = hosts.into_iter().map(|host| shown(&dir.join(format!("{}.pem", host.name)), Some(host)));
    let all: Vec<_> = std::iter::once(Ok(authority)).chain(hosts).collect::<Result<_>>()?;
    if console.is_json() {
        console.json(&all)?;
    } else {
        console.print(&all.iter().fold(String::new(), |text, one| text + &drawn(one)))?;
    }
    Ok(if all.iter().all(|one| one.problems.is_empty()) { Status::Good } else { Status::Problems })
}

fn shown(path: &Path, host: Option<&Host>) -> Result<Shown> {
    let file = path.display().to_string();
    let text = match fs_err::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let missing = vec!["is not there: `kafnix pki issue` makes it".to_owned()];
            let none = String::new;
            return Ok(Shown {
                file,
                subject: none(),
                issuer: none(),
                names: Vec::new(),
                days_left: 0,
                problems: missing,
            });
        }
        Err(error) => bail!(error),
    };
    let all = Certificate::read_all(&text).with_context(|| format!("`{file}` cannot be used"))?;
    let first = all.first().context("it holds no certificate")?;
    let days_left = first.days_left(SystemTime::now().into());
    let mut problems = Vec::new();
    if days_left < 0 {
        problems.push("has expired: `kafnix pki issue --renew` makes a new one".to_owned());
    } else if days_left < DAYS_LEFT {
        problems.push(format!("ends in {days_left} days: `kafnix pki issue --renew` makes a new one"));
    }
    if let Some(host) = host {
        let names = host.reached_by();
        let lacks: Vec<_> = first.lacks(&names).into_iter().map(|name| format!("`{name}`")).collect();
        if !lacks.is_empty() {
            problems.push(format!("is not for {}, by which {} is reached", lacks.join(", "), host.name));
        }
    }
    let Certificate { subject, issuer, names, .. } = first.clone();
    Ok(Shown { file, subject, issuer, names, days_left, problems })
}

fn drawn(one: &Shown) -> String {
    let mut text = format!("{}\n", one.file);
    // Writing to a string cannot fail.
    if !one.subject.is_empty() {
        let _ = writeln!(text, "  subject    {}\n  issuer     {}", one.subject, one.issuer);
        if !one.names.is_empty() {
            let _ = writeln!(text, "  names      {}", one.names.join(", "));
        }
        let _ = writeln!(text, "  days left  {}", one.days_left);
    }
    for problem in &one.problems {
        let _ = writeln!(text, "  problem    {problem}");
    }
    text
}
