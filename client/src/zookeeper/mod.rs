//! ZooKeeper's four-letter words: what a server says of itself, to anybody who asks.

pub mod session;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{connect, within};

/// No word has an answer anywhere near this.
const MOST_BYTES: u64 = 1 << 20;

/// Sends a word and reads the whole answer.
pub async fn word(address: &str, word: &str, limit: Duration) -> Result<String> {
    within(limit, address, async {
        let mut stream =
            connect(address, limit).await.map_err(|closed| anyhow::anyhow!("{address} {closed}"))?;
        stream.write_all(word.as_bytes()).await.with_context(|| format!("cannot send to {address}"))?;
        let mut answer = Vec::new();
        let read = stream.take(MOST_BYTES).read_to_end(&mut answer).await;
        read.with_context(|| format!("cannot read what {address} answers to `{word}`"))?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        if answer.contains("is not executed because it is not in the whitelist") {
            bail!("the server does not answer `{word}`: `4lw.commands.whitelist` does not name it");
        }
        ensure!(!answer.trim().is_empty(), "{address} answers nothing to `{word}`");
        Ok(answer)
    })
    .await
}

/// What a server is in its ensemble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Leader,
    Follower,
    Observer,
    Standalone,
}

impl Mode {
    fn read(text: &str) -> Option<Self> {
        Some(match text {
            "leader" => Self::Leader,
            "follower" => Self::Follower,
            "observer" => Self::Observer,
            "standalone" => Self::Standalone,
            _ => return None,
        })
    }

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Srvr {
    /// The release, without its commit.
    pub version: String,
    pub mode: Mode,
    /// The last transaction; −1 before there is any.
    pub zxid: i64,
}

impl Srvr {
    pub fn read(answer: &str) -> Result<Self> {
        let not_serving = answer.contains("not currently serving requests");
        ensure!(!not_serving, "the server runs and is in no quorum: it does not serve requests");
        let line = |key: &str| {
            let found = answer.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
            found.map(str::trim).with_context(|| format!("the answer to `srvr` has no line `{key}`"))
        };
        let version = line("Zookeeper version")?.split([',', '-', ' ']).next().unwrap_or_default();
        let mode = line("Mode")?;
        let zxid = line("Zxid")?.trim_start_matches("0x");
        // All bits set stand for −1.
        let zxid = u64::from_str_radix(zxid, 16).with_context(|| format!("`{zxid}` is not a zxid"))?;
        Ok(Self {
            version: version.to_owned(),
            mode: Mode::read(mode).with_context(|| format!("`{mode}` is not a known mode"))?,
            zxid: zxid.cast_signed(),
        })
    }
}

/// The answer to `mntr`: each metric with its value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mntr(pub BTreeMap<String, String>);

impl Mntr {
    pub fn read(answer: &str) -> Result<Self> {
        let pairs = answer.lines().filter_map(|line| line.split_once('\t'));
        let metrics: BTreeMap<_, _> =
            pairs.map(|(key, value)| (key.to_owned(), value.trim().to_owned())).collect();
        ensure!(!metrics.is_empty(), "the answer to `mntr` holds no metric: {}", answer.trim());
        Ok(Self(metrics))
    }

    pub fn number(&self, key: &str) -> Option<f64> {
        self.0.get(key)?.parse().ok()
    }
}

/// The answer to `conf`: the configuration that a server runs with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conf {
    pub values: BTreeMap<String, String>,
    /// `server.N` with its line.
    pub members: BTreeMap<String, String>,
}

impl Conf {
    pub fn read(answer: &str) -> Result<Self> {
        let mut conf = Self::default();
        for (key, value) in answer.lines().filter_map(|line| line.split_once('=')) {
            let of = if key.starts_with("server.") { &mut conf.members } else { &mut conf.values };
            of.insert(key.trim().to_owned(), value.trim().to_owned());
        }
        ensure!(!conf.values.is_empty(), "the answer to `conf` holds no setting: {}", answer.trim());
        Ok(conf)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SRVR: &str = "Zookeeper version: 3.9.5-293c895a8d966a3ecb92872be4a1daf87d725da2, built on \
                        2026-02-11 20:18 UTC\nLatency min/avg/max: 0/0.0/0\nZxid: 0x10000004d\nMode: leader\n";

    #[test]
    fn srvr_tells_release_and_mode() {
        let srvr = Srvr::read(SRVR).unwrap();
        assert_eq!((srvr.version.as_str(), srvr.mode, srvr.zxid), ("3.9.5", Mode::Leader, 0x1_0000_004d));
    }

    #[test]
    fn a_server_that_formed_no_quorum_has_no_transaction() {
        let srvr = Srvr::read(&SRVR.replace("0x10000004d", "0xffffffffffffffff")).unwrap();
        assert_eq!(srvr.zxid, -1);
    }

    #[test]
    fn a_server_outside_a_quorum_is_told_from_one_that_talks_nonsense() {
        let outside = "This ZooKeeper instance is not currently serving requests\n";
        assert!(Srvr::read(outside).unwrap_err().to_string().contains("no quorum"));
        assert!(Srvr::read("HTTP/1.1 400").unwrap_err().to_string().contains("no line"));
    }

    #[test]
    fn mntr_is_a_table() {
        let mntr = Mntr::read("zk_version\t3.9.5\nzk_synced_followers\t2\nzk_avg_latency\t0.5\n").unwrap();
        assert_eq!(mntr.number("zk_synced_followers"), Some(2.0));
        assert_eq!(mntr.number("zk_version"), None);
    }

    #[test]
    fn conf_keeps_members_apart() {
        let conf =
            Conf::read("serverId=2\nmembership: \nserver.1=10.0.0.11:2888:3888:participant\nversion=0");
        let conf = conf.unwrap();
        assert_eq!(conf.values["serverId"], "2");
        assert_eq!(conf.members["server.1"], "10.0.0.11:2888:3888:participant");
    }
}
