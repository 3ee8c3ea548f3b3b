//! The text of `zoo.cfg` and `server.properties` as Java's `Properties` reader takes it. The modules
//! render the same text in Nix; a test compares the two byte for byte.

use std::fmt::Write as _;

use crate::spec::Setting;

/// One line per setting, in the order given, which is that of the keys.
pub fn text<'a>(settings: impl IntoIterator<Item = (&'a str, &'a Setting)>) -> String {
    let mut text = String::new();
    for (key, value) in settings {
        let Some(value) = value.plain() else { continue };
        escape_key(key, &mut text);
        text.push('=');
        escape_value(&value, &mut text);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn line(key: &str, value: impl Into<Setting>) -> String {
        text([(key, &value.into())])
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
    fn a_list_is_joined_and_an_absent_line_is_left_out() {
        assert_eq!(line("k", vec!["a", "b"]), "k=a,b\n");
        assert_eq!(text([("k", &Setting::Absent)]), "");
    }
}
