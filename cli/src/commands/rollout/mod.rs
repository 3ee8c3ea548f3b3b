//! `kafnix rollout`

mod commands;

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Subcommand, ValueEnum};
use kafnix_generator::Cluster;
use kafnix_generator::cluster::Host;
use kafnix_operate::restart::Policy;
use kafnix_operate::rollout::{self, Plan, Rollout, Targets, Tolerance};
use serde_json::json;

use super::asked::Asked;
use super::seconds;
use crate::console::{Console, one_line};
use crate::exit::Status;
use crate::progress::Shown;

/// Switch the hosts of the cluster one after the other, as the cluster can do without them
///
/// Everything is built before the first host is switched. Before each host the cluster is asked anew: it waits until
/// quorum and min ISR hold without the host, all brokers are registered and in sync, no log directory is offline, no
/// partition is being reassigned, and there is one controller. Hosts with a server that is down come first, the
/// leader's host and the controller's last. A host that runs what was built for it is passed over, so that an
/// interrupted rollout goes on where it ended.
#[derive(Debug, clap::Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Opts {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show which hosts would be switched, in which order, and what holds up the first
    ///
    /// Ends with 0 where every host runs what was built for it, with 1 where one does not.
    Plan(Roll),
    /// Switch every host that does not run what was built for it
    ///
    /// Ends with 0 once every host does, and with 2 where it has stopped before.
    Apply(Apply),
    /// Restart the servers of every host, without a change, or reboot every host
    ///
    /// Before each host it takes the turn for it, which the host gives back when its servers are well. Ends with 0 once
    /// all are restarted, and with 2 where it has stopped before: `--host` names those that are left.
    Restart(Restart),
}

#[derive(Debug, clap::Args)]
struct Common {
    #[command(flatten)]
    asked: Asked,
    /// Only this host; may be given more than once
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// What is to hold while a broker is away
    #[arg(long, value_name = "POLICY", default_value = "min-isr")]
    policy: PolicyArg,
    /// Go on while partitions are being reassigned
    #[arg(long)]
    during_reassignment: bool,
}

#[derive(Debug, clap::Args)]
struct Roll {
    #[command(flatten)]
    common: Common,
    /// Builds the system of a host and prints its path
    #[arg(long, value_name = "COMMAND", default_value = commands::BUILD)]
    build: String,
}

#[derive(Debug, clap::Args)]
struct Apply {
    #[command(flatten)]
    roll: Roll,
    /// Switches a host
    #[arg(long, value_name = "COMMAND", default_value = commands::SWITCH)]
    switch: String,
    #[command(flatten)]
    patience: Patience,
}

#[derive(Debug, clap::Args)]
struct Restart {
    #[command(flatten)]
    common: Common,
    /// Runs a command on a host
    #[arg(long, value_name = "COMMAND", default_value = commands::EXEC)]
    exec: String,
    /// Reboot each host
    #[arg(long)]
    reboot: bool,
    #[command(flatten)]
    patience: Patience,
}

#[derive(Debug, clap::Args)]
struct Patience {
    /// How long to wait while nothing changes of what it waits for
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = seconds)]
    patience: Duration,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PolicyArg {
    /// No partition falls below its `min.insync.replicas`
    MinIsr,
    /// The same, and no partition is under-replicated before
    NoUrp,
}

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    match &opts.what {
        What::Plan(roll) => plan(roll, console),
        What::Apply(apply) => self::apply(apply, console),
        What::Restart(restart) => self::restart(restart, console),
    }
}

