//! `kafnix guard`

mod units;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use kafnix_generator::Cluster;
use kafnix_generator::role::Role;
use kafnix_operate::guard::{Restart, Said};
use kafnix_protocol::registry::Turn;
use kafnix_protocol::status::RECOVERING;

use super::host::generation::{self, Configured};
use super::host::services::{self, State};
use super::identity;
use super::turn::permit;
use crate::console::{Console, one_line};
use crate::exit::Status;
use crate::input::{HOST_SPEC, Input, LockArg};
use crate::progress::Shown;

/// Say whether this host may be switched to another system now
///
/// NixOS runs it before each switch (`system.preSwitchChecks`), whoever asks for it. Where the switch restarts or stops
/// servers that are up, it takes the turn, so that no other host of the cluster restarts its servers meanwhile, and
/// refuses where quorum or min ISR would not hold without them. Servers that have not served since they were started,
/// as one that crashes again and again, wait for nobody's turn. `kafnix-generation.service` gives the turn back when
/// the servers are well again. `boot` and `dry-activate` restart nothing and pass; for `check` it says what it would
/// say, and passes. Ends with 0 where the host may be switched, with 1 where it may not.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    /// The system that the host is to be switched to
    #[arg(value_name = "SYSTEM", value_hint = clap::ValueHint::DirPath)]
    system: PathBuf,
    /// What switch-to-configuration is asked to do
    #[arg(value_name = "VERB", value_parser = ["switch", "test", "boot", "check", "dry-activate"])]
    verb: String,
}

/// Where the running system has its `etc`.
const RUNNING: &str = "/";
/// What a switch that was interrupted has left to be restarted by the next one.
const RESTART_LIST: &str = "/run/nixos/restart-list";
/// The service that gives the turn back.
const SERVICE: &str = "kafnix-generation.service";

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    if matches!(opts.verb.as_str(), "boot" | "dry-activate") {
        return Ok(Status::Good);
    }
    let permit = permit::take(&opts.verb)?;
    let Some(reason) = permit else {
        let guarded = guard(opts, console);
        return match guarded {
            // It is not this that is to be checked.
            Err(error) if opts.verb == "check" => {
                console
                    .note(&one_line(&format!("whether a switch would be refused is not known: {error:#}")));
                Ok(Status::Good)
            }
            guarded => guarded,
        };
    };
    console.note(&format!("the switch is forced: {}", one_line(&reason)));
    if opts.verb != "check"
        && let Err(error) = force(opts, reason, console)
    {
        console.note(&one_line(&format!("{error:#}")));
    }
    Ok(Status::Good)
}

fn guard(opts: &Opts, console: &Console) -> Result<Status> {
    let Some(Restarting { cluster, turn, roles, is_repair }) = Restarting::by(&opts.system)? else {
        return Ok(Status::Good);
    };
    let host = &turn.host;
    let Some(host) = cluster.host(host) else { bail!("the spec of the running system has no host `{host}`") };
    let progress = Shown::on(console);
    let identity = identity::of_host(host)?;
    let identity = identity.as_ref();
    let restart = Restart {
        cluster: &cluster,
        host,
        roles: &roles,
        is_repair,
        turn: &turn,
        identity,
        progress: &progress,
    };
    let recovering = recovering(turn.services.keys())?;
    if opts.verb == "check" {
        let said = if recovering.is_empty() { restart.would_say()? } else { Said::refuses(recovering) };
        tell(&said, &turn, "would refuse", console);
        return Ok(Status::Good);
    }
    let said = if recovering.is_empty() {
        // However this ends, what was taken is given back.
        begin_to_give_back()?;
        restart.ask()?
    } else {
        Said::refuses(recovering)
    };
    tell(&said, &turn, "refuses", console);
    Ok(if said.judgement.may_restart() { Status::Good } else { Status::Problems })
}

/// Takes the turn where nobody has it: the switch is made anyway.
fn force(opts: &Opts, reason: String, console: &Console) -> Result<()> {
    let Some(Restarting { cluster, turn, roles, is_repair }) = Restarting::by(&opts.system)? else {
        return Ok(());
    };
    let turn = Turn { reason: Some(reason), ..turn };
    let Some(host) = cluster.host(&turn.host) else { return Ok(()) };
    let progress = Shown::on(console);
    let identity = identity::of_host(host)?;
    let identity = identity.as_ref();
    let restart = Restart {
        cluster: &cluster,
        host,
        roles: &roles,
        is_repair,
        turn: &turn,
        identity,
        progress: &progress,
    };
    begin_to_give_back()?;
    if let Some(held) = restart.force()? {
        console.note(&one_line(&held.to_string()));
    }
    Ok(())
}

/// What a switch restarts or stops of what was started.
struct Restarting {
    cluster: Cluster,
    turn: Turn,
    roles: Vec<Role>,
    /// None of it is up.
    is_repair: bool,
}

