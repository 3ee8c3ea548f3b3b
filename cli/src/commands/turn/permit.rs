//! What lets the next switch of this host pass whatever it does. It lies where a boot clears it, and is used once.

use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use tempfile::NamedTempFile;

const FILE: &str = "/run/kafnix/permit";

/// Gives it, with the reason of the person who does.
pub(super) fn give(reason: &str) -> Result<()> {
    let folder = Path::new(FILE).parent().context("the permit has no folder")?;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("cannot make `{}`", folder.display()))?;
    let mut file = NamedTempFile::new_in(folder)?;
    writeln!(file, "{reason}")?;
    file.persist(FILE)?;
    Ok(())
}

/// The reason, where there is one. A switch uses it up; a check does not.
pub(in crate::commands) fn take(verb: &str) -> Result<Option<String>> {
    let reason = match fs_err::read_to_string(FILE) {
        Ok(reason) => reason.trim().to_owned(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if verb != "check" {
        fs_err::remove_file(FILE)?;
    }
    Ok(Some(reason))
}
