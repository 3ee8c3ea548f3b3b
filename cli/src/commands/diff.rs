//! `kafnix diff`

use std::path::Path;

use anyhow::{Result, bail};
use kafnix_generator::impact::{self, Impact, Tree};
use kafnix_generator::{Checked, Files, Problem, render, rules};
use serde_json::json;

use super::{generate, refuse};
use crate::console::Console;
use crate::exit::Status;
use crate::git::Revision;
use crate::impact::{problems, text};
use crate::input::{Input, LockArg, SpecOption, Text, hosts_beside};

/// Show what the changes of a spec do to hosts that run: what restarts where
///
/// Compares the spec with the one of a git revision, and groups what differs by what it takes: several rolls, a
/// restart, a switch that restarts no server, or `kafnix apply`. What the lock forbids is told with its code. Then
/// comes a line for each host. Nothing is written, and no server is asked. Ends with 0 where nothing changes, with 1
/// where something does, with 2 where the two could not be compared.
///
/// As JSON it prints an object with `revision`, `commit`, `changes`, `hosts` (what restarts, starts and stops on
/// each) and `problems`, each with its `class` (`forbidden` or `steps`). A change has `class` (`manual`, `restart`,
/// `stop`, `start`, `switch`, `live` or `nothing`), `part` or `topic`, `key`, `hosts`, and `from` and `to`, or, of what
/// has no order, `added` and `removed`.
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
    let (before, after) = (then.check(&allowed), now.check(&allowed));
    let (Some(old), Some(new)) = (&before.cluster, &after.cluster) else {
        let (checked, input) = if before.cluster.is_none() { (before, &then) } else { (after, &now) };
        refuse(checked.problems, input, console)?;
        console.note(&format!("nothing was compared, since `{}` has errors", input.spec.path.display()));
        return Ok(Status::Fault);
    };
    let files = (generate(old, before.lock.as_ref())?, generate(new, after.lock.as_ref())?);
    let impact = impact::of_trees(&tree(&files.0), &tree(&files.1)).with_topics(old, new);
    let problems = in_the_way(since(&now, &then).check(&[]), &before.problems);
    report(&impact, &problems, &revision, console)?;
    Ok(if impact.is_nothing() && problems.is_empty() { Status::Good } else { Status::Problems })
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
        bail!("there is no `{}`: name a revision that has the spec", revision.path(spec).display());
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

/// The spec beside the lock of the revision: what stood between the two is told, whatever was generated since.
fn since(now: &Input, then: &Input) -> Input {
    let copy = |text: &Text| Text { path: text.path.clone(), bytes: text.bytes.clone() };
    Input { spec: copy(&now.spec), lock: then.lock.as_ref().map(copy) }
}

fn tree(files: &Files) -> Tree<'_> {
    files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect()
}

/// What the lock refuses, and what takes more generations than this one and did not before.
fn in_the_way(checked: Checked, before: &[Problem]) -> Vec<Problem> {
    let is_new = |problem: &Problem| {
        problem.is_error()
            || rules::is_stepwise(problem.code)
                && problem.silenced.is_none()
                && !before.iter().any(|old| old.code == problem.code)
    };
    checked.problems.into_iter().filter(is_new).collect()
}

fn report(impact: &Impact, found: &[Problem], revision: &Revision, console: &Console) -> Result<()> {
    if !console.is_json() {
        let text = problems(found, console.out) + &text(impact, console.out);
        return console.print(if text.is_empty() { "nothing changes\n" } else { &text });
    }
    let mut value = serde_json::to_value(impact)?;
    value["revision"] = revision.name.as_str().into();
    value["commit"] = revision.commit.as_str().into();
    let class = |problem: &Problem| if rules::is_stepwise(problem.code) { "steps" } else { "forbidden" };
    let with_class = |problem: &Problem| {
        let mut value = json!(problem);
        value["class"] = class(problem).into();
        value
    };
    value["problems"] = found.iter().map(with_class).collect();
    console.json(&value)
}
