//! Processes that outlive the program that started them: which one a record means, whether it still
//! runs, and how it is told to end. A number alone means nothing: it may be somebody else's by now.

use anyhow::{Context as _, Result};
use rustix::io::Errno;
use rustix::process::{Pid, Signal};
use serde::{Deserialize, Serialize};

/// One process, for as long as this machine keeps its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    pub pid: u32,
    /// When it started, in the kernel's ticks since the boot.
    start: u64,
    boot: String,
}

impl Process {
    /// The process that has a number now; none where it has ended.
    pub fn now(pid: u32) -> Option<Self> {
        let stat = stat(pid)?;
        // One that has ended and that nobody has asked about is still listed. So is one whose first
        // thread has ended before the others, which hold its ports.
        let runs = !matches!(stat.state, 'Z' | 'X') || stat.threads > 1;
        runs.then(|| Self { pid, start: stat.start, boot: boot() })
    }

    pub fn runs(&self) -> bool {
        Self::now(self.pid).as_ref() == Some(self)
    }

    /// Why it does nothing at all, where somebody has stopped it and did not end it.
    pub fn held(&self) -> Option<&'static str> {
        match stat(self.pid)?.state {
            'T' => Some("is suspended (SIGSTOP)"),
            't' => Some("is stopped by a debugger"),
            _ => None,
        }
    }

    /// Asks it to end. One that is suspended is resumed, since it would never see the request.
    pub fn terminate(&self) -> Result<()> {
        self.signal(Signal::TERM)?;
        self.resume()
    }

    /// Lets it go on where it is suspended.
    pub fn resume(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    /// Ends it at once.
    pub fn kill(&self) -> Result<()> {
        self.signal(Signal::KILL)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        if !self.runs() {
            return Ok(());
        }
        let pid =
            i32::try_from(self.pid).ok().and_then(Pid::from_raw).context("no process has this number")?;
        match rustix::process::kill_process(pid, signal) {
            Ok(()) | Err(Errno::SRCH) => Ok(()),
            Err(error) => Err(error).with_context(|| format!("cannot end process {}", self.pid)),
        }
    }
}

/// A process of this number whose arguments contain `words`, if it runs.
pub fn with_argument(pid: u32, words: &str) -> Option<Process> {
    let line = fs_err::read(format!("/proc/{pid}/cmdline")).ok()?;
    let mut arguments = line.split(|byte| *byte == 0);
    arguments.any(|argument| argument == words.as_bytes()).then(|| Process::now(pid))?
}

/// The process whose arguments contain these two, one behind the other, whoever it is.
pub fn find(option: &str, value: &str) -> Option<Process> {
    let entries = fs_err::read_dir("/proc").ok()?.flatten();
    let mut numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.find_map(|pid: u32| {
        let line = fs_err::read(format!("/proc/{pid}/cmdline")).ok()?;
        let words: Vec<_> = line.split(|byte| *byte == 0).collect();
        let is_there = words.windows(2).any(|two| two == [option.as_bytes(), value.as_bytes()]);
        is_there.then(|| Process::now(pid))?
    })
}

/// The command line of a process, for people: the program without its folder, and not more than a line has.
pub fn command(pid: u32) -> Option<String> {
    const LONGEST: usize = 80;
    let line = fs_err::read(format!("/proc/{pid}/cmdline")).ok()?;
    let words: Vec<_> = line.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
    let program = words.first()?.rsplit('/').next()?.to_owned();
    let words = std::iter::once(program.as_str()).chain(words.iter().skip(1).map(AsRef::as_ref));
    let words = words.collect::<Vec<_>>().join(" ");
    let words = words.trim_end();
    let end = words.char_indices().nth(LONGEST).map_or(words.len(), |(end, _)| end);
    words.get(..end).filter(|words| !words.is_empty()).map(str::to_owned)
}

/// What a process calls itself.
pub fn name(pid: u32) -> Option<String> {
    Some(fs_err::read_to_string(format!("/proc/{pid}/comm")).ok()?.trim_end().to_owned())
}

struct Stat {
    state: char,
    threads: u64,
    start: u64,
}

/// Fields 3, 20 and 22 of proc(5). The name before them may hold anything but ends with the last bracket.
fn stat(pid: u32) -> Option<Stat> {
    let text = fs_err::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<_> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    let field = |number: usize| fields.get(number - 3).copied();
    Some(Stat {
        state: field(3)?.chars().next()?,
        threads: field(20)?.parse().ok()?,
        start: field(22)?.parse().ok()?,
    })
}

fn boot() -> String {
    let text = fs_err::read_to_string("/proc/sys/kernel/random/boot_id");
    text.map(|text| text.trim().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_record_means_the_process_that_was_recorded_and_no_other() {
        let ours = Process::now(std::process::id()).unwrap();
        assert!(ours.runs());
        assert!(!Process { start: ours.start - 1, ..ours.clone() }.runs());
        assert!(!Process { boot: "another".into(), ..ours }.runs());
        assert_eq!(Process::now(u32::MAX), None);
    }

    #[test]
    fn a_process_that_has_ended_does_not_run_though_it_is_still_listed() {
        let mut child = Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap();
        let process = Process::now(child.id()).unwrap();
        // The arguments are there a moment after the process is.
        let found = (0..1000).find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(1));
            with_argument(child.id(), "60")
        });
        assert_eq!(found, Some(process.clone()));
        assert_eq!(with_argument(child.id(), "6"), None);
        assert_eq!(command(child.id()).as_deref(), Some("sleep 60"));
        assert_eq!(find("--not", "there"), None);
        rustix::process::kill_process(Pid::from_child(&child), Signal::STOP).unwrap();
        while process.held() != Some("is suspended (SIGSTOP)") {
            std::thread::yield_now();
        }
        // Suspended or not, it ends.
        process.terminate().unwrap();
        while process.runs() {
            std::thread::yield_now();
        }
        // Nobody is hit by what comes too late.
        process.kill().unwrap();
        child.wait().unwrap();
    }
}
