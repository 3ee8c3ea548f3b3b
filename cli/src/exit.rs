//! What a run comes to. Every exit status of the program is made here.

use std::process::ExitCode;

pub(crate) const MEANING: &str = "0 all is good; 1 the spec has problems, `generate --check` found drift, \
    `diff` found a change, `plan`, `apply` or `rollout plan` leave something to do, a check of `verify` \
    fails, `guard` refuses a switch, or another host has the turn; 2 the command could not do its work; 141 \
    the pipe that it writes to was closed.";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Done, and nothing is wrong with the spec; warnings are nothing wrong.
    Good,
    /// The spec has errors, the tree is not what the spec makes of it, or a running cluster is not.
    Problems,
    /// The tool could not do its work. clap ends with this status too, for arguments that are wrong.
    Fault,
    /// A service of a host cannot do its work until a person has changed something: systemd does not start it again.
    #[cfg(feature = "live")]
    Refused,
    /// The pipe that it writes to was closed before it was done: what a shell reports of SIGPIPE.
    #[cfg(feature = "live")]
    Cut,
}

/// Ends a run whose progress nobody reads any more, as SIGPIPE would: at once, like an interrupt.
#[cfg(feature = "live")]
pub(crate) fn cut() -> ! {
    std::process::exit(CUT.into())
}

#[cfg(feature = "live")]
const CUT: u8 = 141;

/// As for what the launcher refuses.
#[cfg(feature = "live")]
const REFUSED: u8 = 78;

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Good => 0,
            Status::Problems => 1,
            Status::Fault => 2,
            #[cfg(feature = "live")]
            Status::Refused => REFUSED,
            #[cfg(feature = "live")]
            Status::Cut => CUT,
        })
    }
}