impl Restarting {
    fn by(system: &Path) -> Result<Option<Self>> {
        let units = restarting(system)?;
        if units.is_empty() {
            return Ok(None);
        }
        let is_repair = units.values().all(|(state, _)| *state == State::Starts);
        let services: BTreeMap<_, _> = units.into_iter().map(|(unit, (_, digest))| (unit, digest)).collect();
        let (host, cluster) = running_cluster(system)?;
        let roles = Role::ALL.into_iter().filter(|role| services.contains_key(&role.unit())).collect();
        let turn = Turn { host, boot: boot(), services, ..Turn::default() };
        Ok(Some(Self { cluster, turn, roles, is_repair }))
    }
}

/// The service waits until the switch is over. Where the running system does not have it yet, the new one starts it.
fn begin_to_give_back() -> Result<()> {
    let started = Command::new("systemctl").args(["restart", "--no-block", SERVICE]).status();
    started.map(drop).context("cannot run `systemctl`")
}

/// Servers that would begin anew with what takes them long.
fn recovering<'a>(units: impl Iterator<Item = &'a String>) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for unit in units {
        let shown =
            Command::new("systemctl").args(["show", "--property=MainPID,StatusText", "--", unit]).output();
        let shown = shown.context("cannot run `systemctl`")?.stdout;
        if let Some(status) = recovers(&String::from_utf8_lossy(&shown)) {
            found.push(format!("{unit} is {status}, and would begin anew: wait until it serves"));
        }
    }
    Ok(found)
}

/// What a process says that recovers. Until the next start a unit has the status of its last process.
fn recovers(shown: &str) -> Option<&str> {
    let value = |key: &str| shown.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    let has_process = value("MainPID").is_some_and(|process| process != "0");
    value("StatusText").map(str::trim).filter(|status| has_process && status.starts_with(RECOVERING))
}

/// The servers that are not down and stop with this switch, each with the digest of the unit that it gets.
fn restarting(system: &Path) -> Result<BTreeMap<String, (State, String)>> {
    let new = generation::read(&system.join("etc/kafnix/generation.json"))?;
    let running = generation::read_or_none(Path::new(generation::FILE))?;
    let mut units: BTreeMap<String, String> = new.services;
    for unit in running.into_iter().flat_map(|running| running.services.into_keys()) {
        units.entry(unit).or_default();
    }
    let states = services::states(units.keys())?;
    let interrupted = fs_err::read_to_string(RESTART_LIST).unwrap_or_default();
    let is_left = |unit: &String| interrupted.lines().any(|line| line.trim() == unit);
    let stops = |unit: &String| is_left(unit) || units::stops(unit, Path::new(RUNNING), system);
    let state = |unit: &String| states.get(unit).copied().filter(|state| *state != State::Down);
    let restarting = units.into_iter().filter_map(|(unit, digest)| {
        let state = state(&unit)?;
        stops(&unit).then_some((unit, (state, digest)))
    });
    Ok(restarting.collect())
}

/// The cluster as this host runs in it; that of the new system where the running one has none that can be read.
fn running_cluster(system: &Path) -> Result<(String, Cluster)> {
    let etc = [PathBuf::from(HOST_SPEC), system.join(HOST_SPEC.trim_start_matches('/'))];
    let mut why = Vec::new();
    for spec in etc {
        let generation = spec.with_file_name("generation.json");
        let cluster = generation::read(&generation).and_then(|Configured { host, .. }| {
            let checked = Input::with_ids(&spec, &LockArg::default())?.check(&[]);
            Ok((host, checked.cluster.with_context(|| format!("`{}` has errors", spec.display()))?))
        });
        match cluster {
            Ok(found) => return Ok(found),
            Err(error) => why.push(format!("{error:#}")),
        }
    }
    bail!("the cluster of this host is not known: {}", why.join("; "))
}

/// The boot of this host, as its kernel names it.
pub(super) fn boot() -> String {
    fs_err::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

fn tell(said: &Said, turn: &Turn, refuses: &str, console: &Console) {
    if console.is_json() {
        // Whoever asks for a switch reads what it says, and the status.
        let _ = console.json(&said.judgement);
        return;
    }
    for warning in &said.judgement.warnings {
        console.note(&one_line(warning));
    }
    if said.judgement.may_restart() {
        return;
    }
    let units: Vec<_> = turn.services.keys().map(String::as_str).collect();
    console
        .tell(&format!("kafnix {refuses} this switch, which stops or restarts {}:\n", units.join(" and ")));
    for why in &said.judgement.refusals {
        console.tell(&format!("  {}\n", one_line(why)));
    }
    console.tell(
        "`kafnix turn take --force --reason WHY` on this host lets the next switch pass whatever it does\n",
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_recovers_and_not_the_unit_that_waits_for_its_next_start() {
        let status = "recovering its logs, the last stop was not clean: 2 of 8 logs loaded";
        let shown = |process: u32, status: &str| format!("MainPID={process}\nStatusText={status}\n");
        assert_eq!(recovers(&shown(7, status)), Some(status));
        assert_eq!(recovers(&shown(0, status)), None);
        assert_eq!(recovers(&shown(7, "serving as broker 2, registered")), None);
        assert_eq!(recovers("MainPID=7\n"), None);
    }
}
