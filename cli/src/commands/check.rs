//! `kafnix check`

use std::path::Path;

use anyhow::Result;
use kafnix_generator::Problem;

use crate::console::Console;
use crate::exit::Status;
use crate::input::{HOST_SPEC, Input, LockArg, ReadSpecArg};
use crate::render::{render, summary};
use crate::wrap::wrapped;

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
    let path = opts.spec.path(console);
    let input = Input::read(&path, &opts.lock)?;
    // A host has the spec without what lies beside it.
    let checked = if path == Path::new(HOST_SPEC) { input.check(&[]) } else { input.check_with_files(&[]) };
    let problems = checked.problems;
    if let Some(said) = input.lost_lock() {
        console.note(&said);
    }
    if console.is_json() {
        console.json(&problems)?;
    } else {
        let drawn = render(&problems, &input, console.out);
        console.print(&format!("{drawn}{}\n", wrapped(&summary(&problems), 2, console.out)))?;
    }
    Ok(if problems.iter().any(Problem::is_error) { Status::Problems } else { Status::Good })
}
