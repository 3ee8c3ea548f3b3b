//! The request of Kafka that the launcher makes: bytes that every broker understands, so that the main process of a
//! unit needs no library for it.

/// A number that every answer repeats.
const CORRELATION: [u8; 4] = *b"kafn";

/// `ApiVersions` (key 18) of version 0, which every broker since 0.10 answers and which needs no permission: its
/// length, the key, the version, the correlation id and the client's name.
pub const API_VERSIONS: &[u8] = b"\0\0\0\x17\0\x12\0\0kafn\0\x0dkafnix-launch";
/// How much of the answer tells whose it is.
pub const ANSWER_HEAD: usize = 8;

/// Whether an answer, which begins with its length, belongs to this request.
pub fn is_answer(head: [u8; ANSWER_HEAD]) -> bool {
    head.ends_with(&CORRELATION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_repeats_the_number_of_its_request() {
        assert!(is_answer(*b"\0\0\0\x2akafn") && !is_answer(*b"HTTP/1.1"));
        assert_eq!(usize::from(API_VERSIONS[3]), API_VERSIONS.len() - 4, "a request says its own length");
        assert_eq!(API_VERSIONS[8..12], CORRELATION);
    }
}
