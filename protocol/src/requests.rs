//! The requests of Kafka that the launcher makes: bytes that every broker understands, so that the main process of a
//! unit needs no library for them.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// A number that every answer repeats.
const CORRELATION: [u8; 4] = *b"kafn";

/// `ApiVersions` (key 18) of version 0, which every broker since 0.10 answers and which needs no permission: its
/// length, the key, the version, the correlation id and the client's name.
pub const API_VERSIONS: &[u8] = b"\0\0\0\x17\0\x12\0\0kafn\0\x0dkafnix-launch";
/// How much of the answer tells whose it is.
pub const ANSWER_HEAD: usize = 8;

/// Whether an answer, which begins with its length, belongs to one of these requests.
pub fn is_answer(head: [u8; ANSWER_HEAD]) -> bool {
    head.ends_with(&CORRELATION)
}

/// `DescribeLogDirs` (key 35) of version 1, which brokers from 1.0 to 3.9 know: the same, and no topic.
pub const DESCRIBE_LOG_DIRS: &[u8] = b"\0\0\0\x1b\0\x23\0\x01kafn\0\x0dkafnix-launch\0\0\0\0";

/// The log directories that a broker has given up, or none where its answer (without its length) is not understood.
pub fn offline_log_dirs(mut answer: &[u8]) -> Option<Vec<String>> {
    let bytes = &mut answer;
    let (_correlation, _throttle) = (number(bytes)?, number(bytes)?);
    let mut offline = Vec::new();
    for _ in 0..number(bytes)? {
        let (error, length) = (short(bytes)?, short(bytes)?);
        let path = bytes.split_off(..usize::try_from(length).ok()?)?;
        let topics = number(bytes)?;
        if error != 0 {
            offline.push(core::str::from_utf8(path).ok()?.to_owned());
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
        assert_eq!(offline_log_dirs(ANSWER).unwrap(), ["/b"]);
    }

    #[test]
    fn an_answer_that_is_cut_is_none() {
        for end in 0..ANSWER.len() {
            assert_eq!(offline_log_dirs(&ANSWER[..end]), None);
        }
        assert_eq!(offline_log_dirs(b"kafn\0\0\0\0\0\0\0\x01\0\0\xff\xff/a\0\0\0\0"), None);
    }

    #[test]
    fn an_answer_repeats_the_number_of_its_request() {
        assert!(is_answer(*b"\0\0\0\x2akafn") && !is_answer(*b"HTTP/1.1"));
        for request in [API_VERSIONS, DESCRIBE_LOG_DIRS] {
            assert_eq!(usize::from(request[3]), request.len() - 4, "a request says its own length");
            assert_eq!(request[8..12], CORRELATION);
        }
    }
}
