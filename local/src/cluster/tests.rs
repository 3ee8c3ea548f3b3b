//! What a local cluster is, where no server runs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kafnix_generator::Cluster;
use kafnix_generator::cluster::Service;
use kafnix_generator::role::Role;
use kafnix_generator::spec::{Jdk, State, Version};

use super::plan::{Planned, Runtime, plans};
use super::state::Folder;
use super::{Phase, Selection, Server, Setup, moved, show};
use crate::java::Java;
use crate::products::{Release, Sources};
use kafnix_operate::progress::Silent;

const SPEC: &str = r#"{
  "name": "test",
  "hosts": {
    "k1": { "address": "10.0.0.1" },
    "k2": { "address": "10.0.0.2" },
    "k3": { "addresses": { "a": "10.0.0.3", "b": "fd00::3" } },
    "k4": { "address": "10.0.0.4", "managed": false }
  },
  "zookeeper": {
    "hosts": { "k1": {}, "k2": { "heap": "100m" }, "k3": {} }, "network": "a",
    "dataDir": "/data/zookeeper", "dataLogDir": "/log/zookeeper"
  },
  "kafka": {
    "hosts": { "k1": {}, "k3": {}, "k4": {} }, "logDirs": ["/data/kafka"],
    "listeners": { "PLAINTEXT": { "port": 9092, "network": "a", "from": ["10.0.0.0/8"] } }
  }
}"#;

