//! `kafnix rollout`

mod commands;
mod hosts;
mod local;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use kafnix_generator::role::Role;
use kafnix_operate::restart::Policy;
use kafnix_operate::rollout::{self, Plan, Tolerance};
use serde_json::json;

use super::asked::Asked;
use super::seconds;
use crate::console::{Console, one_line};
use crate::exit::Status;

/// Switch the hosts of the cluster one after the other, as the cluster can do without them
///
/// Everything is built before the first host is switched. Before each host the cluster is asked anew: it waits until
/// quorum and min ISR hold without the host, all brokers are registered and in sync, no log directory is offline, no
/// partition is being reassigned, and there is one controller. Hosts with a server that is down come first, the
/// leader's host and the controller's last. A host that runs what was built for it is passed over, so that an
/// interrupted rollout goes on where it ended. With `--local` it is the cluster of `kafnix local`, of which nothing is
/// built and no turn taken: servers that do not run as the spec says are restarted.
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
    /// Take the releases from this folder, as `kafnix local up` does
    #[arg(long, value_name = "DIR", requires = "local", value_hint = clap::ValueHint::DirPath)]
    products: Option<PathBuf>,
    /// Only this host; may be given more than once
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// Only hosts that run this role; a restart takes its servers alone
    #[arg(long, value_name = "ROLE", value_parser = super::local::role())]
    only: Option<Role>,
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
    #[arg(long, value_name = "COMMAND", default_value = commands::BUILD, value_parser = commands::of_a_host,
        conflicts_with = "local")]
    build: String,
}

#[derive(Debug, clap::Args)]
struct Apply {
    #[command(flatten)]
    roll: Roll,
    /// Switches a host
    #[arg(long, value_name = "COMMAND", default_value = commands::SWITCH, value_parser = commands::of_a_host,
        conflicts_with = "local")]
    switch: String,
    /// Runs a command on a host, as 'ssh root@{address} {command}': so it shows what the units say while it waits
    #[arg(long, value_name = "COMMAND", value_parser = commands::on_a_host, conflicts_with = "local")]
    exec: Option<String>,
    #[command(flatten)]
    patience: Patience,
}

#[derive(Debug, clap::Args)]
struct Restart {
    #[command(flatten)]
    common: Common,
    /// Runs a command on a host
    #[arg(long, value_name = "COMMAND", default_value = commands::EXEC, value_parser = commands::on_a_host,
        conflicts_with = "local")]
    exec: String,
    /// Reboot each host
    #[arg(long, conflicts_with_all = ["local", "only"])]
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
    let common = match &opts.what {
        What::Plan(roll) => &roll.common,
        What::Apply(apply) => &apply.roll.common,
        What::Restart(restart) => &restart.common,
    };
    let is_local = common.asked.is_local();
    match &opts.what {
        What::Plan(roll) if is_local => local::plan(roll, console),
        What::Plan(roll) => hosts::plan(roll, console),
        What::Apply(apply) if is_local => local::apply(apply, console),
        What::Apply(apply) => hosts::apply(apply, console),
        What::Restart(restart) if is_local => local::restart(restart, console),
        What::Restart(restart) => hosts::restart(restart, console),
    }
}

impl Common {
    fn tolerance(&self) -> Tolerance {
        let policy = match self.policy {
            PolicyArg::MinIsr => Policy::MinIsr,
            PolicyArg::NoUrp => Policy::NoUrp,
        };
        Tolerance {
            policy,
            during_reassignment: self.during_reassignment,
            restarts_what_starts: !self.hosts.is_empty(),
            absent: BTreeSet::new(),
        }
    }
}

/// Tells a plan; `nothing` where there is nothing in it.
fn show(planned: &Plan, nothing: &str, console: &Console) -> Result<Status> {
    if console.is_json() {
        console.json(planned)?;
    } else if planned.pending.is_empty() {
        console.print(&format!("{nothing}\n"))?;
    } else {
        console.print(&text(planned))?;
    }
    Ok(if planned.pending.is_empty() { Status::Good } else { Status::Problems })
}

fn text(plan: &Plan) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    for (place, next) in plan.pending.iter().enumerate() {
        let _ = writeln!(text, "{}. {}: {}", place + 1, next.host, one_line(&rollout::sentence(next)));
    }
    for why in &plan.now.refusals {
        let _ = writeln!(text, "now it waits: {}", one_line(why));
    }
    for warning in &plan.now.warnings {
        let _ = writeln!(text, "note: {}", one_line(warning));
    }
    text
}

fn report(what: &str, nothing: &str, done: &[String], console: &Console) -> Result<Status> {
    if console.is_json() {
        console.json(&json!({ what: done }))?;
    } else if done.is_empty() {
        console.print(&format!("{nothing}\n"))?;
    } else {
        let order = if done.len() > 1 { ", one after the other" } else { "" };
        console.print(&format!("{what}{order}: {}\n", done.join(", ")))?;
    }
    Ok(Status::Good)
}
