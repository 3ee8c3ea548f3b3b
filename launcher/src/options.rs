//! The command line, as the units and `kafnix local` write it. All else is read from the file that
//! the server itself reads.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Deserialize;

use crate::jvm::{self, JvmCommand};

/// The main process of a ZooKeeper or Kafka unit: starts the JVM and says when it serves
#[derive(Debug, Parser)]
#[command(name = "kafnix-launch", version)]
pub struct Options {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(flatten)]
    Run(Server),
    /// Print the whole command line of a server's JVM, an argument a line
    #[command(name = "command", subcommand)]
    Print(Server),
    /// Make the class-data archive of a release, in the present folder, which should be empty
    ClassData(ClassData),
    /// Become a program that dies with its parent
    #[command(hide = true)]
    Child(Child),
}

#[derive(Debug, Subcommand)]
pub enum Server {
    /// A ZooKeeper server
    #[command(name = "zookeeper")]
    ZooKeeper(ZooKeeper),
    /// A Kafka broker
    Kafka(Kafka),
}

impl Server {
    pub fn java(&self) -> JvmCommand {
        match self {
            Self::ZooKeeper(options) => options.java(),
            Self::Kafka(options) => options.java(),
        }
    }

    pub fn jvm(&self) -> &Jvm {
        match self {
            Self::ZooKeeper(options) => &options.jvm,
            Self::Kafka(options) => &options.jvm,
        }
    }
}

impl ZooKeeper {
    pub fn java(&self) -> JvmCommand {
        jvm::table().zookeeper.command(&self.jvm, "", &self.system_property)
    }
}

impl Kafka {
    pub fn java(&self) -> JvmCommand {
        jvm::table().kafka.command(&self.jvm, &self.logs, &[])
    }
}

#[derive(Args, Debug)]
pub struct ZooKeeper {
    /// The cluster that this server belongs to
    #[arg(long, value_name = "NAME")]
    pub cluster: String,
    /// This server's id, its `myid`
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..=255))]
    pub id: i64,
    /// Whether the ensemble is still to form, or holds data that this server must not vote without
    #[arg(long)]
    pub state: State,
    /// Where clients find each member
    #[arg(long, value_name = "HOST:PORT,…", value_delimiter = ',', required = true, value_parser = endpoint)]
    pub ensemble: Vec<String>,
    /// A directory that is not on the data disks, for what the launcher remembers
    #[arg(long, value_name = "DIR")]
    pub memory: PathBuf,
    /// A system property that zoo.cfg cannot set
    #[arg(long, value_name = "KEY=VALUE", value_parser = property)]
    pub system_property: Vec<String>,
    /// Where to keep a JSON object that says how healthy the server is
    #[arg(long, value_name = "FILE")]
    pub status_file: Option<PathBuf>,
    #[command(flatten)]
    pub jvm: Jvm,
}

#[derive(Args, Debug)]
pub struct Kafka {
    /// The cluster that this broker belongs to
    #[arg(long, value_name = "NAME")]
    pub cluster: String,
    /// The id that Kafka gives the cluster, where it is not for Kafka to make one
    #[arg(long, value_name = "ID")]
    pub cluster_id: Option<String>,
    /// A directory for the JVM's GC log
    #[arg(long, value_name = "DIR")]
    pub logs: String,
    /// Where to keep a JSON object that says how healthy the broker is
    #[arg(long, value_name = "FILE")]
    pub status_file: Option<PathBuf>,
    #[command(flatten)]
    pub jvm: Jvm,
}

/// What the command line of a JVM is made of.
#[derive(Args, Debug)]
pub struct Jvm {
    /// The release of the server
    #[arg(long, value_name = "VERSION")]
    pub release: Release,
    /// The folder that the release was unpacked into
    #[arg(long, value_name = "DIR")]
    pub install: String,
    /// Jars behind those of the release, as a class path
    #[arg(long, value_name = "CLASSPATH")]
    pub extra_jars: Option<String>,
    /// The settings of the server: its zoo.cfg or server.properties
    #[arg(long, value_name = "FILE")]
    pub config: String,
    /// The program `java`
    #[arg(long, value_name = "FILE")]
    pub java: String,
    /// The major version of the JDK
    #[arg(long, value_name = "MAJOR", value_parser = clap::value_parser!(u16).range(8..))]
    pub jdk: u16,
    /// The size of the heap, from the start on
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub heap: String,
    /// A directory of the server's own for what is gone with it, where files may be executed
    #[arg(long, value_name = "DIR")]
    pub runtime: String,
    /// The argument file of a class-data archive, which holds the class path, too
    #[arg(long, value_name = "FILE")]
    pub class_data: Option<String>,
    /// Begin each line of the log with the time, where no journal has it
    #[arg(long)]
    pub log_time: bool,
    /// Further options of the JVM, behind those that the launcher gives
    #[arg(last = true, value_name = "OPTION")]
    pub options: Vec<String>,
}

