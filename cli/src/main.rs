//! The command line of kafnix: the only place that reads arguments, reads and writes the tree, and
//! prints. It decides nothing about clusters; that is the generator's.

mod commands;
mod console;
mod wrap;
mod render;
mod exit;
mod fold;
mod git;
mod impact;
mod input;
mod accept;
mod jars;
mod locate;
mod mask;
#[cfg(test)]
mod fuzz;
#[cfg(feature = "live")]
mod progress;
mod tree;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[cfg(feature = "live")]
use commands::{apply, guard, host, local, pki, plan, rollout, turn, verify};
use commands::{check, completions, diff, explain, generate, init, man, schema, show};
use console::{Color, Console, Format};
use exit::Status;

/// One cluster spec becomes the NixOS configuration of a ZooKeeper ensemble and its Kafka brokers.
#[derive(Debug, Parser)]
#[command(name = "kafnix", version, max_term_width = 100, subcommand_required = true)]
#[command(after_help = format!("Exit status: {}", exit::MEANING))]
#[command(after_long_help = format!("Exit status: {}\n\nJSON: {}", exit::MEANING, console::JSON))]
struct Opts {
    /// How results and problems are printed (`kafnix help` describes the JSON)
    #[arg(long, global = true, value_name = "FORMAT", default_value = "human", display_order = 100)]
    message_format: Format,

    /// When to colour; `auto` colours on a terminal and obeys `NO_COLOR`
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", display_order = 101)]
    color: Color,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Opts),
    Check(check::Opts),
    Generate(generate::Opts),
    Diff(diff::Opts),
    Show(show::Opts),
    #[cfg(feature = "live")]
    Local(local::Opts),
    #[cfg(feature = "live")]
    Verify(verify::Opts),
    #[cfg(feature = "live")]
    Plan(plan::Opts),
    #[cfg(feature = "live")]
    Apply(apply::Opts),
    #[cfg(feature = "live")]
    Rollout(rollout::Opts),
    #[cfg(feature = "live")]
    Turn(turn::Opts),
    #[cfg(feature = "live")]
    Guard(guard::Opts),
    #[cfg(feature = "live")]
    Pki(pki::Opts),
    #[cfg(feature = "live")]
    Host(host::Opts),
    Explain(explain::Opts),
    Schema(schema::Opts),
    Completions(completions::Opts),
    Man(man::Opts),
}

fn main() -> ExitCode {
    // The servers of a local cluster are started through this very program.
    #[cfg(feature = "live")]
    if std::env::args_os().nth(1).is_some_and(|word| word == "launch") {
        return kafnix_launch::main(&["launch"], std::env::args_os().skip(2));
    }
    let opts = Opts::parse();
    let console = Console::new(opts.message_format, opts.color);
    let status = run(opts.command, &console).unwrap_or_else(|error| {
        console.fault(&error);
        Status::Fault
    });
    status.into()
}

fn run(command: Command, console: &Console) -> Result<Status> {
    match command {
        Command::Init(opts) => init::run(&opts, console),
        Command::Check(opts) => check::run(&opts, console),
        Command::Generate(opts) => generate::run(&opts, console),
        Command::Diff(opts) => diff::run(&opts, console),
        Command::Show(opts) => show::run(&opts, console),
        #[cfg(feature = "live")]
        Command::Local(opts) => local::run(&opts, console),
        #[cfg(feature = "live")]
        Command::Verify(opts) => verify::run(&opts, console),
        #[cfg(feature = "live")]
        Command::Plan(opts) => plan::run(&opts, console),
        #[cfg(feature = "live")]
        Command::Apply(opts) => apply::run(&opts, console),
        #[cfg(feature = "live")]
        Command::Rollout(opts) => rollout::run(&opts, console),
        #[cfg(feature = "live")]
        Command::Turn(opts) => turn::run(&opts, console),
        #[cfg(feature = "live")]
        Command::Guard(opts) => guard::run(&opts, console),
        #[cfg(feature = "live")]
        Command::Pki(opts) => pki::run(&opts, console),
        #[cfg(feature = "live")]
        Command::Host(opts) => host::run(&opts, console),
        Command::Explain(opts) => explain::run(&opts, console),
        Command::Schema(opts) => schema::run(&opts, console),
        Command::Completions(opts) => completions::run(&opts, console),
        Command::Man(opts) => man::run(&opts, console),
    }
}
