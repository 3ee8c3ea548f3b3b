//! `kafnix generate`

mod drift;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use clap::builder::styling::{AnsiColor, Style};
use kafnix_generator::impact::{self, Impact, Tree};
use kafnix_generator::role::Role;
use kafnix_generator::{Cluster, Problem};
use serde_json::json;

use super::{generate, tell};
use crate::accept::{AcceptArg, tell_needless};
use crate::console::{Console, Paint, one_line};
use crate::exit::Status;
use crate::impact::beside_files;
use crate::input::{Input, SpecArg, hosts_beside};
use crate::tree::{Change, Guard, Plan};

/// Write the NixOS configuration of every host
///
/// Prints what happens to each file: added, changed, removed or unchanged. Files that kafnix did not
/// write stay as they are. Then comes what the switch of a host does not do by itself, and a line for each host that
/// changes: which of its servers the switch restarts; `kafnix diff` tells why.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    #[command(flatten)]
    spec: SpecArg,

    /// Folder of the generated files [default: hosts/ beside the spec]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    out: Option<PathBuf>,

    /// Write nothing; print what would change as a diff, and exit with status 1 if anything would
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    accept: AcceptArg,
}

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    let accepted = opts.accept.codes()?;
    let dir = opts.out.clone().unwrap_or_else(|| hosts_beside(&opts.spec.spec));
    let guard = if opts.check { None } else { Some(Guard::take(&dir)?) };
    let input = Input::beside(&opts.spec.spec, &dir)?;
    let checked = input.check_with_files(&accepted);
    if !console.is_json() {
        tell(&checked.problems, &input, console);
    }
    let Some(cluster) = checked.cluster else {
        report(&checked.problems, None, opts.check, console)?;
        return Ok(Status::Problems);
    };
    tell_needless(&accepted, &input, console);
    refuse_far_jars(&cluster, &opts.spec.spec, &dir)?;
    let files = generate(&cluster, checked.lock.as_ref())?;
    let plan = Plan::of(&dir, &files)?;
    plan.refuse_without_lock()?;
    if !opts.check {
        plan.write()?;
    }
    drop(guard);
    report(&checked.problems, Some((&plan, &cluster)), opts.check, console)?;
    Ok(if opts.check && !plan.is_fresh() { Status::Problems } else { Status::Good })
}

/// `cluster.nix` names jars by their paths from the folder that it lies in.
fn refuse_far_jars(cluster: &Cluster, spec: &Path, dir: &Path) -> Result<()> {
    let folder = |path: &Path| std::path::absolute(path).ok()?.parent().map(Path::to_owned);
    let has_jars = Role::ALL.into_iter().any(|role| !cluster.extra_jars(role).is_empty());
    ensure!(
        !has_jars || folder(spec) == folder(dir),
        "`{}` does not lie beside `{}`, and the jars of `extraJars` would not be found from there: leave out \
         `--out`, or name a folder beside the spec",
        dir.display(),
        spec.display()
    );
    Ok(())
}

/// What becomes of hosts that have the files as they were.
fn of_hosts(plan: &Plan<'_>) -> Impact {
    let (mut before, mut after) = (Tree::new(), Tree::new());
    for step in &plan.steps {
        let old = if step.change == Change::Unchanged { step.after } else { step.before.as_str() };
        if step.change != Change::Added {
            before.insert(&step.path, old);
        }
        if step.change != Change::Removed {
            after.insert(&step.path, step.after);
        }
    }
    if plan.is_fresh() { Impact::default() } else { impact::of_trees(&before, &after) }
}

/// Where no host's file changes, topics may have, and nothing here can tell.
const TOPICS: &str = "no generated file holds topics: `kafnix diff` tells what changes of them, `kafnix apply` does \
                      that, and the next switch of the hosts creates those that are new";

fn report(
    problems: &[Problem],
    made: Option<(&Plan<'_>, &Cluster)>,
    check: bool,
    console: &Console,
) -> Result<()> {
    let plan = made.map(|(plan, _)| plan);
    let impact = plan.map(of_hosts).unwrap_or_default();
    if console.is_json() {
        let files: Vec<_> = plan
            .iter()
            .flat_map(|plan| plan.steps.iter().map(move |step| (plan, step)))
            .map(|(plan, step)| json!({ "path": plan.path(step), "change": step.change }))
            .collect();
        return console.json(&json!({ "problems": problems, "files": files, "hosts": impact.hosts }));
    }
    let Some((plan, cluster)) = made else { return Ok(()) };
    if check {
        console.print(&drift::diffs(plan, console.out))?;
        console.tell(&format!("{}{}", beside_files(&impact, console.err), drift::summary(plan)));
    } else {
        console.print(&(files(plan, console.out) + &beside_files(&impact, console.out)))?;
    }
    if impact.hosts.is_empty() && !cluster.topics.is_empty() {
        console.note(TOPICS);
    }
    Ok(())
}

fn files(plan: &Plan<'_>, paint: Paint) -> String {
    let mut text = String::new();
    for step in &plan.steps {
        let path = plan.path(step);
        let (word, style) = word(step.change);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{} {}", paint.paint(style, word), one_line(&path));
    }
    text
}

pub(super) fn word(change: Change) -> (&'static str, Style) {
    match change {
        Change::Added => ("added", AnsiColor::Green.on_default()),
        Change::Changed => ("changed", AnsiColor::Yellow.on_default()),
        Change::Removed => ("removed", AnsiColor::Red.on_default()),
        Change::Unchanged => ("unchanged", Style::new().dimmed()),
    }
}
