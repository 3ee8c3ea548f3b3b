//! One server of a local cluster: its files, its process, and what its launcher says of it.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use kafnix_generator::role::Role;
use kafnix_protocol::directories::JOINED;
pub use kafnix_protocol::status::{Phase, Status};
use serde::{Deserialize, Serialize};

use super::archives;
use super::process::{self, Process};
use super::state::write;

/// Who was started, and where its log begins.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    process: Process,
    log: u64,
}

/// How a server is started: compared with the last time to see whether it has to start anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The launcher's arguments.
    pub arguments: Vec<String>,
    /// What the launcher makes of them, which another kafnix may do otherwise.
    pub java: Vec<String>,
    /// The text of the server's settings.
    pub settings: String,
    /// The folder of a class-data archive: classes that its JVM need not load one by one.
    pub archive: Option<PathBuf>,
}

impl Plan {
    /// Whether a server that was started by the one need not start anew for the other.
    fn is_like(&self, other: &Self) -> bool {
        *self == Self { archive: self.archive.clone(), ..other.clone() }
    }

    /// The launcher's arguments, with the archive among them.
    fn words(&self) -> Vec<String> {
        let archive = self.archive.iter();
        let archive =
            archive.map(|archive| format!("--class-data={}", archives::arguments(archive).display()));
        self.arguments.iter().cloned().chain(archive).collect()
    }
}

#[derive(Clone, Debug)]
pub struct Server {
    pub host: String,
    pub role: Role,
    folder: PathBuf,
}

/// Who was started.
const PROCESS: &str = "process.json";

/// What the launcher is given its status file by.
pub(super) const STATUS_FILE: &str = "--status-file";

/// Folders of a server, beside its files.
const RUNTIME: &str = "runtime";
const LOGS: &str = "logs";

/// A log larger than this is put aside before the next start.
const LARGE: u64 = 64 << 20;

impl Server {
    pub(super) fn at(cluster: &Path, host: &str, role: Role) -> Self {
        Self { host: host.to_owned(), role, folder: cluster.join(host).join(role.key()) }
    }

    pub fn name(&self) -> String {
        format!("{} {}", self.host, self.role.key())
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    pub fn log(&self) -> PathBuf {
        self.path(&format!("{}.log", self.role.key()))
    }

    pub(super) fn status_file(&self) -> PathBuf {
        self.path("status.json")
    }

    /// Where the JVM unpacks libraries, and what is gone with the server.
    pub(super) fn runtime(&self) -> PathBuf {
        self.path(RUNTIME)
    }

    /// Where a broker's JVM writes its GC log. It ends where it cannot.
    pub(super) fn logs(&self) -> PathBuf {
        self.path(LOGS)
    }

    /// What the launcher remembers, apart from the data.
    pub(super) fn memory(&self) -> PathBuf {
        self.path("memory")
    }

    /// Whether its launcher has seen it in a quorum.
    pub(super) fn has_joined(&self) -> bool {
        self.memory().join(JOINED).exists()
    }

    /// Whether both are one server.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.host == other.host && self.role == other.role
    }

    /// How it was started last.
    pub(super) fn plan(&self) -> Option<Plan> {
        read(&self.path("plan.json"))
    }

    pub(super) fn is_planned(&self, plan: &Plan) -> bool {
        self.plan().is_some_and(|before| before.is_like(plan))
    }

    /// The class-data archive that it was started with last.
    pub(super) fn archive(&self) -> Option<String> {
        Some(archives::classes(&self.plan()?.archive?).to_string_lossy().into_owned())
    }

    /// Its launcher, if it runs.
    pub fn process(&self) -> Option<Process> {
        let recorded = self.record().map(|record| record.process);
        // Between the start of a process and its record kafnix may have been ended.
        let told = || {
            let words = self.status_file();
            process::with_argument(self.told()?.launcher?, words.to_str()?)
        };
        // A record that is damaged tells of nobody; nor may the status then.
        let is_damaged = recorded.is_none() && (self.path(PROCESS).exists() || self.status_file().exists());
        let found = || process::find(STATUS_FILE, self.status_file().to_str()?);
        recorded.filter(Process::runs).or_else(told).or_else(|| is_damaged.then(found)?)
    }

    /// Its JVM, if it runs, with or without a launcher.
    fn java(&self) -> Option<Process> {
        let config = self.path(self.role.config_file());
        process::with_argument(self.told()?.java?, config.to_str()?)
    }

    /// What a launcher said last: this server's, or the one before it.
    fn told(&self) -> Option<Status> {
        let file = self.status_file();
        read(&file).or_else(|| {
            // Where the disk is full it is written over, and whoever reads meanwhile reads again.
            std::thread::sleep(Duration::from_millis(if file.exists() { 5 } else { 0 }));
            read(&file)
        })
    }

    pub fn status(&self) -> Status {
        let status = self.told_status();
        // Whoever is suspended tells nothing of it.
        match self.held() {
            Some(held) if status.runs() => {
                let phase =
                    if status.phase == Phase::Stopping { Phase::Stopping } else { Phase::Unresponsive };
                let since = status.since.filter(|_| status.phase == phase);
                Status { phase, since, status: held, ..status }
            }
            _ => status,
        }
    }

