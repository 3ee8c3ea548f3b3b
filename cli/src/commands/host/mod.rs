//! `kafnix host`: what the services of a host run that kafnix has configured.

mod log;
mod publish;
mod services;
mod topics;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Subcommand;
use kafnix_generator::Cluster;

use super::tell;
use crate::console::Console;
use crate::exit::Status;
use crate::input::{HOST_SPEC, Input, LockArg};

/// Do what the services of a host do that kafnix has configured
///
/// `kafnix-generation.service` runs `publish`, `kafnix-topics.service` `create-topics`. People need none of this.
#[derive(Debug, clap::Args)]
#[command(hide = true, subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Opts {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Publish(publish::Opts),
    CreateTopics(topics::Opts),
}

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    match &opts.what {
        What::Publish(opts) => publish::run(opts, console),
        What::CreateTopics(opts) => topics::run(opts, console),
    }
}

/// The spec of this host.
#[derive(Debug, clap::Args)]
struct HostSpec {
    /// The cluster spec that this host was configured from
    #[arg(value_name = "SPEC", default_value = HOST_SPEC, value_hint = clap::ValueHint::FilePath)]
    spec: PathBuf,
    #[command(flatten)]
    lock: LockArg,
}

impl HostSpec {
    fn cluster(&self, console: &Console) -> Result<Cluster> {
        let input = Input::with_ids(&self.spec, &self.lock)?;
        let checked = input.check(&[]);
        let Some(cluster) = checked.cluster else {
            tell(&checked.problems, &input, console);
            bail!(input.has_errors(&checked.problems));
        };
        Ok(cluster)
    }
}
