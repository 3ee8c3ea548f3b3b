//! `kafnix local status`, `stop` and `down`: what needs no spec, only what is remembered.

use anyhow::Result;
use clap::builder::styling::Style;
use kafnix_generator::spec::Address;
use kafnix_live::local::{self, Folder, Selection};
use serde::Serialize;

use super::Role;
use super::home::{Which, has_host};
use crate::commands::show::table;
use crate::console::Console;
use crate::exit::Status;
use crate::progress::Shown;

/// Tell how each server fares
///
/// As JSON: an array of objects with host, role, id, address, launcher and java (process ids), phase
/// (waiting, starting, serving, stopping, ended), ready, status and exit.
#[derive(Debug, clap::Args)]
pub(super) struct StatusOpts {
    #[command(flatten)]
    which: Which,
}

/// End the servers of one host, and return when they have ended
#[derive(Debug, clap::Args)]
pub(super) struct StopOpts {
    /// A host of the spec
    #[arg(value_name = "HOST")]
    host: String,
    #[command(flatten)]
    which: Which,
    /// Only this one of its servers
    #[arg(long, value_name = "ROLE")]
    role: Option<Role>,
    /// End them by SIGKILL, as a crash does
    #[arg(long)]
    kill: bool,
}

/// End all servers, and return when they have ended
#[derive(Debug, clap::Args)]
pub(super) struct DownOpts {
    #[command(flatten)]
    which: Which,
    /// Remove the cluster with all its data
    #[arg(long)]
    wipe: bool,
}

#[derive(Serialize)]
struct Row<'a> {
    host: &'a str,
    role: &'static str,
    id: i64,
    address: Address,
    #[serde(flatten)]
    status: local::Status,
}

pub(super) fn status(opts: &StatusOpts, console: &Console) -> Result<Status> {
    let Some(folder) = opts.which.find()? else {
        if console.is_json() {
            console.json(&[(); 0])?;
        } else {
            console.note("there is no local cluster of this spec: `kafnix local up` makes one");
        }
        return Ok(Status::Good);
    };
    print(&folder, console)
}

/// The servers of a cluster, one a line.
pub(super) fn print(folder: &Folder, console: &Console) -> Result<Status> {
    let rows: Vec<_> = folder
        .servers()
        .map(|(member, server)| Row {
            host: &member.host,
            role: member.role.key(),
            id: member.id,
            address: member.address,
            status: server.status(),
        })
        .collect();
    if console.is_json() {
        console.json(&rows)?;
        return Ok(Status::Good);
    }
    let head = ["HOST", "ROLE", "ID", "ADDRESS", "PID", "PHASE", "STATUS"].map(str::to_owned);
    let cells = rows.iter().map(|row| {
        let phase = format!("{:?}", row.status.phase).to_ascii_lowercase();
        [
            row.host.to_owned(),
            row.role.to_owned(),
            row.id.to_string(),
            row.address.to_string(),
            row.status.java.or(row.status.launcher).map_or_else(|| "-".to_owned(), |pid| pid.to_string()),
            phase,
            row.status.status.clone(),
        ]
    });
    let table: Vec<_> = std::iter::once(head).chain(cells).collect();
    let mut text = String::new();
    table::rows(&table, Style::new(), console.out, &mut text);
    console.print(&text)?;
    Ok(Status::Good)
}

pub(super) fn stop(opts: &StopOpts, console: &Console) -> Result<Status> {
    let folder = opts.which.get()?;
    has_host(&folder, &opts.host)?;
    let progress = Shown::on(console);
    let selection = Selection { host: Some(&opts.host), role: opts.role.map(Into::into) };
    let done = local::stop(&folder, selection, opts.kill, &progress);
    progress.clear();
    done.map(|()| Status::Good)
}

pub(super) fn down(opts: &DownOpts, console: &Console) -> Result<Status> {
    let Some(folder) = opts.which.find()? else {
        console.note("there is no local cluster of this spec, so nothing runs");
        return Ok(Status::Good);
    };
    let progress = Shown::on(console);
    let done = if opts.wipe {
        local::wipe(&folder, &progress)
    } else {
        local::stop(&folder, Selection::default(), false, &progress)
    };
    progress.clear();
    done.map(|()| Status::Good)
}
