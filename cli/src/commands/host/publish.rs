//! `kafnix host publish`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use kafnix_operate::progress::Progress as _;
use kafnix_operate::publish;
use kafnix_protocol::registry::Running;
use serde::Deserialize;

use super::HostSpec;
use super::log::Log;
use super::services::{self, Service};
use crate::console::Console;
use crate::exit::Status;

/// What the host was configured with.
#[derive(Debug, Deserialize)]
pub(super) struct Generation {
    pub(super) host: String,
    pub(super) generated: Option<String>,
    /// Digests of its services, by the names of their units.
    pub(super) services: BTreeMap<String, String>,
}

/// Tell the ensemble what this host is configured with and what it runs
///
/// It waits for the ensemble for as long as that takes, and until no service of the host is on its way up or down.
#[derive(Debug, clap::Args)]
pub(super) struct Opts {
    #[command(flatten)]
    spec: HostSpec,
    #[command(flatten)]
    generation: GenerationArg,
}

#[derive(Debug, clap::Args)]
pub(super) struct GenerationArg {
    /// What the host was configured with
    #[arg(long, value_name = "FILE", default_value = "/etc/kafnix/generation.json")]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    generation: PathBuf,
}

impl GenerationArg {
    pub(super) fn read(&self) -> Result<Generation> {
        read(&self.generation)
    }
}

pub(super) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    let cluster = opts.spec.cluster(console)?;
    let Generation { host, generated, services: wanted } = opts.generation.read()?;
    let log = Log::on(console);
    let generation = publish::generation_of(&cluster, generated);
    if publish::generation(&cluster, &host, &generation, &log)? {
        log.note(&format!("published the configuration that {host} was switched to"));
    }
    let running = Running { services: settled(&wanted, &log)?, wanted };
    publish::running(&cluster, &host, &running, &log)?;
    log.end(&summary(&running));
    Ok(Status::Good)
}

fn read(path: &Path) -> Result<Generation> {
    let text = fs_err::read(path)?;
    serde_json::from_slice(&text).with_context(|| {
        format!("`{}` is not what the NixOS module `services.kafnix.tools` writes", path.display())
    })
}

/// What the services run with, once none of them is on its way from one process to the next.
fn settled(wanted: &BTreeMap<String, String>, log: &Log<'_>) -> Result<BTreeMap<String, Option<String>>> {
    const PAUSE: Duration = Duration::from_millis(500);
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
        log.server("services", &format!("waiting for {}", on_its_way.join(", ")), false);
        thread::sleep(PAUSE);
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
