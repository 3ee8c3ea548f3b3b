//! What a change does to hosts that run, for a person: first what restarts where, and why; then each host.

use std::collections::BTreeSet;

use clap::builder::styling::{AnsiColor, Style};
use kafnix_generator::Problem;
use kafnix_generator::impact::{Change, Class, Difference, HostImpact, Impact, Subject};
use kafnix_generator::role::Role;

use crate::console::{Paint, one_line};
use crate::wrap::{visible, wrapped};

/// So many hosts are named in a headline, and so many values of one key shown; one more is as short as saying so.
const NAMED: usize = 6;
const SHOWN: usize = 3;

/// What the lock refuses, and what is begun and not finished.
pub(crate) fn problems(problems: &[Problem], paint: Paint) -> String {
    let mut text = String::new();
    let (refused, unfinished): (Vec<_>, Vec<_>) = problems.iter().partition(|problem| problem.is_error());
    for (title, color, problems) in [
        ("refused by the lock", AnsiColor::BrightRed, refused),
        ("unfinished, another generation is to follow", AnsiColor::Yellow, unfinished),
    ] {
        if !problems.is_empty() {
            head(title, color, paint, &mut text);
        }
        for problem in problems {
            line(&format!("  {} {}", problem.code, one_line(&problem.title)), paint, &mut text);
            help(&problem.help, paint, &mut text);
        }
    }
    text
}

/// The changes by their classes, then the hosts.
pub(crate) fn text(impact: &Impact, paint: Paint) -> String {
    let changes: Vec<_> = impact.changes.iter().collect();
    in_two_parts(&changes, impact, paint)
}

/// The hosts, and of the changes those that a switch does not make: where a person has something to do as well, and
/// where only an installation does.
pub(crate) fn beside_files(impact: &Impact, paint: Paint) -> String {
    let is_more = |change: &&Change| change.help.is_some() || change.class == Class::Installation;
    let changes: Vec<_> = impact.changes.iter().filter(is_more).collect();
    let after_files = if changes.is_empty() { "" } else { "\n" };
    after_files.to_owned() + &in_two_parts(&changes, impact, paint)
}

fn in_two_parts(changes: &[&Change], impact: &Impact, paint: Paint) -> String {
    let mut text = String::new();
    for classed in changes.chunk_by(|one, other| one.class == other.class) {
        let (title, color) = title(classed);
        head(title, color, paint, &mut text);
        for group in classed.chunk_by(|one, other| one.subject == other.subject) {
            write_group(group, paint, &mut text);
        }
    }
    let hosts = hosts(impact, paint);
    if !hosts.is_empty() && !text.is_empty() {
        text.push('\n');
    }
    text + &hosts
}

/// A line for each host whose system changes.
fn hosts(impact: &Impact, paint: Paint) -> String {
    let mut text = String::new();
    for (name, host) in &impact.hosts {
        line(&format!("{name}: {}", of_host(host, paint)), paint, &mut text);
    }
    for path in &impact.unreadable {
        let said = format!("not known: {} is not as kafnix writes it", one_line(path));
        line(&said, paint, &mut text);
    }
    text
}

