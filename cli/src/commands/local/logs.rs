//! `kafnix local logs`

use std::fmt::Write as _;
use std::thread::sleep;
use std::time::Duration;

use anyhow::Result;
use kafnix_local::cluster::Selection;
use kafnix_local::cluster::logs::Log;

use super::home::{Which, has};
use crate::console::{Console, one_line};
use crate::exit::Status;
use kafnix_generator::role::Role;

const POLL: Duration = Duration::from_millis(200);

/// Print what the servers of a host have written
#[derive(Debug, clap::Args)]
pub(super) struct Opts {
    /// A host of the spec
    #[arg(value_name = "HOST")]
    host: String,
    #[command(flatten)]
    which: Which,
    /// Go on with what they write from now on
    #[arg(short, long)]
    follow: bool,
    /// Only this one of its servers
    #[arg(long, value_name = "ROLE", value_parser = super::role())]
    role: Option<Role>,
}

pub(super) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    let folder = opts.which.get()?;
    has(&folder, &opts.host, opts.role)?;
    let selection = Selection { host: Some(&opts.host), role: opts.role };
    let servers = folder.servers().map(|(_, server)| server);
    let mut logs: Vec<_> = servers
        .filter(|server| selection.takes(&server.host, server.role))
        .map(|server| (server.role.key(), Log::new(server.log())))
        .collect();
    let with_role = logs.len() > 1;
    loop {
        let mut text = String::new();
        for (role, log) in &mut logs {
            for line in log.more(!opts.follow)? {
                if with_role {
                    // Writing to a string cannot fail.
                    let _ = write!(text, "{role:9} | ");
                }
                text.push_str(&one_line(&line));
                text.push('\n');
            }
        }
        let is_read = console.print_part(&text)?;
        if !opts.follow {
            return Ok(Status::Good);
        }
        // A server that writes nothing must not keep this from its end.
        if !is_read || !console.is_read() {
            return Ok(Status::Cut);
        }
        sleep(POLL);
    }
}