    /// Why launcher or JVM do nothing at all, where somebody has stopped them.
    fn held(&self) -> Option<String> {
        let java = || Some(("JVM", self.java()?));
        let both = [self.process().map(|process| ("launcher", process)), java()];
        both.into_iter().flatten().find_map(|(what, process)| {
            let (pid, held) = (process.pid, process.held()?);
            Some(format!("its {what}, process {pid}, {held}: `kill -CONT {pid}` resumes it"))
        })
    }

    /// As its launcher says, if it runs.
    fn told_status(&self) -> Status {
        // In this order: what it says last it says just before it ends, and that is then there to be read.
        let process = self.process();
        match (process, self.told()) {
            (Some(process), Some(told)) if told.launcher == Some(process.pid) => told,
            (Some(process), told) => Status {
                launcher: Some(process.pid),
                java: None,
                phase: Phase::Waiting,
                since: None,
                ready: false,
                status: if told.is_none() && self.status_file().exists() {
                    format!("runs, and `{}` is damaged, which says how", self.status_file().display())
                } else {
                    "starting".to_owned()
                },
                exit: None,
            },
            (None, told) => {
                let record = self.record();
                let is_last = |told: &Status| {
                    record.as_ref().is_none_or(|record| told.launcher == Some(record.process.pid))
                };
                let ended = told.filter(|told| told.phase == Phase::Ended && is_last(told));
                let killed = if self.path(PROCESS).exists() { "killed" } else { "not started yet" };
                Status {
                    launcher: None,
                    java: None,
                    phase: Phase::Ended,
                    since: ended.as_ref().and_then(|told| told.since),
                    ready: false,
                    exit: ended.as_ref().and_then(|told| told.exit),
                    status: ended.map_or_else(|| killed.to_owned(), |told| told.status),
                }
            }
        }
    }

    fn record(&self) -> Option<Record> {
        read(&self.path(PROCESS))
    }

    /// Starts the launcher in a group of its own, where no signal of the terminal reaches it.
    pub(super) fn start(&self, launcher: &[String], plan: &Plan) -> Result<()> {
        for folder in [self.runtime(), self.memory(), self.logs()] {
            fs_err::create_dir_all(folder)?;
        }
        write(&self.path(self.role.config_file()), plan.settings.as_bytes())?;
        write(&self.path("plan.json"), &serde_json::to_vec_pretty(plan)?)?;
        let log = self.log();
        let size = log.metadata().map(|metadata| metadata.len()).unwrap_or_default();
        let size = if size > LARGE {
            fs_err::rename(&log, self.path(&format!("{}.log.before", self.role.key())))?;
            0
        } else {
            size
        };
        let output = fs_err::OpenOptions::new().create(true).append(true).open(&log)?.into_file();
        let (program, words) = launcher.split_first().context("no launcher is given")?;
        let mut command = Command::new(program);
        command.args(words).args(plan.words());
        // A JVM takes flags from these on its own, and systemd is not who is told here.
        for variable in ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "NOTIFY_SOCKET"] {
            command.env_remove(variable);
        }
        command.current_dir(self.runtime()).process_group(0);
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let mut child = command.spawn().with_context(|| format!("cannot start `{program}`"))?;
        let Some(process) = Process::now(child.id()) else { return Ok(()) };
        let recorded = write(&self.path(PROCESS), &serde_json::to_vec(&Record { process, log: size })?);
        if recorded.is_err() {
            // One that nobody knows of would be in everybody's way.
            let _ = child.kill().and_then(|()| child.wait());
        }
        recorded
    }

    /// Asks the launcher to end its server, or the JVM where there is no launcher.
    pub(super) fn terminate(&self) -> Result<()> {
        self.process().or_else(|| self.java()).map_or(Ok(()), |process| process.terminate())
    }

    /// Lets launcher and JVM go on where they are suspended.
    pub(super) fn resume(&self) -> Result<()> {
        self.processes().iter().try_for_each(Process::resume)
    }

    /// Ends launcher and JVM at once; they may take a moment to be gone.
    pub(super) fn kill(&self) -> Result<Vec<Process>> {
        let processes = self.processes();
        processes.iter().try_for_each(Process::kill)?;
        Ok(processes)
    }

    /// Whether launcher and JVM have both ended.
    pub(super) fn is_gone(&self) -> bool {
        self.process().is_none() && self.java().is_none()
    }

    /// Every process that is this server's.
    pub(super) fn processes(&self) -> Vec<Process> {
        self.process().into_iter().chain(self.java()).collect()
    }

    /// The last lines of the log since it was started.
    pub fn last_lines(&self, count: usize) -> Vec<String> {
        let from = self.record().map_or(0, |record| record.log);
        let mut text = Vec::new();
        if let Ok(mut file) = fs_err::File::open(self.log()) {
            let _ = file.seek(SeekFrom::Start(from)).and_then(|_| file.read_to_end(&mut text));
        }
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text.lines().map(|line| super::logs::plain(line).to_owned()).collect();
        lines.get(lines.len().saturating_sub(count)..).unwrap_or_default().to_vec()
    }
}

/// A file of ours; one that is damaged is as good as none.
fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs_err::read(path).ok()?).ok()
}
