//! Comments in a spec: `//`, `/* */` and `#`, wherever JSON takes white space.

use std::borrow::Cow;
use std::ops::Range;

/// Where the comments of a text stand, without the line break that ends one. One that is never closed is none: it
/// stays in the text for the reader of JSON to refuse.
pub fn comments(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if !text.contains('#') && !text.contains("//") && !text.contains("/*") {
        return found;
    }
    let mut at = 0;
    while let Some(start) = text[at..].find(['"', '/', '#']).map(|next| at + next) {
        let rest = &text[start..];
        let line = || Some(rest.find(['\n', '\r']).unwrap_or(rest.len()));
        let length = match rest.as_bytes() {
            [b'"', ..] => {
                at = start + string(rest);
                continue;
            }
            [b'#', ..] | [b'/', b'/', ..] => line(),
            [b'/', b'*', ..] => rest[2..].find("*/").map(|end| end + 4),
            _ => None,
        };
        at = start + length.unwrap_or(1);
        found.extend(length.map(|length| start..start + length));
    }
    found
}

/// The same text with a blank for each byte of a comment, so that every place stays where it is.
pub fn without_comments(text: &str) -> Cow<'_, str> {
    let comments = comments(text);
    if comments.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut at = 0;
    for comment in comments {
        plain.push_str(&text[at..comment.start]);
        let blank = |byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' };
        plain.extend(text[comment.clone()].bytes().map(blank));
        at = comment.end;
    }
    plain.push_str(&text[at..]);
    Cow::Owned(plain)
}

/// The length of a string with its quotes. JSON has no line breaks in one.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'\n' => return at,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_becomes_as_many_blanks_and_keeps_its_line_breaks() {
        for (text, plain) in [
            ("{} // ä\n[]", "{}      \n[]"),
            ("# x\r\n{}", "   \r\n{}"),
            ("{/* a\n * b */}", "{    \n       }"),
            ("{/**/}", "{    }"),
            ("1 // \"", "1     "),
            ("1 /* // */ 2", "1          2"),
            ("#", " "),
        ] {
            assert_eq!(without_comments(text), plain, "{text}");
            assert_eq!(plain.len(), text.len());
        }
    }

    #[test]
    fn what_only_looks_like_a_comment_stays() {
        for text in [
            r#""a // b # c /* d""#,
            r#""\" # x""#,
            r#""\\""#,
            "{} / x",
            "{} /* x",
            "/*/",
            "\"open # x",
            "\"\\",
        ] {
            assert!(matches!(without_comments(text), Cow::Borrowed(_)), "{text}");
        }
        // The string that is not closed ends with its line.
        assert_eq!(without_comments("\"open\n# x"), "\"open\n   ");
    }
}
