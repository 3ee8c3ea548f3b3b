//! `kafnix schema`

use anyhow::Result;
use kafnix_generator::spec;

use crate::console::Console;
use crate::exit::Status;

/// Print the JSON Schema of a spec, for editors
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {}

pub(crate) fn run(_: &Opts, console: &Console) -> Result<Status> {
    console.json(&spec::json_schema())?;
    Ok(Status::Good)
}
