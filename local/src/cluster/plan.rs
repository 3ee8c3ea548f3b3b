//! What each server of a moved cluster is started with: its settings and the launcher's arguments, as the
//! generator makes them for the units.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use kafnix_generator::Cluster;
use kafnix_generator::cluster::{Host, Service};
use kafnix_generator::hosts::{self, ServiceConfig};
use kafnix_generator::launch::{self, InstallPaths};
use kafnix_generator::spec::Jdk;

use super::server::{Plan, STATUS_FILE, Server};
use super::state::Folder;
use crate::java::Java;
use crate::products::Release;

/// What a server runs on.
#[derive(Clone, Debug)]
pub struct Runtime {
    pub java: Java,
    pub release: Release,
    /// Where the release is.
    pub folder: PathBuf,
}

/// A server, how it is to be started, and the directories that it needs.
#[derive(Debug)]
pub struct Planned {
    pub server: Server,
    pub plan: Plan,
    pub runtime: Runtime,
    pub directories: Vec<PathBuf>,
}

/// Every server of a moved cluster; `runtime` tells what each runs on.
pub fn plans(
    cluster: &Cluster,
    folder: &Folder,
    runtime: impl Fn(&Host, &Service) -> Result<Runtime>,
) -> Result<Vec<Planned>> {
    let mut planned = Vec::new();
    for (config, host) in hosts::hosts(cluster).iter().zip(&cluster.hosts) {
        for service in host.services() {
            let Some(of_service) = config.services.get(&service.role) else { continue };
            let server = folder.server(&host.name, service.role);
            let runtime = runtime(host, service)?;
            let plan = plan(cluster, config.jdk, of_service, &server, &runtime)?;
            let directories = service.paths().map(PathBuf::from).collect();
            planned.push(Planned { server, plan, runtime, directories });
        }
    }
    Ok(planned)
}

fn plan(
    cluster: &Cluster,
    jdk: Jdk,
    service: &ServiceConfig<'_>,
    server: &Server,
    runtime: &Runtime,
) -> Result<Plan> {
    let text = |path: &Path| path.to_str().map(str::to_owned).context("a path that is not UTF-8");
    let config = service.role.config_file();
    let paths = [
        &runtime.java.program,
        &runtime.folder,
        &server.path(config),
        &server.runtime(),
        &server.memory(),
        &server.logs(),
    ];
    let paths = paths.into_iter().map(|path| text(path)).collect::<Result<Vec<_>>>()?;
    let [java, install, config_path, scratch, memory, logs] = paths.as_slice() else {
        anyhow::bail!("as many paths as there are");
    };
    let jars = cluster.extra_jars(service.role);
    jars.iter().try_for_each(|jar| check_path(Path::new(jar)))?;
    let extra_jars = &jars.join(":");
    let paths =
        InstallPaths { java, install, extra_jars, config: config_path, runtime: scratch, memory, logs };
    let mut arguments = launch::arguments(cluster, jdk, service, &paths);
    let settings = service.files.get(config).context("a host without its settings")?;
    let java = kafnix_launch::java_command(&arguments)?;
    arguments.extend([STATUS_FILE.to_owned(), text(&server.status_file())?, "--log-time".to_owned()]);
    // Class-data archives here are made once the plan is known, and one that is gone is no other plan.
    Ok(Plan { arguments, java, settings: settings.clone(), archive: None })
}

/// `log.dirs` is a list of commas, a class path one of colons, and neither can hold its own separator.
pub fn check_path(path: &Path) -> Result<()> {
    let text = path.to_str().with_context(|| format!("the path `{}` is not UTF-8", path.display()))?;
    let wrong = text.chars().find(|character| {
        character.is_whitespace()
            || character.is_control()
            || matches!(character, ',' | ':' | '*' | '%' | '\\')
    });
    ensure!(
        wrong.is_none(),
        "the path `{text}` has a character that the servers' settings cannot hold ({:?}): use another folder, \
         by XDG_STATE_HOME, XDG_CACHE_HOME or `--products`",
        wrong.unwrap_or_default()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_a_list_would_break_is_refused() {
        check_path(Path::new("/home/a/.local/state/kafnix/peter-kafka")).unwrap();
        for path in ["/a,b", "/a b", "/a:b", "/a*", "/a\nb", "/100%"] {
            check_path(Path::new(path)).unwrap_err();
        }
    }
}
