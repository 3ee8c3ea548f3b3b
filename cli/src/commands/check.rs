//! `kafnix check`

use anyhow::Result;
use kafnix_generator::Problem;

use crate::console::Console;
use crate::exit::Status;
use crate::input::{Input, LockArg, ReadSpecArg};
use crate::render::{render, summary};

/// Report everything that is wrong with a spec
///
/// Errors keep the cluster from being generated (exit status 1); warnings do not (0). `kafnix explain
/// CODE` tells more about each.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    #[command(flatten)]
    spec: ReadSpecArg,
    #[command(flatten)]
    lock: LockArg,
}

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    let input = Input::read(&opts.spec.path(console), &opts.lock)?;
    let problems = input.check_with_files(&[]).problems;
    if let Some(said) = input.lost_lock() {
        console.note(&said);
    }
    if console.is_json() {
        console.json(&problems)?;
    } else {
        let drawn = render(&problems, &input, console.out);
        console.print(&format!("{drawn}{}\n", summary(&problems)))?;
    }
    Ok(if problems.iter().any(Problem::is_error) { Status::Problems } else { Status::Good })
}
