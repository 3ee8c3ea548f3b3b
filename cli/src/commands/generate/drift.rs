//! What `generate --check` prints: the difference of the tree and the spec.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;

use clap::builder::styling::{AnsiColor, Style};
use similar::TextDiff;

use super::word;
use crate::console::{Paint, lines};
use crate::tree::{Change, Plan, Step};

/// The difference of one file: its two names, and each hunk with the line of its place.
struct Diff {
    path: String,
    names: (String, String),
    hunks: Vec<(String, String)>,
}

/// On a pipe or in a file it is one that may be applied. For a person, what is the same in several files is told once.
pub(super) fn diffs(plan: &Plan<'_>, paint: Paint) -> String {
    let is_read = paint.is_on() || std::io::stdout().is_terminal();
    let diffs: Vec<_> = plan.steps.iter().filter_map(|step| Diff::of(plan.path(step), step)).collect();
    let mut sharing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for diff in &diffs {
        for (_, hunk) in &diff.hunks {
            sharing.entry(hunk).or_default().push(&diff.path);
        }
    }
    let (mut text, mut told) = (String::new(), BTreeSet::new());
    for diff in &diffs {
        let fresh: Vec<_> =
            diff.hunks.iter().filter(|(_, hunk)| !is_read || told.insert(hunk.as_str())).collect();
        if fresh.is_empty() {
            continue;
        }
        line(&format!("--- {}", diff.names.0), Style::new().bold(), paint, is_read, &mut text);
        line(&format!("+++ {}", diff.names.1), Style::new().bold(), paint, is_read, &mut text);
        for (place, hunk) in fresh {
            line(place, AnsiColor::Cyan.on_default(), paint, is_read, &mut text);
            hunk.lines().for_each(|of_hunk| line(of_hunk, style(of_hunk), paint, is_read, &mut text));
            let others: Vec<_> =
                sharing[hunk.as_str()].iter().filter(|path| **path != diff.path).copied().collect();
            if is_read && !others.is_empty() {
                let others = format!("the same in {}", others.join(", "));
                line(&others, Style::new().dimmed(), paint, is_read, &mut text);
            }
        }
    }
    text
}

impl Diff {
    fn of(path: String, step: &Step<'_>) -> Option<Self> {
        let nothing = || "/dev/null".to_owned();
        let names = match step.change {
            Change::Unchanged => return None,
            Change::Added => (nothing(), path.clone()),
            Change::Removed => (path.clone(), nothing()),
            Change::Changed => (path.clone(), path.clone()),
        };
        let diff = TextDiff::from_lines(step.before.as_str(), step.after);
        let hunks = diff.unified_diff().iter_hunks().map(|hunk| {
            let text = hunk.to_string();
            let (place, changes) = text.split_once('\n').unwrap_or((&text, ""));
            (place.to_owned(), changes.to_owned())
        });
        let hunks = hunks.collect();
        Some(Self { path, names, hunks })
    }
}

fn style(line: &str) -> Style {
    match line.as_bytes().first() {
        Some(b'+') => AnsiColor::Green.on_default(),
        Some(b'-') => AnsiColor::Red.on_default(),
        _ => Style::new(),
    }
}

fn line(line: &str, style: Style, paint: Paint, is_read: bool, text: &mut String) {
    // On a pipe or in a file it stays as it is in the tree.
    let line = if is_read { lines(line) } else { line.into() };
    text.push_str(&paint.paint(style, &line));
    text.push('\n');
}

pub(super) fn summary(plan: &Plan<'_>) -> String {
    let dir = plan.dir.display();
    if plan.is_fresh() {
        return format!("`{dir}` is what the spec makes of it\n");
    }
    let counts: Vec<_> = [Change::Added, Change::Changed, Change::Removed]
        .into_iter()
        .map(|change| (plan.count(change), word(change).0))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    format!("`{dir}` is not what the spec makes of it ({}): run `kafnix generate`\n", counts.join(", "))
}
