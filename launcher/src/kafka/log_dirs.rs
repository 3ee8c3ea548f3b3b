//! Asks the broker which of its log directories it has given up: a disk that failed is closed by
//! nobody, so a stop must not wait for it. An answer that does not come means: none that is known.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::broker::Listener;

/// The stop waits for this answer, which a broker that is well gives in milliseconds.
const PATIENCE: Duration = Duration::from_secs(2);
const LONGEST_ANSWER: u32 = 1024 * 1024;
/// `DescribeLogDirs` (key 35) of version 1, which brokers from 1.0 to 3.9 know: its length, the key,
/// the version, a number that the answer repeats, the client's name, and no topic.
const REQUEST: &[u8] = b"\0\0\0\x1b\0\x23\0\x01kafn\0\x0dkafnix-launch\0\0\0\0";

pub async fn offline(listeners: &[Listener]) -> Vec<PathBuf> {
    let Some(listener) = listeners.iter().find(|listener| listener.plain) else { return Vec::new() };
    let conversation = async {
        let mut stream = TcpStream::connect(&listener.address).await?;
        stream.write_all(REQUEST).await?;
        let length = stream.read_u32().await?.min(LONGEST_ANSWER);
        let mut answer = Vec::new();
        stream.take(length.into()).read_to_end(&mut answer).await?;
        io::Result::Ok(answer)
    };
    match timeout(PATIENCE, conversation).await {
        Ok(Ok(answer)) => understand(&answer).unwrap_or_default(),
        Ok(Err(_)) | Err(_) => Vec::new(),
    }
}

/// The directories with an error, or none where the answer is not understood.
fn understand(mut answer: &[u8]) -> Option<Vec<PathBuf>> {
    let bytes = &mut answer;
    let (_correlation, _throttle) = (number(bytes)?, number(bytes)?);
    let mut offline = Vec::new();
    for _ in 0..number(bytes)? {
        let (error, length) = (short(bytes)?, short(bytes)?);
        let path = bytes.split_off(..usize::try_from(length).ok()?)?;
        let topics = number(bytes)?;
        if error != 0 {
            offline.push(PathBuf::from(std::str::from_utf8(path).ok()?));
        }
        // none was asked for
        if topics != 0 {
            return None;
        }
    }
    Some(offline)
}

fn number(bytes: &mut &[u8]) -> Option<i32> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(i32::from_be_bytes(*number))
}

fn short(bytes: &mut &[u8]) -> Option<i16> {
    let (short, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(i16::from_be_bytes(*short))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] = b"kafn\0\0\0\0\0\0\0\x02\0\0\0\x02/a\0\0\0\0\0\x38\0\x02/b\0\0\0\0";

    #[test]
    fn a_directory_with_an_error_is_offline() {
        assert_eq!(understand(ANSWER).unwrap(), [PathBuf::from("/b")]);
    }

    #[test]
    fn an_answer_that_is_cut_is_none() {
        for end in 0..ANSWER.len() {
            assert_eq!(understand(&ANSWER[..end]), None);
        }
        assert_eq!(understand(b"kafn\0\0\0\0\0\0\0\x01\0\0\xff\xff/a\0\0\0\0"), None);
    }

    #[test]
    fn the_request_says_its_own_length() {
        assert_eq!(usize::from(REQUEST[3]), REQUEST.len() - 4);
    }
}