fn of_host(host: &HostImpact, paint: Paint) -> String {
    if host.leaves {
        let them = if host.stops.len() == 1 { "it" } else { "them" };
        let run = verb(&host.stops, "run");
        return format!("no longer configured by kafnix: {run} until somebody stops {them}");
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

fn title(classed: &[&Change]) -> (&'static str, AnsiColor) {
    let has_new_topics = classed.iter().any(|change| change.key.is_empty());
    match classed[0].class {
        Class::Manual => ("by hand", AnsiColor::BrightRed),
        Class::Restart => ("restart", AnsiColor::Yellow),
        Class::Stop => ("stop", AnsiColor::Yellow),
        Class::Start => ("start", AnsiColor::Green),
        Class::Switch => ("switch, no restart", AnsiColor::Green),
        Class::Live if has_new_topics => {
            ("live, by `kafnix apply`, or, for new topics, by the next switch", AnsiColor::Green)
        }
        Class::Live => ("live, by `kafnix apply`", AnsiColor::Green),
        Class::Installation => ("at the next installation", AnsiColor::Cyan),
    }
}

fn head(title: &str, color: AnsiColor, paint: Paint, text: &mut String) {
    line(&paint.paint(color.on_default().bold(), title), paint, text);
}

fn help(help: &str, paint: Paint, text: &mut String) {
    line(&format!("    {} {}", bold(paint, "help:"), one_line(help)), paint, text);
}

/// What goes on where the terminal ends stands below it, further in.
fn line(line: &str, paint: Paint, text: &mut String) {
    let column = line.len() - line.trim_start().len() + 2;
    text.push_str(&wrapped(line, column, paint));
    text.push('\n');
}

fn bold(paint: Paint, word: &str) -> String {
    paint.paint(Style::new().bold(), word)
}

/// A part of some hosts with what changes of it, or a topic.
fn write_group(group: &[&Change], paint: Paint, text: &mut String) {
    let all: BTreeSet<&str> = group.iter().flat_map(|change| &change.hosts).map(String::as_str).collect();
    let subject = match &group[0].subject {
        Subject::Part(part) => format!("  {} on {}", bold(paint, part.name()), named(&all)),
        Subject::Topic(topic) => format!("  {}", bold(paint, &format!("topic {}", one_line(topic)))),
    };
    line(&subject, paint, text);
    // What several changes in a row take is said once.
    for of_help in group.chunk_by(|one, other| one.help == other.help) {
        for of_key in of_help.chunk_by(|one, other| one.key == other.key) {
            let shown = if of_key.len() == SHOWN + 1 { SHOWN + 1 } else { SHOWN };
            for change in of_key.iter().take(shown) {
                let only: BTreeSet<&str> = change.hosts.iter().map(String::as_str).collect();
                let on = if only == all { String::new() } else { format!("{}: ", named(&only)) };
                write_change(change, &on, paint, text);
            }
            let more: usize = of_key.iter().skip(shown).map(|change| change.hosts.len()).sum();
            if more > 0 {
                line(&format!("    {} on {more} more hosts", one_line(&of_key[0].key)), paint, text);
            }
        }
        if let Some(said) = &of_help[0].help {
            help(said, paint, text);
        }
    }
}

fn named(hosts: &BTreeSet<&str>) -> String {
    let most = if hosts.len() == NAMED + 1 { NAMED + 1 } else { NAMED };
    let names: Vec<_> = hosts.iter().take(most).copied().collect();
    match hosts.len().saturating_sub(most) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

fn write_change(change: &Change, on: &str, paint: Paint, text: &mut String) {
    let sign = |word, color: AnsiColor| paint.paint(color.on_default().bold(), word);
    let key = if change.key.is_empty() { on.to_owned() } else { format!("{on}{}", one_line(&change.key)) };
    let said = match &change.difference {
        // the whole of a service, or a file whose text is not shown
        Difference::Value { from: None, to: None } if change.key.is_empty() => return,
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
            let signed = |sign: &'static str| move |entry: &String| format!("{sign} {}", one_line(entry));
            let entries: Vec<_> =
                added.iter().map(signed("+")).chain(removed.iter().map(signed("-"))).collect();
            let before = format!("    {} {key}:", sign("~", AnsiColor::Yellow));
            return write_entries(&before, &entries, paint, text);
        }
    };
    line(&format!("    {said}"), paint, text);
}

/// In one line, or, where the terminal is too narrow for that, each in its own.
fn write_entries(before: &str, entries: &[String], paint: Paint, text: &mut String) {
    let together = format!("{before} {}", entries.join(", "));
    if paint.width().is_none_or(|width| visible(&together) <= width) {
        return line(&together, paint, text);
    }
    line(before, paint, text);
    for entry in entries {
        line(&format!("        {entry}"), paint, text);
    }
}

fn assigned(key: &str, value: &str) -> String {
    if key.is_empty() { one_line(value).into_owned() } else { format!("{key} = {}", one_line(value)) }
}

#[cfg(test)]
mod tests {
    use kafnix_generator::impact::Part;

    use super::*;

    fn changed(host: &str, difference: Difference) -> Change {
        let subject = Subject::Part(Part::Service(Role::Broker));
        let (key, hosts) = ("listeners".to_owned(), vec![host.to_owned()]);
        Change { class: Class::Restart, subject, key, difference, hosts, help: None }
    }

    fn told(changes: Vec<Change>, paint: Paint) -> String {
        text(&Impact { changes, ..Impact::default() }, paint)
    }

    #[test]
    fn entries_stand_one_below_the_other_where_the_terminal_is_too_narrow_for_a_line() {
        let [added, removed] = ["X://10.0.0.1:1", "Y://10.0.0.1:2"].map(|entry| vec![entry.to_owned()]);
        let changes = vec![changed("a", Difference::Entries { added, removed })];
        let lines =
            |paint| told(changes.clone(), paint).lines().skip(2).map(str::to_owned).collect::<Vec<_>>();
        let in_one = "    ~ listeners: + X://10.0.0.1:1, - Y://10.0.0.1:2";
        assert_eq!(
            (lines(Paint::NEVER), lines(Paint::NEVER.wide(51))),
            (vec![in_one.into()], vec![in_one.into()])
        );
        let below = ["    ~ listeners:", "        + X://10.0.0.1:1", "        - Y://10.0.0.1:2"];
        assert_eq!(lines(Paint::NEVER.wide(50)), below);
    }

    #[test]
    fn what_is_left_out_is_more_than_one() {
        let of = |hosts: u8| {
            let value = |host: u8| Difference::Value { from: None, to: Some(host.to_string()) };
            told((1..=hosts).map(|host| changed(&format!("k{host}"), value(host))).collect(), Paint::NEVER)
        };
        assert!(of(4).ends_with("\n    + k4: listeners = 4\n"), "{}", of(4));
        assert!(of(5).ends_with("\n    + k3: listeners = 3\n    listeners on 2 more hosts\n"), "{}", of(5));
        assert!(of(7).contains("on k1, k2, k3, k4, k5, k6, k7\n"), "{}", of(7));
        assert!(of(8).contains("on k1, k2, k3, k4, k5, k6 and 2 more\n"), "{}", of(8));
    }
}
