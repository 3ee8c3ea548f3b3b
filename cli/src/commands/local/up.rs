//! `kafnix local up` and `start`

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use kafnix_generator::Cluster;
use kafnix_local::cluster::{self as local, Selection, Setup, Started};
use kafnix_operate::apply::{self, Created};
use kafnix_operate::observe::Options;
use kafnix_operate::progress::Progress as _;
use kafnix_operate::verify::{self, Finding, Outcome};

use super::running;
use super::setup::Of;
use crate::accept::AcceptArg;
use crate::console::Console;
use crate::exit::Status;
use crate::input::{LockArg, SpecArg, SpecOption};
use crate::progress::Shown;
use kafnix_generator::role::Role;

/// How long the controller may take to create the topics of the spec.
const TOPICS: Duration = Duration::from_secs(120);

/// A server that does not answer meanwhile is asked again after this.
const ANSWER: Duration = Duration::from_secs(10);

/// Start what does not run, and return when all serve
///
/// Servers that run as the spec says are left alone. Where the spec has changed, those that serve are restarted one
/// host after the other, by the rules of `kafnix rollout`; the rest at once. It returns once every server serves, the
/// topics of the spec are there, and all replicas are in sync.
#[derive(Debug, clap::Args)]
pub(super) struct UpOpts {
    #[command(flatten)]
    spec: SpecArg,
    #[command(flatten)]
    from: From,
}

/// Start the servers of one or more hosts, without waiting until they serve
///
/// A server that runs and whose configuration the spec has changed is restarted; those that serve one host after the
/// other, by the rules of `kafnix rollout`.
#[derive(Debug, clap::Args)]
pub(super) struct StartOpts {
    /// Hosts of the spec
    #[arg(value_name = "HOST", required = true)]
    hosts: Vec<String>,
    #[command(flatten)]
    spec: SpecOption,
    #[command(flatten)]
    from: From,
    /// Only the servers of this role
    #[arg(long, value_name = "ROLE", value_parser = super::role())]
    role: Option<Role>,
}

#[derive(Debug, clap::Args)]
struct From {
    #[command(flatten)]
    lock: LockArg,
    #[command(flatten)]
    accept: AcceptArg,
    /// Take the releases from this folder, laid out as kafka-3.9.2/libs [default: the one that `KAFNIX_PRODUCTS` names]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    products: Option<PathBuf>,
    /// The loopback address of the first host [default: the first that no local cluster has]
    #[arg(long, value_name = "ADDRESS")]
    first_address: Option<Ipv4Addr>,
}

pub(super) fn up(opts: &UpOpts, console: &Console) -> Result<Status> {
    let begun = Instant::now();
    let progress = Shown::on(console);
    let started = opts.from.with_setup(&opts.spec.spec, "up", console, |setup| serve(setup, &progress));
    progress.clear();
    let Some(started) = started? else { return Ok(Status::Problems) };
    if console.is_json() {
        return running::print(&started.folder, console);
    }
    console.print(&summary(&started, begun.elapsed()))?;
    Ok(Status::Good)
}

fn serve(setup: &Setup<'_>, progress: &Shown<'_>) -> Result<Started> {
    let started = setup.up(progress)?;
    if !started.cluster.topics.is_empty() {
        topics(&started.cluster, progress)?;
    }
    local::wait_in_sync(&started.cluster, progress)?;
    Ok(started)
}

/// Creates those that are missing, and says which are otherwise: that is for `kafnix apply`.
fn topics(cluster: &Cluster, progress: &Shown<'_>) -> Result<()> {
    let access = local::access(cluster, ANSWER)?;
    let options = Options { access, local: true, peers: false, patience: Duration::ZERO };
    let Created { topics, snapshot } = apply::create_topics(cluster, &options, TOPICS, progress)?;
    let differing = verify::topics(cluster, &snapshot).into_iter();
    let differing = differing.filter(|finding| finding.outcome == Outcome::Failed);
    for Finding { code, subject, expected, found, .. } in differing.filter(|of| !topics.contains(&of.subject))
    {
        progress.note(&format!(
            "topic `{subject}` is there and not as the spec declares it, and stays as it is: {found} (declared: \
             {expected}); `kafnix apply --local` changes what Kafka can change, and `kafnix verify --local` has more \
             ({code})"
        ));
    }
    Ok(())
}

pub(super) fn start(opts: &StartOpts, console: &Console) -> Result<Status> {
    let progress = Shown::on(console);
    let selection = Selection { hosts: &opts.hosts, role: opts.role };
    let start = |setup: &Setup<'_>| setup.start(selection, &progress);
    let started = opts.from.with_setup(&opts.spec.spec, "start", console, start);
    progress.clear();
    Ok(if started?.is_some() { Status::Good } else { Status::Problems })
}

impl From {
    /// Nothing where the spec has problems, which have been told.
    fn with_setup<T>(
        &self,
        spec: &Path,
        command: &str,
        console: &Console,
        work: impl FnOnce(&Setup<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let Self { lock, accept, products, first_address } = self;
        let of = Of { spec, lock, accept, products: products.as_deref(), first_address: *first_address };
        of.with_setup(&format!("kafnix local {command}"), console, work)
    }
}

/// Where clients find the cluster.
fn summary(started: &Started, took: Duration) -> String {
    let cluster = &started.cluster;
    let (servers, brokers) = (cluster.servers().count(), cluster.brokers().count());
    let listeners = |name: &str| {
        let of_name = cluster.brokers().flat_map(|(_, broker)| &broker.listeners);
        let of_name = of_name.filter(|listener| listener.name == name);
        let addresses = of_name.map(|listener| format!("{}:{}", listener.address.value, listener.port.value));
        addresses.collect::<Vec<_>>().join(",")
    };
    let mut names: Vec<_> = Vec::new();
    for listener in cluster.brokers().flat_map(|(_, broker)| &broker.listeners) {
        if !names.contains(&&listener.name) {
            names.push(&listener.name);
        }
    }
    let mut text = format!(
        "`{}` serves after {:.1} s: ZooKeeper servers: {servers}, brokers: {brokers}\n",
        cluster.name.value,
        took.as_secs_f32()
    );
    // Writing to a string cannot fail.
    let _ = writeln!(text, "  ZooKeeper  {}", cluster.ensemble().connect.value.join(","));
    for name in names {
        let _ = writeln!(text, "  Kafka      {}  ({name})", listeners(name));
    }
    let _ = writeln!(text, "  files      {}", started.folder.path.display());
    text
}
