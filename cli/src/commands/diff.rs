//! `kafnix diff`

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, bail};
use kafnix_generator::impact::{self, Impact, Tree};
use kafnix_generator::problem::Source;
use kafnix_generator::{Checked, Files, Problem, render, rules};
use serde_json::json;

use super::{generate, refuse};
use crate::console::{Console, one_line};
use crate::exit::Status;
use crate::git::Revision;
use crate::impact::{problems, text};
use crate::input::{Input, LockArg, SpecOption, Text, hosts_beside};

/// Show what the changes of a spec do to hosts that run: what restarts where
///
/// Compares the spec with the one of a git revision, and groups what differs by what it takes: a restart, a switch that
/// restarts no server, or `kafnix apply`. What the lock refuses comes first, with its code. Last comes a line for each
/// host. Nothing is written, and no server is asked. Ends with 0 where nothing changes, with 1 where something does or
/// the lock refuses it, with 2 where the two could not be compared.
///
/// As JSON it prints an object with `revision`, `commit`, `changes`, `hosts` (what restarts, starts and stops on
/// each) and `problems`, each with its `class` (`refused`, or `unfinished` where another generation is to follow). A
/// change has `class` (`manual`, `restart`, `stop`, `start`, `switch`, `live` or `installation`), `part` or `topic`,
/// `key`, `hosts`, and `from` and `to`, or, of sets and lists, `added` and `removed`. `changes` and `hosts` are null
/// where the lock refuses what `--accept` does not take: no files are made of such a spec.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    /// The git revision to compare with
    #[arg(value_name = "GIT-REVISION", default_value = "HEAD")]
    revision: String,
    #[command(flatten)]
    spec: SpecOption,
    #[command(flatten)]
    lock: LockArg,
}

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    let now = Input::with_ids(&opts.spec.spec, &opts.lock)?;
    let revision = Revision::find(&opts.revision, folder_of(&opts.spec.spec))?;
    let then = earlier(opts, &revision)?;
    // What was allowed between two generations is no question of what they are.
    let allowed = rules::all_acceptable();
    let before = then.check(&allowed);
    let Some(old) = &before.cluster else {
        let way = format!(
            ": compare with a revision that has none, such as an older one (`kafnix diff {}~1`)",
            one_line(&revision.name)
        );
        return not_compared(before.problems, &then, &way, console);
    };
    let after = now.check_with_files(&allowed);
    let mut problems = in_the_way(beside(&now, then.lock.as_ref()).check(&[]), &before.problems);
    let Some(new) = &after.cluster else {
        let errors = after.problems.into_iter().filter(Problem::is_error).collect::<Vec<_>>();
        if !are_of_the_lock(&errors, &now) {
            return not_compared(errors, &now, "", console);
        }
        let codes: BTreeSet<_> = errors.iter().map(|error| error.code).collect();
        let more = errors.into_iter().filter(|error| !problems.iter().any(|told| told.code == error.code));
        let more: Vec<_> = more.collect();
        problems.extend(more);
        report(None, &problems, &revision, console)?;
        let codes = Vec::from_iter(codes).join(", ");
        console.note(&format!("what this restarts is not known: `--accept` does not take {codes}"));
        return Ok(Status::Problems);
    };
    let files = (generate(old, before.lock.as_ref())?, generate(new, after.lock.as_ref())?);
    let impact = impact::of_trees(&tree(&files.0), &tree(&files.1)).with_topics(old, new);
    report(Some(&impact), &problems, &revision, console)?;
    Ok(if impact.is_nothing() && problems.is_empty() { Status::Good } else { Status::Problems })
}

fn not_compared(problems: Vec<Problem>, input: &Input, way: &str, console: &Console) -> Result<Status> {
    let said = input.has_errors(&problems);
    refuse(problems, input, console)?;
    console.note(&format!("nothing was compared, since {said}{way}"));
    Ok(Status::Fault)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The spec and the lock of a revision.
fn earlier(opts: &Opts, revision: &Revision) -> Result<Input> {
    let spec = &opts.spec.spec;
    let lock = opts.lock.path(spec);
    let text = |path: &Path, bytes| Text { path: revision.path(path), bytes };
    let Some(bytes) = revision.read(spec)? else {
        bail!(
            "there is no `{}`: commit the spec, or name a revision that has it (`git log --oneline -- {}` lists them)",
            revision.path(spec).display(),
            spec.display()
        );
    };
    let old = Input { spec: text(spec, bytes), lock: revision.read(&lock)?.map(|bytes| text(&lock, bytes)) };
    let has_tree = || revision.read(&hosts_beside(spec).join(render::CLUSTER)).map(|file| file.is_some());
    if old.lock.is_none() && has_tree()? {
        bail!(
            "there is no `{}` beside a generated tree: without it ids could be others than the hosts have; name a \
             revision that has it",
            revision.path(&lock).display()
        );
    }
    Ok(old)
}

/// The spec beside another lock. Beside that of the revision it tells what stood between the two, whatever was
/// generated since.
fn beside(now: &Input, lock: Option<&Text>) -> Input {
    let copy = |text: &Text| Text { path: text.path.clone(), bytes: text.bytes.clone() };
    Input { spec: copy(&now.spec), lock: lock.map(copy) }
}

/// Whether it is the lock that refuses all of this: the spec by itself has none of these errors.
fn are_of_the_lock(errors: &[Problem], input: &Input) -> bool {
    let by_itself = beside(input, None).check_with_files(&[]).problems;
    let is_own = |error: &Problem| by_itself.iter().any(|own| own.code == error.code);
    errors.iter().all(|error| error.source == Source::Spec && !is_own(error))
}

fn tree(files: &Files) -> Tree<'_> {
    files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect()
}

/// What the lock refuses, and what is begun and was not before.
fn in_the_way(checked: Checked, before: &[Problem]) -> Vec<Problem> {
    let is_new = |problem: &Problem| {
        problem.is_error()
            || rules::is_unfinished(problem.code)
                && problem.silenced.is_none()
                && !before.iter().any(|old| old.code == problem.code)
    };
    checked.problems.into_iter().filter(is_new).collect()
}

fn report(impact: Option<&Impact>, found: &[Problem], revision: &Revision, console: &Console) -> Result<()> {
    if !console.is_json() {
        let changes = impact.map(|impact| text(impact, console.out)).unwrap_or_default();
        let text = problems(found, console.out) + &changes;
        return console.print(if text.is_empty() { "nothing changes\n" } else { &text });
    }
    let mut value = match impact {
        Some(impact) => serde_json::to_value(impact)?,
        None => json!({ "changes": null, "hosts": null }),
    };
    value["revision"] = revision.name.as_str().into();
    value["commit"] = revision.commit.as_str().into();
    let with_class = |problem: &Problem| {
        let mut value = json!(problem);
        value["class"] = if problem.is_error() { "refused" } else { "unfinished" }.into();
        value
    };
    value["problems"] = found.iter().map(with_class).collect();
    console.json(&value)
}
