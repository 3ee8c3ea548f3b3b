//! ZooKeeper's four-letter words: which ones are asked by whom, whether a server answers them, and what it says to
//! `srvr`.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use core::error::Error;
use core::fmt;

use serde::{Deserialize, Serialize};

/// What is asked of every server, by its launcher and by those of the others.
pub const SRVR: &str = "srvr";
/// Metrics: asked by `kafnix verify`.
pub const MNTR: &str = "mntr";
/// The configuration that a server runs with: asked by `kafnix verify`.
pub const CONF: &str = "conf";
/// The words that kafnix lets a server answer; monitoring asks the others. What is left out costs or tells more.
pub const ALLOWED: [&str; 5] = [SRVR, MNTR, "ruok", CONF, "isro"];

/// The setting that names the words which a server answers.
pub const WHITELIST: &str = "4lw.commands.whitelist";
/// What a server without the setting answers (`FourLetterCommands.java`).
const WHITELIST_DEFAULT: &str = SRVR;

/// Those of `asked` that a server with this whitelist does not answer.
pub fn unanswered<'a>(whitelist: Option<&str>, asked: &[&'a str]) -> alloc::vec::Vec<&'a str> {
    let words = || whitelist.unwrap_or(WHITELIST_DEFAULT).split(',').map(str::trim);
    let answers = |asked: &str| words().any(|word| word == asked || word == "*");
    asked.iter().copied().filter(|asked| !answers(asked)).collect()
}

/// Why an answer says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    Empty,
    /// The whitelist lacks the word.
    Forbidden,
    /// The server runs and is in no quorum.
    NotServing,
    /// It is not what a ZooKeeper server says.
    Unknown(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the server answers nothing"),
            Self::Forbidden => write!(f, "the server may not answer: `{WHITELIST}` does not name the word"),
            Self::NotServing => {
                f.write_str("the server runs and is in no quorum: it does not serve requests")
            }
            Self::Unknown(what) => f.write_str(what),
        }
    }
}

impl Error for Fault {}

/// The answer to any word, if it is one.
pub fn answer(text: &str) -> Result<&str, Fault> {
    if text.trim().is_empty() {
        return Err(Fault::Empty);
    }
    if text.contains("is not executed because it is not in the whitelist") {
        return Err(Fault::Forbidden);
    }
    if text.contains("not currently serving requests") {
        return Err(Fault::NotServing);
    }
    Ok(text)
}

/// What a server is in its ensemble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    Leader,
    Follower,
    Observer,
    Standalone,
}

impl Mode {
    const ALL: [Self; 4] = [Self::Leader, Self::Follower, Self::Observer, Self::Standalone];

    pub fn name(self) -> &'static str {
        match self {
            Self::Leader => "leader",
            Self::Follower => "follower",
            Self::Observer => "observer",
            Self::Standalone => "standalone",
        }
    }
}

/// The answer to `srvr`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Srvr {
    /// The release, without its commit.
    pub version: String,
    pub mode: Mode,
    /// The last transaction; −1 before there is any.
    pub zxid: i64,
}

impl Srvr {
    pub fn read(text: &str) -> Result<Self, Fault> {
        let text = answer(text)?;
        let line = |key: &str| {
            let found = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
            let missing = || Fault::Unknown(format!("the answer to `{SRVR}` has no line `{key}`"));
            found.map(str::trim).ok_or_else(missing)
        };
        let version = line("Zookeeper version")?.split([',', '-', ' ']).next().unwrap_or_default();
        let mode = line("Mode")?;
        let zxid = line("Zxid")?.trim_start_matches("0x");
        let known = Mode::ALL.into_iter().find(|known| known.name() == mode);
        // All bits set stand for −1.
        let number =
            u64::from_str_radix(zxid, 16).map_err(|_| Fault::Unknown(format!("`{zxid}` is not a zxid")))?;
        Ok(Self {
            version: version.to_owned(),
            mode: known.ok_or_else(|| Fault::Unknown(format!("`{mode}` is not a known mode")))?,
            zxid: number.cast_signed(),
        })
    }

    /// Whether there is data: a server that leads nobody but itself may have none.
    pub fn has_data(&self) -> bool {
        self.zxid != -1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "Zookeeper version: 3.9.5-293c895a8d966a3ecb92872be4a1daf87d725da2, built on \
        2026-02-11 20:18 UTC\nLatency min/avg/max: 0/0.0/0\nReceived: 1\nSent: 0\nConnections: 1\nOutstanding: 0\n\
        Zxid: 0x10000004d\nMode: leader\nNode count: 5\n";

    #[test]
    fn srvr_tells_release_mode_and_zxid() {
        let srvr = Srvr::read(ANSWER).unwrap();
        assert_eq!((srvr.version.as_str(), srvr.mode, srvr.zxid), ("3.9.5", Mode::Leader, 0x1_0000_004d));
        assert!(srvr.has_data());
        for mode in Mode::ALL {
            assert_eq!(Srvr::read(&ANSWER.replace("leader", mode.name())).unwrap().mode, mode);
        }
    }

    #[test]
    fn a_server_that_formed_no_quorum_has_no_transaction() {
        let srvr = Srvr::read(&ANSWER.replace("0x10000004d", "0xffffffffffffffff")).unwrap();
        assert_eq!((srvr.zxid, srvr.has_data()), (-1, false));
    }

    #[test]
    fn what_says_nothing_is_told_apart() {
        let fault = |text: &str| Srvr::read(text).unwrap_err();
        assert_eq!(fault("This ZooKeeper instance is not currently serving requests\n"), Fault::NotServing);
        assert_eq!(fault("srvr is not executed because it is not in the whitelist.\n"), Fault::Forbidden);
        assert_eq!(fault("\n"), Fault::Empty);
        assert!(matches!(fault("HTTP/1.1 400"), Fault::Unknown(what) if what.contains("no line")));
        let read_only = fault(&ANSWER.replace("leader", "read-only"));
        assert_eq!(read_only, Fault::Unknown("`read-only` is not a known mode".to_owned()));
        let damaged = fault(&ANSWER.replace("0x1", "0xy"));
        assert!(matches!(damaged, Fault::Unknown(what) if what.ends_with("is not a zxid")));
    }

    #[test]
    fn a_whitelist_names_words_or_all_of_them() {
        let asked = [SRVR, MNTR, CONF];
        assert_eq!(unanswered(None, &asked), [MNTR, CONF]);
        assert_eq!(unanswered(Some("conf, srvr"), &asked), [MNTR]);
        assert_eq!(unanswered(Some(""), &asked), asked);
        assert!(unanswered(Some("ruok,*"), &asked).is_empty());
        assert!(unanswered(Some(&ALLOWED.join(",")), &asked).is_empty());
    }
}
