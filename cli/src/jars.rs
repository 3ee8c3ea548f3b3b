//! The jars of `extraJars`: whether they are where the hosts' configuration takes them from.

use std::path::{Component, Path, PathBuf};

use kafnix_generator::role::Role;
use kafnix_generator::rules::NO_JAR;
use kafnix_generator::{Cluster, Problem};

/// Every jar that no host could take along.
pub(crate) fn problems(cluster: &Cluster, spec: &Path) -> Vec<Problem> {
    // What the shell hands over lies nowhere.
    let is_file = !spec.starts_with("/dev") && !spec.starts_with("/proc");
    let Some(folder) = folder(spec).filter(|_| is_file) else { return Vec::new() };
    let repository = folder.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned);
    let mut problems = Vec::new();
    for role in Role::ALL {
        for (index, jar) in cluster.extra_jars(role).iter().enumerate() {
            let path = resolved(&folder.join(jar));
            let (title, label) = match &repository {
                Some(repository) if !path.starts_with(repository) => (
                    format!("`{jar}` is not in the repository `{}`", repository.display()),
                    "leads out of it",
                ),
                _ if !path.is_file() => (format!("there is no file `{}`", path.display()), "not there"),
                _ => continue,
            };
            problems.push(NO_JAR.problem(title).at(format!("/{}/extraJars/{index}", role.key()), label));
        }
    }
    problems
}

fn folder(spec: &Path) -> Option<PathBuf> {
    Some(resolved(std::path::absolute(spec).ok()?.parent()?))
}

/// Without `.` and `..`, as Nix reads a path.
fn resolved(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut path, part| {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::CurDir => {}
            part => path.push(part),
        }
        path
    })
}
