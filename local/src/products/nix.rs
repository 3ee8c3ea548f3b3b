//! The releases as packages of a flake: the one of the spec, if it is kafnix's own repository, or the
//! kafnix that it has as an input. No other address is guessed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Release;

#[derive(Debug)]
pub(super) struct Flake {
    folder: PathBuf,
    /// Whether kafnix is an input of the flake, or the flake itself.
    is_input: bool,
}

impl Flake {
    /// The flake in a folder or above it, if it has to do with kafnix.
    pub(super) fn above(folder: &Path) -> Option<Self> {
        let folder = folder.canonicalize().ok()?;
        let folder = folder.ancestors().find(|folder| folder.join("flake.nix").is_file())?;
        let is_input = has_kafnix_as_input(&folder.join("flake.lock"));
        let is_kafnix = || folder.join("nixos-modules/packages").is_dir();
        (is_input || is_kafnix()).then(|| Self { folder: folder.to_owned(), is_input })
    }

    /// Builds a release and leaves a link to it, which keeps it from being collected.
    pub(super) fn build(&self, release: Release, link: &Path) -> Result<(), String> {
        let attribute = release.to_string().replace('.', "_");
        let mut nix = Command::new("nix");
        nix.args(["--extra-experimental-features", "nix-command flakes"]);
        nix.args(["build", "--no-write-lock-file", "--out-link"]).arg(link);
        if self.is_input {
            // The registry of the flake's own inputs is all that is needed; the global one is a download.
            nix.args(["--option", "flake-registry", "", "--inputs-from"]).arg(&self.folder);
            nix.arg(format!("kafnix#{attribute}"));
        } else {
            nix.arg(format!("{}#{attribute}", self.folder.display()));
        }
        let output = nix.stdin(Stdio::null()).output();
        let output = output.map_err(|error| format!("cannot run nix: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(reason(&said))
    }
}

/// The first line that names an error; warnings of tries that failed stand before it.
fn reason(said: &str) -> String {
    let errors = said.lines().map(str::trim).filter_map(|line| line.strip_prefix("error:"));
    let mut errors = errors.map(str::trim).filter(|line| !line.is_empty());
    errors.next().unwrap_or("it gives no reason").to_owned()
}

fn has_kafnix_as_input(lock: &Path) -> bool {
    let Ok(text) = fs_err::read_to_string(lock) else { return false };
    let Ok(lock) = serde_json::from_str::<serde_json::Value>(&text) else { return false };
    let root = lock["root"].as_str().unwrap_or("root");
    lock["nodes"][root]["inputs"].get("kafnix").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flake_of_a_user_has_kafnix_as_an_input() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("clusters/a");
        std::fs::create_dir_all(&below).unwrap();
        assert!(Flake::above(&below).is_none());
        std::fs::write(folder.path().join("flake.nix"), "{ }").unwrap();
        assert!(Flake::above(&below).is_none(), "a flake that has nothing to do with kafnix");
        let lock = r#"{ "root": "root", "nodes": { "root": { "inputs": { "kafnix": "kafnix" } } } }"#;
        std::fs::write(folder.path().join("flake.lock"), lock).unwrap();
        let flake = Flake::above(&below).unwrap();
        assert!(flake.is_input && flake.folder == folder.path().canonicalize().unwrap());
    }

    #[test]
    fn kafnix_itself_has_the_packages() {
        let flake = Flake::above(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert!(!flake.is_input);
    }

    #[test]
    fn the_reason_is_the_error_that_ended_it() {
        let said = "warning: error: no host; retrying\nerror: no host\n(use '--show-trace')\n";
        assert_eq!(reason(said), "no host");
        assert_eq!(reason("error:\n  error: inner\n"), "inner");
    }
}
