//! `kafnix local show`

use std::fmt::Write as _;

use anyhow::Result;
use clap::builder::styling::Style;
use kafnix_generator::Checked;
use kafnix_local::cluster::{self as local, Folder, HostShown};

use super::home;
use crate::accept::AcceptArg;
use crate::commands::refuse;
use crate::commands::show::table;
use crate::console::{Console, Paint};
use crate::exit::Status;
use crate::input::{Input, LockArg, SpecArg};

/// Show where the cluster on this machine differs from the one of the spec
#[derive(Debug, clap::Args)]
pub(super) struct Opts {
    #[command(flatten)]
    spec: SpecArg,
    #[command(flatten)]
    lock: LockArg,
    #[command(flatten)]
    accept: AcceptArg,
}

pub(super) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    let input = Input::with_ids(&opts.spec.spec, &opts.lock)?;
    let Checked { cluster, problems, .. } = home::check(&input, &opts.accept, "kafnix local show", console)?;
    let Some(cluster) = cluster else {
        refuse(problems, &input, console)?;
        return Ok(Status::Problems);
    };
    let spec = home::canonical(&opts.spec.spec);
    let folder = Folder::of(&home::state()?, &spec, &cluster, None)?;
    let shown = local::show(&cluster, &folder);
    if console.is_json() {
        console.json(&shown)?;
        return Ok(Status::Good);
    }
    let mut text = String::new();
    for (name, host) in &shown.hosts {
        let managed = if host.managed { "" } else { " (of another system; here it runs as well)" };
        table::head(&format!("{name}{managed}"), console.out, &mut text);
        of_host(host, console.out, &mut text);
    }
    console.print(&text)?;
    Ok(Status::Good)
}

fn of_host(host: &HostShown, paint: Paint, text: &mut String) {
    let row = |what: &str, from: String, to: &str| [what.to_owned(), from, format!("→ {to}")];
    let addresses = host.addresses.iter();
    let addresses = addresses.map(|(from, to)| row("address", from.to_string(), &to.to_string()));
    let directories = host.directories.iter().map(|(from, to)| row("directory", from.clone(), to));
    table::rows(&addresses.chain(directories).collect::<Vec<_>>(), Style::new(), paint, text);
    for (role, server) in &host.servers {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{} and flags of its JVM:", role.config_file());
        let missing = || "(not set)".to_owned();
        let rows: Vec<_> = server
            .differences
            .iter()
            .map(|difference| {
                let spec = difference.spec.clone().unwrap_or_else(missing);
                let here = difference.here.clone().unwrap_or_else(missing);
                [format!("  {}", difference.key), spec, format!("→ {here}")]
            })
            .collect();
        table::rows(&rows, Style::new(), paint, text);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kafnix_generator::role::Role;
    use kafnix_local::cluster::{Difference, ServerShown};

    use super::*;

    fn host() -> HostShown {
        let servers = ServerShown {
            differences: vec![Difference {
                key: "log.dirs".to_owned(),
                spec: Some("/data/kafka/logs".to_owned()),
                here: Some("/home/a-user/.local/state/kafnix/peter-kafka/kafka01/data/kafka/logs".to_owned()),
            }],
        };
        let folder = "/home/a-user/.local/state/kafnix/peter-kafka/kafka01/data/zookeeper";
        HostShown {
            managed: true,
            addresses: BTreeMap::from([("10.0.0.11".parse().unwrap(), "127.0.0.2".parse().unwrap())]),
            directories: BTreeMap::from([("/data/zookeeper".to_owned(), folder.to_owned())]),
            servers: BTreeMap::from([(Role::Broker, servers)]),
        }
    }

    #[test]
    fn what_is_wider_than_a_terminal_goes_on_below_and_no_word_is_broken() {
        let mut text = String::new();
        of_host(&host(), Paint::NEVER.wide(80), &mut text);
        let lines = "\
address    10.0.0.11        → 127.0.0.2
directory  /data/zookeeper
    → /home/a-user/.local/state/kafnix/peter-kafka/kafka01/data/zookeeper
server.properties and flags of its JVM:
  log.dirs  /data/kafka/logs
    → /home/a-user/.local/state/kafnix/peter-kafka/kafka01/data/kafka/logs
";
        assert_eq!(text, lines);
    }

    #[test]
    fn a_pipe_gets_a_line_for_each_difference() {
        let mut text = String::new();
        of_host(&host(), Paint::NEVER, &mut text);
        assert_eq!(text.lines().count(), 4, "{text}");
    }
}
