//! `kafnix completions`

use anyhow::Result;
use clap::CommandFactory;
use clap_complete::Shell;

use crate::console::Console;
use crate::exit::Status;

/// Print the completions of a shell
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    let mut script = Vec::new();
    clap_complete::generate(opts.shell, &mut crate::Opts::command(), "kafnix", &mut script);
    console.print(&String::from_utf8_lossy(&script))?;
    Ok(Status::Good)
}