/// A cluster, with changes to the text of its spec.
fn cluster(changes: &[(&str, &str)]) -> Cluster {
    let text = changes.iter().fold(SPEC.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    // One host has two networks, so that the others' one has to have a name as well.
    let text = ["1", "2", "4"].iter().fold(text, |text, host| {
        let from = format!(r#""address": "10.0.0.{host}""#);
        text.replace(&from, &format!(r#""addresses": {{ "a": "10.0.0.{host}" }}"#))
    });
    let checked = kafnix_generator::check(text.as_bytes(), None, &[]);
    checked.cluster.unwrap_or_else(|| panic!("{:#?}", checked.problems))
}

fn folder(state: &Path, cluster: &Cluster) -> Folder {
    Folder::of(state, Path::new("/spec/cluster.json"), cluster, None).unwrap()
}

fn planned(cluster: &Cluster, folder: &Folder) -> Vec<Planned> {
    let java = Java { program: "/java".into(), version: "17.0.1".into(), major: 17 };
    let runtime = |service: &Service| Runtime {
        java: java.clone(),
        release: Release { product: service.role.product(), version: Version([3, 9, 2]) },
        folder: PathBuf::from("/release"),
    };
    plans(&moved(cluster, folder).unwrap(), folder, |_, service| Ok(runtime(service))).unwrap()
}

#[test]
fn every_host_runs_here_on_addresses_of_its_own_with_smaller_heaps() {
    let state = tempfile::tempdir().unwrap();
    let cluster = cluster(&[]);
    let folder = folder(state.path(), &cluster);
    let moved = moved(&cluster, &folder).unwrap();
    let addresses: BTreeSet<_> =
        moved.servers().map(|(_, server)| server.address.value.to_string()).collect();
    assert_eq!(addresses, ["127.0.0.2", "127.0.0.3", "127.0.0.4"].map(str::to_owned).into());
    let heaps: Vec<_> = moved.servers().map(|(_, server)| server.heap.value.mebibytes).collect();
    assert_eq!(heaps, [128, 100, 128]);
    let brokers: Vec<_> = moved.brokers().map(|(host, _)| host.name.as_str()).collect();
    assert_eq!(brokers, ["k1", "k3", "k4"], "those of another system run here, too");
    assert!(moved.brokers().all(|(_, broker)| broker.heap.value.mebibytes == 384));
}

#[test]
fn a_broker_with_a_larger_cleaner_gets_the_heap_for_it() {
    let state = tempfile::tempdir().unwrap();
    let settings =
        r#""logDirs": ["/data/kafka"], "settings": { "log.cleaner.dedupe.buffer.size": 268435456 }"#;
    let cluster = cluster(&[(r#""logDirs": ["/data/kafka"]"#, settings)]);
    let moved = moved(&cluster, &folder(state.path(), &cluster)).unwrap();
    assert!(moved.brokers().all(|(_, broker)| broker.heap.value.mebibytes == 384 + 128));
}

#[test]
fn a_server_that_comes_to_a_formed_ensemble_joins_it() {
    let state = tempfile::tempdir().unwrap();
    let cluster = cluster(&[]);
    let mut folder = folder(state.path(), &cluster);
    let states = |folder: &Folder| -> Vec<_> {
        let moved = moved(&cluster, folder).unwrap();
        moved.servers().map(|(_, server)| server.state.value).collect()
    };
    assert_eq!(states(&folder), [State::New, State::New, State::New]);
    folder.facts.founders = ["k1".to_owned(), "k2".to_owned()].into();
    assert_eq!(states(&folder), [State::New, State::New, State::Existing]);
}

#[test]
fn a_host_without_an_address_here_is_not_asked_where_the_spec_has_it() {
    let state = tempfile::tempdir().unwrap();
    let folder = folder(state.path(), &cluster(&[]));
    let error = moved(&cluster(&[("10.0.0.3", "10.0.0.9")]), &folder).unwrap_err().to_string();
    assert!(error.contains("10.0.0.9") && error.contains("local up"), "{error}");
}

#[test]
fn a_name_belongs_to_one_spec_for_as_long_as_that_is_there() {
    let state = tempfile::tempdir().unwrap();
    let cluster = cluster(&[]);
    let (one, other) = (state.path().join("one.json"), state.path().join("other.json"));
    std::fs::write(&one, "").unwrap();
    Folder::of(state.path(), &one, &cluster, None).unwrap().write().unwrap();
    let error = Folder::of(state.path(), &other, &cluster, None).unwrap_err().to_string();
    assert!(error.contains("one.json") && error.contains("another name"), "{error}");
    std::fs::remove_file(&one).unwrap();
    let moved = Folder::of(state.path(), &other, &cluster, None).unwrap();
    assert_eq!(moved.facts.spec, other);
}

#[test]
fn a_damaged_or_newer_memory_is_told_and_not_written_over() {
    let state = tempfile::tempdir().unwrap();
    let path = state.path().join("test/cluster.json");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    for (text, words) in [
        ("{", "damaged"),
        (
            r#"{ "format": 2, "name": "test", "spec": "/s", "addresses": {},
        "servers": [], "founders": [] }"#,
            "another kafnix",
        ),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = format!("{:#}", Folder::open(state.path(), "test").unwrap_err());
        assert!(error.contains(words), "{error}");
        assert!(Folder::all(state.path()).is_empty(), "it is in nobody else's way");
    }
}

#[test]
fn a_plan_holds_what_the_units_start_with_paths_here_and_the_status_file() {
    let state = tempfile::tempdir().unwrap();
    let cluster = cluster(&[]);
    let folder = folder(state.path(), &cluster);
    let planned = planned(&cluster, &folder);
    let names: Vec<_> = planned.iter().map(|planned| planned.server.name()).collect();
    assert_eq!(names, ["k1 zookeeper", "k1 kafka", "k2 zookeeper", "k3 zookeeper", "k3 kafka", "k4 kafka"]);
    let zookeeper = &planned[0];
    let at = |word: &str| zookeeper.plan.arguments.iter().position(|there| there == word).unwrap();
    assert!(at("zookeeper") == 0 && at("--java=/java") < at("--status-file"));
    assert_eq!(zookeeper.plan.java[0], "/java");
    let own = folder.path.join("k1/data");
    assert_eq!(zookeeper.directories, [own.join("data/zookeeper"), own.join("log/zookeeper")]);
    assert!(zookeeper.plan.java.last().unwrap().ends_with("/k1/zookeeper/zoo.cfg"), "{zookeeper:?}");
    assert!(zookeeper.plan.settings.contains("clientPortAddress=127.0.0.2\n"), "{zookeeper:?}");
    assert!(zookeeper.plan.java.iter().any(|word| word.ends_with("logback.xml")));
    let logs = format!("file={}/k1/kafka/logs/", folder.path.display());
    assert!(planned[1].plan.java.iter().any(|word| word.contains(&logs)), "{:?}", planned[1].plan);
    assert!(planned.iter().all(|planned| planned.plan.java.iter().any(|word| word == "-cp")));
}

#[test]
fn show_has_the_hosts_of_another_system_and_only_what_differs() {
    let state = tempfile::tempdir().unwrap();
    let cluster = cluster(&[]);
    let shown = show(&cluster, &folder(state.path(), &cluster));
    assert!(!shown.hosts["k4"].managed && !shown.hosts["k4"].servers.contains_key(&Role::ZooKeeper));
    let keys: Vec<_> = shown.hosts["k4"].servers[&Role::Broker].differences.iter().collect();
    let keys: Vec<_> = keys.iter().map(|difference| difference.key.as_str()).collect();
    assert_eq!(
        keys,
        ["advertised.listeners", "listeners", "log.dirs", "zookeeper.connect", "-Xms, -Xmx", "--log-time"]
    );
    let directories = shown.hosts["k4"].directories.iter();
    let directories: Vec<_> = directories.map(|(there, here)| (there.as_str(), here.as_str())).collect();
    let own = folder(state.path(), &cluster).path.join("k4");
    let [data, logs] = [own.join("data/data/kafka"), own.join("kafka/logs")];
    let wanted = [("/data/kafka", data.to_str().unwrap()), ("/var/log/kafka", logs.to_str().unwrap())];
    assert_eq!(directories, wanted);
    assert_eq!(shown.hosts["k3"].addresses.len(), 1, "an address that nothing binds needs none here");
}

#[test]
fn a_server_that_never_ran_was_killed_or_said_how_it_ended_has_ended() {
    let state = tempfile::tempdir().unwrap();
    let cluster = cluster(&[]);
    let server = folder(state.path(), &cluster).server("k1", Role::Broker);
    let status = || (server.status().phase, server.status().status, server.status().exit);
    assert_eq!(status(), (Phase::Ended, "not started yet".to_owned(), None));
    std::fs::create_dir_all(server.path("")).unwrap();
    let record = r#"{ "process": { "pid": 4194304, "start": 1, "boot": "another" }, "log": 0 }"#;
    std::fs::write(server.path("process.json"), record).unwrap();
    let told = |phase: &str, exit: &str| {
        format!(
            r#"{{ "launcher": 4194304, "java": null, "phase": "{phase}", "ready": true,
                  "status": "said", "exit": {exit} }}"#
        )
    };
    std::fs::write(server.status_file(), told("serving", "null")).unwrap();
    assert_eq!(status(), (Phase::Ended, "killed".to_owned(), None));
    std::fs::write(server.status_file(), told("ended", "78")).unwrap();
    assert_eq!(status(), (Phase::Ended, "said".to_owned(), Some(78)));
    assert!(server.is_gone());
    // The number of a process that lives, but is somebody else's.
    let ours = record.replace("4194304", &std::process::id().to_string());
    std::fs::write(server.path("process.json"), ours).unwrap();
    assert!(server.is_gone() && server.process().is_none());
}

#[test]
fn two_versions_of_java_are_both_asked_for() {
    let state = tempfile::tempdir().unwrap();
    let old = r#""k2": { "address": "10.0.0.2", "versions": { "jdk": "11" } }"#;
    let cluster = cluster(&[(r#""k2": { "address": "10.0.0.2" }"#, old)]);
    let setup = Setup {
        cluster: &cluster,
        spec: Path::new("/spec"),
        state: state.path(),
        launcher: &[],
        sources: Sources { products: None, flake: None, cache: state.path(), mirrors: Some(&[]) },
        variable: &|_| None,
        first_address: None,
    };
    assert!(cluster.hosts.iter().any(|host| host.jdk.value == Jdk(11)));
    let error = setup.start(Selection::default(), &Silent).unwrap_err().to_string();
    assert!(error.contains("Java 11"), "{error}");
}

/// A server whose files lie there, and the process that is taken for its launcher.
fn server(state: &Path) -> Server {
    let server = Server::at(state, "k1", Role::Broker);
    fs_err::create_dir_all(state.join("k1/kafka")).unwrap();
    server
}

#[test]
fn what_is_damaged_is_not_taken_for_a_server_that_was_killed() {
    let state = tempfile::tempdir().unwrap();
    let server = server(state.path());
    assert_eq!(server.status().status, "not started yet");
    let file = server.status_file();
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "read line; exit", "--status-file"]).arg(&file).stdin(std::process::Stdio::piped());
    let mut launcher = command.spawn().unwrap();
    for text in ["", "{", r#"{"launcher": "x"}"#, "[]", "\0\0\0\0"] {
        for damaged in [&file, &state.path().join("k1/kafka/process.json")] {
            fs_err::write(damaged, text).unwrap();
        }
        let status = server.status();
        assert!(status.runs() && status.launcher == Some(launcher.id()), "{text:?}: {status:?}");
        assert!(status.status.contains("is damaged"), "{status:?}");
    }
    // What it says last counts as soon as it can be read, and also what was said of another one does not.
    let says = |launcher: u32, phase: &str| {
        format!(
            r#"{{"launcher":{launcher},"java":null,"phase":"{phase}","since":1,"ready":true,"status":"x","exit":143}}"#
        )
    };
    fs_err::write(&file, says(launcher.id(), "serving") + "      ").unwrap();
    assert!(server.status().serves());
    fs_err::write(&file, says(1, "ended")).unwrap();
    assert_eq!(server.status().status, "starting");
    let process = super::process::Process::now(launcher.id()).unwrap();
    let record = serde_json::json!({ "process": process, "log": 0 });
    fs_err::write(state.path().join("k1/kafka/process.json"), record.to_string()).unwrap();
    process.kill().unwrap();
    launcher.wait().unwrap();
    assert_eq!(server.status().status, "killed", "that of another one is not its own");
    fs_err::write(&file, says(process.pid, "ended")).unwrap();
    assert_eq!((server.status().status.as_str(), server.status().exit), ("x", Some(143)));
}

/// It says how it ended and is gone a moment later: who looks in between sees the one or the other.
#[test]
fn a_server_that_ends_while_somebody_looks_was_not_killed() {
    let state = tempfile::tempdir().unwrap();
    let server = server(state.path());
    let says = |launcher: u32, phase: &str| {
        format!(
            r#"{{"launcher":{launcher},"java":null,"phase":"{phase}","since":1,"ready":true,"status":"x","exit":78}}"#
        )
    };
    for _ in 0..50 {
        let mut command = std::process::Command::new("sh");
        let script = "read line; exec mv \"$0\" \"$1\"";
        command.args(["-c", script]).args([server.path("last.json"), server.status_file()]);
        let mut launcher = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
        let process = super::process::Process::now(launcher.id()).unwrap();
        let record = serde_json::json!({ "process": process, "log": 0 });
        fs_err::write(server.path("process.json"), record.to_string()).unwrap();
        fs_err::write(server.status_file(), says(launcher.id(), "serving")).unwrap();
        fs_err::write(server.path("last.json"), says(launcher.id(), "ended")).unwrap();
        // it reads to the end of its input
        drop(launcher.stdin.take());
        let status = loop {
            let status = server.status();
            if status.phase == Phase::Ended {
                break status;
            }
        };
        assert_eq!((status.status.as_str(), status.exit), ("x", Some(78)));
        launcher.wait().unwrap();
    }
}
