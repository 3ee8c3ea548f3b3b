//! Tries again what a cluster in motion turns away.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::progress::Progress;

/// How often it is tried again.
const PAUSE: Duration = Duration::from_millis(100);

/// Tries again until it succeeds or the time is over; then the last error says why.
pub(crate) async fn repeat<T>(
    until: Instant,
    progress: &dyn Progress,
    mut attempt: impl AsyncFnMut() -> Result<T>,
) -> Result<T> {
    loop {
        let error = match attempt().await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        if Instant::now() >= until {
            return Err(error);
        }
        progress.server("topics", &format!("{error:#}"), false);
        tokio::time::sleep(PAUSE).await;
    }
}
