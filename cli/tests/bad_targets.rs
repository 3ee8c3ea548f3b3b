//! Targets that cannot be written, and runs that do not get to their end: one clear message, status
//! 2, and every file is the old one or the new one.
#![allow(clippy::unwrap_used, reason = "a test may end")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{Folder, Ran, ran, skipped};

#[test]
fn a_target_that_is_a_file_is_refused() {
    let folder = Folder::with_three_hosts();
    folder.write("hosts", "mine");
    let refused = folder.kafnix(["generate"]).ends_with(2);
    assert!(refused.stderr.contains("`hosts` is a file where a folder should be"), "{refused:#?}");
    assert_eq!(folder.read("hosts"), "mine");
}

#[test]
fn a_target_below_a_file_is_refused() {
    let folder = Folder::with_three_hosts();
    folder.write("file", "mine");
    let refused = folder.kafnix(["generate", "--out", "file/hosts"]).ends_with(2);
    assert!(
        refused.stderr.contains("file/hosts") && refused.stderr.contains("Not a directory"),
        "{refused:#?}"
    );
}

#[test]
fn a_link_is_never_written_through() {
    for link in
        ["hosts", "hosts/kafka02", "hosts/cluster.nix", "hosts/kafka01/default.nix", "hosts/lock.json"]
    {
        let folder = Folder::generated();
        let moved = folder.path("elsewhere");
        fs::rename(folder.path(link), &moved).unwrap();
        symlink(&moved, folder.path(link)).unwrap();
        folder.edit("10.0.0.12", "10.0.0.22");
        let before = folder.tree("");
        let refused = folder.kafnix(["generate"]).ends_with(2);
        assert!(refused.stderr.contains(&format!("`{link}` is a link to `")), "{refused:#?}");
        assert_eq!(folder.tree(""), before, "{link}");
    }
}

#[test]
fn a_folder_where_a_file_should_be_is_refused() {
    let folder = Folder::with_three_hosts();
    fs::create_dir_all(folder.path("hosts/cluster.nix")).unwrap();
    let refused = folder.kafnix(["generate"]).ends_with(2);
    assert!(refused.stderr.contains("`hosts/cluster.nix` is not a regular file"), "{refused:#?}");
    let folder = Folder::with_three_hosts();
    folder.write("hosts/kafka02", "mine");
    let refused = folder.kafnix(["generate"]).ends_with(2);
    assert!(refused.stderr.contains("`hosts/kafka02` is a file where a folder should be"), "{refused:#?}");
}

const LOST: &str = "there is no `hosts/lock.json` beside a generated tree: without it ids could move to other \
                    hosts; take it back from version control (git checkout -- hosts/lock.json), or remove \
                    `hosts` to begin anew";

#[test]
fn a_lock_that_was_lost_is_not_made_anew_beside_files_that_would_change() {
    let first = "\"hosts\": {\n    \"another\": { \"address\": \"10.0.0.10\" },";
    // A host before the others takes the first id; a host that left is forgotten.
    for (from, to) in [("\"hosts\": {", first), (",\n    \"kafka03\": { \"address\": \"10.0.0.13\" }", "")] {
        let folder = Folder::generated();
        let lock = folder.read("hosts/lock.json");
        fs::remove_file(folder.path("hosts/lock.json")).unwrap();
        folder.edit(from, to);
        let before = folder.tree("");
        for arguments in [&["generate"][..], &["generate", "--check"]] {
            let refused = folder.kafnix(arguments.iter().copied()).ends_with(2);
            assert!(refused.stderr.ends_with(&format!("error: {LOST}\n")), "{refused:#?}");
            assert_eq!(refused.stdout, "");
            assert_eq!(folder.tree(""), before);
        }
        folder.write("hosts/lock.json", lock);
        let ran = folder.kafnix(["generate", "--check"]);
        assert!(!ran.stderr.contains("lock.json` beside"), "{ran:#?}");
    }
}

#[test]
fn a_first_run_that_stopped_before_the_lock_is_completed_by_the_next() {
    let folder = Folder::generated();
    let whole = folder.tree("hosts");
    fs::remove_file(folder.path("hosts/lock.json")).unwrap();
    fs::remove_dir_all(folder.path("hosts/kafka02")).unwrap();
    folder.kafnix(["generate", "--check"]).ends_with(1);
    folder.kafnix(["generate"]).ends_with(0);
    assert_eq!(folder.tree("hosts"), whole);
}

/// Runs a script of `sh` where `$KAFNIX generate` finds the mounts that the script made; they are
/// gone after it. `None` where this machine lets nobody mount.
fn with_mounts(folder: &Folder, script: &str) -> Option<Ran> {
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-e", "-c", script]);
        command.env("KAFNIX", env!("CARGO_BIN_EXE_kafnix")).current_dir(folder.path("")).stdin(Stdio::null());
        command
    };
    let probe = "mkdir -p probe && mount -t tmpfs none probe";
    if !unshare(probe).output().is_ok_and(|output| output.status.success()) {
        skipped("nothing can be mounted here (unshare --map-root-user --mount)");
        return None;
    }
    fs::remove_dir(folder.path("probe")).unwrap();
    Some(ran(&mut unshare(script)))
}

/// What a script prints after the program has run: every file of `hosts` with its name.
const STATE: &str =
    "cd hosts && find . -type f | sort | while read -r file; do echo \"$file\"; cat \"$file\"; done";

