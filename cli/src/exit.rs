//! What a run comes to. Every exit status of the program is made here.

use std::process::ExitCode;

pub(crate) const MEANING: &str =
    "0 good, 1 the spec has problems or --check found drift, 2 the tool could not do its work.";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Done, and nothing is wrong with the spec; warnings are nothing wrong.
    Good,
    /// The spec has errors, or the tree is not what the spec makes of it.
    Problems,
    /// The tool could not do its work. clap ends with this status too, for arguments that are wrong.
    Fault,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Good => 0,
            Status::Problems => 1,
            Status::Fault => 2,
        })
    }
}
