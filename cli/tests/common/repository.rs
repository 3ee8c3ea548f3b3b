//! A repository of git around a folder with a spec, and `kafnix diff` in it.

use std::process::Command;

use super::{Folder, Ran, ran};

/// Nothing that the machine or its user has set, and no repository around the folder.
pub fn on_its_own<'a>(command: &'a mut Command, folder: &Folder) -> &'a mut Command {
    for (key, value) in [("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")] {
        command.env(key, value);
    }
    for key in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(key);
    }
    command.env("GIT_CEILING_DIRECTORIES", folder.path("").canonicalize().unwrap().parent().unwrap())
}

#[track_caller]
pub fn git<'a>(folder: &Folder, arguments: impl IntoIterator<Item = &'a str>) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=test", "-c", "user.email=test@example.org"]).args(arguments);
    let ran = ran(on_its_own(command.current_dir(folder.path("")), folder));
    assert_eq!(ran.status, 0, "{ran:#?}");
}

pub fn commit(folder: &Folder) {
    git(folder, ["init", "--quiet", "."]);
    git(folder, ["add", "."]);
    git(folder, ["commit", "--quiet", "--message", "a generation"]);
}

/// Three hosts and their generated tree, committed.
pub fn committed() -> Folder {
    let folder = Folder::generated();
    commit(&folder);
    folder
}

pub fn diff<'a>(folder: &Folder, arguments: impl IntoIterator<Item = &'a str>) -> Ran {
    ran(on_its_own(&mut folder.command(std::iter::once("diff").chain(arguments)), folder))
}

pub fn commit_all(folder: &Folder) {
    folder.kafnix(["generate"]).ends_with(0);
    git(folder, ["commit", "--quiet", "--all", "--message", "another generation"]);
}
