//! `kafnix man`, for whoever packages kafnix

use anyhow::Result;
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::console::Console;
use crate::exit::{self, Status};

/// Print the man page
#[derive(Debug, clap::Args)]
#[command(hide = true)]
pub(crate) struct Opts {}

pub(crate) fn run(_: &Opts, console: &Console) -> Result<Status> {
    console.print(&String::from_utf8_lossy(&page()?))?;
    Ok(Status::Good)
}

/// One page with every sub-command on it.
fn page() -> Result<Vec<u8>> {
    let mut command = crate::Opts::command();
    command.build();
    let man = Man::new(command.clone());
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    let mut rest = Roff::new();
    rest.control("SH", ["COMMANDS"]);
    add(&command, &mut rest);
    rest.control("SH", ["EXIT STATUS"]).text([roman(exit::MEANING)]);
    rest.control("SH", ["JSON"]).text([roman(crate::console::JSON)]);
    rest.to_writer(&mut text)?;
    Ok(text)
}

fn add(command: &Command, roff: &mut Roff) {
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
        if sub.has_subcommands() {
            add(sub, roff);
            continue;
        }
        let usage = sub.clone().render_usage().to_string();
        roff.control("SS", [usage.trim_start_matches("Usage: ")]);
        let about = sub.get_long_about().or(sub.get_about()).map(ToString::to_string).unwrap_or_default();
        roff.text([roman(about)]);
        for argument in sub.get_arguments().filter(|argument| !argument.is_global_set()) {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            if argument.get_id() != "help" && !argument.is_hide_set() {
                roff.control("TP", []).text([bold(argument.to_string())]).text([roman(help)]);
            }
        }
    }
}
