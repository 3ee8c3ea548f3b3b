//! Class-data archives: what a JVM makes of a product's classes, kept, so that the next one starts
//! sooner. Each is made once for a release and a JRE, by a ZooKeeper server and a broker that start and
//! end on this machine before the first cluster does. A server starts without one just as well.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use kafnix_generator::jvm_command;
use kafnix_generator::pins::Product;
use kafnix_generator::spec::Jdk;
use kafnix_protocol::directories::{INITIALIZE, MYID, VERSION_2};
use kafnix_protocol::four_letter_words::{Mode, SRVR, Srvr};
use sha2::{Digest as _, Sha256};

use super::plan::{Planned, check_path};
use super::process::Process;
use crate::exclusive::Exclusive;
use crate::products::hashed;
use kafnix_client::kafka::Connection;
use kafnix_client::kafka::admin::{NewTopic, Shape};
use kafnix_client::{self as client, Endpoint};
use kafnix_operate::progress::Progress;

const FLAG: &str = "-XX:ArchiveClassesAtExit=";
/// A server that takes longer to start or to end is not waited for: its archive is not worth that.
const LIMIT: Duration = Duration::from_secs(90);
const DEATH: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

/// Where the archive of each planned server is, or would be.
pub struct Archives<'a> {
    pub cache: &'a Path,
    pub launcher: &'a [String],
}

impl Archives<'_> {
    /// Gives each planned server the archive of its release. Those that are missing are made where
    /// `make` says so.
    pub fn give(&self, planned: &mut [Planned], make: bool, progress: &dyn Progress) {
        let folder = self.cache.join("archives");
        if check_path(&folder).is_err() {
            return;
        }
        if make {
            // Servers of other releases or JREs are trained apart.
            let mut missing: BTreeMap<PathBuf, &Planned> = BTreeMap::new();
            for planned in &*planned {
                let Some(path) = path(&folder, planned).filter(|path| !is_settled(path)) else { continue };
                missing.entry(path).or_insert(planned);
            }
            if let Err(error) = self.make(&folder, &missing, planned, progress) {
                progress.note(&format!("servers start without class-data archives: {error:#}"));
                for path in missing.keys() {
                    // Once is enough for what will not work the next time either.
                    let _ = fs_err::write(refusal(path), format!("{error:#}\n"));
                }
            }
        }
        let mut whole: BTreeMap<PathBuf, bool> = BTreeMap::new();
        for planned in planned {
            let Some(path) = path(&folder, planned) else { continue };
            let is_whole = *whole.entry(path.clone()).or_insert_with(|| is_whole(&path));
            planned.plan.archive = is_whole.then_some(path);
        }
    }

    fn make(
        &self,
        folder: &Path,
        missing: &BTreeMap<PathBuf, &Planned>,
        all: &[Planned],
        progress: &dyn Progress,
    ) -> Result<()> {
        if missing.is_empty() {
            return Ok(());
        }
        fs_err::create_dir_all(folder)?;
        let lock = Exclusive::take(&folder.join(".lock"), "makes class-data archives", progress)?;
        remove_left(folder)?;
        let done = missing.iter().try_for_each(|(path, planned)| {
            if is_settled(path) {
                return Ok(());
            }
            progress.note(&format!("making the class-data archive of {}, once", planned.runtime.release));
            self.train(folder, path, planned, all)
        });
        drop(lock);
        done
    }

    /// Starts and ends the servers that one archive needs.
    fn train(&self, folder: &Path, path: &Path, planned: &Planned, all: &[Planned]) -> Result<()> {
        let scratch = tempfile::Builder::new().prefix(SCRATCH).tempdir_in(folder)?;
        let archive = scratch.path().join("archive.jsa");
        let ports = Ports::free()?;
        let training = Training { launcher: self.launcher, folder: scratch.path(), ports };
        match planned.server.role {
            Product::ZooKeeper => {
                let server = training.zookeeper(planned, Some(&archive))?;
                server.end()?;
            }
            Product::Kafka => {
                let zookeeper = all.iter().find(|other| {
                    other.server.role == Product::ZooKeeper && other.runtime.java == planned.runtime.java
                });
                let server = training.zookeeper(zookeeper.context("no ZooKeeper has its JRE")?, None)?;
                let broker = training.kafka(planned, &archive)?;
                broker.end()?;
                server.end()?;
            }
        }
        ensure!(archive.is_file(), "the JVM wrote none");
        // The digest is there before the archive is: one without the other is none.
        super::state::write(&digest_file(path), digest(&archive)?.as_bytes())?;
        fs_err::rename(&archive, path)?;
        Ok(())
    }
}

