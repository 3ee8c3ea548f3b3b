//! A machine on which `kafnix local` runs: folders of its own in place of the user's, with releases that are
//! empty and a Java that is a script.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::{Folder, Ran, ran};

/// Where a server that hangs writes its process id once it does.
const DEAF: &str = "deaf";

pub struct Machine {
    pub folder: Folder,
}

/// The same command with SIGINT as it is by default: a shell starts what it runs in the background, these tests
/// as well, with the signal ignored.
fn interruptible(command: &Command) -> Command {
    let mut same = Command::new("/usr/bin/env");
    same.arg("--default-signal=INT").arg(command.get_program()).args(command.get_args());
    for (variable, value) in command.get_envs() {
        match value {
            Some(value) => same.env(variable, value),
            None => same.env_remove(variable),
        };
    }
    same.current_dir(command.get_current_dir().unwrap());
    same
}

impl Machine {
    /// With a Java that only tells its version: a server that it starts ends at once.
    pub fn new() -> Self {
        let folder = Folder::with_three_hosts();
        for jar in ["zookeeper-3.9.5/lib/zookeeper.jar", "kafka-3.9.2/libs/kafka.jar"] {
            folder.write(&format!("products/{jar}"), "");
        }
        let machine = Self { folder };
        machine.java("17.0.1");
        machine
    }

    /// With a Java whose servers serve nobody, do not hear SIGTERM and never end. It is too old for class-data
    /// archives, which would be made first.
    pub fn with_servers_that_hang() -> Self {
        let machine = Self::new();
        machine.folder.edit(r#""name": "test","#, r#""name": "test", "versions": { "jdk": "11" },"#);
        let fifo = machine.folder.path("never");
        let mode = rustix::fs::Mode::RWXU;
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let script = format!(
            "#!/bin/sh\ncase $1 in\n-XshowSettings*) echo '    java.version = 11.0.2' >&2; exit ;;\nesac\n\
             trap '' TERM\nexec 3<>{}\necho $$ >{}\nwhile :; do read -r line <&3; done\n",
            fifo.display(),
            machine.folder.path(DEAF).display()
        );
        machine.script("java/bin/java", &script);
        machine
    }

    /// Starts the ZooKeeper server of one host, which has come so far as not to hear SIGTERM then.
    pub fn start(&self, first_address: &str) {
        let start = ["start", "kafka01", "--role", "zookeeper", "--first-address", first_address];
        self.local(start).ends_with(0);
        let begun = Instant::now();
        let is_deaf = || {
            let deaf = fs::read_to_string(self.folder.path(DEAF)).unwrap_or_default();
            deaf.trim().parse().ok() == self.status("zookeeper")["java"].as_u64()
        };
        while !is_deaf() {
            assert!(begun.elapsed() < Duration::from_secs(60), "the server does not come up");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn java(&self, version: &str) {
        self.script("java/bin/java", &format!("#!/bin/sh\necho '    java.version = {version}' >&2\n"));
    }

    pub fn script(&self, path: &str, text: &str) {
        self.folder.write(path, text);
        fs::set_permissions(self.folder.path(path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = self.folder.command(arguments);
        let variables = [
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
            ("KAFNIX_PRODUCTS", "products"),
            ("JAVA_HOME", "java"),
        ];
        for (variable, folder) in variables {
            command.env(variable, self.folder.path(folder));
        }
        command.env_remove("JAVA_HOME_17").env_remove("JAVA_HOME_11").env("PATH", "");
        command
    }

    pub fn local<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Ran {
        ran(&mut self.command(["local"].into_iter().chain(arguments)))
    }

    /// A command that goes on while the test does.
    pub fn begin<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Begun {
        let mut command = interruptible(&self.command(arguments));
        Begun(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// What `status` tells of the server of a role on the first host.
    pub fn status(&self, role: &str) -> serde_json::Value {
        let rows = self.local(["status", "--message-format", "json"]).ends_with(0).json();
        let rows = rows.as_array().unwrap();
        rows.iter().find(|row| row["host"] == "kafka01" && row["role"] == role).unwrap().clone()
    }

    /// That nothing was started and nothing stays.
    #[track_caller]
    pub fn refuses(&self, arguments: &[&str], words: &[&str]) {
        let refused = self.local(arguments.iter().copied()).ends_with(2);
        for word in words {
            assert!(refused.stderr.contains(word), "{word}: {refused:#?}");
        }
        let left: Vec<_> = fs::read_dir(self.state()).into_iter().flatten().flatten().collect();
        assert!(left.is_empty(), "{left:?}");
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path("state/kafnix")
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // A test that ends half-way leaves nothing that runs; where nothing does, this says so.
        let mut down = self.command(["local", "down", "--kill"]);
        let _ = down.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// A command that runs; it ends with this value.
pub struct Begun(Child);

impl Begun {
    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).unwrap();
    }

    /// Reads what it says on standard error until a line has these words, and gives the rest to whoever reads it.
    #[track_caller]
    pub fn says(&mut self, words: &str) -> BufReader<ChildStderr> {
        let mut stderr = BufReader::new(self.0.stderr.take().unwrap());
        let mut said = String::new();
        while !said.lines().any(|line| line.contains(words)) {
            let read = stderr.read_line(&mut said).unwrap();
            assert!(read > 0, "it does not say `{words}`: {said}");
        }
        stderr
    }

    /// Reads the first line of its result, and gives the rest to whoever reads it.
    pub fn line(&mut self) -> (String, BufReader<ChildStdout>) {
        let mut stdout = BufReader::new(self.0.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        (line, stdout)
    }

    /// The first line of its result, which is a part of it; the rest has no reader any more.
    pub fn first_line(&mut self) -> String {
        self.line().0
    }

    /// Its exit status, or the number of the signal that ended it, negative.
    #[track_caller]
    pub fn ends(&mut self) -> i32 {
        use std::os::unix::process::ExitStatusExt as _;
        let begun = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code().unwrap_or_else(|| -status.signal().unwrap());
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "it goes on for ever");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
