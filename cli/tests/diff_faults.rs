//! `kafnix diff` where there is nothing to compare, or not with this.
#![allow(clippy::unwrap_used, reason = "a test may end")]

mod common;

use common::repository::{commit, commit_all, committed, diff, git, on_its_own};
use common::{Folder, ran};

#[test]
fn where_there_is_nothing_to_compare_with_it_says_why() {
    let folder = Folder::generated();
    let said = diff(&folder, []).ends_with(2).stderr;
    let expected = "error: there is no git repository to compare with: not a git repository";
    assert!(said.starts_with(expected), "{said}");
    git(&folder, ["init", "--quiet", "."]);
    let said = "the git repository of `.` has no commit to compare with yet: commit the spec and `hosts/`";
    diff(&folder, []).ends_with(2).says_only(said);
    folder.write("mine.txt", "mine");
    git(&folder, ["add", "mine.txt"]);
    git(&folder, ["commit", "--quiet", "--message", "no spec"]);
    let said = "there is no `HEAD:cluster.json`: commit the spec, or name a revision that has it (`git log --oneline \
                -- cluster.json` lists them)";
    diff(&folder, []).ends_with(2).says_only(said);
    for revision in ["v1", "", "-x", "HEAD:mine.txt", "HEAD\nHEAD"] {
        let shown = revision.replace('\n', "\\n");
        let said =
            format!("the git repository of `.` has no revision `{shown}`: name a commit, a tag or a branch");
        diff(&folder, ["--", revision]).ends_with(2).says_only(&said);
    }
}

#[test]
fn a_shallow_clone_says_how_to_get_the_revision() {
    let folder = committed();
    folder.edit("9092", "9093");
    commit_all(&folder);
    let from = format!("file://{}", folder.path("").display());
    git(&folder, ["clone", "--quiet", "--depth=1", from.as_str(), "shallow"]);
    let mut command = folder.command(["diff", "HEAD~1"]);
    let said = ran(on_its_own(command.current_dir(folder.path("shallow")), &folder)).ends_with(2);
    said.says_only(
        "the git repository of `.` is a shallow clone without the revision `HEAD~1`: get its whole history with \
         `git fetch --unshallow --tags`, or name a commit that it has",
    );
}

#[test]
fn without_git_it_says_what_is_missing() {
    let folder = committed();
    let mut command = folder.command(["diff"]);
    let said = "there is no program `git` on PATH, and it is what reads an earlier spec: install it";
    ran(command.env("PATH", folder.path("hosts"))).ends_with(2).says_only(said);
}

#[test]
fn an_earlier_spec_with_problems_is_drawn_and_not_compared() {
    let folder = Folder::with_three_hosts();
    folder.edit("\"test\"", "\"Test\"");
    commit(&folder);
    folder.edit("\"Test\"", "\"test\"");
    let said = diff(&folder, []).ends_with(2);
    assert!(said.stdout.is_empty() && said.stderr.contains("--> HEAD:cluster.json:2:11"), "{said:#?}");
    let note = "note: nothing was compared, since `HEAD:cluster.json` has errors: compare with a revision that has \
                none, such as an older one (`kafnix diff HEAD~1`)\n";
    assert!(said.stderr.ends_with(note), "{said:#?}");
}

#[test]
fn a_spec_with_problems_is_not_compared() {
    let folder = committed();
    folder.edit("\"test\"", "\"Test\"");
    let said = diff(&folder, []).ends_with(2);
    assert!(said.stdout.is_empty() && said.stderr.contains("error[K102]"), "{said:#?}");
    let json = diff(&folder, ["--message-format", "json"]).ends_with(2).json();
    assert_eq!(json[0]["code"], "K102");
}

#[test]
fn an_earlier_lock_that_is_damaged_or_missing_is_an_error() {
    let folder = Folder::generated();
    let lock = folder.read("hosts/lock.json");
    folder.write("hosts/lock.json", lock.replace("\"format\": 1", "\"format\": 0"));
    commit(&folder);
    folder.write("hosts/lock.json", &lock);
    let said = diff(&folder, []).ends_with(2).stderr;
    assert!(
        said.contains("\nnote: nothing was compared, since `HEAD:hosts/lock.json` has errors: "),
        "{said}"
    );
    git(&folder, ["rm", "--quiet", "--cached", "hosts/lock.json"]);
    git(&folder, ["commit", "--quiet", "--message", "no lock"]);
    let said = diff(&folder, []).ends_with(2).stderr;
    assert!(said.starts_with("error: there is no `HEAD:hosts/lock.json` beside a generated tree"), "{said}");
}

#[test]
fn a_lock_that_is_damaged_is_named() {
    let folder = committed();
    folder.write("hosts/lock.json", "{");
    let said = diff(&folder, []).ends_with(2).stderr;
    assert!(said.ends_with("\nnote: nothing was compared, since `hosts/lock.json` has errors\n"), "{said}");
    folder.edit("\"name\"", "\"nmae\"");
    let said = diff(&folder, []).ends_with(2).stderr;
    assert!(said.ends_with(", since `cluster.json` and `hosts/lock.json` have errors\n"), "{said}");
}

#[test]
fn what_is_no_file_in_the_revision_is_an_error() {
    let folder = committed();
    std::os::unix::fs::symlink("cluster.json", folder.path("link.json")).unwrap();
    git(&folder, ["add", "link.json"]);
    git(&folder, ["commit", "--quiet", "--message", "a link"]);
    let said = "`HEAD:link.json` is no regular file: name the file itself";
    diff(&folder, ["--spec", "link.json"]).ends_with(2).says_only(said);
}
