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
use crate::console::Console;
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
        text.push_str(&of_host(host, console));
    }
    console.print(&text)?;
    Ok(Status::Good)
}

fn of_host(host: &HostShown, console: &Console) -> String {
    let arrow = |from: &str, to: &str| format!("{from} → {to}");
    let addresses = host.addresses.iter();
    let addresses = addresses.map(|(from, to)| ("address", arrow(&from.to_string(), &to.to_string())));
    let directories = host.directories.iter().map(|(from, to)| ("directory", arrow(from, to)));
    let mut text = String::new();
    for (what, change) in addresses.chain(directories) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{what:9}  {}", crate::console::one_line(&change));
    }
    for (role, server) in &host.servers {
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
        table::rows(&rows, Style::new(), console.out, &mut text);
    }
    text
}