const SCRATCH: &str = ".training";

/// What a run that was ended has left; nobody else is at work.
fn remove_left(folder: &Path) -> Result<()> {
    for entry in fs_err::read_dir(folder)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(SCRATCH) {
            fs_err::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Made, or known not to work.
fn is_settled(path: &Path) -> bool {
    is_whole(path) || refusal(path).is_file()
}

/// A JVM passes over an archive of another JVM, but dies of one that ends early.
fn is_whole(path: &Path) -> bool {
    let recorded = fs_err::read_to_string(digest_file(path));
    path.is_file() && recorded.is_ok_and(|recorded| digest(path).is_ok_and(|found| found == recorded))
}

fn digest_file(path: &Path) -> PathBuf {
    path.with_extension("sha256")
}

fn digest(path: &Path) -> Result<String> {
    hashed::<Sha256>("sha256", path)
}

fn refusal(path: &Path) -> PathBuf {
    path.with_extension("refused")
}

/// The file of a server's archive, named by all that it depends on; none for a JVM that has no archives.
fn path(folder: &Path, planned: &Planned) -> Option<PathBuf> {
    let runtime = &planned.runtime;
    if !jvm_command::has_class_data(Jdk(runtime.java.major)) {
        return None;
    }
    let jars = runtime.folder.join(runtime.release.jars());
    let mut jars: Vec<_> = fs_err::read_dir(jars).ok()?.flatten().collect();
    jars.sort_by_key(fs_err::DirEntry::file_name);
    let mut key = Sha256::new();
    for part in [&runtime.folder, &runtime.java.program] {
        key.update(part.as_os_str().as_encoded_bytes());
        key.update([0]);
    }
    key.update(&runtime.java.version);
    for jar in jars {
        let metadata = jar.metadata().ok()?;
        let changed = metadata.modified().ok()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        key.update(jar.file_name().as_encoded_bytes());
        key.update(metadata.len().to_le_bytes());
        key.update(changed.as_nanos().to_le_bytes());
    }
    let key = BASE64_URL_SAFE_NO_PAD.encode(key.finalize());
    let name = format!("{}-java{}-{key:.16}.jsa", runtime.release, runtime.java.version);
    Some(folder.join(name))
}

struct Ports {
    client: u16,
    peer: u16,
    election: u16,
    broker: u16,
}

impl Ports {
    /// Ports that nobody has now. Whoever takes one first costs an archive.
    fn free() -> Result<Self> {
        let listeners = [0; 4].map(|_| TcpListener::bind("127.0.0.1:0"));
        let mut ports = Vec::new();
        for listener in &listeners {
            let listener = listener.as_ref().ok().context("no port is free on 127.0.0.1")?;
            ports.push(listener.local_addr()?.port());
        }
        let [client, peer, election, broker] = ports[..] else { bail!("no port is free on 127.0.0.1") };
        Ok(Self { client, peer, election, broker })
    }
}

struct Training<'a> {
    launcher: &'a [String],
    folder: &'a Path,
    ports: Ports,
}

impl Training<'_> {
    /// An ensemble of one, which elects itself.
    fn zookeeper(&self, planned: &Planned, archive: Option<&Path>) -> Result<Running> {
        let data = self.folder.join("zookeeper-data");
        fs_err::create_dir_all(data.join(VERSION_2))?;
        fs_err::write(data.join(MYID), "1\n")?;
        // It may elect itself with no data, as the launcher lets a new ensemble do.
        fs_err::write(data.join(INITIALIZE), "")?;
        let Ports { client, peer, election, .. } = self.ports;
        let settings = format!(
            "admin.enableServer=false\nclientPort={client}\nclientPortAddress=127.0.0.1\ndataDir={}\n\
             initLimit=10\nsyncLimit=5\ntickTime=2000\nstandaloneEnabled=false\n\
             server.1=127.0.0.1:{peer}:{election}\n",
            data.display()
        );
        let mut running = self.start(planned, &settings, archive)?;
        let endpoint = Endpoint::new(format!("127.0.0.1:{client}"), LIMIT);
        running.until(async || {
            let answer = client::zookeeper::word(&endpoint, SRVR).await?;
            ensure!(Srvr::read(&answer)?.mode == Mode::Leader, "it does not serve");
            Ok(())
        })?;
        Ok(running)
    }

    /// A broker that makes a topic.
    fn kafka(&self, planned: &Planned, archive: &Path) -> Result<Running> {
        let data = self.folder.join("kafka-data");
        fs_err::create_dir_all(&data)?;
        let Ports { client, broker, .. } = self.ports;
        let settings = format!(
            "broker.id=1\nlisteners=PLAINTEXT://127.0.0.1:{broker}\nlog.dirs={}\n\
             zookeeper.connect=127.0.0.1:{client}/training\n",
            data.display()
        );
        let mut running = self.start(planned, &settings, Some(archive))?;
        let endpoint = Endpoint::new(format!("127.0.0.1:{broker}"), LIMIT);
        running.until(async || {
            let mut connection = Connection::open(&endpoint).await?;
            let known = connection.metadata(None).await?;
            if known.topics.is_empty() {
                let shape = Shape::Counted { partitions: 1, replicas: 1 };
                let topic = NewTopic { name: "training".to_owned(), shape, settings: Vec::new() };
                connection.create_topics(&[topic]).await?;
                bail!("the topic is not there yet");
            }
            Ok(())
        })?;
        Ok(running)
    }

    /// The JVM with the flags of the server itself, in this folder.
    fn start(&self, planned: &Planned, settings: &str, archive: Option<&Path>) -> Result<Running> {
        let folder = self.folder.join(planned.server.role.key());
        for needed in [super::server::RUNTIME, super::server::LOGS] {
            fs_err::create_dir_all(folder.join(needed))?;
        }
        for (name, text) in &planned.plan.files {
            fs_err::write(folder.join(name), text)?;
        }
        fs_err::write(folder.join(super::server::config(planned.server.role)), settings)?;
        let (there, here) = (planned.server.path(""), folder.join(""));
        let (there, here) = (there.to_string_lossy(), here.to_string_lossy());
        let arguments = planned.plan.arguments.iter().skip_while(|word| *word != "--").skip(1);
        let mut arguments = arguments.map(|word| word.replace(&*there, &here));
        let java = arguments.next().context("a plan without a JVM")?;
        let log = fs_err::File::create(folder.join("log"))?.into_file();
        let (program, words) = self.launcher.split_first().context("no launcher is given")?;
        let mut command = Command::new(program);
        // As a launcher's child it ends with this process, whatever ends that.
        command.args(words).args(["child", &std::process::id().to_string(), "--", &java]);
        command.args(archive.map(|archive| format!("{FLAG}{}", archive.display()))).args(arguments);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).current_dir(&folder);
        let child = command.spawn().with_context(|| format!("cannot start `{program}`"))?;
        let name = planned.runtime.release.to_string();
        Ok(Running { child, name, log: folder.join("log") })
    }
}

