//! Where the user keeps what programs remember, and which local cluster a command means.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use kafnix_generator::role::Role;
use kafnix_generator::{Checked, Lock, rules};
use kafnix_local::cluster::{Folder, Member, Selection};

use crate::accept::AcceptArg;
use crate::console::Console;
use crate::input::{Input, LockArg, SpecArg, SpecOption};

/// As the XDG base directories say: a variable that is no absolute path counts as unset.
fn folder(variable: &str, in_home: &str) -> Result<PathBuf> {
    let absolute = |name: &str| Some(PathBuf::from(env::var_os(name)?)).filter(|path| path.is_absolute());
    let folder = absolute(variable).or_else(|| Some(absolute("HOME")?.join(in_home)));
    let folder =
        folder.with_context(|| format!("set HOME or {variable} to the absolute path of a folder"))?;
    Ok(folder.join("kafnix"))
}

/// For local clusters.
pub(crate) fn state() -> Result<PathBuf> {
    folder("XDG_STATE_HOME", ".local/state")
}

/// For what can be made again.
pub(crate) fn cache() -> Result<PathBuf> {
    folder("XDG_CACHE_HOME", ".cache")
}

/// The local cluster of a command that needs no spec for it.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    #[command(flatten)]
    spec: SpecArg,
    /// The local cluster of this name, also where its spec is gone
    #[arg(long, value_name = "NAME", conflicts_with = "spec")]
    cluster: Option<String>,
}

/// The same for a command whose arguments are hosts.
#[derive(Debug, clap::Args)]
pub(super) struct WhichOf {
    #[command(flatten)]
    spec: SpecOption,
    /// The local cluster of this name, also where its spec is gone
    #[arg(long, value_name = "NAME", conflicts_with = "spec")]
    cluster: Option<String>,
}

impl Which {
    pub(super) fn find(&self) -> Result<Option<Folder>> {
        find(&self.spec.spec, self.cluster.as_deref())
    }
}

impl WhichOf {
    /// For commands that have nothing to do without one.
    pub(super) fn get(&self) -> Result<Folder> {
        let spec = &self.spec.spec;
        find(spec, self.cluster.as_deref())?.with_context(|| {
            format!("there is no local cluster of `{}`: `kafnix local up` makes one", spec.display())
        })
    }
}

fn find(spec: &Path, cluster: Option<&str>) -> Result<Option<Folder>> {
    let state = state()?;
    if let Some(name) = cluster {
        let is_name = name.chars().all(|part| part.is_ascii_alphanumeric() || part == '-');
        ensure!(is_name && !name.is_empty(), "`{name}` is not a valid cluster name");
        let folder = Folder::open(&state, name)?;
        // A slip in a name that is given is no cluster that has ended.
        return folder.map(Some).with_context(|| no_cluster(&state, name));
    }
    of_spec(spec)
}

fn no_cluster(state: &Path, name: &str) -> String {
    let names = Folder::all(state);
    let names: Vec<_> = names.iter().map(|folder| folder.facts.name.as_str()).collect();
    match names.as_slice() {
        [] => format!("there is no local cluster `{name}`, and no other: `kafnix local up` makes one"),
        names => format!("there is no local cluster `{name}`: there is {}", names.join(", ")),
    }
}

/// The local cluster that was made from a spec.
pub(crate) fn of_spec(spec: &Path) -> Result<Option<Folder>> {
    let state = state()?;
    let path = canonical(spec);
    let all = Folder::all(&state);
    let (mut of_spec, others): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|folder| folder.facts.spec == path);
    if of_spec.len() == 1 {
        return Ok(of_spec.pop());
    }
    // A spec that was renamed or moved is known by the name in it. One that has problems has none.
    let name = Input::read(spec, &LockArg::default())?.check(&[]).cluster;
    let name = name.map(|cluster| cluster.name.value.clone());
    if let Some(name) = &name {
        // One that is damaged is not among all.
        Folder::open(&state, name)?;
    }
    let named = |folder: &Folder| Some(&folder.facts.name) == name.as_ref();
    let several: Vec<_> = of_spec.iter().map(|folder| folder.facts.name.clone()).collect();
    let moved = others.into_iter().filter(|folder| !folder.facts.spec.exists());
    let found = of_spec.into_iter().chain(moved).find(named);
    if found.is_none() && !several.is_empty() {
        bail!(
            "`{}` had several names: say which of its clusters you mean with `--cluster` ({})",
            spec.display(),
            several.join(", ")
        );
    }
    Ok(found)
}

/// Checks a spec for its local cluster: where no lock tells the ids, hosts keep those that they have here, since their
/// data bear them.
pub(crate) fn check(input: &Input, accept: &AcceptArg, command: &str, console: &Console) -> Result<Checked> {
    let checked = accept.check(input, command, console)?;
    let Some(cluster) = checked.cluster.as_ref().filter(|_| input.lock.is_none()) else { return Ok(checked) };
    let Some(Folder { facts, .. }) = Folder::open(&state()?, &cluster.name.value)? else {
        return Ok(checked);
    };
    let id = |member: &Member| Some(cluster.host(&member.host)?.service(member.role)?.id.value);
    let moved = facts.servers.iter().find(|member| id(member).is_some_and(|id| id != member.id));
    let Some(Member { host, role, id: kept, .. }) = moved else { return Ok(checked) };
    console.note(&format!(
        "there is no lock, and the local cluster keeps its ids: `{host}` keeps the {} id {kept}, which `kafnix \
         generate` would not know",
        role.id()
    ));
    let ids = facts.servers.iter().map(|member| (member.role, member.host.clone(), member.id));
    let lock = Lock::of_ids(&facts.name, ids).text();
    // It knows nothing else that a change could be compared with.
    let codes = rules::diagnostics().into_iter().map(|diagnostic| diagnostic.code.to_owned());
    let acceptable: Vec<_> = codes.filter(|code| rules::acceptable(code)).collect();
    Ok(kafnix_generator::check(&input.spec.bytes, Some(lock.as_bytes()), &acceptable))
}

/// The same path for the same file, from wherever it is named.
pub(super) fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

/// That a cluster has what a command names: hosts, and the role on each of them.
pub(super) fn has(folder: &Folder, Selection { hosts, role }: Selection<'_>) -> Result<()> {
    hosts.iter().try_for_each(|host| has_one(folder, host, role))
}

fn has_one(folder: &Folder, host: &str, role: Option<Role>) -> Result<()> {
    let mut names: Vec<_> = folder.facts.servers.iter().map(|member| member.host.as_str()).collect();
    names.dedup();
    ensure!(
        names.contains(&host),
        "the local cluster `{}` has no host `{host}`; its hosts are {}",
        folder.facts.name,
        names.join(", ")
    );
    let runs = |role| folder.facts.servers.iter().any(|member| member.host == host && member.role == role);
    if let Some(role) = role.filter(|role| !runs(*role)) {
        bail!("the host `{host}` runs no {}", role.product());
    }
    Ok(())
}
