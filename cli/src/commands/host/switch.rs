//! Whether this host is being switched: NixOS's switch-to-configuration holds a lock from before its checks to its end.

use std::io::ErrorKind;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use kafnix_operate::progress::Progress;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

const LOCK: &str = "/run/nixos/switch-to-configuration.lock";
const PAUSE: Duration = Duration::from_millis(500);

/// Returns when no switch is under way.
pub(super) fn wait_until_over(progress: &dyn Progress) -> Result<()> {
    loop {
        let file = match fs_err::File::open(LOCK) {
            Ok(file) => file,
            // No switch since the host was booted.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        match flock(file.file(), FlockOperation::NonBlockingLockShared) {
            Ok(()) => return Ok(()),
            Err(Errno::WOULDBLOCK | Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        progress.server("switch", "waiting for the switch to end", false);
        thread::sleep(PAUSE);
    }
}
