//! The text of `zoo.cfg` and `server.properties` as `java.util.Properties` reads and writes it. The crate for that
//! refuses characters beyond 16 bits, which Java writes as two escapes.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

/// One line for each setting, in the order given.
pub fn write<K: AsRef<str>, V: AsRef<str>>(settings: impl IntoIterator<Item = (K, V)>) -> String {
    let mut text = String::new();
    for (key, value) in settings {
        escape_key(key.as_ref(), &mut text);
        text.push('=');
        escape_value(value.as_ref(), &mut text);
        text.push('\n');
    }
    text
}

fn escape_key(key: &str, text: &mut String) {
    for character in key.chars() {
        if matches!(character, ' ' | '=' | ':' | '#' | '!') {
            text.push('\\');
            text.push(character);
        } else {
            escape(character, text);
        }
    }
}

/// Only the first blank of a value would be skipped, and a separator ends no value.
fn escape_value(value: &str, text: &mut String) {
    if value.starts_with(' ') {
        text.push('\\');
    }
    value.chars().for_each(|character| escape(character, text));
}

/// The reader takes bytes for ISO 8859-1, so everything beyond ASCII is a `\u` escape in UTF-16.
fn escape(character: char, text: &mut String) {
    match character {
        '\\' => text.push_str("\\\\"),
        '\t' => text.push_str("\\t"),
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\u{c}' => text.push_str("\\f"),
        ' '..='~' => text.push(character),
        _ => {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{unit:04X}");
            }
        }
    }
}

/// The one thing that Java refuses: an escape of `\u` without its four digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadEscape;

impl fmt::Display for BadEscape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an escape of \\u has not four hexadecimal digits")
    }
}

impl core::error::Error for BadEscape {}

/// Key → value; of equal keys the last wins. Bytes are characters of ISO 8859-1.
pub fn read(text: &[u8]) -> Result<BTreeMap<String, String>, BadEscape> {
    let mut values = BTreeMap::new();
    let mut lines = text.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii_start);
    while let Some(line) = lines.next() {
        if line.is_empty() || matches!(line[0], b'#' | b'!') {
            continue;
        }
        let mut logical = line.to_vec();
        while goes_on(&logical) {
            logical.pop();
            // `\r\n` is one end of a line, and no empty line between two
            logical.extend(lines.find(|line| !line.is_empty()).unwrap_or_default());
        }
        let (key, value) = split(&logical);
        values.insert(unescaped(key)?, unescaped(value)?);
    }
    Ok(values)
}

/// Whether a line ends with a backslash that is not itself escaped.
fn goes_on(line: &[u8]) -> bool {
    line.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// At the first separator or blank that is not escaped.
fn split(line: &[u8]) -> (&[u8], &[u8]) {
    let mut escaped = false;
    let end = line.iter().position(|byte| {
        let ends = !escaped && matches!(byte, b'=' | b':' | b' ' | b'\t' | 0x0c);
        escaped = !escaped && *byte == b'\\';
        ends
    });
    let (key, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = rest.trim_ascii_start();
    let value = rest.strip_prefix(b"=").or_else(|| rest.strip_prefix(b":")).unwrap_or(rest);
    (key, value.trim_ascii_start())
}

/// In UTF-16, as an escape of `\u` is one unit of it.
fn unescaped(text: &[u8]) -> Result<String, BadEscape> {
    let mut units = Vec::new();
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        let unit = match byte {
            b'\\' => match bytes.next() {
                Some(b'u') => hexadecimal(&mut bytes)?,
                Some(b't') => 0x09,
                Some(b'n') => 0x0a,
                Some(b'r') => 0x0d,
                Some(b'f') => 0x0c,
                Some(other) => other.into(),
                None => break,
            },
            other => other.into(),
        };
        units.push(unit);
    }
    Ok(String::from_utf16_lossy(&units))
}

fn hexadecimal(bytes: &mut impl Iterator<Item = u8>) -> Result<u16, BadEscape> {
    let mut unit = 0;
    for _ in 0..4 {
        let digit = bytes.next().and_then(|byte| char::from(byte).to_digit(16)).ok_or(BadEscape)?;
        unit = unit << 4 | u16::try_from(digit).map_err(|_| BadEscape)?;
    }
    Ok(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(key: &str, value: &str) -> String {
        write([(key, value)])
    }

    #[test]
    fn what_would_end_a_key_is_escaped_in_keys_only() {
        assert_eq!(line("a b=c:d#e!f", "a b=c:d#e!f"), "a\\ b\\=c\\:d\\#e\\!f=a b=c:d#e!f\n");
    }

    #[test]
    fn leading_blanks_newlines_and_what_is_not_ascii_survive_the_reader() {
        assert_eq!(line("k", "  x\n\t\\"), "k=\\  x\\n\\t\\\\\n");
        assert_eq!(line("ü", "é😀\u{7f}\u{1}"), "\\u00FC=\\u00E9\\uD83D\\uDE00\\u007F\\u0001\n");
    }

    #[test]
    fn what_is_written_is_read_again() {
        let special = [
            " ", "\t", "\n", "\r", "\u{c}", "\\", "=", ":", "#", "!", "u", "0041", "é", "😀", "\0", "\u{7f}",
        ];
        let mut texts = alloc::vec![String::new()];
        for _ in 0..3 {
            let longer: Vec<_> =
                texts.iter().flat_map(|text| special.map(|more| text.clone() + more)).collect();
            for text in &longer {
                let written = line(text, text);
                assert!(written.is_ascii() && written.lines().count() == 1, "{written}");
                let read = read(written.as_bytes()).unwrap();
                assert_eq!(read, BTreeMap::from([(text.clone(), text.clone())]), "{written}");
            }
            texts = longer;
        }
    }

    #[test]
    fn what_java_may_write_is_read() {
        let read = |text: &str| read(text.as_bytes()).unwrap();
        let values = read(
            "# a comment \\\r\n ! another\r\nx.unicode=Gr\\u00FC\\u00DFe \\uD83D\\uDE00 \\u0001\n\
             long = one, \\\r\n    two\nkey\\ with\\=all\\:  value = x\nback=a\\\\\nlast\n\
             tab=\\t.\nagain=1\nagain=2\nodd=\\q\nb:x , y\nempty=\n",
        );
        let expected = [
            ("x.unicode", "Grüße 😀 \u{1}"),
            ("long", "one, two"),
            ("key with=all:", "value = x"),
            ("back", "a\\"),
            ("last", ""),
            ("tab", "\t."),
            ("again", "2"),
            ("odd", "q"),
            ("b", "x , y"),
            ("empty", ""),
        ];
        assert_eq!(values.len(), expected.len());
        for (key, value) in expected {
            assert_eq!(values.get(key).map(String::as_str), Some(value), "{key}");
        }
        assert_eq!(super::read(b"a=\xfc").unwrap()["a"], "ü");
        assert_eq!(super::read(b"a=\\u12"), Err(BadEscape));
    }
}
