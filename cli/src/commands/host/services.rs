//! What runs on this host: each service's main process, and the digest of the unit that has started it.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Where a unit tells its processes its digest, as the NixOS modules set it.
const VARIABLE: &str = "KAFNIX_UNIT=";

#[derive(Debug, PartialEq, Eq)]
pub(in crate::commands) enum Service {
    Down,
    /// It stops, or has no process yet.
    OnItsWay,
    /// The digest of the unit of its process; empty where that knows none.
    Runs(String),
}

impl Service {
    pub(super) fn digest(self) -> Option<String> {
        match self {
            Self::Runs(digest) => Some(digest),
            Self::Down | Self::OnItsWay => None,
        }
    }
}

/// Whether others may rely on a service: what a switch that restarts it takes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::commands) enum State {
    Down,
    /// It was started and has not served since, or waits for its next start after a crash.
    Starts,
    /// It serves, or has served and not ended yet.
    Up,
}

/// What systemd says of a unit.
#[derive(Debug, Default)]
struct Unit<'a> {
    state: &'a str,
    process: u32,
    has_job: bool,
}

pub(in crate::commands) fn ask<'a>(
    units: impl Iterator<Item = &'a String> + Clone,
) -> Result<BTreeMap<String, Service>> {
    let text = show("ActiveState,MainPID,Job", units.clone())?;
    let blocks = text.split("\n\n").map(|block| service(&Unit::read(block)));
    units.cloned().zip(blocks).map(|(unit, service)| Ok((unit, service?))).collect()
}

pub(in crate::commands) fn states<'a>(
    units: impl Iterator<Item = &'a String> + Clone,
) -> Result<BTreeMap<String, State>> {
    let text = show("ActiveState,MainPID,Job", units.clone())?;
    let states = text.split("\n\n").map(|block| state(&Unit::read(block)));
    Ok(units.cloned().zip(states).collect())
}

/// How systemd names the run of each unit: every start has another name, and one that never ran none.
pub(in crate::commands) fn runs<'a>(
    units: impl Iterator<Item = &'a String> + Clone,
) -> Result<BTreeMap<String, String>> {
    let text = show("InvocationID", units.clone())?;
    let runs = text.split("\n\n").map(|block| block.trim().trim_start_matches("InvocationID=").to_owned());
    Ok(units.cloned().zip(runs).collect())
}

/// Properties of units, a block for each, in their order.
fn show<'a>(properties: &str, units: impl Iterator<Item = &'a String>) -> Result<String> {
    let mut command = Command::new("systemctl");
    command.args(["show", &format!("--property={properties}"), "--"]).args(units);
    let shown = command.output().context("cannot run `systemctl`")?;
    let said = String::from_utf8_lossy(&shown.stderr);
    ensure!(shown.status.success(), "`systemctl show` tells nothing: {}", said.trim());
    Ok(String::from_utf8_lossy(&shown.stdout).into_owned())
}

impl<'a> Unit<'a> {
    /// A block of `systemctl show`, which may leave out what is empty.
    fn read(block: &'a str) -> Self {
        let value = |key: &str| block.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        Self {
            state: value("ActiveState").unwrap_or_default(),
            process: value("MainPID").and_then(|process| process.parse().ok()).unwrap_or(0),
            has_job: value("Job").is_some_and(|job| !job.is_empty() && job != "0"),
        }
    }
}

fn state(unit: &Unit<'_>) -> State {
    match unit.state {
        "inactive" | "failed" if !unit.has_job => State::Down,
        // `Type=notify`: what has served is active. `activating` is also what waits for its next start after a crash.
        "inactive" | "failed" | "activating" => State::Starts,
        _ => State::Up,
    }
}

fn service(unit: &Unit<'_>) -> Result<Service> {
    // A server that is starting may do so for hours, and is the new one. One with a job that is up is to be stopped.
    let is_starting = unit.state == "activating" && unit.process != 0;
    let is_moving = matches!(unit.state, "activating" | "deactivating") || unit.has_job;
    if is_moving && !is_starting {
        return Ok(Service::OnItsWay);
    }
    if unit.process == 0 {
        return Ok(Service::Down);
    }
    let path = format!("/proc/{}/environ", unit.process);
    match std::fs::read(&path) {
        Ok(environment) => Ok(match digest(&environment) {
            // It is not yet the program that it is to be.
            digest if digest.is_empty() && is_starting => Service::OnItsWay,
            digest => Service::Runs(digest),
        }),
        // It has ended in between.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Service::OnItsWay),
        Err(error) => Err(error).with_context(|| {
            format!("cannot read `{path}`, which takes CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH")
        }),
    }
}

fn digest(environment: &[u8]) -> String {
    let mut variables = environment.split(|byte| *byte == 0);
    let value = variables.find_map(|variable| variable.strip_prefix(VARIABLE.as_bytes()));
    value.map(|value| String::from_utf8_lossy(value).into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_out_of_an_environment() {
        assert_eq!(digest(b"PATH=/bin\0KAFNIX_UNIT=2ab3\0HOME=/root\0"), "2ab3");
        assert_eq!(digest(b"PATH=/bin\0MY_KAFNIX_UNIT=2ab3\0"), "");
        assert_eq!(digest(b""), "");
    }

    #[test]
    fn a_service_without_a_process_is_on_its_way_or_down() {
        let of = |text| service(&Unit::read(text)).unwrap();
        assert_eq!(of("MainPID=0\nActiveState=failed\nJob=\n"), Service::Down);
        assert_eq!(of("MainPID=0\nActiveState=inactive\n"), Service::Down);
        assert_eq!(of("MainPID=0\nActiveState=inactive\nJob=7\n"), Service::OnItsWay);
        assert_eq!(of("MainPID=0\nActiveState=activating\n"), Service::OnItsWay);
        assert_eq!(of("ActiveState=deactivating\nMainPID=4\n"), Service::OnItsWay);
        // As long as it has not ended, it may run the unit that it had before.
        assert_eq!(of("ActiveState=active\nMainPID=1\nJob=7\n"), Service::OnItsWay);
        assert_eq!(of("ActiveState=active\nMainPID=4294967294\n"), Service::OnItsWay);
    }

    #[test]
    fn what_has_not_served_is_not_up() {
        for (text, expected) in [
            ("MainPID=0\nActiveState=inactive\nJob=\n", State::Down),
            ("MainPID=0\nActiveState=failed\n", State::Down),
            ("MainPID=0\nActiveState=inactive\nJob=7\n", State::Starts),
            // It waits for its next start, or is on its way up with a process that has not served.
            ("MainPID=0\nActiveState=activating\n", State::Starts),
            ("MainPID=4\nActiveState=activating\nJob=7\n", State::Starts),
            ("MainPID=4\nActiveState=active\n", State::Up),
            ("MainPID=4\nActiveState=active\nJob=7\n", State::Up),
            ("MainPID=4\nActiveState=reloading\n", State::Up),
            // It may still serve, and closes its logs.
            ("MainPID=4\nActiveState=deactivating\n", State::Up),
            ("", State::Up),
        ] {
            assert_eq!(state(&Unit::read(text)), expected, "{text:?}");
        }
    }

    #[test]
    fn a_process_tells_what_started_it() {
        let mut child = Command::new("sleep").arg("60").env("KAFNIX_UNIT", "2ab3").spawn().unwrap();
        let unit = |state, has_job| Unit { state, process: child.id(), has_job };
        while service(&unit("activating", true)).unwrap() == Service::OnItsWay {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        for unit in [unit("activating", true), unit("active", false)] {
            assert_eq!(service(&unit).unwrap(), Service::Runs("2ab3".into()));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
