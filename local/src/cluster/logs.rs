//! What servers write, without the marks that the journal of a host takes away, and merged by time.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::PathBuf;

use anyhow::Result;
use kafnix_protocol::timestamp;
pub use kafnix_protocol::timestamp::write as time;

use super::server::Server;

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

/// One line of a server's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// In milliseconds since 1970: of the line, or of the one that it belongs to, such as a stack trace. Absent before
    /// the first line that has a time.
    pub at: Option<i64>,
    pub server: String,
    pub text: String,
}

/// The logs of servers as one, ordered by time.
#[derive(Debug)]
pub struct Logs(Vec<Reader>);

#[derive(Debug)]
struct Reader {
    name: String,
    log: Log,
    /// What is read and not given yet, each first line with those that belong to it.
    entries: VecDeque<Vec<Line>>,
    last: Option<i64>,
}

impl Logs {
    pub fn of<'a>(servers: impl IntoIterator<Item = &'a Server>) -> Self {
        let reader = |server: &Server| Reader {
            name: server.name(),
            log: Log::new(server.log()),
            entries: VecDeque::new(),
            last: None,
        };
        Self(servers.into_iter().map(reader).collect())
    }

    /// What came since the last call. Unless all of it `is_wanted`, the last entry of a log that grows stays until it
    /// is known to be whole.
    pub fn more(&mut self, is_last: bool, is_wanted: bool) -> Result<Vec<Line>> {
        let mut ready: Vec<_> = Vec::new();
        for reader in &mut self.0 {
            let grows = reader.read(is_last)?;
            let kept = usize::from(grows && !is_wanted);
            let whole = reader.entries.len().saturating_sub(kept);
            ready.extend(reader.entries.drain(..whole));
        }
        ready.sort_by_key(|entry: &Vec<Line>| entry.first().and_then(|line| line.at));
        Ok(ready.into_iter().flatten().collect())
    }
}

impl Reader {
    /// Whether there was something to read.
    fn read(&mut self, is_last: bool) -> Result<bool> {
        let lines = self.log.more(is_last)?;
        let grows = !lines.is_empty();
        for text in lines {
            let timed = timestamp::read(&text).map(|(at, rest)| (at, rest.to_owned()));
            let begins = timed.is_some() || self.entries.is_empty();
            let (at, text) = timed.map_or((self.last, text), |(at, rest)| (Some(at), rest));
            self.last = at;
            let line = Line { at, server: self.name.clone(), text };
            match self.entries.back_mut().filter(|_| !begins) {
                Some(entry) => entry.push(line),
                None => self.entries.push_back(vec![line]),
            }
        }
        Ok(grows)
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
    fn logs_are_merged_by_time_and_a_stack_trace_stays_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let reader = |name: &str| {
            let log = Log::new(folder.path().join(name));
            Reader { name: name.to_owned(), log, entries: VecDeque::new(), last: None }
        };
        let add = |name: &str, text: &str| {
            let mut file = fs_err::OpenOptions::new();
            let mut file = file.create(true).append(true).open(folder.path().join(name)).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        };
        let time = |second: u8, text: &str| format!("<6>2026-03-01T00:00:0{second}.000Z {text}\n");
        let mut logs = Logs(vec![reader("a"), reader("b")]);
        add("a", &format!("before\n{}", time(3, "ERROR three") + "\tat x\n\tat y\n"));
        add("b", &format!("{}{}{}", time(2, "two"), time(4, "four"), time(1, "one")));
        let texts = |lines: Vec<Line>| lines.into_iter().map(|line| line.text).collect::<Vec<_>>();
        let lines = logs.more(false, true).unwrap();
        assert_eq!((lines[0].at, &*lines[0].server), (None, "a"));
        assert!(lines[2].at < lines[3].at && lines[3].at == lines[5].at);
        assert_eq!(texts(lines), ["before", "one", "two", "ERROR three", "\tat x", "\tat y", "four"]);

        // As they grow, an entry waits for the rest of it.
        add("a", &time(6, "ERROR six"));
        add("b", &time(5, "five"));
        assert!(logs.more(false, false).unwrap().is_empty());
        add("a", "\tat z\n");
        assert_eq!(texts(logs.more(false, false).unwrap()), ["five"]);
        assert_eq!(texts(logs.more(false, false).unwrap()), ["ERROR six", "\tat z"]);
    }

    #[test]
    fn only_a_priority_is_taken_away() {
        assert_eq!(["<9>a", "<6>", "<6", "<>a", "é"].map(plain), ["<9>a", "", "<6", "<>a", "é"]);
    }
}
