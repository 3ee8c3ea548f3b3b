//! `kafnix plan`

use std::fmt::Write as _;

use anyhow::Result;
use clap::builder::styling::{AnsiColor, Style};
use kafnix_operate::plan::{self, Change, Plan, Step};
use serde::Serialize;

use super::asked::{Asked, asking};
use crate::console::{Console, Paint, one_line};
use crate::exit::Status;

/// Show what differs between a running cluster and its spec
///
/// Topics that are missing or otherwise, throttles and dynamic settings that nobody has removed, hosts whose running
/// configuration is not the generated one. Nothing is changed. `kafnix apply` does what needs no restart. Ends with 0
/// where there is nothing to do, with 1 where there is, with 2 where that is not known, since somebody did not answer.
///
/// As JSON it prints an object with `digest` (what names these steps), `steps`, `open` (what a person has to do),
/// `notes`, `unknown` (what could not be compared) and `identity` (whether it is the
/// cluster of `kafka.clusterId`).
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    #[command(flatten)]
    asked: Asked,
}

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    let Some(cluster) = opts.asked.cluster("kafnix plan --local", console)? else { return Ok(Status::Fault) };
    let plan = asking(&cluster, || plan::ask(&cluster, &opts.asked.options()))?;
    report(&plan, &plan, console)
}

/// Prints a plan, as JSON with what belongs to it, and returns what it ends with.
pub(super) fn report(whole: &impl Serialize, plan: &Plan, console: &Console) -> Result<Status> {
    if console.is_json() {
        let mut value = serde_json::to_value(whole)?;
        value["digest"] = plan.digest().into();
        console.json(&value)?;
    } else {
        console.print(&text(plan, console.out))?;
    }
    Ok(match (plan.is_empty(), plan.unknown.is_empty()) {
        (true, true) => Status::Good,
        (true, false) => Status::Fault,
        (false, _) => Status::Problems,
    })
}

/// The plan for a person: what is added, changed and taken back, each with its old and new value.
pub(super) fn text(plan: &Plan, paint: Paint) -> String {
    let mut text = String::new();
    for step in &plan.steps {
        describe(step, paint, &mut text);
    }
    // Writing to a string cannot fail.
    for open in &plan.open {
        let _ = writeln!(text, "{} {}: {}", red(paint, "!"), one_line(&open.subject), one_line(&open.what));
        let _ = writeln!(text, "    {} {}", paint.paint(Style::new().bold(), "help:"), one_line(&open.help));
    }
    for note in &plan.notes {
        let _ = writeln!(text, "{} {}", paint.paint(Style::new().bold(), "note:"), one_line(note));
    }
    for unknown in &plan.unknown {
        let _ = writeln!(text, "{} {}", red(paint, "not compared:"), one_line(unknown));
    }
    text.push_str(&summary(plan));
    text
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
    let deletes = if may_delete(change) { " (this may delete records)" } else { "" };
    let to = change.to.as_deref().unwrap_or("the broker's value");
    let tilde = paint.paint(AnsiColor::Yellow.on_default().bold(), "~");
    format!("{tilde} {}: {} → {}{own}{deletes}", change.key, one_line(from), one_line(to))
}

/// Whether records that are kept now may go: with a shorter retention, or another way of cleaning.
fn may_delete(change: &Change) -> bool {
    let is = |keys: &[&str]| keys.iter().any(|key| change.key.ends_with(key));
    let limit = |value: &Option<String>| match value.as_ref()?.parse::<i64>() {
        Ok(-1) => Some(i64::MAX),
        number => number.ok(),
    };
    if change.from == change.to {
        return false;
    }
    is(&["cleanup.policy"])
        || is(&["retention.ms", "retention.bytes"])
            && match (limit(&change.from), limit(&change.to)) {
                (Some(from), Some(to)) => to < from,
                (_, to) => to != Some(i64::MAX),
            }
}

fn summary(plan: &Plan) -> String {
    let count = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let more = if plan.open.is_empty() {
        String::new()
    } else {
        format!(", {} for a person", count(plan.open.len(), "matter"))
    };
    match plan.steps.len() {
        0 if plan.open.is_empty() && plan.unknown.is_empty() => "nothing to do\n".to_owned(),
        0 => format!("nothing for `kafnix apply`{more}\n"),
        steps => format!("plan {}: {} for `kafnix apply`{more}\n", plan.digest(), count(steps, "step")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_go_with_a_shorter_retention_or_another_policy() {
        for (key, from, to, may) in [
            ("retention.ms", Some("10"), Some("9"), true),
            ("retention.ms", Some("10"), Some("-1"), false),
            ("retention.ms", Some("-1"), Some("10"), true),
            ("retention.bytes", Some("10"), Some("11"), false),
            ("retention.bytes", Some("10"), None, true),
            ("local.retention.ms", None, Some("10"), true),
            ("cleanup.policy", Some("compact"), Some("delete"), true),
            ("cleanup.policy", Some("delete"), Some("delete"), false),
            ("flush.ms", Some("10"), Some("9"), false),
        ] {
            let [from, to] = [from, to].map(|value| value.map(str::to_owned));
            let change = Change { key: key.to_owned(), from, to };
            assert_eq!(may_delete(&change), may, "{change:?}");
        }
    }
}
