//! Says how healthy the server is: to systemd, to the status file, and in a few lines to the journal. What
//! has not changed is not said again.

use std::cell::{Cell, RefCell};
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::journal;
pub use kafnix_protocol::status::Phase;
use kafnix_protocol::status::Status;
use kafnix_protocol::timestamp;
use sd_notify::NotifyState;

pub struct StatusReporter {
    file: Option<PathBuf>,
    told: RefCell<Status>,
    /// Whether the status file could not be written last time: that is said once.
    is_late: Cell<bool>,
}

impl StatusReporter {
    pub fn new(file: Option<PathBuf>) -> Self {
        let told = Status {
            launcher: Some(std::process::id()),
            java: None,
            phase: Phase::Waiting,
            since: Some(now()),
            ready: false,
            status: "starting".to_owned(),
            exit: None,
        };
        let reporter = Self { file, told: RefCell::new(told), is_late: Cell::new(false) };
        reporter.keep(&reporter.told.borrow());
        reporter
    }

    /// The status line, and the phase that it belongs to.
    pub fn say(&self, phase: Phase, status: impl Into<String>) {
        let status = status.into();
        self.change(|told| {
            told.phase = phase;
            told.status = status;
        });
    }

    /// What systemd waits for: the server serves, or waits for what other hosts must bring.
    pub fn ready(&self) {
        self.change(|told| told.ready = true);
    }

    pub fn java(&self, java: Option<u32>) {
        self.change(|told| told.java = java);
    }

    pub fn serves(&self) -> bool {
        self.told.borrow().serves()
    }

    pub fn ended(&self, exit: u8, sentence: &str) {
        self.change(|told| {
            told.phase = Phase::Ended;
            told.java = None;
            told.exit = Some(exit);
            sentence.clone_into(&mut told.status);
        });
    }

    fn change(&self, change: impl FnOnce(&mut Status)) {
        let before = self.told.borrow().clone();
        let mut now = before.clone();
        change(&mut now);
        if now == before {
            if self.is_late.get() {
                self.keep(&now);
            }
            return;
        }
        if now.phase != before.phase {
            now.since = Some(self::now());
        }
        if worth_a_line(&before, &now) {
            let say = if now.phase == Phase::Unresponsive { warn } else { info };
            say(&now.status);
        }
        self.keep(&now);
        notify(&before, &now);
        *self.told.borrow_mut() = now;
    }

    fn keep(&self, told: &Status) {
        let Some(file) = &self.file else { return };
        let text = serde_json::to_string(told).unwrap_or_default() + "\n";
        let written = replace(file, &text).or_else(|error| overwrite(file, &text).map_err(|_| error));
        if let Err(error) = &written
            && !self.is_late.get()
        {
            let full = if error.kind() == ErrorKind::StorageFull { ": make room on its disk" } else { "" };
            warn(&format!("cannot write the status file {}: {error}{full}", file.display()));
        }
        self.is_late.set(written.is_err());
    }
}

/// Replaces a file as a whole: whoever reads it sees no half of it.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    let mut new = file.as_os_str().to_owned();
    new.push(".new");
    let replaced = fs::write(&new, text).and_then(|()| fs::rename(&new, file));
    if replaced.is_err() {
        let _ = fs::remove_file(&new);
    }
    replaced
}

/// Writes over what is in a file, which takes no room where there is none for another file.
fn overwrite(file: &Path, text: &str) -> io::Result<()> {
    let mut open = OpenOptions::new().write(true).open(file)?;
    let length = usize::try_from(open.metadata()?.len()).unwrap_or_default();
    // At once, with blanks over the rest of a longer text: whoever reads meanwhile sees one of the two.
    open.write_all(format!("{text:length$}").as_bytes())
}

/// A change of phase is, and as long as a server waits, what it waits for. A stop that hangs is warned
/// of and an end that is an error is told where it happens.
fn worth_a_line(before: &Status, now: &Status) -> bool {
    match now.phase {
        Phase::Ended => false,
        Phase::Waiting => now.status != before.status,
        _ => now.phase != before.phase,
    }
}

