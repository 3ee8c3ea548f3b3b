//! ZooKeeper's four-letter words: what a server says of itself, to anybody who asks.

pub mod session;

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use kafnix_protocol::four_letter_words::answer;
use serde::{Deserialize, Serialize};

use crate::Target;

/// No word has an answer anywhere near this.
const MOST_BYTES: u64 = 1 << 20;

/// Sends a word and reads the whole answer.
pub async fn word(target: &Target, word: &str) -> Result<String> {
    let address = &target.address;
    let answered = async {
        let mut transport = target.open().await?;
        transport.send(word.as_bytes()).await.with_context(|| format!("cannot send to {address}"))?;
        let read = transport.receive_all(MOST_BYTES).await;
        let read = read.with_context(|| format!("cannot read what {address} answers to `{word}`"))?;
        let text = String::from_utf8_lossy(&read);
        Ok(answer(&text).with_context(|| format!("asked `{word}`"))?.to_owned())
    };
    target.within(answered).await
}

/// The answer to `mntr`: each metric with its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
