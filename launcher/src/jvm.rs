//! The command line of a server's JVM, out of the facts that the launcher is told. What differs between the
//! products stands in the table `launcher/jvm/servers.json`.
//!
//! - A flag that not every JDK knows says which ones do: a JVM ends at one that it does not know.
//! - The heap never grows (`-Xms` is `-Xmx`), and a JVM that is out of memory ends: a server without
//!   memory is worse than none.
//! - zstd, snappy and lz4 unpack a native library and map it, which `/tmp` may forbid: temporary files
//!   lie in the runtime directory. So does the logging configuration, which the launcher writes there.
//! - The flags of the garbage collector are those of Kafka's own start script and manual ("Java version"). So is
//!   its log, which `kafka-server-start.sh` asks for with `-loggc`; `zkServer.sh` has neither.
//! - Classes come out of an archive where there is one, and with it comes the class path: the JVM uses it
//!   only with the same jars in the same order, and `lib/*` is in the order of the file system. Both stand
//!   in one argument file. JDK 13 is the first that writes such an archive of what a server has loaded.
//! - Further jars stand behind those of the release, whose classes win, and the archive still fits: the JVM
//!   looks at the beginning of its class path only.
//! - A `ZooKeeper` data directory that is not there is a disk that is not there, and a server without
//!   data does not vote on it: `datadir.autocreate` and `db.autocreate` (since 3.6) are off.
//! - Further options of the user stand behind all of these, since the last one wins.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::options::{Jvm, Release};
use kafnix_protocol::timestamp;

/// A JVM's command line, and the logging configuration that it names.
pub struct JvmCommand {
    pub words: Vec<String>,
    logging: PathBuf,
    text: String,
}

impl JvmCommand {
    /// `ends`: whether somebody reads where an event ends.
    pub fn write_logging(&self, ends: bool) -> Result<()> {
        let text = if ends {
            self.text.clone()
        } else {
            ENDS.iter().fold(self.text.clone(), |text, end| text.replace(end, ""))
        };
        fs::write(&self.logging, text).with_context(|| format!("cannot write {}", self.logging.display()))
    }
}

pub fn table() -> &'static Table {
    &TABLE
}

/// Whether a class-data archive can be made and used on a JDK of this major version.
pub fn has_class_data(jdk: u16) -> bool {
    TABLE.class_data.jdk.have(jdk)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Table {
    jvm: Vec<String>,
    class_data: ClassData,
    pub zookeeper: Product,
    pub kafka: Product,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// The folder of the release that holds them.
    pub jars: String,
    main: String,
    jvm: Vec<Group>,
    /// The first that fits the release.
    logging: Vec<Logging>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassData {
    jdk: Majors,
    /// In place of the class path.
    flag: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    from: Option<Release>,
    #[serde(default)]
    jdk: Majors,
    flags: Vec<String>,
}

/// Major versions of the JDK.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Majors {
    from: Option<u16>,
    before: Option<u16>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Logging {
    from: Option<Release>,
    file: String,
    flag: String,
}

#[allow(clippy::expect_used, reason = "the table is a part of the program, and a test reads it")]
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../jvm/servers.json")).expect("servers.json is well formed")
});

const LOGGING: [(&str, &str); 3] = [
    ("kafka-log4j.properties", include_str!("../jvm/kafka-log4j.properties")),
    ("zookeeper-log4j.properties", include_str!("../jvm/zookeeper-log4j.properties")),
    ("zookeeper-logback.xml", include_str!("../jvm/zookeeper-logback.xml")),
];

/// What ends an event, as a pattern of each of them.
const ENDS: [&str; 2] = ["<.>%c %t%n", "&lt;.&gt;%logger %thread%n"];

impl Majors {
    fn have(self, jdk: u16) -> bool {
        self.from.is_none_or(|from| jdk >= from) && self.before.is_none_or(|before| jdk < before)
    }
}

