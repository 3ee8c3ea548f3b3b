//! The commands for running clusters and hosts, where no server answers or nothing is to be done.
#![cfg(feature = "live")]
#![allow(clippy::unwrap_used, reason = "a test may end")]

mod common;

use common::machine::Machine;
use common::{Folder, ran};

#[test]
fn a_cluster_that_nobody_reaches_is_none_without_work() {
    let machine = Machine::new();
    // Its servers end at once, and nothing listens at their addresses.
    machine.local(["up", "--first-address", "127.0.29.150"]).ends_with(2);
    let planned = ran(&mut machine.command(["plan", "--local", "--timeout", "0.5"])).ends_with(2);
    assert!(planned.stdout.ends_with("nothing to do, as far as could be compared\n"), "{planned:#?}");
    assert!(planned.stderr.contains("`kafnix rollout plan --local` tells"), "{planned:#?}");
    let applied = ran(&mut machine.command(["apply", "--local", "--timeout", "0.5"])).ends_with(2);
    assert!(applied.stderr.contains("error: "), "{applied:#?}");
}

#[test]
fn what_restarts_nothing_passes_the_guard_whatever_the_system_is() {
    let folder = Folder::new();
    for verb in ["boot", "dry-activate"] {
        let passed = folder.kafnix(["guard", "nowhere", verb]).ends_with(0);
        assert_eq!((passed.stdout.as_str(), passed.stderr.as_str()), ("", ""), "{verb}");
    }
    folder.kafnix(["guard", "nowhere", "reboot"]).ends_with(2);
}

#[test]
fn nothing_is_switched_before_every_host_is_built() {
    let folder = Folder::with_three_hosts();
    for host in ["kafka01", "kafka02"] {
        let generation = format!(r#"{{ "host": "{host}", "generated": null, "services": {{}} }}"#);
        folder.write(&format!("of-{host}/etc/kafnix/generation.json"), generation);
    }
    for (build, words) in [
        ("echo $PWD/of-{host}; test {host} != kafka02", "nothing was switched: `echo $PWD/of-kafka02; "),
        ("echo $PWD/of-{host}", "of-kafka03/etc/kafnix/generation.json"),
        ("echo built {host}", "`echo built kafka01` printed no path"),
        (": {host}; echo $PWD/of-kafka01", "which is the system of `kafka01` and not of `kafka02`"),
    ] {
        let switch = ["rollout", "apply", "--switch", "touch {host}", "--build", build];
        let stopped = folder.kafnix(switch).ends_with(2);
        assert!(stopped.stderr.contains(words), "{stopped:#?}");
        for host in ["kafka01", "kafka02", "kafka03"] {
            assert!(!folder.path(host).exists(), "{build} has switched {host}");
        }
    }
}
