//! How a host starts its servers: the launcher and behind it the JVM, with all arguments. The table
//! in `generator/servers/` stands once; the modules read it for the units, and a test compares the two.
//!
//! - The launcher is told what it cannot read in the server's own configuration: which cluster and, for
//!   `ZooKeeper`, which id, release and state, and where clients find each server of the ensemble.
//! - A flag that not every JDK knows says which ones do: a JVM dies of one that it does not know.
//! - The heap never grows (`-Xms` is `-Xmx`), and a JVM that is out of memory ends: a server without
//!   memory is worse than none.
//! - zstd, snappy and lz4 unpack a native library and map it, which `/tmp` may forbid: temporary files
//!   lie in the runtime directory.
//! - The flags of the collector are those of Kafka's own start script and manual ("Java version"). So is
//!   its log, which `kafka-server-start.sh` asks for with `-loggc`; `zkServer.sh` has neither.
//! - Classes come out of an archive where there is one, and with it comes the class path: the JVM uses it
//!   only with the same jars in the same order, and `lib/*` is in the order of the file system. Both stand
//!   in one argument file. JDK 13 is the first that writes such an archive of what a server has loaded.
//! - A `ZooKeeper` data directory that is not there is a disk that is not there, and a server without
//!   data does not vote on it: `datadir.autocreate` and `db.autocreate` (since 3.6) are off.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::hosts::{HostBroker, HostServer};
use crate::rules::Cluster;
use crate::spec::{Heap, Jdk, Version};

/// Where the parts of a server lie.
#[derive(Clone, Copy, Debug)]
pub struct InstallPaths<'a> {
    /// The launcher, with the arguments that select it where it is a part of another program.
    pub launcher: &'a [&'a str],
    pub java: &'a str,
    /// The unpacked release.
    pub release: &'a str,
    /// A directory of the server's own for what is gone with it, where files may be executed.
    pub runtime: &'a str,
    /// A directory that is not on the data disks, for what the launcher remembers.
    pub memory: &'a str,
    /// A directory for the log of the broker's collector.
    pub logs: &'a str,
    pub config: &'a str,
    pub logging: &'a str,
    /// The argument file that holds the class path and its class-data archive, where there is one.
    pub class_data: Option<&'a str>,
}

impl InstallPaths<'_> {
    /// Names that stand for the paths, where these are not known.
    pub const NAMED: Self = Self {
        launcher: &["{launcher}"],
        java: "{java}",
        release: "{release}",
        runtime: "{runtime}",
        memory: "{memory}",
        logs: "{logs}",
        config: "{config}",
        logging: "{logging}",
        class_data: Some("{classData}"),
    };
}

/// A logging configuration: the file's name and its text.
pub type Logging = (&'static str, &'static str);

/// Where a host's broker logs its collector.
pub const KAFKA_LOGS: &str = "/var/log/kafka";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Table {
    jvm: Vec<String>,
    class_data: ClassData,
    zookeeper: Product,
    kafka: Product,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Product {
    jars: String,
    main: String,
    jvm: Vec<Group>,
    /// The first that fits the version.
    logging: Vec<LoggingFlag>,
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
    from: Option<Version>,
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
struct LoggingFlag {
    from: Option<Version>,
    file: String,
    flag: String,
}

#[allow(clippy::expect_used, reason = "the table is a part of the program, and a test reads it")]
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../servers/servers.json")).expect("servers.json is well formed")
});

const LOGGING: [Logging; 3] = [
    ("kafka-log4j.properties", include_str!("../servers/kafka-log4j.properties")),
    ("zookeeper-log4j.properties", include_str!("../servers/zookeeper-log4j.properties")),
    ("zookeeper-logback.xml", include_str!("../servers/zookeeper-logback.xml")),
];

pub fn zookeeper_logging(version: Version) -> Logging {
    TABLE.zookeeper.logging(version)
}

pub fn kafka_logging(version: Version) -> Logging {
    TABLE.kafka.logging(version)
}

/// Whether a class-data archive can be made and used.
pub fn has_class_data(jdk: Jdk) -> bool {
    TABLE.class_data.jdk.have(jdk)
}

/// The whole command line of a host's `ZooKeeper` server.
pub fn zookeeper_command(
    cluster: &Cluster,
    jdk: Jdk,
    server: &HostServer<'_>,
    place: &InstallPaths<'_>,
) -> Vec<String> {
    let mut command = owned(place.launcher);
    let id = server.id.to_string();
    let (release, ensemble) = (server.version.to_string(), cluster.zookeeper.connect.join(","));
    let state = server.state.to_string();
    command.extend(["zookeeper".to_owned(), cluster_flag(cluster)]);
    command.extend(owned(&["--id", &id, "--release", &release, "--state", &state, "--ensemble", &ensemble]));
    command.extend(owned(&["--config", place.config, "--memory", place.memory, "--"]));
    let flags = server
        .system_properties
        .iter()
        .filter_map(|(key, value)| value.plain().map(|value| format!("-D{key}={value}")));
    TABLE.zookeeper.jvm((server.version, jdk), server.heap, flags, place, &mut command);
    command
}

/// The whole command line of a host's broker.
pub fn kafka_command(
    cluster: &Cluster,
    jdk: Jdk,
    broker: &HostBroker<'_>,
    place: &InstallPaths<'_>,
) -> Vec<String> {
    let mut command = owned(place.launcher);
    command.extend(["kafka".to_owned(), cluster_flag(cluster)]);
    let id = cluster.kafka.as_ref().and_then(|kafka| kafka.cluster_id.as_ref());
    command.extend(id.map(|id| format!("--cluster-id={}", id.value)));
    command.extend(owned(&["--config", place.config, "--"]));
    TABLE.kafka.jvm((broker.version, jdk), broker.heap, [], place, &mut command);
    command
}

