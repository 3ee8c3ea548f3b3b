//! Tries again what a cluster in motion turns away.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::progress::Progress;

/// How often it is tried again.
const PAUSE: Duration = Duration::from_millis(100);

/// Tries again until it succeeds or the time is over; then the last error says why.
pub(crate) async fn repeat(
    until: Instant,
    progress: &dyn Progress,
    mut attempt: impl AsyncFnMut() -> Result<()>,
) -> Result<()> {
    loop {
        let Err(error) = attempt().await else { return Ok(()) };
        if Instant::now() >= until {
            return Err(error);
        }
        progress.server("topics", &format!("{error:#}"), false);
        tokio::time::sleep(PAUSE).await;
    }
}
