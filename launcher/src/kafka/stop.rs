//! Ends a broker in time. It may take as long as its controlled shutdown needs; but one whose logs are
//! closed and that still does not end, or that asks an ensemble that is gone for the controller, waits
//! for ever.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use tokio::time::sleep;

use super::broker::{Broker, Ensemble, Listener};
use super::directories::CLEAN;
use super::log_dirs::LogDirs;
use crate::ensemble::{Lasting, Roll};
use crate::notify::{self, Phase, StatusReporter};
use crate::probe;

/// A broker that does not hang ends soon after it has closed its logs.
const USUAL: Duration = Duration::from_secs(2);
/// What it may still do then: give up its registration, which would else outlive it by its session.
const LAST_CHANCE: Duration = Duration::from_secs(5);

/// How often to look whether the ensemble is back and the broker still hands over its leaders.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Called before the broker is asked to end; what it returns is done when the broker may be killed.
pub fn stopping<'a>(
    broker: &Broker,
    usable: &[PathBuf],
    log_dirs: &LogDirs,
    reporter: &'a StatusReporter,
) -> impl Future<Output = ()> + use<'a> {
    reporter.say(Phase::Stopping, "stopping: moving leaders, then closing logs");
    // A disk that failed is closed by nobody, so a stop must not wait for it.
    let offline = log_dirs.offline_since_registered();
    let online = usable.iter().filter(|directory| !offline.contains(&directory.as_path()));
    let before: Vec<_> = online.map(|directory| (directory.clone(), closed_at(directory))).collect();
    let (ensemble, listeners) = (broker.ensemble.clone(), broker.listeners.clone());
    let patience = broker.hand_over + USUAL;
    async move {
        tokio::select! {
            () = closed(&before) => {}
            () = abandoned(&ensemble, &listeners, patience) => {
                let status = "stopping: the broker waits for an ensemble that is gone and is ended; it will \
                    recover its logs";
                notify::warn(status);
                reporter.say(Phase::Stopping, status);
                return;
            }
        }
        sleep(USUAL).await;
        let seconds = LAST_CHANCE.as_secs();
        let status = format!("stopping: logs are closed, the broker hangs and is ended in {seconds} s");
        notify::warn(&status);
        reporter.say(Phase::Stopping, status);
        sleep(LAST_CHANCE).await;
    }
}

/// When Kafka said last that it has closed all logs of the directory. It takes that back when it
/// starts, so whatever differs from the moment before the stop is of this stop, whatever the clocks.
fn closed_at(directory: &Path) -> Option<SystemTime> {
    directory.join(CLEAN).metadata().ok()?.modified().ok()
}

async fn closed(before: &[(PathBuf, Option<SystemTime>)]) {
    while !all_closed(before) {
        sleep(Duration::from_millis(250)).await;
    }
}

/// Until the broker has tried for longer than it is configured to, without an ensemble, to hand over
/// its leaders. Older releases (2.7 is one) ask the ensemble for the controller and never give up. As
/// long as a broker does that, it takes connections, even where it answers nobody any more; it takes
/// none when it goes on to close its logs, however long that lasts.
async fn abandoned(ensemble: &Ensemble, listeners: &[Listener], patience: Duration) {
    let mut tries = Lasting::default();
    loop {
        let gone = Roll::call(&ensemble.members).await.serving.is_empty();
        let tries_still = gone && takes_connections(listeners).await;
        if tries.note(tries_still, Instant::now()) > patience {
            return;
        }
        sleep(LOOK_AGAIN).await;
    }
}

async fn takes_connections(listeners: &[Listener]) -> bool {
    match listeners.first() {
        Some(listener) => probe::listener(&listener.address, false).await,
        None => false,
    }
}

fn all_closed(before: &[(PathBuf, Option<SystemTime>)]) -> bool {
    before.iter().all(|(directory, before)| {
        let now = closed_at(directory);
        now.is_some() && now != *before
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_logs_are_closed_when_every_directory_says_so_anew() {
        let folder = tempfile::tempdir().unwrap();
        let directories: Vec<_> = ["a", "b"].iter().map(|name| folder.path().join(name)).collect();
        for directory in &directories {
            fs::create_dir(directory).unwrap();
        }
        let close = |at: usize, seconds| {
            let file = fs::File::create(directories[at].join(CLEAN)).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
        };
        close(0, 100);
        let before: Vec<_> =
            directories.iter().map(|directory| (directory.clone(), closed_at(directory))).collect();
        assert!(!all_closed(&before));
        close(1, 200);
        assert!(!all_closed(&before), "the first is of an earlier stop");
        close(0, 200);
        assert!(all_closed(&before));
    }
}
