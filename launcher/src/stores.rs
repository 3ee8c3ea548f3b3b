//! Waits until the files are there that a server reads for TLS. At the first boot of a host they may come late, and a
//! server without them ends at once.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::sleep;

use crate::notify::{Phase, StatusReporter};

const PAUSE: Duration = Duration::from_secs(1);

/// However long that takes: who brings them is a person.
pub async fn wait_until_here(files: &[PathBuf], reporter: &StatusReporter) {
    while let Some(reason) = files.iter().find_map(|file| fault(file)) {
        reporter.say(Phase::Waiting, reason);
        sleep(PAUSE).await;
    }
}

/// Why a file is not one that the server could read.
fn fault(path: &Path) -> Option<String> {
    let shown = path.display();
    match File::open(path).and_then(|file| file.metadata()) {
        Ok(file) if file.len() == 0 => Some(format!("waiting for the TLS file {shown}: it is empty")),
        Ok(_) => None,
        Err(error) => Some(format!("waiting for the TLS file {shown}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_missing_or_empty_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keystore.pem");
        assert!(fault(&file).unwrap().contains("No such file"));
        std::fs::write(&file, "").unwrap();
        assert!(fault(&file).unwrap().ends_with("it is empty"));
        std::fs::write(&file, "-----BEGIN").unwrap();
        assert_eq!(fault(&file), None);
    }
}
