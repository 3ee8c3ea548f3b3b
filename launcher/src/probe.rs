//! The one place where the launcher opens a connection to a server: it asks whether it serves, a ZooKeeper
//! server by its command `srvr`, a broker by the first request of its protocol. An answer that does not come in
//! time is none.

use std::io;
use std::time::Duration;

use kafnix_protocol::four_letter_words::{Fault, Mode, SRVR, Srvr};
use kafnix_protocol::requests::{ANSWER_HEAD, API_VERSIONS, is_answer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A server that is alive answers in milliseconds; one that is not there may not even refuse.
const PATIENCE: Duration = Duration::from_secs(2);
/// An answer to `srvr` has a few hundred bytes.
const LONGEST_ANSWER: u64 = 1024 * 1024;

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

/// Sends a request to the server at `host:port` and reads what it answers.
async fn ask<T>(
    address: &str,
    request: &[u8],
    read: impl AsyncFnOnce(TcpStream) -> io::Result<T>,
) -> Option<T> {
    let conversation = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(request).await?;
        read(stream).await
    };
    timeout(PATIENCE, conversation).await.ok()?.ok()
}

async fn read_to_end(stream: TcpStream, most: u64) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    stream.take(most).read_to_end(&mut answer).await?;
    Ok(answer)
}

/// Asks the ZooKeeper server at `host:port`.
pub async fn zookeeper(address: &str) -> Answer {
    let answer =
        ask(address, SRVR.as_bytes(), async |stream| read_to_end(stream, LONGEST_ANSWER).await).await;
    answer.map_or(Answer::Nothing, |answer| understand(&String::from_utf8_lossy(&answer)))
}

fn understand(answer: &str) -> Answer {
    match Srvr::read(answer) {
        Ok(srvr) if srvr.has_data() => Answer::Serving(srvr.mode),
        Ok(_) | Err(Fault::NotServing | Fault::Unknown(_)) => Answer::NotServing,
        Err(Fault::Forbidden) => Answer::Forbidden,
        Err(Fault::Empty) => Answer::Nothing,
    }
}

/// Whether the broker's listener at `host:port` answers: where it speaks plain Kafka, the request for
/// its API versions, which needs no permission; else the connection alone.
pub async fn listener(address: &str, plain: bool) -> bool {
    let request = if plain { API_VERSIONS } else { &[] };
    let answers = ask(address, request, async |mut stream| {
        let mut head = [0; ANSWER_HEAD];
        if plain {
            stream.read_exact(&mut head).await?;
        }
        Ok(!plain || is_answer(head))
    });
    answers.await == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_and_a_zxid_are_what_serving_is() {
        let serving = "Zookeeper version: 3.9.5\nZxid: 0x100000003\nMode: follower\n";
        assert_eq!(understand(serving), Answer::Serving(Mode::Follower));
        assert_eq!(understand(&serving.replace("follower", "read-only")), Answer::NotServing);
        assert_eq!(understand(&serving.replace("0x100000003", "0xffffffffffffffff")), Answer::NotServing);
        let outside = "This ZooKeeper instance is not currently serving requests\n";
        assert_eq!(understand(outside), Answer::NotServing);
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
