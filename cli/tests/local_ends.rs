//! `kafnix local` where servers hang and commands are suspended, interrupted or read by nobody: each of them
//! ends all the same, and leaves a cluster that the next one takes.
#![cfg(feature = "live")]
#![allow(clippy::unwrap_used, reason = "a test may end")]

mod common;

use std::time::{Duration, Instant};

use common::machine::Machine;
use rustix::process::{Pid, Signal, kill_process};

/// What a command says once it holds the lock of the cluster and has asked the server to stop.
const STOPPING: &str = "kafka01 zookeeper: stopping";

#[test]
fn a_server_that_does_not_end_is_killed_and_told() {
    let machine = Machine::with_servers_that_hang();
    for (run, command) in [&["stop", "kafka01"][..], &["down"], &["down", "--wipe"]].into_iter().enumerate() {
        machine.start(&format!("127.0.29.{}", 20 + run));
        let ended = machine.local(command.iter().copied().chain(["--timeout", "1"]));
        let said = &ended.stderr;
        assert!(said.contains("kafka01 zookeeper: has not ended within 1 s and is killed"), "{ended:#?}");
        let wipes = command.contains(&"--wipe");
        assert_eq!(said.contains("not by themselves"), !wipes, "{ended:#?}");
        assert_eq!(ended.status, if wipes { 0 } else { 2 }, "{ended:#?}");
        if !wipes {
            let status = machine.status("zookeeper");
            assert!(status["phase"] == "ended" && status["status"] == "killed", "{status}");
        }
    }
    assert!(!machine.state().join("test").exists());
}

#[test]
fn whoever_waits_says_for_how_long_and_a_kill_ends_it() {
    let machine = Machine::with_servers_that_hang();
    machine.start("127.0.29.30");
    let mut down = machine.begin(["local", "down"]);
    let stderr = down.says("zookeeper: stopping (for 5 s; it is killed after 120 s)");
    // Another command says whom it waits for.
    let mut other = machine.begin(["local", "stop", "kafka01"]);
    let _other = other.says(&format!("process {} (`kafnix local down`) works on this cluster", down.pid()));
    let begun = Instant::now();
    let killed = machine.local(["stop", "kafka01", "--kill"]).ends_with(0);
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(killed.stderr.is_empty() || killed.stderr.contains("may start some again"), "{killed:#?}");
    assert_eq!((down.ends(), other.ends()), (0, 0));
    drop(stderr);
    assert_eq!(machine.status("zookeeper")["status"], "killed");
}

#[test]
fn down_kills_without_a_word_to_anybody() {
    let machine = Machine::with_servers_that_hang();
    machine.start("127.0.29.40");
    let begun = Instant::now();
    machine.local(["down", "--kill"]).ends_with(0);
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_eq!(machine.status("zookeeper")["phase"], "ended");
    machine.start("127.0.29.40");
    machine.local(["down", "--kill", "--wipe"]).ends_with(0);
    assert!(!machine.state().join("test").exists());
    let both = machine.local(["down", "--kill", "--timeout", "1"]).ends_with(2);
    assert!(both.stderr.contains("--timeout"), "{both:#?}");
}

#[test]
fn a_command_that_is_suspended_keeps_nobody_waiting() {
    let machine = Machine::with_servers_that_hang();
    machine.start("127.0.29.50");
    let mut suspended = machine.begin(["local", "down"]);
    let _stderr = suspended.says(STOPPING);
    suspended.signal(Signal::STOP);
    machine.status("zookeeper");
    let way_out = format!("kill -CONT {}", suspended.pid());
    for command in [&["stop", "kafka01"][..], &["down"], &["start", "kafka01"]] {
        let refused = machine.local(command.iter().copied()).ends_with(2);
        assert!(refused.stderr.contains(&way_out), "{command:?}: {refused:#?}");
    }
    let killed = machine.local(["down", "--kill"]).ends_with(0);
    let holder = format!("process {} (`kafnix local down`) works on this cluster", suspended.pid());
    assert!(killed.stderr.contains(&holder), "{killed:#?}");
    assert_eq!(machine.status("zookeeper")["phase"], "ended");
    let refused = machine.local(["down", "--kill", "--wipe"]).ends_with(2);
    assert!(refused.stderr.contains(&way_out), "{refused:#?}");
    suspended.signal(Signal::CONT);
    assert_eq!(suspended.ends(), 0);
    machine.local(["down", "--wipe"]).ends_with(0);
}

