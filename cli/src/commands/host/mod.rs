//! `kafnix host`: what the services of a host run that kafnix has configured.

pub(super) mod generation;
mod log;
mod publish;
pub(super) mod services;
mod switch;
mod tls;
mod topics;

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use kafnix_generator::{Checked, Cluster, Problem};
use kafnix_operate::publish::generation_of;
use kafnix_protocol::registry::Generation;

use super::tell;
use crate::console::Console;
use crate::exit::Status;
use crate::input::{HOST_SPEC, Input, LockArg};
use generation::Configured;
use log::{Log, status};

/// Do what the services of a host do that kafnix has configured
///
/// `kafnix-generation.service` runs `publish`, `kafnix-topics.service` `create-topics`, `kafnix-tls.service` `tls`.
/// People need none of this. Exit status: 0 where it is done. 78 where the spec has errors, with which it is in vain to
/// start again. 2 where something else failed.
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
    Tls(tls::Opts),
}

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    let log = Log::on(console);
    let known = |host: &ThisHost, run: &dyn Fn(&Known) -> Result<Status>| match host.known(console)? {
        Some(known) => run(&known),
        None => Ok(Status::Refused),
    };
    let done = match &opts.what {
        What::Publish(opts) => known(&opts.host, &|known| publish::run(known, &log)),
        What::CreateTopics(opts) => known(&opts.host, &|known| topics::run(opts, known, &log)),
        What::Tls(opts) => tls::run(opts, &log),
    };
    if let Err(error) = &done {
        status(&format!("failed: {error:#}"));
    }
    done
}

/// Where it stands what this host is.
#[derive(Debug, clap::Args)]
struct ThisHost {
    /// The cluster spec that this host was configured from
    #[arg(value_name = "SPEC", default_value = HOST_SPEC, value_hint = clap::ValueHint::FilePath)]
    spec: PathBuf,
    #[command(flatten)]
    lock: LockArg,
    /// What the host was configured with
    #[arg(long, value_name = "FILE", default_value = generation::FILE)]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    generation: PathBuf,
}

/// A host with the cluster that it belongs to.
struct Known {
    cluster: Cluster,
    configured: Configured,
}

impl ThisHost {
    /// Nothing where the spec has errors, which have been told.
    fn known(&self, console: &Console) -> Result<Option<Known>> {
        let input = Input::with_ids(&self.spec, &self.lock)?;
        let Checked { cluster, mut problems, .. } = input.check(&[]);
        let Some(cluster) = cluster else {
            problems.retain(Problem::is_error);
            tell(&problems, &input, console);
            status(&format!("{}: `kafnix check` tells them", input.has_errors(&problems)));
            return Ok(None);
        };
        Ok(Some(Known { cluster, configured: generation::read(&self.generation)? }))
    }
}

impl Known {
    fn generation(&self) -> Generation {
        generation_of(&self.cluster, self.configured.generated.clone())
    }
}
