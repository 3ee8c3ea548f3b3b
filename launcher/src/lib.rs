//! The life of one server: waits for what it needs, starts the JVM, says when it serves, passes on
//! signals and ends in time. It decides nothing about the topology: it is told.

mod options;
mod jvm;
mod properties;
mod files;
mod ownership;
mod notify;
mod exit;
mod events;
mod journal;
mod child;
mod signals;
mod supervise;
mod addresses;
mod stores;
mod probe;
mod ensemble;
mod zookeeper;
mod kafka;
mod class_data;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;

use exit::Exit;
pub use jvm::has_class_data;
use notify::StatusReporter;
use options::{Command, Options, Server};

/// Runs the launcher. `arguments` are those behind the program's name; `this` are the words that start
/// the launcher again, where it is a part of another program.
pub fn main(this: &[&str], arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let options = match parse(arguments) {
        Ok(options) => options,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    if let Command::Run(server) = &options.command {
        notify::with_time(server.jvm().log_time);
    }
    let status = match options.command {
        Command::Child(options) => child::become_java(&options),
        Command::Run(Server::ZooKeeper(options)) => {
            tell(options.status_file.clone(), |reporter| zookeeper::run(this, &options, reporter))
        }
        Command::Run(Server::Kafka(options)) => {
            tell(options.status_file.clone(), |reporter| kafka::run(this, &options, reporter))
        }
        Command::Print(server) => {
            let words = server.java().words;
            words.iter().try_for_each(|word| writeln!(std::io::stdout(), "{word}")).map_or(1, |()| 0)
        }
        Command::ClassData(options) => match class_data::make(this, &options) {
            Ok(()) => 0,
            Err(error) => {
                notify::error(&format!("{error:#}"));
                1
            }
        },
    };
    ExitCode::from(status)
}

fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Options, clap::Error> {
    Options::try_parse_from(std::iter::once(OsString::from("kafnix-launch")).chain(arguments))
}

/// The command line of the JVM that a launcher with these arguments starts.
pub fn java_command(arguments: &[String]) -> Result<Vec<String>> {
    match parse(arguments.iter().map(OsString::from))?.command {
        Command::Run(server) => Ok(server.java().words),
        _ => anyhow::bail!("`{}` starts no server", arguments.join(" ")),
    }
}

/// Lives a server's life and says how it ended.
fn tell(status_file: Option<PathBuf>, life: impl FnOnce(&StatusReporter) -> Result<u8>) -> u8 {
    let reporter = StatusReporter::new(status_file);
    let (status, sentence) = match life(&reporter) {
        Ok(status) => (status, format!("ended with status {status}")),
        Err(error) => {
            let sentence = format!("{error:#}");
            notify::error(&sentence);
            (error.downcast_ref::<Exit>().map_or(1, |ended| ended.status), sentence)
        }
    };
    reporter.ended(status, &sentence);
    status
}

/// One thread is enough for what a launcher does, and the JVM must be the child of the main thread:
/// the kernel sends the signal of a parent's death when the thread ends that started the child.
fn runtime() -> Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().context("cannot make the launcher's event loop")
}
