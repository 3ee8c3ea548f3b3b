//! What the tests of the command line share: a folder of their own, the program, and snapshots in
//! files. With `KAFNIX_UPDATE=1` a test writes its snapshot instead of comparing.
#![allow(dead_code, clippy::unwrap_used, clippy::panic, reason = "each test uses a part; a test may end")]

pub mod machine;
pub mod repository;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use snapbox::IntoData as _;
use tempfile::TempDir;

pub const THREE_HOSTS: &str = r#"{
  "name": "test",
  "hosts": {
    "kafka01": { "address": "10.0.0.11" },
    "kafka02": { "address": "10.0.0.12" },
    "kafka03": { "address": "10.0.0.13" }
  },
  "zookeeper": { "dataDir": "/data/zookeeper" },
  "kafka": {
    "logDirs": ["/data/kafka"],
    "listeners": { "PLAINTEXT": { "port": 9092, "from": ["10.0.0.0/24"] } }
  }
}
"#;

/// What a run of the program came to.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    #[track_caller]
    pub fn ends_with(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }

    /// One line that says what was wrong and nothing else.
    #[track_caller]
    pub fn says_only(self, expected: &str) -> Self {
        assert_eq!((self.stdout.as_str(), self.stderr.as_str()), ("", &*format!("error: {expected}\n")));
        self
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kafnix"));
    // The width of help texts, and no opinion of the machine about colours.
    command.env("COLUMNS", "100").env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command.stdin(Stdio::null());
    command
}

pub fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder with a spec in it, gone after the test.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn with_three_hosts() -> Self {
        let folder = Self::new();
        folder.write("cluster.json", THREE_HOSTS);
        folder
    }

    /// Three hosts and their generated tree.
    pub fn generated() -> Self {
        let folder = Self::with_three_hosts();
        folder.kafnix(["generate"]).ends_with(0);
        folder
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Changes a word of the spec that stands in it.
    pub fn edit(&self, from: &str, to: &str) {
        let text = self.read("cluster.json");
        assert!(text.contains(from), "{from}");
        self.write("cluster.json", text.replace(from, to));
    }

    pub fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = program();
        command.args(arguments).current_dir(self.0.path());
        command
    }

    pub fn kafnix<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Ran {
        ran(&mut self.command(arguments))
    }

    /// Every file by its path, links and folders with what they are.
    pub fn tree(&self, path: &str) -> BTreeMap<String, String> {
        let mut tree = BTreeMap::new();
        walk(self.0.path(), &self.path(path), &mut tree);
        tree
    }
}

fn walk(root: &Path, path: &Path, tree: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(path).unwrap().map(Result::unwrap) {
        let kind = entry.file_type().unwrap();
        let name = entry.path().strip_prefix(root).unwrap().display().to_string();
        if kind.is_dir() {
            tree.insert(name, "folder".into());
            walk(root, &entry.path(), tree);
        } else if kind.is_symlink() {
            tree.insert(name, fs::read_link(entry.path()).unwrap().display().to_string());
        } else {
            tree.insert(name, String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned());
        }
    }
}

/// Compares with a file of the repository, or writes it.
#[track_caller]
pub fn snapshot(path: &Path, text: &str) {
    if std::env::var_os("KAFNIX_UPDATE").is_some() {
        fs::write(path, text).unwrap();
    }
    let expected = snapbox::Data::read_from(path, Some(snapbox::data::DataFormat::Text));
    snapbox::assert_data_eq!(text.into_data().raw(), expected.raw());
}

/// Says on the real standard error that a test did not run: cargo would count it as passed in silence.
pub fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}