#[derive(Args, Debug)]
pub struct ClassData {
    /// The program `java`
    #[arg(long, value_name = "FILE")]
    pub java: String,
    /// The major version of the JDK
    #[arg(long, value_name = "MAJOR", value_parser = clap::value_parser!(u16).range(8..))]
    pub jdk: u16,
    /// A release of ZooKeeper and the folder that it was unpacked into
    #[arg(long, value_name = "VERSION=DIR")]
    pub zookeeper: Installed,
    /// The same of Kafka: the archive is this release's, and the ZooKeeper server only stands beside its broker
    #[arg(long, value_name = "VERSION=DIR")]
    pub kafka: Option<Installed>,
    /// The folder for the archive, `classes.jsa`, and its argument file, `java-arguments`
    #[arg(value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Args, Debug)]
pub struct Child {
    /// The launcher that started this process
    pub parent: u32,
    #[arg(last = true, required = true)]
    pub program: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum State {
    New,
    Existing,
}

/// The first two numbers of a version, which decide how a server behaves.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(try_from = "String")]
pub struct Release(pub u32, pub u32);

#[derive(Clone, Debug)]
pub struct Installed {
    pub release: Release,
    pub folder: String,
}

impl FromStr for Release {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut numbers = text.split('.').map(|part| part.parse().ok());
        let mut number = || numbers.next().flatten();
        let (major, minor) = (number(), number());
        major.zip(minor).map(|(major, minor)| Self(major, minor)).context("give a version such as 3.9.5")
    }
}

impl TryFrom<String> for Release {
    type Error = anyhow::Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl FromStr for Installed {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (release, folder) =
            text.split_once('=').context("give a version and a folder, as in 3.9.5=/opt")?;
        Ok(Self { release: release.parse()?, folder: folder.to_owned() })
    }
}

/// A size as the JVM takes it.
fn size(text: &str) -> Result<String, &'static str> {
    let number =
        text.strip_suffix(['k', 'K', 'm', 'M', 'g', 'G']).and_then(|digits| digits.parse::<u32>().ok());
    let is_size = number.is_some_and(|number| number > 0) && !text.starts_with('+');
    if is_size { Ok(text.to_owned()) } else { Err("give a size such as 512m or 6g") }
}

fn endpoint(text: &str) -> Result<String, &'static str> {
    let port = |port: &str| port.parse().is_ok_and(|port: u16| port > 0);
    let is_endpoint = text.rsplit_once(':').is_some_and(|(host, after)| !host.is_empty() && port(after));
    if is_endpoint { Ok(text.to_owned()) } else { Err("give a host and a port, as in 10.0.0.11:2181") }
}

fn property(text: &str) -> Result<String, &'static str> {
    let is_property = text.split_once('=').is_some_and(|(key, _)| !key.is_empty());
    if is_property {
        Ok(text.to_owned())
    } else {
        Err("give a key and a value, as in jute.maxbuffer=4194304")
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
    fn a_value_that_no_server_could_start_with_is_refused() {
        let line = |heap: &str, jdk: &str, id: &str, ensemble: &str, property: &str| {
            let line = format!(
                "kafnix-launch command zookeeper --cluster c --config f --release 3.9.5 --install i --java j \
                 --runtime r \
                 --memory m --state new --jdk {jdk} --heap {heap} --id {id} --ensemble {ensemble} \
                 --system-property {property}"
            );
            Options::try_parse_from(line.split_whitespace()).is_ok()
        };
        assert!(
            line("6g", "17", "1", "a:2181,[fd00::1]:2181", "a=b=c") && line("1536m", "8", "0", "a:1", "a=")
        );
        for heap in ["6x", "6", "g", "0g", "-1g", "+6g", "6 g", "6gb"] {
            assert!(!line(heap, "17", "1", "a:2181", "a=b"), "{heap}");
        }
        assert!(!line("6g", "7", "1", "a:2181", "a=b") && !line("6g", "17", "256", "a:2181", "a=b"));
        for ensemble in ["a", "a:", ":2181", "a:0", "a:99999", "a:2181,"] {
            assert!(!line("6g", "17", "1", ensemble, "a=b"), "{ensemble}");
        }
        assert!(!line("6g", "17", "1", "a:2181", "ab") && !line("6g", "17", "1", "a:2181", "=b"));
    }

    #[test]
    fn further_options_of_the_jvm_are_taken_as_they_are() {
        let line = "kafnix-launch kafka --cluster=-c --config f --release 3.9.2 --install i --java j --jdk 17 \
                    --heap 1g --runtime r --logs l -- -Xmx1g --help -- x";
        let options = Options::try_parse_from(line.split_whitespace()).unwrap();
        let Command::Run(Server::Kafka(kafka)) = options.command else { panic!() };
        assert_eq!(kafka.cluster, "-c");
        assert_eq!(kafka.jvm.options, ["-Xmx1g", "--help", "--", "x"]);
    }
}
