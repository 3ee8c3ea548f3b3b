//! The commands that a rollout runs for each host: one that builds its system, and one that switches it.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use kafnix_generator::Cluster;
use kafnix_generator::cluster::Host;
use kafnix_operate::rollout::Target;

use crate::commands::host::generation;

pub(super) const BUILD: &str =
    "nix build --no-link --print-out-paths .#nixosConfigurations.{host}.config.system.build.toplevel";
pub(super) const SWITCH: &str = "nixos-rebuild switch --flake .#{host} --target-host root@{address}";

pub(super) const EXEC: &str = "ssh root@{address} {command}";

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
    ensure!(output.status.success(), "`{line}` ended with {}: nothing was switched", output.status);
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
    Ok(Target { system: system.to_owned(), services: generation.services })
}

/// Switches a host. What the command prints goes where this program's output goes.
pub(super) fn switch(template: &str, cluster: &Cluster, host: &Host) -> Result<()> {
    run(&line(template, cluster, host)?)
}

/// Restarts the servers of a host, or the host, once it has the turn.
pub(super) fn restart(template: &str, cluster: &Cluster, host: &Host, reboot: bool) -> Result<()> {
    let units: Vec<_> = host.services().map(|service| service.role.key()).collect();
    let restart = if reboot {
        "systemctl --no-block reboot".to_owned()
    } else {
        format!("systemctl restart {}", units.join(" "))
    };
    for command in ["kafnix turn take --reason rollout", &restart] {
        run(&line(&template.replace("{command}", command), cluster, host)?)?;
    }
    Ok(())
}

fn run(line: &str) -> Result<()> {
    let status = Command::new("sh").args(["-c", line]).stdin(Stdio::null()).status();
    let status = status.with_context(|| format!("cannot run `{line}`"))?;
    ensure!(status.success(), "`{line}` ended with {status}");
    Ok(())
}
