//! Tries again what a cluster in motion turns away.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::progress::Progress;

/// How long is waited before the next attempt: twice as long each time, so that what is refused for good costs a
/// cluster little.
pub(crate) struct Pauses {
    next: Duration,
    most: Duration,
}

impl Pauses {
    pub(crate) fn from(first: Duration, most: Duration) -> Self {
        Self { next: first, most }
    }

    /// For work that somebody waits for.
    pub(crate) fn short() -> Self {
        Self::from(Duration::from_millis(100), Duration::from_secs(2))
    }

    pub(crate) async fn pause(&mut self) {
        tokio::time::sleep(self.next).await;
        self.next = (self.next * 2).min(self.most);
    }
}

/// Tries again until it succeeds or the time is over; then the last error says why.
pub(crate) async fn repeat<T>(
    until: Instant,
    progress: &dyn Progress,
    mut attempt: impl AsyncFnMut() -> Result<T>,
) -> Result<T> {
    let mut pauses = Pauses::short();
    loop {
        let error = match attempt().await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        if Instant::now() >= until {
            return Err(error);
        }
        progress.server("topics", &format!("{error:#}"), false);
        pauses.pause().await;
    }
}
