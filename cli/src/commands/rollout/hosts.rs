//! The hosts of a cluster, by the commands that build, switch and restart them.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use kafnix_generator::Cluster;
use kafnix_generator::cluster::Host;
use kafnix_operate::rollout::{Restarts, Rollout, Targets, asking};

use super::{Apply, Common, Restart, Roll, commands, report, show};
use crate::console::{Console, one_line};
use crate::exit::Status;
use crate::progress::Shown;

const NOTHING: &str = "every host runs what was built for it";

pub(super) fn plan(roll: &Roll, console: &Console) -> Result<Status> {
    let common = &roll.common;
    let Some(cluster) = common.asked.cluster("kafnix rollout plan", console)? else {
        return Ok(Status::Fault);
    };
    let targets = roll.targets(&cluster, console)?;
    let progress = Shown::on(console);
    let options = common.asked.options(&cluster)?;
    let look = asking(&cluster, &options, &progress);
    let rollout = Rollout {
        cluster: &cluster,
        look: &look,
        tolerance: common.tolerance(),
        patience: Duration::ZERO,
        act: &|_| Ok(()),
        status: &|_| Vec::new(),
        progress: &progress,
    };
    let planned = rollout.plan(&targets);
    progress.clear();
    show(&planned?, NOTHING, console)
}

pub(super) fn apply(apply: &Apply, console: &Console) -> Result<Status> {
    let common = &apply.roll.common;
    let Some(cluster) = common.asked.cluster("kafnix rollout apply", console)? else {
        return Ok(Status::Fault);
    };
    let targets = apply.roll.targets(&cluster, console)?;
    let progress = Shown::on(console);
    let options = common.asked.options(&cluster)?;
    let look = asking(&cluster, &options, &progress);
    let act = |host: &Host| {
        progress.clear();
        commands::switch(&apply.switch, &cluster, host)
    };
    let status = |host: &Host| {
        let exec = apply.exec.as_ref();
        exec.map(|exec| commands::status(exec, &cluster, host)).unwrap_or_default()
    };
    let done = Rollout {
        cluster: &cluster,
        look: &look,
        tolerance: common.tolerance(),
        patience: apply.patience.patience,
        act: &act,
        status: &status,
        progress: &progress,
    }
    .apply(&targets);
    progress.clear();
    report("switched", NOTHING, &done?, console)
}

pub(super) fn restart(restart: &Restart, console: &Console) -> Result<Status> {
    let common = &restart.common;
    let Some(cluster) = common.asked.cluster("kafnix rollout restart", console)? else {
        return Ok(Status::Fault);
    };
    let restarts = common.restarts(&cluster)?;
    let progress = Shown::on(console);
    let options = common.asked.options(&cluster)?;
    let look = asking(&cluster, &options, &progress);
    let act = |host: &Host| {
        progress.clear();
        let roles = restarts.get(&host.name).context("a host that nothing restarts on")?;
        commands::restart(&restart.exec, &cluster, host, roles, restart.reboot)
    };
    let done = Rollout {
        cluster: &cluster,
        look: &look,
        tolerance: common.tolerance(),
        patience: restart.patience.patience,
        act: &act,
        status: &|host| commands::status(&restart.exec, &cluster, host),
        progress: &progress,
    }
    .restart(&|| restarts.clone());
    progress.clear();
    report("restarted", "there is no host to restart", &done?, console)
}

impl Common {
    /// The hosts that are rolled.
    fn hosts<'a>(&self, cluster: &'a Cluster) -> Result<Vec<&'a Host>> {
        if let Some(unknown) = self.hosts.iter().find(|name| cluster.host(name).is_none()) {
            bail!("the spec has no host `{}`", one_line(unknown));
        }
        let is_rolled = |host: &&Host| {
            host.managed.value
                && (self.hosts.is_empty() || self.hosts.contains(&host.name))
                && self.only.is_none_or(|role| host.service(role).is_some())
        };
        Ok(cluster.hosts.iter().filter(is_rolled).collect())
    }

    /// Their services that are restarted without a change.
    fn restarts(&self, cluster: &Cluster) -> Result<BTreeMap<String, Restarts>> {
        let of_host = |host: &Host| {
            let roles = host.services().map(|service| service.role);
            let roles = roles.filter(|role| self.only.is_none_or(|only| only == *role));
            (host.name.clone(), roles.map(|role| (role, "asked for".to_owned())).collect())
        };
        Ok(self.hosts(cluster)?.into_iter().map(of_host).collect())
    }
}

impl Roll {
    /// What was built for each host that is rolled.
    fn targets(&self, cluster: &Cluster, console: &Console) -> Result<Targets> {
        let mut targets = Targets::new();
        for host in self.common.hosts(cluster)? {
            console.note(&format!("{}: building", host.name));
            targets.insert(host.name.clone(), commands::build(&self.build, cluster, host)?);
        }
        Ok(targets)
    }
}
