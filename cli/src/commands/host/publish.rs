//! `kafnix host publish`

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use kafnix_operate::progress::Progress as _;
use kafnix_operate::{publish, turn};
use kafnix_protocol::registry::{Running, Turn};

use super::super::identity;
use super::log::Log;
use super::services::{self, Service};
use super::{Known, ThisHost, switch};
use crate::exit::Status;

/// Tell the ensemble what this host is configured with and what it runs
///
/// It waits for the ensemble for as long as that takes, and until no service of the host is on its way up or down.
/// Where the host has the turn, it gives that back when its servers are well.
#[derive(Debug, clap::Args)]
pub(super) struct Opts {
    #[command(flatten)]
    pub(super) host: ThisHost,
}

pub(super) fn run(known: &Known, log: &Log<'_>) -> Result<Status> {
    let Known { cluster, configured } = known;
    let (host, wanted) = (&configured.host, &configured.services);
    if publish::generation(cluster, host, &known.generation(), log)? {
        log.note(&format!("published the configuration that {host} was switched to"));
    }
    switch::wait_until_over(log)?;
    let running = Running {
        services: when_steady(wanted, log)?,
        wanted: wanted.clone(),
        system: system(),
        versions: configured.versions.clone(),
    };
    publish::running(cluster, host, &running, log)?;
    if let Some(host) = cluster.host(host)
        && turn::finish(cluster, host, &is_over, identity::of_host(host)?.as_ref(), log)?
    {
        log.note(&format!("gave the turn back: the servers of {} are well", host.name));
    }
    log.end(&summary(&running));
    Ok(Status::Good)
}

/// Whether what the turn was taken for is over: a switch is by now, and a restart or reboot by hand once another run
/// of a service has begun. This service sees no boot id, which its sandbox hides.
fn is_over(turn: &Turn) -> Result<bool> {
    Ok(turn.runs.is_empty() || services::runs(turn.runs.keys())? != turn.runs)
}

/// The system that runs, by its path in the store; nothing where it is no NixOS.
fn system() -> Option<String> {
    let path = std::fs::canonicalize("/run/current-system").ok()?;
    Some(path.to_string_lossy().into_owned())
}

/// What the services run with, once none of them is on its way from one process to the next.
fn when_steady(wanted: &BTreeMap<String, String>, log: &Log<'_>) -> Result<BTreeMap<String, Option<String>>> {
    const MOST: Duration = Duration::from_secs(10);
    let mut pause = Duration::from_millis(500);
    loop {
        let found = services::ask(wanted.keys())?;
        let on_its_way: Vec<_> = found
            .iter()
            .filter(|(_, service)| **service == Service::OnItsWay)
            .map(|(unit, _)| unit.as_str())
            .collect();
        if on_its_way.is_empty() {
            return Ok(found.into_iter().map(|(unit, service)| (unit, service.digest())).collect());
        }
        log.server(
            "services",
            &format!("waiting for {} to start or to stop", on_its_way.join(" and ")),
            false,
        );
        thread::sleep(pause);
        // A unit may wait for its disk for days.
        pause = (pause * 2).min(MOST);
    }
}

fn summary(running: &Running) -> String {
    let parts = running.wanted.iter().map(|(unit, wanted)| match running.services.get(unit) {
        Some(Some(digest)) if digest == wanted => format!("{unit} runs as configured"),
        Some(Some(_)) => format!("{unit} was not restarted since its configuration changed"),
        _ => format!("{unit} does not run"),
    });
    format!("published: {}", parts.collect::<Vec<_>>().join(", "))
}
