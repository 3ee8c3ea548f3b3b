//! One server of a local cluster: its files, its process, and what its launcher says of it.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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

    pub(super) fn is_planned(&self, plan: &Plan) -> bool {
        read::<Plan>(&self.path("plan.json")).is_some_and(|before| before.is_like(plan))
    }

    /// The class-data archive that it was started with last.
    pub(super) fn archive(&self) -> Option<String> {
        let plan: Plan = read(&self.path("plan.json"))?;
        Some(archives::classes(&plan.archive?).to_string_lossy().into_owned())
    }

    /// Its launcher, if it runs.
    pub fn process(&self) -> Option<Process> {
        let recorded = read::<Record>(&self.path("process.json")).map(|record| record.process);
        // Between the start of a process and its record kafnix may have been ended.
        let told = || {
            let words = self.status_file();
            process::with_argument(self.told()?.launcher?, words.to_str()?)
        };
        recorded.filter(Process::runs).or_else(told)
    }

    /// Its JVM, if it runs, with or without a launcher.
    fn java(&self) -> Option<Process> {
        let config = self.path(self.role.config_file());
        process::with_argument(self.told()?.java?, config.to_str()?)
    }

    fn told(&self) -> Option<Status> {
        read(&self.status_file())
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
        let told = self.told();
        match (self.process(), told) {
            // What it says last it says just before it ends.
            (Some(process), Some(told)) if told.launcher == Some(process.pid) => told,
            (Some(process), _) => Status {
                launcher: Some(process.pid),
                java: None,
                phase: Phase::Waiting,
                since: None,
                ready: false,
                status: "starting".to_owned(),
                exit: None,
            },
            (None, told) => {
                let ended = told.filter(|told| told.phase == Phase::Ended);
                let killed = if self.path("process.json").exists() { "killed" } else { "not started yet" };
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

    /// Starts the launcher in a group of its own, where no signal of the terminal reaches it.
    pub(super) fn start(&self, launcher: &[String], plan: &Plan) -> Result<()> {
        for folder in [self.runtime(), self.memory(), self.logs()] {
            fs_err::create_dir_all(folder)?;
        }
        write(&self.path(self.role.config_file()), plan.settings.as_bytes())?;
        write(&self.path("plan.json"), &serde_json::to_vec_pretty(plan)?)?;
        // What the last one said is not said of this one.
        remove(&self.status_file())?;
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
        let child = command.spawn().with_context(|| format!("cannot start `{program}`"))?;
        if let Some(process) = Process::now(child.id()) {
            write(&self.path("process.json"), &serde_json::to_vec(&Record { process, log: size })?)?;
        }
        Ok(())
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
        let from = read::<Record>(&self.path("process.json")).map_or(0, |record| record.log);
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

fn remove(path: &Path) -> Result<()> {
    match fs_err::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
