//! Keeps the values of secrets out of what is drawn: whoever's log a drawing ends in must not learn them.
//! It goes by the text alone, since what is drawn may be no JSON.

use std::collections::HashMap;
use std::ops::Range;

use kafnix_generator::keys;
use kafnix_generator::references::is_reference;
use kafnix_generator::spec::comments::{comments, without_comments};

/// The same text, byte for byte, with `*` in place of every value of a key that is a secret or could be
/// meant for one, in comments, too. What only names a secret's place stays.
pub(crate) fn masked(text: &str) -> String {
    let mut shown = text.to_owned();
    for comment in comments(text) {
        shown.replace_range(comment.clone(), &hidden(&text[comment.clone()], &text[comment]));
    }
    hidden(&without_comments(text), &shown)
}

/// What is shown, with the secrets hidden that are in a text of the same length.
fn hidden(text: &str, shown: &str) -> String {
    let mut bytes = shown.as_bytes().to_vec();
    let mut secret: HashMap<&str, bool> = HashMap::new();
    let mut at = 0;
    while let Some(start) = text[at..].find('"').map(|found| at + found) {
        let key = string(text, start);
        at = key.end;
        let behind = at + text[at..].len() - text[at..].trim_start().len();
        if !text[behind..].starts_with(':') {
            continue;
        }
        let name = inside(text, &key);
        if *secret.entry(name).or_insert_with(|| keys::may_be_secret(name)) {
            at = hide(text, behind + 1, &mut bytes);
        }
    }
    // Whole values were replaced, by ASCII.
    String::from_utf8(bytes).unwrap_or_default()
}

/// Hides the value behind a colon, and returns where it ends.
fn hide(text: &str, from: usize, bytes: &mut [u8]) -> usize {
    let start = from + text[from..].len() - text[from..].trim_start().len();
    let end = match text[start..].chars().next() {
        Some('"') => string(text, start).end,
        // Secrets hold no list; what somebody writes so is hidden to its end.
        Some('[') => text[start..].find(']').map_or(text.len(), |found| start + found),
        Some('{') => return start,
        _ => text[start..].find([',', '}', '\n']).map_or(text.len(), |found| start + found),
    };
    let value = start..end;
    if text[value.clone()].trim() != "null" && !is_reference(inside(text, &value)) {
        let shown = |byte: &u8| matches!(byte, b'"' | b'[' | b'\n' | b'\r');
        let edges = usize::from(text[value.clone()].starts_with(['"', '[']));
        bytes[start + edges..end].iter_mut().filter(|byte| !shown(byte)).for_each(|byte| *byte = b'*');
    }
    end
}

/// The string that opens at a byte, with its quotes; to the end of the text where it does not close.
fn string(text: &str, start: usize) -> Range<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(start + 1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return start..at + 1,
            _ => {}
        }
    }
    start..text.len()
}

fn inside<'t>(text: &'t str, string: &Range<usize>) -> &'t str {
    text[string.clone()].trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_a_secret_is_hidden_and_the_rest_stays() {
        for (text, shown) in [
            (r#"{"ssl.key.password": "hunter2", "a": 1}"#, r#"{"ssl.key.password": "*******", "a": 1}"#),
            (r#""password.encoder.secret" : 1234}"#, r#""password.encoder.secret" : ****}"#),
            (r#"{"ssl.keystore.pasword":"x","#, r#"{"ssl.keystore.pasword":"*","#),
            (r#"{"ssl.key.password": ["a", "b"]}"#, r#"{"ssl.key.password": ["*"**"*"]}"#),
            (r#"{"ssl.key.password": "é"}"#, r#"{"ssl.key.password": "**"}"#),
            (r#"{"password": "a\"b"}"#, r#"{"password": "***"}"#),
        ] {
            let masked = masked(text);
            assert_eq!(masked.len(), text.len());
            assert!(!["hunter2", "1234", "\"x\"", "é"].iter().any(|word| masked.contains(word)), "{masked}");
            assert!(masked.starts_with(&shown[..shown.find(':').unwrap()]), "{masked}");
        }
        assert_eq!(
            masked(r#"{"ssl.key.password": "hunter2", "a": 1}"#),
            r#"{"ssl.key.password": "*******", "a": 1}"#
        );
    }

    #[test]
    fn the_place_of_a_secret_and_what_is_none_are_shown() {
        for text in [
            r#"{"ssl.key.password": "${file:/run/secrets/a:b}", "ssl.keystore.location": "/x"}"#,
            r#"{"ssl.key.password": null, "name": "x: \"y\""}"#,
            r#"["password", "b"]"#,
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn a_comment_neither_shows_a_secret_nor_uncovers_one() {
        for text in [
            "{ // it's \"\n \"ssl.key.password\": \"hunter2\" }",
            "{ // \"ssl.key.password\": \"hunter2\"\n }",
            "{ \"ssl.key.password\": /* ä \" */ \"hunter2\" }",
            "{ /* \"ssl.key.password\": hunter2\n */ }",
        ] {
            let masked = masked(text);
            assert!(masked.len() == text.len() && !masked.contains("hunter2"), "{masked}");
        }
    }

    #[test]
    fn what_is_no_json_is_hidden_to_its_end() {
        assert_eq!(masked("{\"ssl.key.password\": \"hunter2\n}"), "{\"ssl.key.password\": \"*******\n*");
        assert_eq!(masked("{\"ssl.key.password\": hunter2\n}"), "{\"ssl.key.password\": *******\n}");
        for broken in ["\"", "\"ssl.key.password\":", "\"ssl.key.password\":\"", "{\"a\\", ""] {
            assert_eq!(masked(broken).len(), broken.len());
        }
    }
}
