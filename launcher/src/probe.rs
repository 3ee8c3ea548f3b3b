//! Asks a server whether it serves: a ZooKeeper server by its command `srvr`, a broker by the first
//! request of its protocol. An answer that does not come in time is none.

use std::io::{self, ErrorKind};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A server that is alive answers in milliseconds; one that is not there may not even refuse.
const PATIENCE: Duration = Duration::from_secs(2);
/// An answer to `srvr` has a few hundred bytes.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// What a ZooKeeper server says of itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    Nothing,
    /// It runs and is in no quorum, or has no data to serve yet.
    NotServing,
    Serving(Mode),
    /// It runs, and its configuration does not let anybody ask.
    Forbidden,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    Leader,
    Follower,
    Observer,
    Standalone,
}

impl Mode {
    pub fn name(self) -> &'static str {
        match self {
            Self::Leader => "leader",
            Self::Follower => "follower",
            Self::Observer => "observer",
            Self::Standalone => "standalone",
        }
    }
}

/// Asks the ZooKeeper server at `host:port`.
pub async fn zookeeper(address: &str) -> Answer {
    let conversation = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"srvr").await?;
        let mut answer = Vec::new();
        stream.take(LONGEST_ANSWER).read_to_end(&mut answer).await?;
        io::Result::Ok(answer)
    };
    match timeout(PATIENCE, conversation).await {
        Ok(Ok(answer)) => understand(&String::from_utf8_lossy(&answer)),
        Ok(Err(_)) | Err(_) => Answer::Nothing,
    }
}

fn understand(answer: &str) -> Answer {
    let value = |key: &str| answer.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
    if answer.is_empty() {
        return Answer::Nothing;
    }
    if answer.contains("not in the whitelist") {
        return Answer::Forbidden;
    }
    // A server that leads nobody but itself, without any data, has all bits of its zxid set.
    if value("Zxid:").is_none_or(|zxid| zxid == "0xffffffffffffffff") {
        return Answer::NotServing;
    }
    match value("Mode:") {
        Some("leader") => Answer::Serving(Mode::Leader),
        Some("follower") => Answer::Serving(Mode::Follower),
        Some("observer") => Answer::Serving(Mode::Observer),
        Some("standalone") => Answer::Serving(Mode::Standalone),
        _ => Answer::NotServing,
    }
}

/// Whether the broker's listener at `host:port` answers: where it speaks plain Kafka, the request for
/// its API versions, which needs no permission; else the connection alone.
pub async fn listener(address: &str, plain: bool) -> bool {
    let conversation = async {
        let mut stream = TcpStream::connect(address).await?;
        if plain { api_versions(&mut stream).await } else { Ok(()) }
    };
    matches!(timeout(PATIENCE, conversation).await, Ok(Ok(())))
}

/// `ApiVersions` (key 18) of version 0: every broker since 0.10 answers it.
async fn api_versions(stream: &mut TcpStream) -> io::Result<()> {
    // its length, the key, the version, a number that the answer repeats, and the client's name
    const REQUEST: &[u8] = b"\0\0\0\x17\0\x12\0\0kafn\0\x0dkafnix-launch";
    stream.write_all(REQUEST).await?;
    let mut answer = [0; 8];
    stream.read_exact(&mut answer).await?;
    if answer.ends_with(b"kafn") { Ok(()) } else { Err(ErrorKind::InvalidData.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVING: &str = "Zookeeper version: 3.9.5\nLatency min/avg/max: 0/0.0/0\nReceived: 1\n\
        Sent: 0\nConnections: 1\nOutstanding: 0\nZxid: 0x100000003\nMode: follower\nNode count: 5\n";

    #[test]
    fn a_mode_and_a_zxid_are_what_serving_is() {
        assert_eq!(understand(SERVING), Answer::Serving(Mode::Follower));
        let with = |mode: &str| understand(&SERVING.replace("follower", mode));
        assert_eq!(with("leader"), Answer::Serving(Mode::Leader));
        assert_eq!(with("observer"), Answer::Serving(Mode::Observer));
        assert_eq!(with("standalone"), Answer::Serving(Mode::Standalone));
        assert_eq!(with("read-only"), Answer::NotServing);
    }

    #[test]
    fn a_server_without_data_does_not_serve() {
        let empty = SERVING.replace("0x100000003", "0xffffffffffffffff");
        assert_eq!(understand(&empty), Answer::NotServing);
        assert_eq!(
            understand("This ZooKeeper instance is not currently serving requests\n"),
            Answer::NotServing
        );
    }

    #[test]
    fn a_server_that_may_not_be_asked_is_there() {
        let forbidden = "srvr is not executed because it is not in the whitelist.\n";
        assert_eq!(understand(forbidden), Answer::Forbidden);
        assert_eq!(understand(""), Answer::Nothing);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn nobody_answers_where_nobody_listens() {
        // the discard port of a loopback address of our own
        assert_eq!(zookeeper("127.0.20.250:9").await, Answer::Nothing);
        assert!(!listener("127.0.20.250:9", false).await);
    }
}
