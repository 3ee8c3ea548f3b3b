//! Makes the class-data archive of a release: what a JVM makes of the classes that a server loads when it
//! starts, does a little work and ends, kept in the form in which the next JVM maps it. The server runs for
//! a moment, with the flags of the units, on a loopback address; all its files lie in the present folder.
//!
//! The archive is written by a JVM of its own from the sorted list of classes, not by the server, which loads
//! them in another order each time: so it needs no archive of the JDK's, and two of one list differ in few
//! bytes where addresses are not randomised (as in a build of Nix; `setarch -R` elsewhere).

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::BuildHasher as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::Signal;
use tokio::time::{sleep, timeout};
use zookeeper_client::{Acls, Client, CreateMode};

use crate::child::{self, Java};
use crate::exit::STOPPED;
use crate::jvm::{self, JvmCommand, Product};
use crate::options::{ClassData, Installed, Jvm};
use crate::probe::{self, Answer};
use crate::runtime;
use kafnix_protocol::four_letter_words::Mode;

/// A server or a client that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(300);
const PAUSE: Duration = Duration::from_millis(50);
/// The list of what the server has loaded.
const LOADED: &str = "classes";
/// Argument files of the JVMs, which read them when they start.
const ARGUMENTS: &str = "server.java";
const CLIENT: &str = "client.java";

pub fn make(this: &[&str], options: &ClassData) -> Result<()> {
    ensure!(jvm::has_class_data(options.jdk), "JDK {} has none", options.jdk);
    let training = Training { this, options, address: loopback() };
    runtime()?.block_on(async {
        let made = timeout(LIMIT, training.run()).await;
        made.unwrap_or_else(|_| bail!("not made within {} s", LIMIT.as_secs()))
    })
}

/// Where builds share a network, no two of them meet.
fn loopback() -> String {
    let [a, b, c, ..] = RandomState::new().hash_one(0).to_ne_bytes();
    format!("127.{a}.{b}.{}", c.clamp(1, 254))
}

struct Training<'a> {
    this: &'a [&'a str],
    options: &'a ClassData,
    address: String,
}

/// A server that runs for its classes, or for another one's.
struct Trained<'a> {
    product: &'a Product,
    installed: &'a Installed,
    config: &'a str,
}

impl Training<'_> {
    async fn run(&self) -> Result<()> {
        for needed in ["runtime", "logs", "zookeeper-data/version-2", "kafka-data"] {
            fs::create_dir_all(needed)?;
        }
        let (table, lists) = (jvm::table(), format!("-XX:DumpLoadedClassList={LOADED}"));
        let installed = &self.options.zookeeper;
        let zookeeper = Trained { product: &table.zookeeper, installed, config: "zoo.cfg" };
        let Some(installed) = &self.options.kafka else {
            end(self.zookeeper(&zookeeper, &[&lists]).await?).await?;
            return self.dump(&zookeeper).await;
        };
        let kafka = Trained { product: &table.kafka, installed, config: "server.properties" };
        let server = self.zookeeper(&zookeeper, &[]).await?;
        end(self.kafka(&kafka, &[&lists]).await?).await?;
        end(server).await?;
        self.dump(&kafka).await
    }

    /// An ensemble of one, which elects itself and makes a znode.
    async fn zookeeper(&self, trained: &Trained<'_>, flags: &[&str]) -> Result<Java> {
        fs::write("zookeeper-data/myid", "1\n")?;
        // It may elect itself with no data, as the launcher lets a new ensemble do.
        fs::write("zookeeper-data/initialize", "")?;
        let address = &self.address;
        let settings = format!(
            "admin.enableServer=false\nclientPort=21810\nclientPortAddress={address}\ndataDir=zookeeper-data\n\
             initLimit=10\nsyncLimit=5\ntickTime=2000\nstandaloneEnabled=false\n\
             server.1={address}:28880:38880\n"
        );
        let mut server = self.start(trained, &settings, flags)?;
        let work = async {
            let address = format!("{address}:21810");
            while probe::zookeeper(&address).await != Answer::Serving(Mode::Leader) {
                sleep(PAUSE).await;
            }
            let client = Client::connect(&address).await?;
            let options = CreateMode::Persistent.with_acls(Acls::anyone_all());
            client.create("/training", b"training", &options).await?;
            anyhow::Ok(())
        };
        while_it_runs(&mut server, work).await.context("ZooKeeper")?;
        Ok(server)
    }

    /// A broker that creates a topic, takes records and gives them to a group of consumers.
    async fn kafka(&self, trained: &Trained<'_>, flags: &[&str]) -> Result<Java> {
        let address = &self.address;
        let server = format!("{address}:29092");
        let settings = format!(
            "broker.id=1\nlisteners=PLAINTEXT://{server}\nlog.dirs=kafka-data\n\
             zookeeper.connect={address}:21810/kafka\nauto.create.topics.enable=true\n\
             offsets.topic.num.partitions=1\noffsets.topic.replication.factor=1\n"
        );
        let mut broker = self.start(trained, &settings, flags)?;
        trained.write_arguments(CLIENT, &[])?;
        let produce = format!(
            "ProducerPerformance --topic training --num-records 100 --record-size 100 --throughput -1 \
             --producer-props bootstrap.servers={server} acks=all"
        );
        let consume = format!(
            "VerifiableConsumer --bootstrap-server {server} --topic training --group-id training \
             --max-messages 100"
        );
        for tool in [produce, consume] {
            let words = format!("{} -Xmx128m @{CLIENT} org.apache.kafka.tools.{tool}", self.options.java);
            let words: Vec<_> = words.split_whitespace().map(str::to_owned).collect();
            while_it_runs(&mut broker, self.succeed(&words))
                .await
                .with_context(|| format!("Kafka: {tool}"))?;
        }
        Ok(broker)
    }

    /// Starts a server with these flags beside its class path.
    fn start(&self, trained: &Trained<'_>, settings: &str, flags: &[&str]) -> Result<Java> {
        fs::write(trained.config, settings)?;
        trained.write_arguments(ARGUMENTS, flags)?;
        let command = self.command(trained);
        command.write_logging(false)?;
        Java::start(self.this, &command.words, None)
    }

    fn command(&self, trained: &Trained<'_>) -> JvmCommand {
        let jvm = Jvm {
            release: trained.installed.release,
            install: trained.installed.folder.clone(),
            extra_jars: None,
            config: trained.config.to_owned(),
            java: self.options.java.clone(),
            jdk: self.options.jdk,
            // What the archive holds does not depend on it, below 32 GB.
            heap: "256m".to_owned(),
            runtime: "runtime".to_owned(),
            class_data: Some(ARGUMENTS.to_owned()),
            log_time: false,
            options: Vec::new(),
        };
        trained.product.command(&jvm, "logs", &[])
    }

    /// Writes the archive, and the argument file that a server is started with.
    async fn dump(&self, trained: &Trained<'_>) -> Result<()> {
        let loaded = fs::read_to_string(LOADED).context("the server lists no classes")?;
        fs::write("sorted", sorted(&loaded))?;
        let out = &self.options.out;
        fs::create_dir_all(out)?;
        let archive = out.join("classes.jsa");
        let file = format!("-XX:SharedArchiveFile={}", archive.display());
        let dump = ["-Xshare:dump", "-XX:SharedClassListFile=sorted", &file];
        trained.write_arguments(ARGUMENTS, &dump)?;
        self.succeed(&self.command(trained).words).await.context("the JVM that writes it")?;
        ensure!(archive.is_file(), "the JVM wrote none");
        // `auto`: a JVM that it does not fit goes on without.
        trained.write_arguments(out.join("java-arguments"), &["-Xshare:auto", &file])
    }

    async fn succeed(&self, words: &[String]) -> Result<()> {
        let status = child::status(Java::start(self.this, words, None)?.end().await?);
        ensure!(status == 0, "ended with status {status}");
        Ok(())
    }
}

