//! `kafnix turn`

pub(super) mod permit;

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Subcommand;
use kafnix_generator::{Checked, Cluster};
use kafnix_operate::turn::{self, Held, Taken};
use kafnix_protocol::registry::Turn;
use serde_json::{Value, json};

use super::host::{generation, services};
use super::refuse;
use crate::console::{Console, one_line};
use crate::exit::Status;
use crate::input::{Input, LockArg, ReadSpecArg};

/// Show, take or release the turn: the right of one host to restart its servers
///
/// A host takes it by itself before a switch that restarts servers, and gives it back when they are well again. By hand
/// it is taken before `systemctl restart` or a reboot, which nothing guards.
#[derive(Debug, clap::Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Opts {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show which host has the turn, since when
    ///
    /// Ends with 0 where nobody has it, with 1 where somebody does.
    Show(Show),
    /// Take the turn for this host
    ///
    /// `kafnix-generation.service` gives it back when a server of this host, or the host, was restarted and all of its
    /// servers are well.
    Take(Take),
    /// Take the turn away from a host that does not give it back
    Release(Release),
}

#[derive(Debug, clap::Args)]
struct ClusterArgs {
    #[command(flatten)]
    spec: ReadSpecArg,
    #[command(flatten)]
    lock: LockArg,
}

#[derive(Debug, clap::Args)]
struct Show {
    #[command(flatten)]
    cluster: ClusterArgs,
}

#[derive(Debug, clap::Args)]
struct Take {
    /// Why: others see it
    #[arg(long, value_name = "WHY")]
    reason: String,
    /// Let the next switch of this host pass whatever it does to quorum and min ISR, and whoever has the turn
    #[arg(long, conflicts_with_all = ["spec", "lock"])]
    force: bool,
    #[command(flatten)]
    cluster: ClusterArgs,
}

#[derive(Debug, clap::Args)]
struct Release {
    /// The host that has it
    #[arg(value_name = "HOST")]
    host: String,
    #[command(flatten)]
    cluster: ClusterArgs,
}

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    match &opts.what {
        What::Show(show) => shown(show, console),
        What::Take(take) => taken(take, console),
        What::Release(release) => released(release, console),
    }
}

impl ClusterArgs {
    fn read(&self, console: &Console) -> Result<Option<Cluster>> {
        let input = Input::with_ids(&self.spec.path(console), &self.lock)?;
        let Checked { cluster, problems, .. } = input.check(&[]);
        if cluster.is_none() {
            refuse(problems, &input, console)?;
        }
        Ok(cluster)
    }
}

fn shown(show: &Show, console: &Console) -> Result<Status> {
    let Some(cluster) = show.cluster.read(console)? else { return Ok(Status::Fault) };
    let held = turn::ask(&cluster)?;
    if console.is_json() {
        console.json(&held)?;
    } else if held.is_empty() {
        console.print("nobody has the turn\n")?;
    } else {
        console.print(&all(&held))?;
    }
    Ok(if held.is_empty() { Status::Good } else { Status::Problems })
}

/// A host that has both turns is told once.
fn all(held: &[Held]) -> String {
    let mut hosts = held.to_vec();
    hosts.dedup_by(|one, other| one.turn.host == other.turn.host);
    hosts.iter().map(|held| one_line(&held.to_string()).into_owned()).fold(
        String::new(),
        |mut text, sentence| {
            let _ = writeln!(text, "{sentence}");
            text
        },
    )
}

fn taken(take: &Take, console: &Console) -> Result<Status> {
    ensure!(!take.reason.trim().is_empty(), "`--reason` says nothing: write why");
    let generation::Configured { host: name, services: configured, .. } =
        generation::read(Path::new(generation::FILE))
            .context("the turn is taken on the host that restarts its servers")?;
    if take.force {
        permit::give(&take.reason)?;
        return said(&json!({ "permitted": name }), &format!("the next switch of {name} passes\n"), console);
    }
    let Some(cluster) = take.cluster.read(console)? else { return Ok(Status::Fault) };
    let Some(host) = cluster.host(&name) else { bail!("the spec has no host `{name}`") };
    let (boot, reason) = (super::guard::boot(), Some(take.reason.clone()));
    let runs = services::runs(configured.keys())?;
    let turn = Turn { host: name.clone(), boot, reason, runs, ..Turn::default() };
    match turn::take_now(&cluster, host, &turn)? {
        Taken::Yes { .. } => said(&json!({ "taken": name }), &format!("{name} has the turn\n"), console),
        Taken::HeldBy(held) => {
            said(&json!({ "held": held }), &format!("{}\n", one_line(&held.to_string())), console)?;
            Ok(Status::Problems)
        }
    }
}

fn released(release: &Release, console: &Console) -> Result<Status> {
    let Some(cluster) = release.cluster.read(console)? else { return Ok(Status::Fault) };
    let name = &release.host;
    if turn::release(&cluster, name)? {
        let text = format!("{} no longer has the turn\n", one_line(name));
        return said(&json!({ "released": name }), &text, console);
    }
    let held = turn::ask(&cluster)?;
    let who = if held.is_empty() { "nobody has it\n".to_owned() } else { all(&held) };
    said(&json!({ "held": held }), &format!("{} does not have the turn: {who}", one_line(name)), console)?;
    Ok(Status::Problems)
}

fn said(json: &Value, text: &str, console: &Console) -> Result<Status> {
    if console.is_json() {
        console.json(json)?;
    } else {
        console.print(text)?;
    }
    Ok(Status::Good)
}
