//! `kafnix local logs`

use std::fmt::Write as _;
use std::thread::sleep;
use std::time::Duration;

use anyhow::Result;
use kafnix_generator::role::Role;
use kafnix_local::cluster::Selection;
use kafnix_local::cluster::logs::{Line, Logs, time};

use super::home::{WhichOf, has};
use crate::console::{Console, one_line};
use crate::exit::Status;

const POLL: Duration = Duration::from_millis(200);

/// Print what servers have written, ordered by time
///
/// Each line has its time in UTC, the host, the role, and what was written. A line without a time of its own, such as
/// one of a stack trace, stays with the line that it follows.
#[derive(Debug, clap::Args)]
pub(super) struct Opts {
    /// Hosts of the spec [default: all]
    #[arg(value_name = "HOST")]
    hosts: Vec<String>,
    #[command(flatten)]
    which: WhichOf,
    /// Go on and print what they write from now on
    #[arg(short, long)]
    follow: bool,
    /// Print only so many of the last lines
    #[arg(short = 'n', long, value_name = "NUMBER")]
    lines: Option<usize>,
    /// Only the servers of this role
    #[arg(long, value_name = "ROLE", value_parser = super::role())]
    role: Option<Role>,
}

pub(super) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    let folder = opts.which.get()?;
    let selection = Selection { hosts: &opts.hosts, role: opts.role };
    has(&folder, selection)?;
    let servers = folder.servers().map(|(_, server)| server);
    let servers: Vec<_> = servers.filter(|server| selection.takes(&server.host, server.role)).collect();
    let width = servers.iter().map(|server| server.name().chars().count()).max().unwrap_or_default();
    let mut logs = Logs::of(&servers);
    let mut lines = logs.more(!opts.follow, true)?;
    lines.drain(..lines.len().saturating_sub(opts.lines.unwrap_or(usize::MAX)));
    loop {
        let is_read = console.print_part(&text(&lines, width))?;
        if !opts.follow {
            return Ok(Status::Good);
        }
        // A server that writes nothing must not keep this from its end.
        if !is_read || !console.is_read() {
            return Ok(Status::Cut);
        }
        sleep(POLL);
        lines = logs.more(false, false)?;
    }
}

fn text(lines: &[Line], width: usize) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        let at = line.at.map(time).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{at:24} {:width$} | {}", line.server, one_line(&line.text));
        text
    })
}
