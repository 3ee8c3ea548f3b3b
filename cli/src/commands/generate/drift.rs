//! What `generate --check` prints: the difference of the tree and the spec.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;

use clap::builder::styling::{AnsiColor, Style};
use similar::TextDiff;

use super::word;
use crate::console::{Paint, lines};
use crate::tree::{Change, Plan, Step};

/// The difference of one file: its two names and its hunks.
struct Diff {
    path: String,
    names: (String, String),
    hunks: Vec<Hunk>,
}

struct Hunk {
    place: String,
    lines: String,
    /// The lines that change, without what stands around them.
    change: String,
}

/// On a pipe or in a file it is one that may be applied. For a person, a change that several files share is shown once.
pub(super) fn diffs(plan: &Plan<'_>, paint: Paint) -> String {
    let is_read = paint.is_on() || std::io::stdout().is_terminal();
    let diffs: Vec<_> = plan.steps.iter().filter_map(|step| Diff::of(plan.path(step), step)).collect();
    let mut sharing: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (diff, hunk) in diffs.iter().flat_map(|diff| diff.hunks.iter().map(move |hunk| (diff, hunk))) {
        sharing.entry(&hunk.change).or_default().insert(&diff.path);
    }
    let mut text = String::new();
    let mut line = |of_text: &str, style| line(of_text, style, paint, is_read, &mut text);
    for diff in &diffs {
        let is_first = |hunk: &&Hunk| sharing[hunk.change.as_str()].first() == Some(&diff.path.as_str());
        let shown: Vec<_> = diff.hunks.iter().filter(|hunk| !is_read || is_first(hunk)).collect();
        if shown.is_empty() {
            continue;
        }
        line(&format!("--- {}", diff.names.0), Style::new().bold());
        line(&format!("+++ {}", diff.names.1), Style::new().bold());
        for hunk in shown {
            line(&hunk.place, AnsiColor::Cyan.on_default());
            hunk.lines.lines().for_each(|of_hunk| line(of_hunk, style(of_hunk)));
            let others: Vec<_> = sharing[hunk.change.as_str()].iter().skip(1).copied().collect();
            if is_read && !others.is_empty() {
                line(&format!("the same in {}", others.join(", ")), Style::new().dimmed());
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
        let hunks = diff.unified_diff().iter_hunks().map(|hunk| Hunk::of(&hunk.to_string())).collect();
        Some(Self { path, names, hunks })
    }
}

impl Hunk {
    fn of(text: &str) -> Self {
        let (place, lines) = text.split_once('\n').unwrap_or((text, ""));
        let changes = lines.lines().filter(|line| line.starts_with(['+', '-']));
        let change = changes.collect::<Vec<_>>().join("\n");
        Self { place: place.to_owned(), lines: lines.to_owned(), change }
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
