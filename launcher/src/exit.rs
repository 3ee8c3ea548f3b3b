//! How a launcher ends on its own account: a status that systemd understands, and one sentence.

use std::error::Error;
use std::fmt;

#[derive(Debug)]
pub struct Exit {
    pub status: u8,
    sentence: String,
}

/// What the unit lists in `RestartPreventExitStatus=`.
const A_PERSON_DECIDES: u8 = 78;
/// `EX_TEMPFAIL` of sysexits.h: systemd starts the unit again.
const TRY_AGAIN: u8 = 75;
/// What a JVM ends with after a SIGTERM.
pub const STOPPED: u8 = 143;

/// A person must decide: starting again would not help.
pub fn refuse(sentence: String) -> anyhow::Error {
    Exit { status: A_PERSON_DECIDES, sentence }.into()
}

/// It may be better later, and it heals by itself when it is.
pub fn try_again(sentence: String) -> anyhow::Error {
    Exit { status: TRY_AGAIN, sentence }.into()
}

impl fmt::Display for Exit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.sentence)
    }
}

impl Error for Exit {}
