//! What a launcher says of its server: the file of `--status-file`, written by the launcher and read by whoever
//! started it.

use alloc::string::String;

use serde::{Deserialize, Serialize};

/// Where a server is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Its JVM is not started yet.
    Waiting,
    /// Its JVM runs and has not served yet.
    Starting,
    Serving,
    /// It has served and answers, and does not serve now: it waits for the others.
    Unavailable,
    /// It has served and does not answer: it hangs, or somebody has suspended it.
    Unresponsive,
    Stopping,
    Ended,
}

/// How the status of a broker begins that reads its logs again.
pub const RECOVERING: &str = "recovering its logs";

/// What the status file holds, and what whoever reads it knows of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The process of the launcher, if it runs.
    pub launcher: Option<u32>,
    /// The process of the JVM, while there is one.
    pub java: Option<u32>,
    pub phase: Phase,
    /// When the phase began, in seconds since 1970, where that is known.
    pub since: Option<u64>,
    pub ready: bool,
    pub status: String,
    pub exit: Option<u8>,
}

impl Status {
    pub fn runs(&self) -> bool {
        self.phase != Phase::Ended
    }

    /// Whether it has ended by SIGKILL: its launcher, which tells nothing then, or its JVM.
    pub fn was_killed(&self) -> bool {
        const BY_SIGKILL: u8 = 128 + 9;
        self.phase == Phase::Ended && self.exit.is_none_or(|exit| exit == BY_SIGKILL)
    }

    pub fn serves(&self) -> bool {
        self.phase == Phase::Serving
    }

    /// Whether the launcher has found nothing to refuse, and waits or has started the JVM.
    pub fn is_under_way(&self) -> bool {
        self.ready || self.java.is_some() || self.status.starts_with("waiting")
    }
}
