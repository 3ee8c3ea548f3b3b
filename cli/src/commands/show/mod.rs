//! `kafnix show`: every stage between the spec and the files can be looked at.

mod cluster;
mod files;
mod firewall;
mod hosts;
mod pins;
pub(crate) mod table;

use anyhow::Result;
use clap::Subcommand;
use kafnix_generator::{Checked, Cluster, Lock};

use super::refuse;
use crate::console::Console;
use crate::exit::Status;
use crate::input::{Input, LockArg, ReadSpecArg};

/// Show what becomes of a spec, from its values to the files, or the pinned releases
#[derive(Debug, clap::Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Opts {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Every value of the cluster and where it comes from
    ///
    /// As JSON each value is an object with `value` and `origin`; docs/spec.md has the grammar of an origin.
    Cluster(Of),
    /// zoo.cfg and server.properties of every host
    Hosts(Of),
    /// The text of every file that `generate` writes
    Files(Of),
    /// Who may reach which port of every host
    Firewall(Of),
    /// The releases that kafnix knows, and what is known of each
    Pins,
}

#[derive(Debug, clap::Args)]
struct Of {
    #[command(flatten)]
    spec: ReadSpecArg,
    #[command(flatten)]
    lock: LockArg,
}

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    match &opts.what {
        What::Cluster(of) => with_cluster(of, console, |cluster, _| cluster::show(cluster, console)),
        What::Hosts(of) => with_cluster(of, console, |cluster, _| hosts::show(cluster, console)),
        What::Files(of) => with_cluster(of, console, |cluster, lock| files::show(cluster, lock, console)),
        What::Firewall(of) => with_cluster(of, console, |cluster, _| firewall::show(cluster, console)),
        What::Pins => pins::show(console).map(|()| Status::Good),
    }
}

/// Warnings are for `check` and `generate` to say; errors leave nothing to show.
fn with_cluster(
    of: &Of,
    console: &Console,
    show: impl FnOnce(&Cluster, Option<&Lock>) -> Result<()>,
) -> Result<Status> {
    let input = Input::with_ids(&of.spec.path(console), &of.lock)?;
    let Checked { cluster, lock, problems, .. } = input.check(&[]);
    if let Some(cluster) = cluster {
        show(&cluster, lock.as_ref())?;
        return Ok(Status::Good);
    }
    refuse(problems, &input, console)?;
    Ok(Status::Problems)
}
