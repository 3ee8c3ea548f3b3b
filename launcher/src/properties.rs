//! The file that the server itself reads: `zoo.cfg` or `server.properties`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use kafnix_protocol::properties;

pub struct Properties {
    file: PathBuf,
    values: BTreeMap<String, String>,
}

impl Properties {
    pub fn read(file: &Path) -> Result<Self> {
        let what = || format!("cannot read the configuration {}", file.display());
        let values = properties::read(&fs::read(file).with_context(what)?).with_context(what)?;
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
    fn an_error_names_the_file_and_the_key() {
        let read = properties("a=x\n");
        let sentence =
            |error: anyhow::Error| format!("{error:#}").replace(&*read.file.to_string_lossy(), "F");
        assert_eq!(sentence(read.require("b").unwrap_err()), "F lacks b: set it");
        assert!(sentence(read.number("a").unwrap_err()).starts_with("a in F is \"x\": give a number"));
    }
}
