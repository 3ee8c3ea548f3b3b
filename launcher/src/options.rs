//! The command line, as the units and `kafnix local` write it. All else is read from the file that
//! the server itself reads.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// The main process of a ZooKeeper or Kafka unit: starts the JVM and says when it serves
#[derive(Debug, Parser)]
#[command(name = "kafnix-launch", version)]
pub struct Options {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a ZooKeeper server
    #[command(name = "zookeeper")]
    ZooKeeper(ZooKeeper),
    /// Run a Kafka broker
    Kafka(Kafka),
    /// Become the JVM that dies with its parent
    #[command(hide = true)]
    Child(Child),
}

#[derive(Args, Debug)]
pub struct ZooKeeper {
    /// The cluster that this server belongs to
    #[arg(long, value_name = "NAME")]
    pub cluster: String,
    /// This server's id, its `myid`
    #[arg(long, value_name = "N")]
    pub id: i64,
    /// The release of ZooKeeper
    #[arg(long, value_name = "VERSION")]
    pub release: Release,
    /// Whether the ensemble is still to form, or holds data that this server must not vote without
    #[arg(long)]
    pub state: State,
    /// Where clients find each member
    #[arg(long, value_name = "HOST:PORT,…", value_delimiter = ',', required = true)]
    pub ensemble: Vec<String>,
    /// The server's zoo.cfg
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// A directory that is not on the data disks, for what the launcher remembers
    #[arg(long, value_name = "DIR")]
    pub memory: PathBuf,
    /// Where to keep a JSON object that says how the server health
    #[arg(long, value_name = "FILE")]
    pub status_file: Option<PathBuf>,
    /// The JVM with all its arguments
    #[arg(last = true, required = true)]
    pub java: Vec<OsString>,
}

#[derive(Args, Debug)]
pub struct Kafka {
    /// The cluster that this broker belongs to
    #[arg(long, value_name = "NAME")]
    pub cluster: String,
    /// The id that Kafka gives the cluster, where it is not for Kafka to make one
    #[arg(long, value_name = "ID")]
    pub cluster_id: Option<String>,
    /// The broker's server.properties
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Where to keep a JSON object that says how the broker health
    #[arg(long, value_name = "FILE")]
    pub status_file: Option<PathBuf>,
    /// The JVM with all its arguments
    #[arg(last = true, required = true)]
    pub java: Vec<OsString>,
}

#[derive(Args, Debug)]
pub struct Child {
    /// The launcher that started this process
    pub parent: u32,
    #[arg(last = true, required = true)]
    pub java: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum State {
    New,
    Existing,
}

/// The first two numbers of a version, which decide how a server behaves.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Release(pub u32, pub u32);

impl FromStr for Release {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut numbers = text.split('.').map(|part| part.parse().ok());
        let mut number = || numbers.next().flatten();
        let (major, minor) = (number(), number());
        major.zip(minor).map(|(major, minor)| Self(major, minor)).context("give a version such as 3.9.5")
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Options::command().debug_assert();
    }

    #[test]
    fn releases_are_ordered_by_number() {
        let release = |text: &str| text.parse::<Release>();
        assert!(release("3.10.1").unwrap() > release("3.9.5").unwrap());
        assert_eq!(release("3.6").unwrap(), Release(3, 6));
        assert!(release("3").is_err() && release("3.x").is_err());
    }

    #[test]
    fn the_arguments_of_the_jvm_are_taken_as_they_are() {
        let line = "kafnix-launch kafka --cluster c --config f -- java -Xmx1g --help -- x";
        let options = Options::try_parse_from(line.split(' ')).unwrap();
        let Command::Kafka(kafka) = options.command else { panic!() };
        assert_eq!(kafka.java, ["java", "-Xmx1g", "--help", "--", "x"]);
    }
}
