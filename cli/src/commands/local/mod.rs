//! `kafnix local`: the cluster of the spec as processes on this machine.

pub(crate) mod home;
mod logs;
mod running;
pub(super) mod setup;
mod show;
mod up;

use anyhow::Result;
use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use kafnix_generator::role::Role;

use crate::console::Console;
use crate::exit::Status;

/// Run the cluster of the spec on this machine
///
/// The servers of each host run as processes on a loopback address of their own, with the files and the flags that the
/// host gets; `kafnix local show` prints what differs. They run until `down` or `stop`.
#[derive(Debug, clap::Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Opts {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Up(up::UpOpts),
    Start(up::StartOpts),
    Status(running::StatusOpts),
    Logs(logs::Opts),
    Stop(running::StopOpts),
    Down(running::DownOpts),
    Show(show::Opts),
}

/// A role by its key.
pub(super) fn role() -> impl TypedValueParser<Value = Role> {
    let with_key = |key: String| Role::ALL.into_iter().find(|role| role.key() == key).ok_or("not a role");
    PossibleValuesParser::new(Role::ALL.map(Role::key)).try_map(with_key)
}

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    match &opts.what {
        What::Up(opts) => up::up(opts, console),
        What::Start(opts) => up::start(opts, console),
        What::Status(opts) => running::status(opts, console),
        What::Logs(opts) => logs::run(opts, console),
        What::Stop(opts) => running::stop(opts, console),
        What::Down(opts) => running::down(opts, console),
        What::Show(opts) => show::run(opts, console),
    }
}
