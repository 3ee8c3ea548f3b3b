//! What a local cluster is made of, from the arguments and the environment.

use std::env;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use kafnix_generator::Checked;
use kafnix_local::cluster::Setup;
use kafnix_local::products::Sources;

use super::home;
use crate::accept::AcceptArg;
use crate::commands::refuse;
use crate::console::Console;
use crate::input::{Input, LockArg};

pub(in crate::commands) struct Of<'a> {
    pub(in crate::commands) spec: &'a Path,
    pub(in crate::commands) lock: &'a LockArg,
    pub(in crate::commands) accept: &'a AcceptArg,
    pub(in crate::commands) products: Option<&'a Path>,
    pub(in crate::commands) first_address: Option<Ipv4Addr>,
}

impl Of<'_> {
    /// Nothing where the spec has problems, which have been told. `command` is what a person runs with `--accept`.
    pub(in crate::commands) fn with_setup<T>(
        &self,
        command: &str,
        console: &Console,
        work: impl FnOnce(&Setup<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let input = Input::with_ids(self.spec, self.lock)?;
        let Checked { cluster, problems, .. } = home::check(&input, self.accept, command, console)?;
        let Some(cluster) = cluster else {
            refuse(problems, &input, console)?;
            return Ok(None);
        };
        let products = self.products.map(Path::to_owned);
        let products = products.or_else(|| env::var_os("KAFNIX_PRODUCTS").map(PathBuf::from));
        let (state, cache) = (home::state()?, home::cache()?);
        fs_err::create_dir_all(&state)?;
        let spec = home::canonical(self.spec);
        let kafnix = env::current_exe().context("cannot tell where kafnix itself is")?;
        let kafnix = kafnix.into_os_string().into_string();
        let kafnix = kafnix.ok().context("the path of kafnix is not UTF-8")?;
        let setup = Setup {
            cluster: &cluster,
            spec: &spec,
            state: &state,
            launcher: &[kafnix, "launch".to_owned()],
            sources: Sources {
                products: products.as_deref().filter(|path| !path.as_os_str().is_empty()),
                flake: spec.parent(),
                cache: &cache,
                mirrors: None,
            },
            variable: &|name| env::var_os(name),
            first_address: self.first_address,
        };
        work(&setup).map(Some)
    }
}
