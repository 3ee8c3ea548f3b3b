//! `kafnix local status`, `stop` and `down`: what needs no spec, only what is remembered.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, ensure};
use clap::builder::styling::Style;
use kafnix_generator::spec::Address;
use kafnix_local::cluster::{self as local, Folder, How, Phase, Selection};
use serde::Serialize;

use super::home::{Which, WhichOf, has};
use crate::commands::seconds;
use crate::commands::show::table;
use crate::console::Console;
use crate::exit::Status;
use crate::progress::Shown;
use kafnix_generator::role::Role;

/// Show the state of each server
///
/// A server whose phase is `unresponsive` hangs: it served and does not answer, or it is suspended. One that is
/// `unavailable` answers and waits for the others.
///
/// As JSON: an array of objects with host, role, id, address, launcher and java (process ids), phase
/// (waiting, starting, serving, unavailable, unresponsive, stopping, ended), since (when the phase began, in
/// seconds since 1970, or null), ready, status and exit.
#[derive(Debug, clap::Args)]
pub(super) struct StatusOpts {
    #[command(flatten)]
    which: Which,
}

/// Stop the servers of one or more hosts, and return when they have stopped
///
/// A server that does not stop in time is killed (SIGKILL), and the exit status is then 2. In either case none of them
/// runs any more.
#[derive(Debug, clap::Args)]
pub(super) struct StopOpts {
    /// Hosts of the spec
    #[arg(value_name = "HOST", required = true)]
    hosts: Vec<String>,
    #[command(flatten)]
    which: WhichOf,
    /// Only the servers of this role
    #[arg(long, value_name = "ROLE", value_parser = super::role())]
    role: Option<Role>,
    #[command(flatten)]
    how: HowArg,
}

#[derive(Debug, clap::Args)]
struct HowArg {
    /// Kill them (SIGKILL), as a crash would, even while another command works on this cluster
    #[arg(long)]
    kill: bool,
    /// How long a server may take to stop before it is killed [default: 120]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, conflicts_with = "kill")]
    timeout: Option<Duration>,
}

impl HowArg {
    fn how(&self) -> How {
        if self.kill { How::Kill } else { How::Within(self.timeout.unwrap_or(local::STOP)) }
    }
}

/// Stop all servers, and return when they have stopped
///
/// A server that does not stop in time is killed (SIGKILL). The exit status is then 2, unless `--wipe` removes its data
/// anyway. No server runs any more in either case.
#[derive(Debug, clap::Args)]
pub(super) struct DownOpts {
    #[command(flatten)]
    which: Which,
    /// Remove the cluster with all its data
    #[arg(long)]
    wipe: bool,
    #[command(flatten)]
    how: HowArg,
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
    if folder.is_on_a_full_disk() {
        console.note(&format!(
            "the disk of `{}` is full: make room there, since servers cannot write their data, logs and status",
            folder.path.display()
        ));
    }
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
            with_since(&row.status),
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
    let selection = Selection { hosts: &opts.hosts, role: opts.role };
    has(&folder, selection)?;
    let progress = Shown::on(console);
    let done = local::stop(&folder, selection, opts.how.how(), &progress);
    progress.clear();
    all_ended_by_themselves(&done?)
}

/// Whoever asks for a clean end and does not get it is told, by the exit status as well.
fn all_ended_by_themselves(killed: &[String]) -> Result<Status> {
    ensure!(
        killed.is_empty(),
        "all have stopped, but not by themselves: these were killed, since they did not stop in time: {}",
        killed.join(", ")
    );
    Ok(Status::Good)
}

pub(super) fn down(opts: &DownOpts, console: &Console) -> Result<Status> {
    let Some(mut folder) = opts.which.find()? else {
        console.note("there is no local cluster of this spec, so nothing runs");
        return Ok(Status::Good);
    };
    let progress = Shown::on(console);
    let how = opts.how.how();
    let done = if opts.wipe {
        local::wipe(&mut folder, how, &progress).map(|()| Vec::new())
    } else {
        local::stop(&folder, Selection::default(), how, &progress)
    };
    progress.clear();
    all_ended_by_themselves(&done?)
}

/// What a server says, and for how long it has not served.
fn with_since(status: &local::Status) -> String {
    let is_out = matches!(status.phase, Phase::Unavailable | Phase::Unresponsive);
    let since = status.since.filter(|_| is_out).map(Duration::from_secs);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    match since.map(|since| now.saturating_sub(since).as_secs()) {
        Some(seconds @ 0..120) => format!("{} (for {seconds} s)", status.status),
        Some(seconds) => format!("{} (for {} min)", status.status, seconds / 60),
        None => status.status.clone(),
    }
}
