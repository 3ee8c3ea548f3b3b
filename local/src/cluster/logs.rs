//! What servers write, without the marks that the journal of a host takes away.

use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::PathBuf;

use anyhow::Result;

/// A line without the priority (`<6>`) that the journal reads.
pub fn plain(line: &str) -> &str {
    match line.as_bytes() {
        [b'<', b'0'..=b'7', b'>', ..] => &line[3..],
        _ => line,
    }
}

/// A log that is read as it grows.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    at: u64,
    inode: u64,
}

impl Log {
    pub fn new(path: PathBuf) -> Self {
        Self { path, at: 0, inode: 0 }
    }

    /// The whole lines that came since the last call; at the end also one that is not whole.
    pub fn more(&mut self, is_last: bool) -> Result<Vec<String>> {
        let file = match fs_err::File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let metadata = file.metadata()?;
        let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
        if inode != self.inode || metadata.len() < self.at {
            (self.at, self.inode) = (0, inode);
        }
        let mut reader = BufReader::new(file);
        reader.seek(SeekFrom::Start(self.at))?;
        let mut lines = Vec::new();
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            if line.last() != Some(&b'\n') && !is_last {
                break;
            }
            self.at += u64::try_from(line.len()).unwrap_or_default();
            lines.push(plain(String::from_utf8_lossy(&line).trim_end_matches('\n')).to_owned());
            line.clear();
        }
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_log_is_read_by_whole_lines_as_it_grows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log = Log::new(path.clone());
        assert!(log.more(true).unwrap().is_empty());
        let mut file = std::fs::File::create(&path).unwrap();
        write!(file, "<6>INFO a\nplain\n<3>half").unwrap();
        assert_eq!(log.more(false).unwrap(), ["INFO a", "plain"]);
        writeln!(file, " done").unwrap();
        assert_eq!(log.more(false).unwrap(), ["half done"]);
        assert!(log.more(true).unwrap().is_empty());
        // Another file in its place is read from its beginning.
        std::fs::rename(&path, folder.path().join("before")).unwrap();
        std::fs::write(&path, "new").unwrap();
        assert!(log.more(false).unwrap().is_empty());
        assert_eq!(log.more(true).unwrap(), ["new"]);
    }

    #[test]
    fn only_a_priority_is_taken_away() {
        assert_eq!(["<9>a", "<6>", "<6", "<>a", "é"].map(plain), ["<9>a", "", "<6", "<>a", "é"]);
    }
}