impl Common {
    /// The hosts that are rolled.
    fn hosts<'a>(&self, cluster: &'a Cluster) -> Result<Vec<&'a Host>> {
        if let Some(unknown) = self.hosts.iter().find(|name| cluster.host(name).is_none()) {
            bail!("the spec has no host `{}`", one_line(unknown));
        }
        let is_rolled =
            |host: &&Host| host.managed.value && (self.hosts.is_empty() || self.hosts.contains(&host.name));
        Ok(cluster.hosts.iter().filter(is_rolled).collect())
    }

    fn rollout<'a>(
        &self,
        cluster: &'a Cluster,
        patience: Duration,
        act: &'a dyn Fn(&Host) -> Result<()>,
        progress: &'a Shown<'_>,
    ) -> Rollout<'a> {
        let policy = match self.policy {
            PolicyArg::MinIsr => Policy::MinIsr,
            PolicyArg::NoUrp => Policy::NoUrp,
        };
        let tolerance = Tolerance {
            policy,
            during_reassignment: self.during_reassignment,
            restarts_what_starts: !self.hosts.is_empty(),
        };
        Rollout { cluster, options: self.asked.options(), tolerance, patience, act, progress }
    }
}

impl Roll {
    /// What was built for each host that is rolled.
    fn targets(&self, cluster: &Cluster, console: &Console) -> Result<Targets> {
        let mut targets = Targets::new();
        for host in self.common.hosts(cluster)? {
            console.note(&format!("{}: building", host.name));
            targets.insert(host.name.clone(), commands::build(&self.build, cluster, host)?);
        }
        Ok(targets)
    }
}

fn plan(roll: &Roll, console: &Console) -> Result<Status> {
    let asked = &roll.common.asked;
    let Some(cluster) = asked.cluster("kafnix rollout plan", console)? else { return Ok(Status::Fault) };
    let targets = roll.targets(&cluster, console)?;
    let progress = Shown::on(console);
    let planned = roll.common.rollout(&cluster, Duration::ZERO, &|_| Ok(()), &progress).plan(&targets);
    progress.clear();
    let planned = planned?;
    if console.is_json() {
        console.json(&planned)?;
    } else {
        console.print(&text(&planned))?;
    }
    Ok(if planned.pending.is_empty() { Status::Good } else { Status::Problems })
}

fn text(plan: &Plan) -> String {
    let mut text = String::new();
    if plan.pending.is_empty() {
        return "every host runs what was built for it\n".to_owned();
    }
    // Writing to a string cannot fail.
    for (place, next) in plan.pending.iter().enumerate() {
        let _ = writeln!(text, "{}. {}: {}", place + 1, next.host, rollout::sentence(next));
    }
    for why in &plan.now.refusals {
        let _ = writeln!(text, "now it waits: {}", one_line(why));
    }
    for warning in &plan.now.warnings {
        let _ = writeln!(text, "note: {}", one_line(warning));
    }
    text
}

fn apply(apply: &Apply, console: &Console) -> Result<Status> {
    let common = &apply.roll.common;
    let Some(cluster) = common.asked.cluster("kafnix rollout apply", console)? else {
        return Ok(Status::Fault);
    };
    let targets = apply.roll.targets(&cluster, console)?;
    let progress = Shown::on(console);
    let switch = |host: &Host| {
        progress.clear();
        commands::switch(&apply.switch, &cluster, host)
    };
    let done = common.rollout(&cluster, apply.patience.patience, &switch, &progress).apply(&targets);
    progress.clear();
    report("switched", "every host runs what was built for it", &done?, console)
}

fn restart(restart: &Restart, console: &Console) -> Result<Status> {
    let common = &restart.common;
    let Some(cluster) = common.asked.cluster("kafnix rollout restart", console)? else {
        return Ok(Status::Fault);
    };
    let hosts = common.hosts(&cluster)?.into_iter().map(|host| host.name.clone()).collect();
    let progress = Shown::on(console);
    let again = |host: &Host| {
        progress.clear();
        commands::restart(&restart.exec, &cluster, host, restart.reboot)
    };
    let done = common.rollout(&cluster, restart.patience.patience, &again, &progress).restart(&hosts);
    progress.clear();
    report("restarted", "there is no host to restart", &done?, console)
}

fn report(what: &str, nothing: &str, done: &[String], console: &Console) -> Result<Status> {
    if console.is_json() {
        console.json(&json!({ what: done }))?;
    } else if done.is_empty() {
        console.print(&format!("{nothing}\n"))?;
    } else {
        console.print(&format!("{what}, one after the other: {}\n", done.join(", ")))?;
    }
    Ok(Status::Good)
}