impl Product {
    /// `logs` is for the GC log, and `properties` are system properties, as `KEY=VALUE`.
    pub fn command(&self, jvm: &Jvm, logs: &str, properties: &[String]) -> JvmCommand {
        let (file, text, flag) = self.logging(jvm.release);
        let text = if jvm.log_time { with_time(text) } else { text.to_owned() };
        let logging = Path::new(&jvm.runtime).join(file);
        let here = |flag: &String| {
            flag.replace("{heap}", &jvm.heap)
                .replace("{runtime}", &jvm.runtime)
                .replace("{logs}", logs)
                .replace("{logging}", &logging.to_string_lossy())
        };
        let fits = |group: &&Group| is_since(group.from, jvm.release) && group.jdk.have(jvm.jdk);
        let flags = self.jvm.iter().filter(fits).flat_map(|group| &group.flags);
        let mut words = vec![jvm.java.clone()];
        words.extend(TABLE.jvm.iter().chain(flags).chain([flag]).map(here));
        words.extend(properties.iter().map(|property| format!("-D{property}")));
        words.extend(jvm.options.iter().cloned());
        words.extend(self.classes(jvm));
        words.extend([self.main.clone(), jvm.config.clone()]);
        JvmCommand { words, logging, text }
    }

    /// What tells the JVM where its classes are.
    fn classes(&self, jvm: &Jvm) -> Vec<String> {
        let archived = jvm.class_data.as_ref().filter(|_| has_class_data(jvm.jdk));
        let archived = archived.and_then(|file| match &jvm.extra_jars {
            None => Some(vec![TABLE.class_data.flag.replace("{classData}", file)]),
            Some(extra) => with_jars(file, extra),
        });
        archived.unwrap_or_else(|| {
            let own = format!("{}/{}/*", jvm.install, self.jars);
            let path = [own].into_iter().chain(jvm.extra_jars.clone()).collect::<Vec<_>>().join(":");
            vec!["-cp".to_owned(), path]
        })
    }

    /// Name and text of the file that a release reads, and the flag that names it.
    fn logging(&self, release: Release) -> (&str, &'static str, &String) {
        let fits = |logging: &&Logging| is_since(logging.from, release);
        let logging = self.logging.iter().find(fits).unwrap_or(&self.logging[0]);
        let text = LOGGING.iter().find(|(name, _)| *name == logging.file).map_or("", |(_, text)| text);
        (&logging.file, text, &logging.flag)
    }
}

/// The words of an archive's argument file, with further jars behind its own. A server starts without an archive whose
/// file cannot be read.
fn with_jars(file: &str, extra: &str) -> Option<Vec<String>> {
    let text = fs::read_to_string(file).ok()?;
    let mut words: Vec<String> = text.lines().map(str::to_owned).collect();
    let path = words.iter().position(|word| word == "-cp").and_then(|at| words.get_mut(at + 1))?;
    path.push(':');
    path.push_str(extra);
    Some(words)
}

/// A logging configuration whose lines have the time behind the priority that each begins with.
fn with_time(text: &str) -> String {
    let priorities = (0..8).flat_map(|number| [format!("<{number}>"), format!("&lt;{number}&gt;")]);
    priorities.fold(text.to_owned(), |text, priority| {
        text.replace(&priority, &format!("{priority}{} ", timestamp::PATTERN))
    })
}