/// In one word: a name, like an id of Kafka's, may begin with a dash.
fn cluster_flag(cluster: &Cluster) -> String {
    format!("--cluster={}", cluster.name.value)
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

impl Majors {
    fn have(self, jdk: Jdk) -> bool {
        self.from.is_none_or(|from| jdk.0 >= from) && self.before.is_none_or(|before| jdk.0 < before)
    }
}

impl Product {
    fn logging_flag(&self, version: Version) -> Option<&LoggingFlag> {
        self.logging.iter().find(|logging| logging.from.is_none_or(|from| version >= from))
    }

    fn logging(&self, version: Version) -> Logging {
        let file = self.logging_flag(version).map(|logging| logging.file.as_str());
        LOGGING.into_iter().find(|(name, _)| Some(*name) == file).unwrap_or(LOGGING[0])
    }

    fn jvm(
        &self,
        (version, jdk): (Version, Jdk),
        heap: Heap,
        own: impl IntoIterator<Item = String>,
        place: &InstallPaths<'_>,
        command: &mut Vec<String>,
    ) {
        let here = |flag: &str| {
            flag.replace("{heap}", &heap.to_string())
                .replace("{runtime}", place.runtime)
                .replace("{logs}", place.logs)
                .replace("{logging}", place.logging)
        };
        let fits = |group: &&Group| group.from.is_none_or(|from| version >= from) && group.jdk.have(jdk);
        let flags = self.jvm.iter().filter(fits).flat_map(|group| &group.flags);
        command.push(place.java.to_owned());
        command.extend(TABLE.jvm.iter().map(|flag| here(flag)));
        command.extend(flags.map(|flag| here(flag)));
        command.extend(self.logging_flag(version).map(|logging| here(&logging.flag)));
        command.extend(own);
        match place.class_data.filter(|_| has_class_data(jdk)) {
            Some(file) => command.push(TABLE.class_data.flag.replace("{classData}", file)),
            None => command.extend(["-cp".to_owned(), format!("{}/{}/*", place.release, self.jars)]),
        }
        command.extend([self.main.clone(), place.config.to_owned()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = r#"{
      "name": "test",
      "versions": { "jdk": "17" },
      "hosts": { "a": { "address": "10.0.0.1" } }
    }"#;

    /// The JVM's arguments of both servers of a host on a JDK.
    fn arguments(jdk: u16) -> [Vec<String>; 2] {
        let checked = crate::check(SPEC.replace("17", &jdk.to_string()).as_bytes(), None, &[]);
        let cluster = checked.cluster.unwrap_or_else(|| panic!("{:#?}", checked.problems));
        let hosts = crate::hosts::hosts(&cluster);
        let (host, place) = (&hosts[0], InstallPaths::NAMED);
        let zookeeper = host.zookeeper.as_ref().unwrap();
        let kafka = host.kafka.as_ref().unwrap();
        let commands = [
            zookeeper_command(&cluster, host.jdk, zookeeper, &place),
            kafka_command(&cluster, host.jdk, kafka, &place),
        ];
        commands.map(|command| command.into_iter().skip_while(|word| word != "{java}").collect())
    }

    #[test]
    fn a_broker_logs_its_collector_in_words_that_its_jdk_knows() {
        let new = "-Xlog:gc*:file={logs}/kafkaServer-gc.log:time,tags:filecount=10,filesize=100M";
        let old = ["-Xloggc:{logs}/kafkaServer-gc.log", "-XX:+UseGCLogFileRotation", "-verbose:gc"];
        let log = |jdk: u16| {
            let [zookeeper, kafka] = arguments(jdk);
            assert!(zookeeper.iter().all(|word| !word.contains("{logs}")), "zkServer.sh has no such log");
            (kafka.iter().any(|word| word == new), old.map(|old| kafka.iter().any(|word| word == old)))
        };
        assert_eq!(log(8), (false, [true; 3]));
        assert_eq!(log(11), (true, [false; 3]));
    }

    #[test]
    fn the_class_path_comes_with_an_archive_where_the_jdk_takes_one() {
        let path = |jdk: u16, servers: [&str; 2]| {
            for (words, jars) in arguments(jdk).into_iter().zip(servers) {
                let is_there = |wanted: &str| words.iter().any(|word| word == wanted);
                let with = has_class_data(Jdk(jdk));
                assert_eq!((is_there("@{classData}"), is_there("-cp"), is_there(jars)), (with, !with, !with));
            }
        };
        for jdk in [8, 11, 17] {
            path(jdk, ["{release}/lib/*", "{release}/libs/*"]);
        }
        assert!(!has_class_data(Jdk(12)) && has_class_data(Jdk(13)) && has_class_data(Jdk(21)));
    }

    #[test]
    fn every_logging_configuration_of_the_table_is_there() {
        for logging in TABLE.zookeeper.logging.iter().chain(&TABLE.kafka.logging) {
            assert!(LOGGING.iter().any(|(name, _)| *name == logging.file), "{}", logging.file);
        }
    }

    #[test]
    fn a_release_gets_the_logging_configuration_that_it_reads() {
        assert_eq!(zookeeper_logging(Version([3, 7, 2])).0, "zookeeper-log4j.properties");
        assert_eq!(zookeeper_logging(Version([3, 8, 0])).0, "zookeeper-logback.xml");
        assert_eq!(kafka_logging(Version([3, 9, 2])).0, "kafka-log4j.properties");
    }
}
