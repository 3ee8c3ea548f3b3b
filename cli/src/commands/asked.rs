//! Which running cluster a command asks: at the addresses of the spec, or the one of this machine.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use kafnix_client::Access;
use kafnix_generator::{Checked, Cluster};
use kafnix_local::cluster::{self as local, Setup};
use kafnix_operate::observe::Options;

use super::identity::IdentityArgs;
use super::local::home;
use super::local::setup::Of;
use super::{refuse, seconds};
use crate::accept::AcceptArg;
use crate::console::Console;
use crate::input::{Input, LockArg, ReadSpecArg};
use crate::progress::Shown;

/// An election takes ZooKeeper seconds, and the session of a controller that was killed lives 18 s, unless the spec
/// says otherwise. Help and docs/operating.md name it.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, clap::Args)]
pub(crate) struct Asked {
    #[command(flatten)]
    spec: ReadSpecArg,
    #[command(flatten)]
    lock: LockArg,
    #[command(flatten)]
    accept: AcceptArg,
    /// The cluster that `kafnix local` runs on this machine
    #[arg(long)]
    local: bool,
    /// How long a server may take to accept a connection or to answer
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    timeout: Duration,
    #[command(flatten)]
    identity: IdentityArgs,
}

impl Asked {
    pub(crate) fn is_local(&self) -> bool {
        self.local
    }

    /// Does something with what the local cluster is made of; nothing where the spec has problems, which have been
    /// told.
    pub(crate) fn with_local_setup<T>(
        &self,
        products: Option<&Path>,
        command: &str,
        console: &Console,
        work: impl FnOnce(&Setup<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let spec = self.spec.here();
        let Self { lock, accept, .. } = self;
        let of = Of { spec: &spec, lock, accept, products, first_address: None };
        of.with_setup(command, console, work)
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// How this cluster is asked.
    pub(crate) fn options(&self, cluster: &Cluster) -> Result<Options> {
        let access = if self.local {
            local::access(cluster, self.timeout)?
        } else {
            Access { limit: self.timeout, identity: self.identity.read(cluster)? }
        };
        Ok(Options { access, local: self.local, peers: false, patience: PATIENCE })
    }

    /// Waits for whoever starts or ends servers of the local cluster, and says where not all of them serve.
    pub(crate) fn wait_for_others(&self, console: &Console) -> Result<()> {
        let folder = if self.local { home::of_spec(&self.spec.here())? } else { None };
        let Some(folder) = folder else { return Ok(()) };
        let progress = Shown::on(console);
        let held = folder.lock(&progress);
        progress.clear();
        held.map(drop)?;
        if folder.servers().any(|(_, server)| !server.status().serves()) {
            console.note(
                "not all servers of this cluster serve: `kafnix local status` tells what each waits for",
            );
        }
        Ok(())
    }

    /// Nothing where the spec has problems, which have been told: nobody is asked then. `command` is what a person
    /// runs with `--accept`.
    pub(crate) fn cluster(&self, command: &str, console: &Console) -> Result<Option<Cluster>> {
        let spec = if self.local { self.spec.here() } else { self.spec.path(console) };
        let input = Input::with_ids(&spec, &self.lock)?;
        let Checked { cluster, problems, .. } = if self.local {
            home::check(&input, &self.accept, command, console)?
        } else {
            self.accept.check(&input, "kafnix generate", console)?
        };
        let Some(cluster) = cluster else {
            refuse(problems, &input, console)?;
            return Ok(None);
        };
        if !self.local {
            return Ok(Some(cluster));
        }
        let folder = home::of_spec(&spec)?.with_context(|| {
            format!("there is no local cluster of `{}`: `kafnix local up` makes one", spec.display())
        })?;
        local::moved(&cluster, &folder).map(Some)
    }
}

/// Shows on a terminal that the hosts are being asked.
pub(crate) fn asking<T>(cluster: &Cluster, console: &Console, ask: impl FnOnce(&Shown<'_>) -> T) -> T {
    let progress = Shown::on(console);
    progress.doing(&format!("asking the hosts of `{}`", cluster.name.value));
    let answer = ask(&progress);
    progress.clear();
    answer
}
