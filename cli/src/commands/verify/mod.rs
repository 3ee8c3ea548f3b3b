//! `kafnix verify`

mod table;

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use kafnix_generator::Cluster;
use kafnix_operate::observe::Options;
use kafnix_operate::verify::{self, Finding, Outcome, Viewer};

use super::asked::{Asked, asking};
use super::seconds;
use crate::console::Console;
use crate::exit::Status;

/// Ask a running cluster whether it is what the spec says
///
/// Every server is asked at its address in the spec. For its round trips it creates ephemeral nodes and a topic
/// of its own, and deletes them again; nothing else is changed. The exit status is 1 where a check fails, and a
/// host that cannot be reached fails one. `kafnix explain CODE` tells what a check means.
///
/// As JSON it prints an array of findings, each with `code`, `title`, `subject` (a host, a topic, or
/// what they are a part of), `outcome` (`good`, `note`, `skipped` or `failed`), `expected`, `found` and
/// `help`, all of them text; with `--watch` one such array a line.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    #[command(flatten)]
    asked: Asked,
    /// Ask again and again, with this many seconds in between (5 where none is given)
    ///
    /// It exits when it is interrupted, or when the pipe that it writes to is closed.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "5")]
    #[arg(value_parser = seconds, require_equals = true)]
    watch: Option<Duration>,
}

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    // Exit status 1 is for what is wrong with the cluster.
    let Some(cluster) = opts.asked.cluster("kafnix verify --local", console)? else {
        return Ok(Status::Fault);
    };
    let options = Options { peers: true, ..opts.asked.options(&cluster)? };
    match opts.watch {
        None => once(&cluster, &options, console),
        Some(pause) => watch(&cluster, &options, pause, console),
    }
}

fn once(cluster: &Cluster, options: &Options, console: &Console) -> Result<Status> {
    let begin = Instant::now();
    let findings = asking(cluster, console, |progress| verify::verify(cluster, options, progress));
    let findings = findings?;
    if console.is_json() {
        console.json(&findings)?;
    } else {
        console.print(&table::table(&findings, begin.elapsed(), console.out))?;
    }
    let status = status(&findings);
    if options.local && status != Status::Good && !console.is_json() {
        console.note(
            "here it is `kafnix local status` and `kafnix local logs HOST` that tell what systemctl and \
             journalctl tell on a host",
        );
    }
    Ok(status)
}

fn watch(cluster: &Cluster, options: &Options, pause: Duration, console: &Console) -> Result<Status> {
    let mut screen = Screen { console, redraws: std::io::stdout().is_terminal() };
    let last = verify::watch(cluster, options, pause, &mut screen)?;
    if !console.is_read() {
        return Ok(Status::Cut);
    }
    let last = last.context("it was interrupted before anything was known")?;
    Ok(status(&last))
}

/// Where the rounds of a watch are shown.
struct Screen<'a> {
    console: &'a Console,
    /// Whether each takes the place of the one before.
    redraws: bool,
}

impl Viewer for Screen<'_> {
    fn show(&mut self, findings: &[Finding], took: Duration) -> Result<()> {
        /// Up to the first place, and nothing below it.
        const CLEAR: &str = "\x1b[H\x1b[2J";
        let mut text = String::new();
        // Writing to a string cannot fail.
        if self.console.is_json() {
            let _ = writeln!(text, "{}", serde_json::to_string(findings)?);
        } else {
            text.push_str(if self.redraws { CLEAR } else { "" });
            let _ = writeln!(text, "at {}", time_of_day(SystemTime::now()));
            text.push_str(&table::table(findings, took, self.console.out));
        }
        self.console.print(&text)
    }

    fn is_there(&self) -> bool {
        self.console.is_read()
    }
}

/// In UTC, which is the same wherever logs are compared.
fn time_of_day(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() % 86_400);
    format!("{:02}:{:02}:{:02} UTC", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn status(findings: &[Finding]) -> Status {
    let failed = findings.iter().any(|finding| finding.outcome == Outcome::Failed);
    if failed { Status::Problems } else { Status::Good }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_day_is_that_of_utc() {
        let at = |seconds| time_of_day(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!([0, 86_399, 1_700_000_000].map(at), ["00:00:00 UTC", "23:59:59 UTC", "22:13:20 UTC"]);
    }
}