#[test]
fn a_command_that_is_ended_leaves_a_cluster_that_the_next_one_takes() {
    let machine = Machine::with_servers_that_hang();
    for signal in [Signal::INT, Signal::TERM, Signal::KILL] {
        machine.start("127.0.29.60");
        let mut down = machine.begin(["local", "down"]);
        let _stderr = down.says(STOPPING);
        down.signal(signal);
        assert_eq!(down.ends(), -signal.as_raw());
        let status = machine.status("zookeeper");
        assert!(status["phase"] == "stopping" && status["java"].is_number(), "{status}");
        // As it was: it runs as it was started, and there is nothing to do.
        machine.start("127.0.29.60");
        machine.local(["stop", "kafka01", "--timeout", "0.1"]).ends_with(2);
    }
    machine.local(["down", "--wipe"]).ends_with(0);
}

#[test]
fn progress_that_nobody_reads_ends_a_command_and_nothing_else() {
    let machine = Machine::with_servers_that_hang();
    machine.start("127.0.29.70");
    let mut down = machine.begin(["local", "down"]);
    drop(down.says(STOPPING));
    // With the next line, which says for how long it waits.
    assert_eq!(down.ends(), 141);
    let status = machine.status("zookeeper");
    assert!(status["phase"] == "stopping" && status["java"].is_number(), "{status}");
    machine.local(["down", "--kill"]).ends_with(0);
}

#[test]
fn a_log_that_is_followed_and_read_by_nobody_is_not_waited_for() {
    let machine = Machine::with_servers_that_hang();
    machine.start("127.0.29.80");
    let mut logs = machine.begin(["local", "logs", "kafka01", "--follow"]);
    assert!(!logs.first_line().is_empty());
    // The server writes nothing more.
    assert_eq!(logs.ends(), 141);
}

#[test]
fn a_launcher_or_a_jvm_that_is_suspended_is_told_at_once() {
    let machine = Machine::with_servers_that_hang();
    machine.start("127.0.29.90");
    for of in ["launcher", "java"] {
        let number = machine.status("zookeeper")[of].as_i64().unwrap();
        let pid = Pid::from_raw(i32::try_from(number).unwrap()).unwrap();
        kill_process(pid, Signal::STOP).unwrap();
        let status = loop {
            let status = machine.status("zookeeper");
            if status["phase"] != "starting" {
                break status;
            }
        };
        let way_out = format!("kill -CONT {number}");
        assert!(status["phase"] == "unresponsive" && status["since"].is_null(), "{status}");
        assert!(status["status"].as_str().unwrap().contains(&way_out), "{status}");
        kill_process(pid, Signal::CONT).unwrap();
    }
}

#[test]
fn a_wipe_that_was_cut_off_is_brought_to_its_end_and_nothing_starts_before() {
    let machine = Machine::with_servers_that_hang();
    machine.start("127.0.29.100");
    machine.local(["down", "--kill"]).ends_with(0);
    let facts = "state/kafnix/test/cluster.json";
    let text = machine.folder.read(facts);
    machine.folder.write(facts, text.replacen('{', r#"{ "wiping": true,"#, 1));
    for command in [&["up"][..], &["start", "kafka01"]] {
        let refused = machine.local(command.iter().copied()).ends_with(2);
        assert!(refused.stderr.contains("run `kafnix local down --wipe`"), "{refused:#?}");
    }
    machine.local(["status"]).ends_with(0);
    machine.local(["down", "--wipe"]).ends_with(0);
    machine.start("127.0.29.100");
}

#[test]
fn a_java_that_is_passed_over_is_told() {
    let machine = Machine::with_servers_that_hang();
    machine.script("wrong/bin/java", "#!/bin/sh\necho '    java.version = 21.0.1' >&2\n");
    let start = ["local", "start", "kafka01", "--role", "zookeeper", "--first-address", "127.0.29.110"];
    let mut start = machine.command(start);
    start.env("JAVA_HOME", machine.folder.path("wrong")).env("PATH", machine.folder.path("java/bin"));
    let started = common::ran(&mut start).ends_with(0);
    for words in ["JAVA_HOME is Java 21.0.1", "taking `java` on PATH", "for Java 11"] {
        assert!(started.stderr.contains(words), "{words}: {started:#?}");
    }
    // So is each of several, and one that does not run.
    machine.local(["down", "--kill"]).ends_with(0);
    start.env("JAVA_HOME_11", machine.folder.path("wrong")).env("JAVA_HOME", machine.folder.path("gone"));
    let started = common::ran(&mut start).ends_with(0);
    for words in ["JAVA_HOME_11 is Java 21.0.1", "JAVA_HOME does not work", "taking `java` on PATH"] {
        assert!(started.stderr.contains(words), "{words}: {started:#?}");
    }
    // The first that fits is taken, and what stands behind it is no matter.
    machine.local(["down", "--kill"]).ends_with(0);
    start.env("JAVA_HOME_11", machine.folder.path("java"));
    let started = common::ran(&mut start).ends_with(0);
    assert!(!started.stderr.contains("taking"), "{started:#?}");
}