impl Trained<'_> {
    /// The argument file of a JVM: these flags, and every jar of the release in one order wherever it lies.
    fn write_arguments(&self, file: impl AsRef<Path>, flags: &[&str]) -> Result<()> {
        let (file, folder) = (file.as_ref(), format!("{}/{}", self.installed.folder, self.product.jars));
        let mut jars = Vec::new();
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {folder}"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "jar") {
                jars.push(path.to_string_lossy().into_owned());
            }
        }
        ensure!(!jars.is_empty(), "{folder} has no jar");
        jars.sort_unstable();
        let lines = flags.iter().map(|flag| format!("{flag}\n"));
        let text = lines.chain([format!("-cp\n{}\n", jars.join(":"))]).collect::<String>();
        fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
    }
}

/// The list is in the order of the server's threads, and from JDK 19 on numbered in it. What a loader of
/// its own defines is not on the class path.
fn sorted(loaded: &str) -> String {
    let lines = loaded.lines().filter(|line| !line.starts_with('#') && !line.contains(" source: "));
    let without_number = |line: &str| match line.rsplit_once(" id: ") {
        Some((class, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => format!("{class}\n"),
        _ => format!("{line}\n"),
    };
    lines.map(without_number).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

async fn while_it_runs(server: &mut Java, work: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::select! {
        done = work => done,
        ended = server.end() => bail!("the server ended with status {}", child::status(ended?)),
    }
}

/// Asks a server to end, and sees it end as asked.
async fn end(mut server: Java) -> Result<()> {
    server.signal(Signal::TERM);
    let status = child::status(server.end().await?);
    ensure!(status == STOPPED, "a server ended with status {status}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_classes_is_sorted_and_has_no_numbers() {
        let loaded = "# a comment\njava/lang/Object id: 0\nb/B id: 12\nb/B id: 13\nc/C source: x.jar id: 7\n\
                      @lambda-proxy b/B run id: x\n";
        assert_eq!(sorted(loaded), "@lambda-proxy b/B run id: x\nb/B\njava/lang/Object\n");
    }

    #[test]
    fn an_argument_file_has_the_jars_in_one_order() {
        let release = tempfile::tempdir().unwrap();
        let jars = release.path().join("libs");
        fs::create_dir(&jars).unwrap();
        for name in ["b.jar", "a.jar", "a.txt"] {
            fs::write(jars.join(name), "").unwrap();
        }
        let (folder, file) = (release.path().to_str().unwrap(), release.path().join("arguments"));
        let installed: Installed = format!("3.9.2={folder}").parse().unwrap();
        let kafka = Trained { product: &jvm::table().kafka, installed: &installed, config: "" };
        kafka.write_arguments(&file, &["-Xshare:auto"]).unwrap();
        let expected = format!("-Xshare:auto\n-cp\n{folder}/libs/a.jar:{folder}/libs/b.jar\n");
        assert_eq!(fs::read_to_string(file).unwrap(), expected);
    }
}
