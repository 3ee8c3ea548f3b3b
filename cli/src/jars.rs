//! The jars of `extraJars`: whether they are jars, where the hosts' configuration takes them from.

use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use kafnix_generator::{Jar, Problem, rules};

/// Every jar that no host could take along.
pub(crate) fn problems(jars: &[Jar], spec: &Path) -> Vec<Problem> {
    // What the shell hands over lies nowhere.
    let is_file = !spec.starts_with("/dev") && !spec.starts_with("/proc");
    let Some(folder) = folder(spec).filter(|_| is_file) else { return Vec::new() };
    let repository = repository(&folder);
    jars.iter().filter_map(|jar| problem(jar, &folder, repository)).collect()
}

/// What a flake sees: the repository, or without one the folder of the flake.
fn repository(folder: &Path) -> Option<&Path> {
    let above = |name: &str| folder.ancestors().find(|folder| folder.join(name).exists());
    above(".git").or_else(|| above("flake.nix"))
}

fn problem(jar: &Jar, folder: &Path, repository: Option<&Path>) -> Option<Problem> {
    const COPY: &str = "copy the jar into the repository, add it (git add), and write its path from the spec";
    const FOLDER: &str = "name each jar in it by its path; a whole folder is added in a machine file \
                          (`services.kafnix.kafka.extraJars`)";
    const AGAIN: &str = "put the jar there again; where Git LFS keeps it, `git lfs pull` fetches it";
    let path = resolved(&folder.join(&jar.path));
    let shown = path.display();
    if let Some(repository) = repository.filter(|repository| !path.starts_with(repository)) {
        let title = format!("`{}` lies outside the repository `{}`", jar.path, repository.display());
        return Some(jar.problem(title, "leads out of the repository", COPY));
    }
    let Ok(metadata) = fs_err::metadata(&path) else {
        return Some(jar.problem(format!("there is no file `{shown}`"), "not there", rules::NO_JAR.help));
    };
    if leads_out(&path, repository) {
        let title = format!("`{shown}` is a link that leads out of the repository");
        return Some(jar.problem(title, "a link to somewhere else", COPY));
    }
    if metadata.is_dir() {
        return Some(jar.problem(format!("`{shown}` is a folder"), "a folder", FOLDER));
    }
    if metadata.len() == 0 {
        return Some(jar.problem(format!("`{shown}` is an empty file"), "empty", AGAIN));
    }
    let is_jar = match is_zip(&path) {
        Ok(is_zip) => is_zip,
        Err(error) => {
            let title = format!("`{shown}` cannot be read: {error}");
            return Some(jar.problem(title, "cannot be read", "let the user of `kafnix` read it"));
        }
    };
    let title = || format!("`{shown}` is no jar: it does not begin as a ZIP file does");
    (!is_jar).then(|| jar.problem(title(), "no jar", AGAIN))
}

/// Whether a link on the way ends elsewhere: it would be in the Nix store as it is, and lead to nothing.
fn leads_out(path: &Path, repository: Option<&Path>) -> bool {
    let ends = |path: &Path| fs_err::canonicalize(path).ok();
    let ends = repository.and_then(|repository| Some((ends(path)?, ends(repository)?)));
    ends.is_some_and(|(path, repository)| !path.starts_with(repository))
}

fn is_zip(path: &Path) -> std::io::Result<bool> {
    let mut start = [0; 4];
    let read = std::fs::File::open(path)?.read(&mut start)?;
    Ok(start[..read] == *b"PK\x03\x04")
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
