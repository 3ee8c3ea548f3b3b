//! `kafnix plan`

use std::fmt::Write as _;

use anyhow::Result;
use clap::builder::styling::{AnsiColor, Style};
use kafnix_operate::plan::{self, Change, Plan, Remark, Risk, Step};
use serde::Serialize;

use super::asked::{Asked, asking};
use crate::console::{Console, Paint, one_line};
use crate::exit::Status;
use crate::wrap::wrapped;

/// Show what differs between a running cluster and its spec
///
/// Topics that are missing or otherwise, throttles and dynamic settings that nobody has removed, hosts whose running
/// configuration is not the generated one. Nothing is changed. `kafnix apply` does what needs no restart.
///
/// A cluster that elects a leader or a controller is asked again for up to 30 s; one that refuses connections is not.
///
/// With `--local` it compares topics and the settings of brokers; `kafnix rollout plan --local` compares all that
/// servers are started with.
///
/// Exit status: 0 where there is nothing to do. 1 where something is to do, by `kafnix apply` or a person. 2 where it
/// is not known whether something is to do, since a server did not answer, or where the spec has errors.
///
/// As JSON it prints an object with `digest` (what names these steps), `steps`, `open` (what a person has to do),
/// `notes` (what is left as it is), `unknown` (what could not be compared) and `identity` (whether it is the cluster
/// of `kafka.clusterId`). A step has `step` and `topic`; a setting that it changes has `key`, `from`, `to` and, where
/// the change may delete records, `risk` with the value `deletes-records`. An entry of `open`, `notes` and `unknown`
/// has `kind`, `subject`, `what` and, where something helps, `help`. Kinds stay the same; the texts are for people.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    #[command(flatten)]
    asked: Asked,
}

/// No host publishes what the servers of this machine were started with.
const LOCAL: &str = "`kafnix rollout plan --local` tells which servers do not run as the spec has them: ZooKeeper's \
                     settings, heaps, the JDK and releases are not compared here";

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    let Some(cluster) = opts.asked.cluster("kafnix plan --local", console)? else { return Ok(Status::Fault) };
    let options = opts.asked.options(&cluster)?;
    let plan = asking(&cluster, console, |progress| plan::ask(&cluster, &options, progress))?;
    if console.is_json() {
        print(&plan, &plan, console)?;
    } else {
        console.print(&format!(
            "{}{}{}",
            steps(&plan.steps, console.out),
            remarks(&plan, console.out),
            summary(&plan)
        ))?;
        if opts.asked.is_local() {
            console.note(LOCAL);
        }
    }
    Ok(status(&plan))
}

/// What holds a plan, as JSON.
pub(super) fn print(whole: &impl Serialize, plan: &Plan, console: &Console) -> Result<()> {
    let mut value = serde_json::to_value(whole)?;
    value["digest"] = plan.digest().into();
    console.json(&value)
}

pub(super) fn status(plan: &Plan) -> Status {
    match (plan.is_empty(), plan.unknown.is_empty()) {
        (true, true) => Status::Good,
        (true, false) => Status::Fault,
        (false, _) => Status::Problems,
    }
}

/// What is added, changed and taken back, each with its old and new value.
pub(super) fn steps<'a>(steps: impl IntoIterator<Item = &'a Step>, paint: Paint) -> String {
    let mut text = String::new();
    for step in steps {
        describe(step, paint, &mut text);
    }
    fitted(&text, paint)
}

/// What no step is for.
pub(super) fn remarks(plan: &Plan, paint: Paint) -> String {
    let bold = |word| paint.paint(Style::new().bold(), word);
    let mut text = String::new();
    let mut remark = |word: &str, of: &Remark, with_noun: bool| {
        let noun = if with_noun && of.kind.is_of_a_topic() { "topic " } else { "" };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{word} {noun}{}: {}", one_line(&of.subject), one_line(&of.what));
        if !of.help.is_empty() {
            let _ = writeln!(text, "    {} {}", bold("help:"), one_line(&of.help));
        }
    };
    for open in &plan.open {
        remark(&red(paint, "!"), open, true);
    }
    for note in &plan.notes {
        remark(&bold("note:"), note, true);
    }
    for unknown in &plan.unknown {
        remark(&red(paint, "not compared:"), unknown, false);
    }
    fitted(&text, paint)
}

/// As wide as the terminal; what goes on begins behind the sign of its line.
fn fitted(text: &str, paint: Paint) -> String {
    let column = |line: &str| if line.starts_with("    ") { 6 } else { 2 };
    text.lines().map(|line| wrapped(line, column(line), paint) + "\n").collect()
}

fn red(paint: Paint, word: &str) -> String {
    paint.paint(AnsiColor::BrightRed.on_default().bold(), word)
}

fn describe(step: &Step, paint: Paint, text: &mut String) {
    let plus = paint.paint(AnsiColor::Green.on_default().bold(), "+");
    let tilde = paint.paint(AnsiColor::Yellow.on_default().bold(), "~");
    // Writing to a string cannot fail.
    let _ = match step {
        Step::CreateTopic { topic, partitions, replicas, settings } => {
            let _ = writeln!(text, "{plus} topic {topic}: partitions: {partitions}, replicas: {replicas}");
            for (key, value) in settings {
                let _ = writeln!(text, "    {plus} {key} = {}", one_line(value));
            }
            Ok(())
        }
        Step::AddPartitions { topic, from, to } => {
            let _ = writeln!(text, "{tilde} topic {topic}: {from} → {to} partitions");
            writeln!(text, "    records with a key go to other partitions from then on")
        }
        Step::AlterTopic { topic, settings } => {
            let _ = writeln!(text, "{tilde} topic {topic}: settings");
            for change in settings {
                let _ = writeln!(text, "    {}", changed(change, paint));
            }
            Ok(())
        }
        Step::ElectLeaders { topic, partitions } => {
            let all = partitions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            writeln!(
                text,
                "{tilde} topic {topic}: the preferred replicas of its partitions {all} become leaders"
            )
        }
    };
}

fn changed(change: &Change, paint: Paint) -> String {
    let from = change.from.as_deref().unwrap_or("(not told)");
    // What the brokers have now may be the same: it is the topic's own from then on.
    let own = if change.from == change.to { ", for this topic" } else { "" };
    let deletes = match change.risk {
        Some(Risk::DeletesRecords) => " (this may delete records)",
        None => "",
    };
    let to = change.to.as_deref().unwrap_or("the broker's value");
    let tilde = paint.paint(AnsiColor::Yellow.on_default().bold(), "~");
    format!("{tilde} {}: {} → {}{own}{deletes}", change.key, one_line(from), one_line(to))
}

fn summary(plan: &Plan) -> String {
    let more = matters(plan);
    match plan.steps.len() {
        0 => format!("{}{more}\n", nothing(plan)),
        steps => format!("plan {}: {} for `kafnix apply`{more}\n", plan.digest(), count(steps, "step")),
    }
}

/// What is said where no step is to be done.
pub(super) fn nothing(plan: &Plan) -> &'static str {
    match (plan.open.is_empty(), plan.unknown.is_empty()) {
        (true, true) => "nothing to do",
        (true, false) => "nothing to do, as far as could be compared",
        (false, _) => "nothing for `kafnix apply`",
    }
}

/// How much needs manual action, behind what is said before it.
pub(super) fn matters(plan: &Plan) -> String {
    match plan.open.len() {
        0 => String::new(),
        1 => ", 1 needs manual action".to_owned(),
        several => format!(", {several} need manual action"),
    }
}

pub(super) fn count(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
