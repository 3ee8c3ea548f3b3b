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

/// What the status file holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The process of the launcher.
    pub launcher: u32,
    /// The process of the JVM, while there is one.
    pub java: Option<u32>,
    pub phase: Phase,
    /// When the phase began, in seconds since 1970. Launchers of older releases do not tell it.
    pub since: Option<u64>,
    pub ready: bool,
    pub status: String,
    pub exit: Option<u8>,
}