fn state(folder: &Folder) -> String {
    let output = Command::new("sh").args(["-c", STATE]).current_dir(folder.path("")).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_full_disk_changes_nothing() {
    let folder = Folder::generated();
    let before = state(&folder);
    folder.edit("10.0.0.12", "10.0.0.22");
    let script = format!(
        "cp -r hosts old && mount -t tmpfs -o size=96k none hosts && cp -r old/. hosts && rm -r old
        dd if=/dev/zero of=hosts/.filler bs=4k 2>/dev/null || true
        status=0; \"$KAFNIX\" generate >&2 || status=$?; rm hosts/.filler
        ({STATE}); exit $status"
    );
    let Some(full) = with_mounts(&folder, &script) else { return };
    let full = full.ends_with(2);
    assert!(full.stderr.contains("No space left on device") && full.stderr.contains("hosts/"), "{full:#?}");
    assert_eq!(full.stdout, before);
}

#[test]
fn a_read_only_target_changes_nothing() {
    let folder = Folder::generated();
    let before = state(&folder);
    folder.edit("10.0.0.12", "10.0.0.22");
    let script = format!(
        "cp -r hosts old && mount -t tmpfs none hosts && cp -r old/. hosts && rm -r old
        mount -o remount,ro hosts; status=0; \"$KAFNIX\" generate >&2 || status=$?; ({STATE}); exit $status"
    );
    let Some(refused) = with_mounts(&folder, &script) else { return };
    let refused = refused.ends_with(2);
    assert!(refused.stderr.contains("Read-only file system"), "{refused:#?}");
    assert_eq!(refused.stdout, before);
}

#[test]
fn where_one_file_cannot_be_put_in_its_place_the_lock_stays_and_the_next_run_completes() {
    let folder = Folder::generated();
    let lock = folder.read("hosts/lock.json");
    folder.edit("[\"/data/kafka\"]", "[\"/data/kafka\", \"/data/kafka2\"]");
    // Nothing can be moved into another file system, so this host's file fails after others came.
    let script = "cp -r hosts/kafka02 old && mount -t tmpfs none hosts/kafka02 && cp -r old/. hosts/kafka02
        rm -r old; status=0; \"$KAFNIX\" generate >&2 || status=$?; exit $status";
    let Some(failed) = with_mounts(&folder, script) else { return };
    let failed = failed.ends_with(2);
    assert!(failed.stderr.contains("cannot write `hosts/kafka02/default.nix`"), "{failed:#?}");
    assert_eq!(folder.read("hosts/lock.json"), lock);
    assert!(!folder.tree("hosts").keys().any(|path| path.contains(".kafnix-new-")), "staged files are gone");
    folder.kafnix(["generate"]).ends_with(0);
    folder.kafnix(["generate", "--check"]).ends_with(0);
}

/// A cluster that is large enough to be met while it is written.
fn many_hosts(folder: &Folder, port: u16) {
    let hosts: Vec<_> =
        (1..=200).map(|n| format!(r#""kafka{n:03}": {{ "address": "10.0.0.{n}" }}"#)).collect();
    folder.write(
        "cluster.json",
        format!(
            r#"{{ "name": "test", "hosts": {{ {} }},
              "zookeeper": {{ "hosts": {{ "kafka001": {{}}, "kafka002": {{}}, "kafka003": {{}} }},
                              "dataDir": "/data/zookeeper" }},
              "kafka": {{ "logDirs": ["/data/kafka"],
                          "listeners": {{ "PLAINTEXT": {{ "port": {port}, "from": ["10.0.0.0/24"] }} }} }} }}"#,
            hosts.join(", ")
        ),
    );
}

fn whole_tree(port: u16) -> BTreeMap<String, String> {
    let folder = Folder::new();
    many_hosts(&folder, port);
    folder.kafnix(["generate"]).ends_with(0);
    folder.tree("hosts")
}

#[test]
fn a_run_that_is_killed_leaves_every_file_old_or_new_and_the_next_one_completes() {
    let (old, new) = (whole_tree(9092), whole_tree(9192));
    let mut interrupted = 0;
    for wait in [0, 1, 2, 4, 8, 12, 16, 24] {
        let folder = Folder::new();
        many_hosts(&folder, 9092);
        folder.kafnix(["generate"]).ends_with(0);
        many_hosts(&folder, 9192);
        let mut run =
            folder.command(["generate"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let staged = |path: &String| path.contains(".kafnix-new-");
        while run.try_wait().unwrap().is_none()
            && !fs::read_dir(folder.path("hosts"))
                .unwrap()
                .any(|entry| staged(&entry.unwrap().path().display().to_string()))
        {
            std::thread::yield_now();
        }
        std::thread::sleep(Duration::from_millis(wait));
        run.kill().unwrap();
        run.wait().unwrap();
        let found = folder.tree("hosts");
        for (path, text) in found.iter().filter(|(path, _)| !staged(path)) {
            assert!(old.get(path) == Some(text) || new.get(path) == Some(text), "{path} after {wait} ms");
        }
        interrupted += usize::from(found != new);
        folder.kafnix(["generate"]).ends_with(0);
        assert_eq!(folder.tree("hosts"), new, "after {wait} ms");
    }
    assert!(interrupted > 0, "no run was met while it wrote");
}

#[test]
fn what_an_interrupted_run_left_is_cleared_away_even_when_nothing_else_is_to_do() {
    let folder = Folder::generated();
    let before = folder.tree("hosts");
    folder.write("hosts/.kafnix-new-Ab12", "half a fi");
    folder.kafnix(["generate", "--check"]).ends_with(0);
    assert!(folder.path("hosts/.kafnix-new-Ab12").exists(), "--check writes nothing");
    folder.kafnix(["generate"]).ends_with(0);
    assert_eq!(folder.tree("hosts"), before);
}
