//! The cluster of `kafnix local`: its servers are restarted here, by the same order and rules.

use std::time::Duration;

use anyhow::Result;
use kafnix_local::cluster::{Rolling, Selection, Setup};

use super::{Apply, Common, Restart, Roll, report, show};
use crate::console::Console;
use crate::exit::Status;
use crate::progress::Shown;

pub(super) fn plan(roll: &Roll, console: &Console) -> Result<Status> {
    let common = &roll.common;
    let plan = |setup: &Setup<'_>, shown: &Shown<'_>| setup.roll_plan(&common.rolling(Duration::ZERO), shown);
    match common.with_setup("plan", console, plan)? {
        Some(planned) => show(&planned, common.nothing(), console),
        None => Ok(Status::Fault),
    }
}

pub(super) fn apply(apply: &Apply, console: &Console) -> Result<Status> {
    let common = &apply.roll.common;
    let rolling = common.rolling(apply.patience.patience);
    let roll = |setup: &Setup<'_>, shown: &Shown<'_>| setup.roll_changed(&rolling, shown);
    match common.with_setup("apply", console, roll)? {
        Some(done) => report("restarted", common.nothing(), &done, console),
        None => Ok(Status::Fault),
    }
}

pub(super) fn restart(restart: &Restart, console: &Console) -> Result<Status> {
    let common = &restart.common;
    let rolling = common.rolling(restart.patience.patience);
    let roll = |setup: &Setup<'_>, shown: &Shown<'_>| setup.roll_all(&rolling, shown);
    match common.with_setup("restart", console, roll)? {
        Some(done) => report("restarted", "there is no server to restart", &done, console),
        None => Ok(Status::Fault),
    }
}

impl Common {
    fn nothing(&self) -> &'static str {
        if self.hosts.is_empty() && self.only.is_none() {
            "every server runs as the spec has it"
        } else {
            "the servers that were asked for run as the spec has them"
        }
    }

    fn rolling(&self, patience: Duration) -> Rolling<'_> {
        let selection = Selection { hosts: &self.hosts, role: self.only };
        let timeout = self.asked.timeout();
        Rolling { selection, tolerance: self.tolerance(), patience, timeout }
    }

    fn with_setup<T>(
        &self,
        what: &str,
        console: &Console,
        work: impl FnOnce(&Setup<'_>, &Shown<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let shown = Shown::on(console);
        let command = format!("kafnix rollout {what} --local");
        let work = |setup: &Setup<'_>| work(setup, &shown);
        let done = self.asked.with_local_setup(self.products.as_deref(), &command, console, work);
        shown.clear();
        done
    }
}
