//! What a change does to hosts that run, for a person: first what restarts where, and why; then each host.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use clap::builder::styling::{AnsiColor, Style};
use kafnix_generator::impact::{Change, Class, Difference, HostImpact, Impact, Subject};
use kafnix_generator::role::Role;
use kafnix_generator::{Problem, rules};

use crate::console::{Paint, one_line};

/// So many hosts are named in a headline, and so many values of one key shown.
const NAMED: usize = 6;
const SHOWN: usize = 3;

/// What the lock is in the way of.
pub(crate) fn problems(problems: &[Problem], paint: Paint) -> String {
    let mut text = String::new();
    let (steps, forbidden): (Vec<_>, Vec<_>) =
        problems.iter().partition(|problem| rules::is_stepwise(problem.code));
    for (title, problems) in [("forbidden", forbidden), ("takes several rolls", steps)] {
        if !problems.is_empty() {
            head(title, AnsiColor::BrightRed, paint, &mut text);
        }
        // Writing to a string cannot fail.
        for problem in problems {
            let _ = writeln!(text, "  {} {}", problem.code, one_line(&problem.title));
            let _ = writeln!(text, "    {} {}", bold(paint, "help:"), one_line(&problem.help));
        }
    }
    text
}

/// The changes by their classes, then the hosts.
pub(crate) fn text(impact: &Impact, paint: Paint) -> String {
    let mut text = String::new();
    for classed in impact.changes.chunk_by(|one, other| one.class == other.class) {
        let (title, color) = title(classed[0].class);
        head(title, color, paint, &mut text);
        for group in classed.chunk_by(|one, other| one.subject == other.subject) {
            write_group(group, paint, &mut text);
        }
    }
    let hosts = hosts(impact, paint);
    if !hosts.is_empty() {
        text.push('\n');
    }
    text + &hosts
}

/// A line for each host whose system changes.
pub(crate) fn hosts(impact: &Impact, paint: Paint) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    for (name, host) in &impact.hosts {
        let _ = writeln!(text, "{name}: {}", of_host(host, paint));
    }
    for path in &impact.unreadable {
        let _ = writeln!(text, "not known: {} is not as kafnix writes it", one_line(path));
    }
    text
}

fn of_host(host: &HostImpact, paint: Paint) -> String {
    if host.leaves {
        return format!(
            "no longer configured by kafnix: {} until somebody stops it",
            verb(&host.stops, "run")
        );
    }
    let parts: Vec<_> = [(&host.restarts, "restart"), (&host.starts, "start"), (&host.stops, "stop")]
        .into_iter()
        .filter(|(roles, _)| !roles.is_empty())
        .map(|(roles, word)| paint.paint(AnsiColor::Yellow.on_default(), &verb(roles, word)))
        .collect();
    if parts.is_empty() { "no restart".to_owned() } else { parts.join(", ") }
}

/// `kafka restarts`, `zookeeper and kafka restart`
fn verb(roles: &BTreeSet<Role>, word: &str) -> String {
    format!("{} {word}{}", names(roles), if roles.len() == 1 { "s" } else { "" })
}

fn names(roles: &BTreeSet<Role>) -> String {
    roles.iter().map(|role| role.key()).collect::<Vec<_>>().join(" and ")
}

fn title(class: Class) -> (&'static str, AnsiColor) {
    match class {
        Class::Manual => ("by hand", AnsiColor::BrightRed),
        Class::Restart => ("restart", AnsiColor::Yellow),
        Class::Stop => ("stop", AnsiColor::Yellow),
        Class::Start => ("start", AnsiColor::Green),
        Class::Switch => ("switch, no restart", AnsiColor::Green),
        Class::Live => ("live, by `kafnix apply`", AnsiColor::Green),
        Class::Installation => ("at the next installation", AnsiColor::Cyan),
    }
}

fn head(title: &str, color: AnsiColor, paint: Paint, text: &mut String) {
    text.push_str(&paint.paint(color.on_default().bold(), title));
    text.push('\n');
}

fn bold(paint: Paint, word: &str) -> String {
    paint.paint(Style::new().bold(), word)
}

/// A part of some hosts with what changes of it, or a topic.
fn write_group(group: &[Change], paint: Paint, text: &mut String) {
    let all: BTreeSet<&str> = group.iter().flat_map(|change| &change.hosts).map(String::as_str).collect();
    // Writing to a string cannot fail.
    let _ = match &group[0].subject {
        Subject::Part(part) => writeln!(text, "  {} on {}", bold(paint, part.name()), named(&all)),
        Subject::Topic(topic) => writeln!(text, "  {}", bold(paint, &format!("topic {}", one_line(topic)))),
    };
    for of_key in group.chunk_by(|one, other| one.key == other.key) {
        for change in of_key.iter().take(SHOWN) {
            let only: BTreeSet<&str> = change.hosts.iter().map(String::as_str).collect();
            let on = if only == all { String::new() } else { format!("{}: ", named(&only)) };
            write_change(change, &on, paint, text);
        }
        let more: usize = of_key.iter().skip(SHOWN).map(|change| change.hosts.len()).sum();
        if more > 0 {
            let _ = writeln!(text, "    {} on {more} more hosts", one_line(&of_key[0].key));
        }
    }
}

fn named(hosts: &BTreeSet<&str>) -> String {
    let names: Vec<_> = hosts.iter().take(NAMED).copied().collect();
    match hosts.len().saturating_sub(NAMED) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

fn write_change(change: &Change, on: &str, paint: Paint, text: &mut String) {
    let sign = |word, color: AnsiColor| paint.paint(color.on_default().bold(), word);
    let key = if change.key.is_empty() { on.to_owned() } else { format!("{on}{}", one_line(&change.key)) };
    let list = |sign: &str, entries: &[String]| {
        entries.iter().map(|entry| format!("{sign} {}", one_line(entry))).collect::<Vec<_>>()
    };
    let line = match &change.difference {
        // the whole of a service, or a file whose text is not shown
        Difference::Value { from: None, to: None } if change.key.is_empty() => String::new(),
        Difference::Value { from: None, to: None } => format!("{} {key}", sign("~", AnsiColor::Yellow)),
        Difference::Value { from: None, to: Some(to) } => {
            format!("{} {}", sign("+", AnsiColor::Green), assigned(&key, to))
        }
        Difference::Value { from: Some(from), to: None } => {
            format!("{} {}", sign("-", AnsiColor::BrightRed), assigned(&key, from))
        }
        Difference::Value { from: Some(from), to: Some(to) } => {
            format!("{} {key}: {} → {}", sign("~", AnsiColor::Yellow), one_line(from), one_line(to))
        }
        Difference::Entries { added, removed } => {
            let all = [list("+", added), list("-", removed)].concat();
            format!("{} {key}: {}", sign("~", AnsiColor::Yellow), all.join(", "))
        }
    };
    // Writing to a string cannot fail.
    if !line.is_empty() {
        let _ = writeln!(text, "    {line}");
    }
    if let Some(help) = &change.help {
        let _ = writeln!(text, "    {} {}", bold(paint, "help:"), one_line(help));
    }
}

fn assigned(key: &str, value: &str) -> String {
    if key.is_empty() { one_line(value).into_owned() } else { format!("{key} = {}", one_line(value)) }
}
