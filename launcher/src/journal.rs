//! The journal of a host, written to by its native protocol: an entry may have several lines there, and fields.
//! A line that a unit just writes is an entry of its own, so that a stack trace would be fifty of them.
//!
//! The JVM never waits for it. Its output is a pipe that it does not wait for either: where nobody reads for long,
//! as where the launcher is suspended, lines are lost and the server goes on. A thread of its own reads the pipe,
//! so that nothing else that the launcher waits for holds it up, and gives up entries that the journal does not
//! take.

use std::fmt::Write as _;
use std::io::{self, PipeReader, PipeWriter, Read as _};
use std::os::fd::AsFd;
use std::os::unix::net::UnixDatagram;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_setfl, fstat};
use rustix::pipe::fcntl_setpipe_size;

use crate::events::{Entry, Events};
use crate::notify;

const SOCKET: &str = "/run/systemd/journal/socket";
/// Device and inode of what a unit writes to, where that is the journal.
pub const STREAM: &str = "JOURNAL_STREAM";
/// The most that a process may ask for by itself: some thousands of lines.
const PIPE: usize = 1024 * 1024;
/// How long the journal may take for an entry. Once it has not taken one, none is waited for until it does.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long an event may take to end.
const OPEN: Timespec = Timespec { tv_sec: 2, tv_nsec: 0 };
/// How long what a JVM has written may take to be read once it has ended.
const LAST: Duration = Duration::from_secs(5);
/// What units are in.
const DAEMON: u8 = 3;
const WARNING: u8 = 4;

/// Who else takes the text of each entry.
pub type Seen = Box<dyn Fn(&[u8]) + Send>;

#[derive(Debug)]
pub struct Journal {
    socket: UnixDatagram,
    /// What the entries of the unit are called.
    name: &'static str,
    lost: u64,
}

impl Journal {
    /// None where this process writes to a file, a terminal or anything else.
    pub fn of_this_process(name: &'static str) -> Option<Self> {
        if !is_journal(io::stdout()) || !is_journal(io::stderr()) {
            return None;
        }
        Self::at(SOCKET, name)
            .inspect_err(|error| notify::warn(&format!("cannot reach {SOCKET}: {error}")))
            .ok()
    }