pub fn info(line: &str) {
    print(6, line);
}

pub fn warn(line: &str) {
    print(4, line);
}

pub fn error(line: &str) {
    print(3, line);
}

/// The number at a line's head is the priority that the journal takes from it; elsewhere there is none. A full disk
/// or a log that is closed is no reason to end a server.
fn print(priority: u8, line: &str) {
    static IS_JOURNAL: LazyLock<bool> = LazyLock::new(|| journal::is_journal(io::stderr()));
    let head = if *IS_JOURNAL { format!("<{priority}>") } else { String::new() };
    let time = || {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        timestamp::write(i64::try_from(since.as_millis()).unwrap_or_default()) + " "
    };
    let time = if TIMED.load(Ordering::Relaxed) { time() } else { String::new() };
    let _ = writeln!(io::stderr(), "{head}{time}{line}");
}

/// Whether lines begin with the time, as those of the JVM do then.
static TIMED: AtomicBool = AtomicBool::new(false);

pub fn with_time(timed: bool) {
    TIMED.store(timed, Ordering::Relaxed);
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Without systemd (no `NOTIFY_SOCKET`) this does nothing; a systemd that does not listen is no reason
/// to stop a server.
fn notify(before: &Status, now: &Status) {
    let mut changes = Vec::new();
    if now.status != before.status {
        changes.push(NotifyState::Status(&now.status));
    }
    if now.ready && !before.ready {
        changes.push(NotifyState::Ready);
    }
    if now.phase == Phase::Stopping && before.phase != Phase::Stopping {
        changes.push(NotifyState::Stopping);
    }
    if !changes.is_empty() {
        let _ = sd_notify::notify(&changes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &std::path::Path) -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
    }

    #[test]
    fn the_status_file_says_how_healthy_the_server_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("status.json");
        let reporter = StatusReporter::new(Some(file.clone()));
        assert_eq!(read(&file)["phase"], "waiting");
        reporter.java(Some(7));
        reporter.say(Phase::Serving, "follower, 3 of 3 members");
        reporter.ready();
        let told = read(&file);
        assert_eq!((&told["java"], &told["ready"]), (&7.into(), &true.into()));
        assert_eq!(told["status"], "follower, 3 of 3 members");
        assert!(told["exit"].is_null() && told["launcher"].is_number());
        assert!(told["since"].as_u64().unwrap() > 1_700_000_000);
        reporter.ended(143, "ended with status 143");
        let told = read(&file);
        assert_eq!((&told["phase"], &told["exit"]), (&"ended".into(), &143.into()));
        assert!(told["java"].is_null());
    }

    #[test]
    fn where_there_is_no_room_for_another_file_the_old_one_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("status.json");
        let reporter = StatusReporter::new(Some(file.clone()));
        reporter.say(Phase::Starting, "recovering its logs, the last stop was not clean");
        // in its place nothing can be written
        fs::create_dir(folder.path().join("status.json.new")).unwrap();
        reporter.say(Phase::Serving, "short");
        assert_eq!(read(&file)["status"], "short");
        let long = "longer ".repeat(100);
        reporter.say(Phase::Serving, long.clone());
        assert_eq!(read(&file)["status"], long);
        // what nobody could write is written as soon as that can be done
        fs::remove_file(&file).unwrap();
        reporter.say(Phase::Stopping, "stopping");
        assert!(!file.exists());
        fs::remove_dir(folder.path().join("status.json.new")).unwrap();
        reporter.say(Phase::Stopping, "stopping");
        assert_eq!(read(&file)["status"], "stopping");
    }

    #[test]
    fn a_status_file_that_cannot_be_written_does_no_harm() {
        let reporter = StatusReporter::new(Some("/nonexistent/status.json".into()));
        reporter.say(Phase::Starting, "starting");
    }
}