/// A server that is trained. It ends with this value, at the latest.
struct Running {
    child: Child,
    name: String,
    log: PathBuf,
}

impl Running {
    fn until(&mut self, is_good: impl AsyncFn() -> Result<()>) -> Result<()> {
        let begun = Instant::now();
        loop {
            let Err(error) = client::run(is_good())? else { return Ok(()) };
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status} in a trial start: {}", self.name, self.last_line());
            }
            if begun.elapsed() > LIMIT {
                return Err(error.context(format!("{} does not come up in a trial start", self.name)));
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn last_line(&self) -> String {
        let log = fs_err::read_to_string(&self.log).unwrap_or_default();
        log.lines().last().map(|line| super::logs::plain(line).to_owned()).unwrap_or_default()
    }

    /// Asks it to end, which is when it writes its archive.
    fn end(mut self) -> Result<()> {
        if let Some(process) = Process::now(self.child.id()) {
            process.terminate()?;
        }
        let begun = Instant::now();
        while self.child.try_wait()?.is_none() {
            ensure!(begun.elapsed() < LIMIT, "{} does not end after a trial start", self.name);
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It fails where it has ended already. Whoever waits in the kernel is not waited for.
        let _ = self.child.kill();
        let killed = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && killed.elapsed() < DEATH {
            std::thread::sleep(PAUSE);
        }
    }
}
