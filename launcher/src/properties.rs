//! The file that the server itself reads: `zoo.cfg` or `server.properties`, read as `java.util.Properties`
//! does. The crate for that refuses characters beyond 16 bits, which Java writes as two escapes.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub struct Properties {
    file: PathBuf,
    values: HashMap<String, String>,
}

impl Properties {
    pub fn read(file: &Path) -> Result<Self> {
        let what = || format!("cannot read the configuration {}", file.display());
        let values = parse(&fs::read(file).with_context(what)?).with_context(what)?;
        Ok(Self { file: file.to_owned(), values })
    }

    /// Both products take the blanks at the ends away, and an empty value for none.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    pub fn require(&self, key: &str) -> Result<&str> {
        self.get(key).with_context(|| format!("{} lacks {key}: set it", self.file.display()))
    }

    pub fn number(&self, key: &str) -> Result<i64> {
        let text = self.require(key)?;
        let what = || format!("{key} in {} is {text:?}: give a number", self.file.display());
        text.parse().with_context(what)
    }

    /// The parts of a list, without the blanks around the commas.
    pub fn list(&self, key: &str) -> Vec<&str> {
        let parts = self.get(key).into_iter().flat_map(|list| list.split(','));
        parts.map(str::trim).filter(|part| !part.is_empty()).collect()
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }
}

/// Key → value; of equal keys the last wins. Bytes are characters of ISO 8859-1.
fn parse(text: &[u8]) -> Result<HashMap<String, String>> {
    let mut values = HashMap::new();
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
fn unescaped(text: &[u8]) -> Result<String> {
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

fn hexadecimal(bytes: &mut impl Iterator<Item = u8>) -> Result<u16> {
    let mut unit = 0;
    for _ in 0..4 {
        let digit = bytes.next().and_then(|byte| char::from(byte).to_digit(16));
        let digit = digit.context("an escape of \\u has not four hexadecimal digits")?;
        unit = unit << 4 | u16::try_from(digit)?;
    }
    Ok(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn properties(text: &str) -> Properties {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Properties::read(file.path()).unwrap()
    }

    #[test]
    fn values_are_read_as_java_reads_them() {
        let read = properties("a = 1 \nb:x , y,,z\nempty=\ndir=/data/\\u00fc\n");
        assert_eq!(read.number("a").unwrap(), 1);
        assert_eq!(read.list("b"), ["x", "y", "z"]);
        assert_eq!(read.get("empty"), None);
        assert_eq!(read.get("dir"), Some("/data/ü"));
    }

    #[test]
    fn what_java_may_write_is_read() {
        let read = properties(
            "# a comment \\\r\n ! another\r\nx.unicode=Gr\\u00FC\\u00DFe \\uD83D\\uDE00 \\u0001\n\
             long = one, \\\r\n    two\nkey\\ with\\=all\\:  value = x\nback=a\\\\\nlast\n\
             tab=\\t.\nagain=1\nagain=2\nodd=\\q\n",
        );
        assert_eq!(read.get("x.unicode"), Some("Grüße 😀 \u{1}"));
        assert_eq!(read.list("long"), ["one", "two"]);
        assert_eq!(read.get("key with=all:"), Some("value = x"));
        assert_eq!(read.get("back"), Some("a\\"));
        assert!(read.keys().any(|key| key == "last"));
        assert_eq!((read.get("tab"), read.get("again"), read.get("odd")), (Some("."), Some("2"), Some("q")));
        assert!(parse(b"a=\\u12").is_err());
    }

    #[test]
    fn an_error_names_the_file_and_the_key() {
        let read = properties("a=x\n");
        let sentence =
            |error: anyhow::Error| format!("{error:#}").replace(&*read.file.to_string_lossy(), "F");
        assert_eq!(sentence(read.require("b").unwrap_err()), "F lacks b: set it");
        assert!(sentence(read.number("a").unwrap_err()).starts_with("a in F is \"x\": give a number"));
    }
}