    fn at(path: &str, name: &'static str) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.connect(path)?;
        socket.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { socket, name, lost: 0 })
    }

    /// What a process is to write to, and who makes entries of it.
    pub fn forward(self, seen: Seen) -> io::Result<(PipeWriter, Forwarder)> {
        let (reader, writer) = io::pipe()?;
        // a smaller one does, too
        let _ = fcntl_setpipe_size(&writer, PIPE);
        fcntl_setfl(&writer, OFlags::NONBLOCK)?;
        let (ended, done) = channel();
        std::thread::Builder::new().name("journal".to_owned()).spawn(move || {
            self.take_all(reader, &seen);
            let _ = ended.send(());
        })?;
        Ok((writer, Forwarder { done }))
    }

    fn take_all(mut self, mut reader: PipeReader, seen: &Seen) {
        let mut events = Events::default();
        let mut bytes = vec![0; 64 * 1024];
        loop {
            if events.is_open() && !is_readable(&reader) {
                self.send_all(events.give_up(), seen);
                continue;
            }
            match reader.read(&mut bytes) {
                Ok(0) => break,
                Ok(length) => self.send_all(events.take(bytes.get(..length).unwrap_or_default()), seen),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        self.send_all(events.finish(), seen);
    }

    fn send_all(&mut self, entries: impl IntoIterator<Item = Entry>, seen: &Seen) {
        for entry in entries {
            seen(&entry.text);
            self.send(&entry);
        }
    }

    fn send(&mut self, entry: &Entry) {
        let sent = self.socket.send(&datagram(self.name, entry));
        let is_first = self.lost == 0;
        if sent.is_err() {
            self.lost += 1;
            if is_first {
                let _ = self.socket.set_nonblocking(true);
            }
        } else if !is_first {
            let text = format!("the journal has not taken {} entries of this server", self.lost);
            self.lost = 0;
            let _ = self.socket.set_nonblocking(false);
            let told = Entry { priority: WARNING, text: text.into_bytes(), logger: None, thread: None };
            let _ = self.socket.send(&datagram(self.name, &told));
        }
    }
}

/// Reads what a process writes until nobody can write any more.
#[derive(Debug)]
pub struct Forwarder {
    done: Receiver<()>,
}

impl Forwarder {
    /// Waits for all that a process that has ended has written.
    pub fn finish(self) {
        let _ = self.done.recv_timeout(LAST);
    }
}

/// Whether a descriptor is this unit's stream to the journal.
pub fn is_journal(fd: impl AsFd) -> bool {
    std::env::var(STREAM).is_ok_and(|stream| is_stream(fd, &stream))
}

/// systemd names it by device and inode. A process further down may have inherited the name alone.
fn is_stream(fd: impl AsFd, stream: &str) -> bool {
    name_of(fd).is_ok_and(|name| name == stream)
}

pub fn name_of(fd: impl AsFd) -> io::Result<String> {
    let stat = fstat(fd)?;
    Ok(format!("{}:{}", stat.st_dev, stat.st_ino))
}

/// Whether there is something to read, or nobody who could write it, before an event has been open for too long.
fn is_readable(reader: &PipeReader) -> bool {
    let mut files = [PollFd::new(reader, PollFlags::IN)];
    !matches!(poll(&mut files, Some(&OPEN)), Ok(0))
}

/// The entry as the journal reads it: fields of one line as `NAME=value`, and the message, which may have several,
/// behind its length.
fn datagram(name: &str, entry: &Entry) -> Vec<u8> {
    let mut text =
        format!("PRIORITY={}\nSYSLOG_FACILITY={DAEMON}\nSYSLOG_IDENTIFIER={name}\n", entry.priority);
    for (field, value) in [("LOGGER", &entry.logger), ("THREAD_NAME", &entry.thread)] {
        if let Some(value) = value {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{field}={value}");
        }
    }
    let mut datagram = text.into_bytes();
    datagram.extend(b"MESSAGE\n");
    datagram.extend(u64::try_from(entry.text.len()).unwrap_or_default().to_le_bytes());
    datagram.extend(&entry.text);
    datagram.push(b'\n');
    datagram
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    struct Host {
        folder: tempfile::TempDir,
        socket: UnixDatagram,
    }

    impl Host {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let socket = UnixDatagram::bind(folder.path().join("socket")).unwrap();
            socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            Self { folder, socket }
        }

        fn journal(&self) -> Journal {
            Journal::at(self.folder.path().join("socket").to_str().unwrap(), "kafka").unwrap()
        }

        fn next(&self) -> String {
            let mut bytes = vec![0; 256 * 1024];
            let length = self.socket.recv(&mut bytes).unwrap();
            String::from_utf8_lossy(&bytes[..length]).into_owned()
        }
    }

    #[test]
    fn an_event_is_one_entry_with_its_fields() {
        let host = Host::new();
        let (mut output, forwarder) = host.journal().forward(Box::new(|_| ())).unwrap();
        output.write_all(b"<3>ERROR: no\n\tat a.B\n<.>a.X main\nthe JVM\n").unwrap();
        let first = "PRIORITY=3\nSYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER=kafka\nLOGGER=a.X\nTHREAD_NAME=main\nMESSAGE\n\
            \x11\0\0\0\0\0\0\0ERROR: no\n\tat a.B\n";
        assert_eq!(host.next(), first);
        assert!(host.next().ends_with("the JVM\n"));
        // an event that nobody ends is told all the same
        output.write_all(b"<4>WARN: half\n").unwrap();
        assert!(host.next().ends_with("WARN: half\n"));
        output.write_all(b"<6>INFO: last").unwrap();
        drop(output);
        forwarder.finish();
        assert!(host.next().ends_with("INFO: last\n"));
    }

    #[test]
    fn the_largest_entry_is_taken() {
        let host = Host::new();
        let (mut output, _forwarder) = host.journal().forward(Box::new(|_| ())).unwrap();
        let line = "x".repeat(128 * 1024);
        output.write_all(format!("{line}\n").as_bytes()).unwrap();
        assert!(host.next().ends_with(&format!("{line}\n")));
    }

    #[test]
    fn who_writes_is_never_held_up() {
        let host = Host::new();
        let (mut output, forwarder) = host.journal().forward(Box::new(|_| ())).unwrap();
        let begun = std::time::Instant::now();
        let mut refused = 0_u32;
        // nobody takes the datagrams, and the pipe takes 1 MiB
        for _ in 0..50_000 {
            let written = output.write(format!("<6>{}\n<.>a b\n", "x".repeat(100)).as_bytes());
            refused += u32::from(written.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock));
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{refused} were refused in {:?}", begun.elapsed());
        drop(output);
        forwarder.finish();
    }

    #[test]
    fn what_the_journal_has_missed_is_counted() {
        let host = Host::new();
        let mut journal = host.journal();
        let entry = Entry { priority: 6, text: b"x".to_vec(), logger: None, thread: None };
        while journal.lost < 3 {
            journal.send(&entry);
        }
        let mut bytes = [0; 1024];
        host.socket.set_nonblocking(true).unwrap();
        while host.socket.recv(&mut bytes).is_ok() {}
        host.socket.set_nonblocking(false).unwrap();
        journal.send(&entry);
        assert!(host.next().ends_with("x\n"));
        assert!(host.next().ends_with("the journal has not taken 3 entries of this server\n"));
    }

    #[test]
    fn only_the_stream_that_systemd_names_is_the_journal() {
        let file = tempfile::tempfile().unwrap();
        let stat = fstat(&file).unwrap();
        assert!(is_stream(&file, &format!("{}:{}", stat.st_dev, stat.st_ino)));
        for other in [format!("{}:{}", stat.st_dev, stat.st_ino + 1), String::new()] {
            assert!(!is_stream(&file, &other));
        }
    }
}
