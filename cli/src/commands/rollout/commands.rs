//! The commands that a rollout runs for each host: one that builds its system, and one that switches it.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use kafnix_generator::Cluster;
use kafnix_generator::cluster::Host;
use kafnix_operate::rollout::{Restarts, Target};

use crate::commands::host::generation;

pub(super) const BUILD: &str =
    "nix build --no-link --print-out-paths .#nixosConfigurations.{host}.config.system.build.toplevel";
pub(super) const SWITCH: &str = "nixos-rebuild switch --flake .#{host} --target-host root@{address}";

pub(super) const EXEC: &str = "ssh root@{address} {command}";

/// How long a host may take to tell the states of its units.
const ANSWER: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);

/// A command that is run once for each host names it.
pub(super) fn of_a_host(template: &str) -> Result<String, String> {
    let names_it = ["{host}", "{address}"].iter().any(|place| template.contains(place));
    if names_it {
        Ok(template.to_owned())
    } else {
        Err("it names neither `{host}` nor `{address}`".to_owned())
    }
}

/// A command that runs others on a host.
pub(super) fn on_a_host(template: &str) -> Result<String, String> {
    if !template.contains("{command}") {
        return Err("it does not say where `{command}` stands".to_owned());
    }
    of_a_host(template)
}

/// A command line with the name and the address of a host in their places.
fn line(template: &str, cluster: &Cluster, host: &Host) -> Result<String> {
    let mut line = template.replace("{host}", &host.name);
    if line.contains("{address}") {
        let address = host.address_in(&cluster.default_network.value);
        let address = address.with_context(|| format!("`{}` has no address", host.name))?;
        line = line.replace("{address}", &address.to_string());
    }
    Ok(line)
}

/// Builds the system of a host, and reads in it what its servers are to run. The last line that the command prints is
/// the path of the system.
pub(super) fn build(template: &str, cluster: &Cluster, host: &Host) -> Result<Target> {
    let line = line(template, cluster, host)?;
    let output =
        Command::new("sh").args(["-c", &line]).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot run `{line}`"))?;
    ensure!(output.status.success(), "nothing was switched: `{line}` ended with {}", ended(output.status));
    let printed = String::from_utf8_lossy(&output.stdout);
    let Some(system) = printed.lines().rev().map(str::trim).find(|line| line.starts_with('/')) else {
        bail!("`{line}` printed no path: it is to print that of the system of `{}`", host.name);
    };
    let generation = generation::read(&Path::new(system).join("etc/kafnix/generation.json"))?;
    ensure!(
        generation.host == host.name,
        "`{line}` has built `{system}`, which is the system of `{}` and not of `{}`",
        generation.host,
        host.name
    );
    Ok(Target { system: system.to_owned(), services: generation.services, versions: generation.versions })
}

/// Switches a host. What the command prints goes where this program's output goes.
pub(super) fn switch(template: &str, cluster: &Cluster, host: &Host) -> Result<()> {
    run(&line(template, cluster, host)?)
}

/// Restarts servers of a host, or the host, once it has the turn.
pub(super) fn restart(
    template: &str,
    cluster: &Cluster,
    host: &Host,
    roles: &Restarts,
    reboot: bool,
) -> Result<()> {
    let restart = if reboot {
        "systemctl --no-block reboot".to_owned()
    } else {
        let units: Vec<_> = roles.keys().map(|role| role.unit()).collect();
        format!("systemctl restart {}", units.join(" "))
    };
    for command in ["kafnix turn take --reason rollout", &restart] {
        run(&line(&template.replace("{command}", command), cluster, host)?)?;
    }
    Ok(())
}

/// What the units of a host say of themselves, as in `kafka is activating: recovering logs, 2 of 8`; nothing where they
/// cannot be asked now.
pub(super) fn status(template: &str, cluster: &Cluster, host: &Host) -> Vec<String> {
    let roles: Vec<_> = host.services().map(|service| service.role).collect();
    let units: Vec<_> = roles.iter().map(|role| role.unit()).collect();
    let command = format!("systemctl show --property=ActiveState,StatusText {}", units.join(" "));
    let Ok(line) = line(&template.replace("{command}", &command), cluster, host) else { return Vec::new() };
    let shown = output(&line, ANSWER).unwrap_or_default();
    let blocks = shown.split("\n\n").zip(roles);
    blocks.filter_map(|(block, role)| Some(format!("{} {}", role.key(), state(block)?))).collect()
}

/// What a block of `systemctl show` says.
fn state(block: &str) -> Option<String> {
    let value = |key: &str| block.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    let (state, status) = (value("ActiveState")?, value("StatusText").unwrap_or_default());
    let status = if status.is_empty() { String::new() } else { format!(": {status}") };
    Some(format!("is {state}{status}"))
}

/// What a command prints; nothing where it fails or takes too long.
fn output(line: &str, limit: Duration) -> Option<String> {
    let mut command = Command::new("sh");
    command.args(["-c", line]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let begun = Instant::now();
    let status = loop {
        match child.try_wait().ok()? {
            Some(status) => break status,
            None if begun.elapsed() > limit => {
                let _ = child.kill().and_then(|()| child.wait());
                return None;
            }
            None => thread::sleep(PAUSE),
        }
    };
    let mut text = String::new();
    child.stdout.take()?.read_to_string(&mut text).ok()?;
    status.success().then_some(text)
}

fn ended(status: ExitStatus) -> String {
    match status.code() {
        Some(127) => "status 127: a program of it is not there".to_owned(),
        Some(code) => format!("status {code}"),
        None => status.to_string(),
    }
}

fn run(line: &str) -> Result<()> {
    let status = Command::new("sh").args(["-c", line]).stdin(Stdio::null()).status();
    let status = status.with_context(|| format!("cannot run `{line}`"))?;
    ensure!(status.success(), "`{line}` ended with {}", ended(status));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_has_the_places_that_make_it_one() {
        assert!(of_a_host(BUILD).is_ok() && of_a_host(SWITCH).is_ok() && on_a_host(EXEC).is_ok());
        assert!(of_a_host("nixos-rebuild switch").unwrap_err().contains("`{host}`"));
        assert!(on_a_host("ssh root@{host}").unwrap_err().contains("`{command}`"));
        assert!(on_a_host("sh -c {command}").is_err());
    }

    #[test]
    fn a_unit_says_its_state_and_what_it_does() {
        let block = "ActiveState=activating\nStatusText=recovering logs: 2 of 8";
        assert_eq!(state(block).unwrap(), "is activating: recovering logs: 2 of 8");
        assert_eq!(state("StatusText=\nActiveState=active").unwrap(), "is active");
        assert_eq!(state("Id=kafka.service"), None);
    }

    #[test]
    fn a_command_that_takes_too_long_says_nothing() {
        let limit = Duration::from_millis(200);
        assert_eq!(output("echo a", Duration::from_secs(60)).unwrap(), "a\n");
        assert_eq!(output("echo a; exit 3", Duration::from_secs(60)), None);
        assert_eq!(output("exec sleep 60", limit), None);
    }
}
