//! The only way for a value into Nix text: the filter `nix` of the templates, and `nix_paths` for files beside
//! the spec.

use std::fmt::{Error, Write};

use serde::Serialize;
use serde_json::Value;

/// Any value as a Nix expression that evaluates to it.
#[askama::filter_fn]
pub(super) fn nix(value: impl Serialize, _: &dyn askama::Values) -> askama::Result<String> {
    let value = serde_json::to_value(value).map_err(|error| askama::Error::Custom(Box::new(error)))?;
    Ok(text(&value)?)
}

pub(super) fn text(value: &Value) -> Result<String, Error> {
    let mut text = String::new();
    write(value, &mut text).map(|()| text)
}

/// Paths from the spec as a list of Nix paths, for a file in a folder beside it. They have none but the characters
/// that such a path may have: a rule refuses others.
#[askama::filter_fn]
pub(super) fn nix_paths(paths: &[String], _: &dyn askama::Values) -> askama::Result<String> {
    let mut text = "[".to_owned();
    for path in paths {
        write!(text, " ../{path}").map_err(askama::Error::from)?;
    }
    Ok(text + " ]")
}

fn write(value: &Value, text: &mut String) -> Result<(), Error> {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => write!(text, "{value}")?,
        Value::Number(number) => write_number(number, text)?,
        Value::String(value) => write_string(value, text),
        Value::Array(values) => {
            text.push('[');
            for value in values {
                text.push(' ');
                write(value, text)?;
            }
            text.push_str(" ]");
        }
        Value::Object(map) => {
            text.push('{');
            for (key, value) in map {
                text.push(' ');
                write_key(key, text);
                text.push_str(" = ");
                write(value, text)?;
                text.push(';');
            }
            text.push_str(" }");
        }
    }
    Ok(())
}

/// In a list `-1` would be a subtraction, and the least integer has no positive twin to negate.
fn write_number(number: &serde_json::Number, text: &mut String) -> Result<(), Error> {
    match number.as_i64() {
        Some(i64::MIN) => write!(text, "({} - 1)", i64::MIN + 1),
        Some(number) if number < 0 => write!(text, "({number})"),
        Some(number) => write!(text, "{number}"),
        // The model has no such number; as a string it would still be what was written.
        None => {
            write_string(&number.to_string(), text);
            Ok(())
        }
    }
}

fn write_string(value: &str, text: &mut String) {
    text.push('"');
    let mut characters = value.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '$' if characters.peek() == Some(&'{') => text.push_str("\\$"),
            _ => text.push(character),
        }
    }
    text.push('"');
}

fn write_key(key: &str, text: &mut String) {
    const KEYWORDS: [&str; 10] =
        ["assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"];
    let mut bytes = key.bytes();
    let plain = bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'\''))
        && !KEYWORDS.contains(&key);
    if plain {
        text.push_str(key);
    } else {
        write_string(key, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(value: &Value) -> String {
        super::text(value).unwrap_or_default()
    }

    #[test]
    fn what_nix_would_read_otherwise_is_escaped() {
        assert_eq!(text(&json!("a\"b\\c${d}$e''\n")), r#""a\"b\\c\${d}$e''\n""#);
        assert_eq!(text(&json!("$${x}")), r#""$\${x}""#);
        assert_eq!(text(&json!([-1, 1])), "[ (-1) 1 ]");
        assert_eq!(text(&json!(i64::MIN)), "(-9223372036854775807 - 1)");
    }

    #[test]
    fn a_key_that_is_no_identifier_is_quoted() {
        assert_eq!(
            text(&json!({"a.b": 1, "if": 2, "x-y": 3, "1a": 4, "": 5})),
            r#"{ "a.b" = 1; "if" = 2; x-y = 3; "1a" = 4; "" = 5; }"#
        );
    }
}