fn is_since(from: Option<Release>, release: Release) -> bool {
    from.is_none_or(|from| release >= from)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::options::{Command, Options};

    const FACTS: &str = "--cluster=c --config=/config --heap=2g --install=/install --java=/java";
    const RUNTIME: &str = "--runtime=/run/it";
    const ZOOKEEPER: &str = "--id=1 --state=new --ensemble=a:2181 --memory=/memory";
    const KAFKA: &str = "--logs=/logs";

    fn command(product: &str, more: &str) -> JvmCommand {
        let line = format!("kafnix-launch {product} {FACTS} {more}");
        let options = Options::try_parse_from(line.split_whitespace()).unwrap();
        let Command::Run(server) = options.command else { panic!("{line}") };
        server.java()
    }

    fn words(product: &str, more: &str) -> String {
        command(product, &format!("{RUNTIME} {more}")).words.join(" ")
    }

    /// Texts of several lines as one command line.
    fn line(parts: &[&str]) -> String {
        parts.iter().flat_map(|part| part.split_whitespace()).collect::<Vec<_>>().join(" ")
    }

    const COMMON: &str = "/java -server -Xms2g -Xmx2g -XX:+UseG1GC -XX:+ExitOnOutOfMemoryError
        -Dfile.encoding=UTF-8 -Djava.awt.headless=true -Djava.io.tmpdir=/run/it
        -Dorg.xerial.snappy.tempdir=/run/it -DZstdTempFolder=/run/it";
    const COLLECTOR: &str = "-XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35
        -XX:+ExplicitGCInvokesConcurrent -XX:MaxInlineLevel=15 -XX:G1HeapRegionSize=16M
        -XX:MetaspaceSize=96m -XX:MinMetaspaceFreeRatio=50 -XX:MaxMetaspaceFreeRatio=80";
    const LOG: &str = "-Xlog:gc*:file=/logs/kafkaServer-gc.log:time,tags:filecount=10,filesize=100M";
    const LOG_OF_JDK_8: &str = "-Xloggc:/logs/kafkaServer-gc.log -verbose:gc -XX:+PrintGCDetails
        -XX:+PrintGCDateStamps -XX:+PrintGCTimeStamps -XX:+UseGCLogFileRotation
        -XX:NumberOfGCLogFiles=10 -XX:GCLogFileSize=100M";

    #[test]
    fn a_broker_gets_these_flags_on_each_jdk() {
        let logging = "-Dlog4j.configuration=file:/run/it/kafka-log4j.properties";
        for (jdk, log, classes) in [
            (8, LOG_OF_JDK_8, "-cp /install/libs/*"),
            (11, LOG, "-cp /install/libs/*"),
            (17, LOG, "@/classes"),
            (21, LOG, "@/classes"),
        ] {
            let facts = format!("{KAFKA} --release=3.9.2 --jdk={jdk} --class-data=/classes");
            let expected = line(&[COMMON, COLLECTOR, log, logging, classes, "kafka.Kafka /config"]);
            assert_eq!(words("kafka", &facts), expected);
        }
    }

    #[test]
    fn a_zookeeper_server_gets_these_flags_of_each_release_on_each_jdk() {
        let log4j = "-Dlog4j.configuration=file:/run/it/zookeeper-log4j.properties";
        let logback = "-Dlogback.configurationFile=/run/it/zookeeper-logback.xml";
        let (directory, database) =
            ("-Dzookeeper.datadir.autocreate=false", "-Dzookeeper.db.autocreate=false");
        for (release, flags) in [
            ("3.5.10", line(&[directory, log4j])),
            ("3.6.0", line(&[directory, database, log4j])),
            ("3.7.2", line(&[directory, database, log4j])),
            ("3.8.0", line(&[directory, database, logback])),
            ("3.9.5", line(&[directory, database, logback])),
        ] {
            for (jdk, classes) in
                [(8, "-cp /install/lib/*"), (11, "-cp /install/lib/*"), (17, "@/classes"), (21, "@/classes")]
            {
                let facts = format!("{ZOOKEEPER} --release={release} --jdk={jdk} --class-data=/classes");
                let main = "org.apache.zookeeper.server.quorum.QuorumPeerMain /config";
                assert_eq!(words("zookeeper", &facts), line(&[COMMON, &flags, classes, main]));
            }
        }
    }

    #[test]
    fn without_an_archive_there_is_the_class_path() {
        let zookeeper = words("zookeeper", &format!("{ZOOKEEPER} --release=3.9.5 --jdk=17"));
        assert!(zookeeper.contains(" -cp /install/lib/* org.apache."), "{zookeeper}");
        let kafka = words("kafka", &format!("{KAFKA} --release=3.9.2 --jdk=17"));
        assert!(kafka.contains(" -cp /install/libs/* kafka.Kafka "), "{kafka}");
        assert!(!has_class_data(12) && has_class_data(13) && has_class_data(21));
    }

    #[test]
    fn further_jars_stand_behind_those_of_the_release() {
        let facts = format!("{KAFKA} --release=3.9.2 --jdk=17 --extra-jars=/a.jar:/b/*");
        let plain = words("kafka", &facts);
        assert!(plain.ends_with(" -cp /install/libs/*:/a.jar:/b/* kafka.Kafka /config"), "{plain}");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("java-arguments");
        fs::write(&file, "-Xshare:auto\n-XX:SharedArchiveFile=/x\n-cp\n/install/libs/x.jar\n").unwrap();
        let archived = words("kafka", &format!("{facts} --class-data={}", file.display()));
        let expected =
            " -Xshare:auto -XX:SharedArchiveFile=/x -cp /install/libs/x.jar:/a.jar:/b/* kafka.Kafka /config";
        assert!(archived.ends_with(expected), "{archived}");
        let gone = words("kafka", &format!("{facts} --class-data=/not/there"));
        assert_eq!(gone, plain);
    }

    #[test]
    fn what_is_the_users_own_stands_behind_the_rest() {
        let more = "--system-property=jute.maxbuffer=1 --system-property=a=b=c -- -Xmx3g --help";
        let zookeeper = words("zookeeper", &format!("{ZOOKEEPER} --release=3.9.5 --jdk=17 {more}"));
        let expected = "/run/it/zookeeper-logback.xml -Djute.maxbuffer=1 -Da=b=c -Xmx3g --help -cp ";
        assert!(zookeeper.contains(expected), "{zookeeper}");
    }

    #[test]
    fn every_line_of_a_log_has_the_time_where_it_is_asked_for_and_nowhere_else() {
        for (file, text) in LOGGING {
            let is_pattern = |line: &&str| line.contains("%m%n") || line.contains("%msg%n");
            let timed = with_time(text);
            let patterns: Vec<_> = timed.lines().filter(is_pattern).collect();
            assert!(
                patterns.len() >= 3 && patterns.iter().all(|line| line.contains(timestamp::PATTERN)),
                "{file}"
            );
            assert!(!text.contains("%d"), "{file}: the journal has the time already");
        }
        let facts = format!("{KAFKA} {RUNTIME} --release=3.9.2 --jdk=17");
        assert!(!command("kafka", &facts).text.contains("%d"));
        assert!(command("kafka", &format!("{facts} --log-time")).text.contains("<4>%d"));
    }

    #[test]
    fn every_logging_configuration_of_the_table_is_there_and_is_written_where_the_flag_says() {
        for logging in TABLE.zookeeper.logging.iter().chain(&TABLE.kafka.logging) {
            assert!(LOGGING.iter().any(|(name, _)| *name == logging.file), "{}", logging.file);
        }
        let folder = tempfile::tempdir().unwrap();
        let runtime = folder.path().display();
        let facts = format!("{ZOOKEEPER} --release=3.9.5 --jdk=17 --runtime={runtime}");
        command("zookeeper", &facts).write_logging(true).unwrap();
        let written = fs::read_to_string(folder.path().join("zookeeper-logback.xml")).unwrap();
        assert!(written.contains("<configuration"), "{written}");
    }

    #[test]
    fn events_are_ended_where_somebody_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in LOGGING {
            let logging = folder.path().join(file);
            let command =
                JvmCommand { words: Vec::new(), logging: logging.clone(), text: (*text).to_owned() };
            let patterns = |ends| {
                command.write_logging(ends).unwrap();
                let written = fs::read_to_string(&logging).unwrap();
                let all = written.lines().filter(|line| line.contains("%m"));
                all.map(str::to_owned).collect::<Vec<_>>()
            };
            let (with, without) = (patterns(true), patterns(false));
            assert_eq!((with.len(), without.len()), (3, 3), "{file}");
            let ends = |line: &String| ENDS.iter().any(|end| line.contains(end));
            assert!(with.iter().all(ends), "{with:?}");
            assert!(
                without.iter().all(|line| !line.contains("<.>") && !line.contains("&lt;.")),
                "{without:?}"
            );
        }
    }
}
