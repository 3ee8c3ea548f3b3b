//! What a run of `verify` found, for a person: one line for each check, and below it what is not good.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Style};
use kafnix_operate::verify::{Finding, Outcome};

use crate::console::{Paint, one_line};
use crate::wrap::wrapped;

/// What the hundreds of the codes stand for.
const GROUPS: [(char, &str); 5] = [
    ('1', "Ports"),
    ('2', "ZooKeeper"),
    ('3', "Kafka"),
    ('4', "Configuration and topics"),
    ('5', "Round trips"),
];

/// How many lines one check gets at most.
const MOST_LINES: usize = 12;

pub(super) fn table(findings: &[Finding], took: Duration, paint: Paint) -> String {
    let mut text = String::new();
    let folded = folded(findings);
    for (digit, title) in GROUPS {
        let of_group: Vec<_> = findings.iter().filter(|of| of.code.chars().nth(1) == Some(digit)).collect();
        if of_group.is_empty() {
            continue;
        }
        super::super::show::table::head(title, paint, &mut text);
        for check in of_group.chunk_by(|one, other| one.code == other.code) {
            line(check, paint, &mut text);
            below(check, &folded, paint, &mut text);
        }
    }
    for ((subject, reason), codes) in &folded {
        let word = paint.paint(Style::new().dimmed(), "skipped");
        // Writing to a string cannot fail.
        let _ =
            writeln!(text, "\n{word} {} in {}: {}", one_line(subject), codes.join(", "), one_line(reason));
    }
    text.push_str(&summary(findings, took, paint));
    let indent = |line: &str| line.len() - line.trim_start().len();
    // What stands below a check goes on a little further in, a check itself where its title begins.
    let column = |line: &str| if indent(line) > 0 { indent(line) + 2 } else { "V101 FAILED  ".len() };
    text.lines().fold(String::new(), |text, line| text + &wrapped(line, column(line), paint) + "\n")
}

/// What was skipped, and for what reason, with the checks.
type Folded<'a> = BTreeMap<(&'a str, &'a str), Vec<&'static str>>;

/// One subject that is skipped by several checks for one reason, like a host that is down.
fn folded(findings: &[Finding]) -> Folded<'_> {
    let mut folded = Folded::new();
    for skipped in findings.iter().filter(|finding| finding.outcome == Outcome::Skipped) {
        let codes = folded.entry((skipped.subject.as_str(), skipped.found.as_str())).or_default();
        if !codes.contains(&skipped.code) {
            codes.push(skipped.code);
        }
    }
    folded.retain(|_, codes| codes.len() > 1);
    folded
}

fn word(outcome: Outcome) -> (&'static str, Style) {
    match outcome {
        Outcome::Good => ("good", AnsiColor::Green.on_default()),
        Outcome::Note => ("note", AnsiColor::Cyan.on_default().bold()),
        Outcome::Skipped => ("skipped", Style::new().dimmed()),
        Outcome::Failed => ("FAILED", AnsiColor::BrightRed.on_default().bold()),
    }
}

/// The check with the worst that it came to.
fn line(check: &[&Finding], paint: Paint, text: &mut String) {
    let Some(first) = check.first() else { return };
    let worst = check.iter().map(|finding| finding.outcome).max().unwrap_or(first.outcome);
    let (word, style) = word(worst);
    let good: Vec<_> = check.iter().filter(|finding| finding.outcome == Outcome::Good).collect();
    let same = good.iter().all(|finding| finding.found == first.found);
    let said = match (good.len() == check.len(), good.as_slice()) {
        (true, [only]) => one_line(&only.found).into_owned(),
        (true, _) if same => format!("{} ({})", one_line(&first.found), counted(check)),
        (true, _) => counted(check),
        (false, _) if check.len() == 1 => String::new(),
        (false, _) => format!("{} good", counted(check)),
    };
    let word = paint.paint(style, &format!("{word:7}"));
    let title = format!("{:48}", first.title);
    let shown = format!("{} {word} {} {}", first.code, title, paint.paint(Style::new().dimmed(), &said));
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}", shown.trim_end());
}

/// What of a check is good: `1 host`, `3 hosts and the ensemble`, `2 of 3 hosts`, `all 3`.
fn counted(check: &[&Finding]) -> String {
    let is_good = |finding: &&&Finding| finding.outcome == Outcome::Good;
    let is_whole = check.iter().all(|finding| finding.outcome == Outcome::Good);
    let mut nouns: Vec<_> =
        check.iter().map(|finding| finding.noun).filter(|noun| !noun.is_empty()).collect();
    nouns.dedup();
    let number = |noun: &str| {
        let all = check.iter().filter(|finding| finding.noun == noun);
        let (number, good) = (all.clone().count(), all.filter(is_good).count());
        let of = if is_whole { String::new() } else { format!("{good} of ") };
        match (number, noun) {
            (number, "") => format!("{of}all {number}"),
            (1, noun) => format!("{of}1 {noun}"),
            (number, noun) => format!("{of}{number} {noun}s"),
        }
    };
    if nouns.is_empty() {
        return number("");
    }
    // What is one of its kind, such as the ensemble.
    let others = check.iter().filter(|finding| finding.noun.is_empty()).filter(is_good);
    let others = others.map(|finding| format!("the {}", one_line(&finding.subject)));
    nouns.into_iter().map(number).chain(others).collect::<Vec<_>>().join(" and ")
}

/// What is not good, what fails first, and for each kind of it once what to do.
fn below(check: &[&Finding], folded: &Folded<'_>, paint: Paint, text: &mut String) {
    let is_told = |finding: &Finding| {
        finding.outcome == Outcome::Skipped
            && folded.contains_key(&(finding.subject.as_str(), finding.found.as_str()))
    };
    let mut rest: Vec<_> =
        check.iter().filter(|finding| finding.outcome != Outcome::Good && !is_told(finding)).collect();
    rest.sort_by_key(|finding| Reverse(finding.outcome));
    let kinds: Vec<_> = rest.chunk_by(|one, other| is_one_line(one, other)).collect();
    for kind in kinds.iter().take(MOST_LINES) {
        told(kind, paint, text);
    }
    if kinds.len() > MOST_LINES {
        // Writing to a string cannot fail.
        let _ =
            writeln!(text, "     and {} more, which `--message-format json` tells", kinds.len() - MOST_LINES);
    }
    let mut helped: Vec<&str> = Vec::new();
    for help in rest.iter().map(|finding| finding.help.as_str()).filter(|help| !help.is_empty()) {
        if !helped.contains(&help) {
            let _ = writeln!(text, "     {} {}", paint.paint(Style::new().bold(), "help:"), one_line(help));
            helped.push(help);
        }
    }
}

/// Whether two things that were skipped were so for one reason.
fn is_one_line(one: &Finding, other: &Finding) -> bool {
    let skipped = |of: &Finding| of.outcome == Outcome::Skipped;
    skipped(one) && skipped(other) && one.found == other.found
}

fn told(kind: &[&&Finding], paint: Paint, text: &mut String) {
    let Some(first) = kind.first() else { return };
    let subjects: Vec<_> = kind.iter().map(|finding| one_line(&finding.subject)).collect();
    let subjects = paint.paint(Style::new().bold(), &subjects.join(", "));
    let (word, style) = word(first.outcome);
    let outcome = match first.outcome {
        Outcome::Failed => String::new(),
        _ => format!(" {}", paint.paint(style, &format!("({word})"))),
    };
    // Writing to a string cannot fail.
    let _ = writeln!(text, "     {subjects}{outcome}: {}", one_line(&first.found));
    if first.outcome == Outcome::Failed {
        let expected = paint.paint(Style::new().dimmed(), "expected:");
        let _ = writeln!(text, "       {expected} {}", one_line(&first.expected));
    }
}

fn summary(findings: &[Finding], took: Duration, paint: Paint) -> String {
    let checks: Vec<_> = findings.chunk_by(|one, other| one.code == other.code).collect();
    let come_to = |outcome| {
        checks.iter().filter(|check| check.iter().map(|of| of.outcome).max() == Some(outcome)).count()
    };
    let parts = [Outcome::Good, Outcome::Note, Outcome::Skipped, Outcome::Failed].map(|outcome| {
        let (word, style) = word(outcome);
        let number = come_to(outcome);
        let part = format!("{number} {}", word.to_lowercase());
        if number == 0 { part } else { paint.paint(style, &part) }
    });
    format!("\n{} checks: {} ({:.1} s)\n", checks.len(), parts.join(", "), took.as_secs_f32())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(code: &'static str, subject: &str, outcome: Outcome, found: &str) -> Finding {
        Finding {
            code,
            title: "hosts are reachable",
            subject: subject.to_owned(),
            outcome,
            expected: "an answer".to_owned(),
            found: found.to_owned(),
            help: if outcome == Outcome::Failed { "look".to_owned() } else { String::new() },
            noun: "host",
        }
    }

    #[test]
    fn a_check_is_one_line_and_what_fails_stands_below_it() {
        let findings = [
            finding("V101", "a", Outcome::Good, "reachable"),
            finding("V101", "b", Outcome::Failed, "silent"),
            finding("V101", "c", Outcome::Failed, "silent"),
            finding("V202", "a", Outcome::Good, "3.9.5"),
            finding("V202", "b", Outcome::Good, "3.9.5"),
        ];
        let lines = "\
== Ports
V101 FAILED  hosts are reachable                              1 of 3 hosts good
     b: silent
       expected: an answer
     c: silent
       expected: an answer
     help: look

== ZooKeeper
V202 good    hosts are reachable                              3.9.5 (2 hosts)

2 checks: 1 good, 0 note, 0 skipped, 1 failed (1.5 s)
";
        assert_eq!(table(&findings, Duration::from_millis(1500), Paint::NEVER), lines);
    }

    #[test]
    fn a_terminal_of_80_columns_breaks_no_word() {
        let address =
            |host: &str| format!("{host} [fd00:0:0:1::{host}]:2888 refuses the connection (os error 111)");
        let found = ["a", "b", "c"].map(address).join(", ");
        let mut failed = finding("V101", "kafka01", Outcome::Failed, &found);
        failed.expected =
            found.replace("refuses the connection (os error 111)", "accepts connections from its peers");
        failed.help =
            format!("{} on the host", "see `systemctl status zookeeper` and `journalctl -u zookeeper`");
        let found = [failed, finding("V202", "kafka01", Outcome::Good, &"3.9.5 ".repeat(20))];
        let shown = |paint| table(&found, Duration::ZERO, paint);
        let (wide, narrow) = (shown(Paint::NEVER), shown(Paint::NEVER.wide(80)));
        assert!(wide.lines().any(|line| line.chars().count() > 160), "{wide}");
        for line in narrow.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&narrow), words(&wide));
    }

    #[test]
    fn what_is_no_host_is_not_counted_as_one() {
        let of = |subject, outcome| finding("V204", subject, outcome, subject);
        let ensemble = |outcome| Finding { noun: "", ..of("ensemble", outcome) };
        let shown = |findings: &[Finding]| counted(&findings.iter().collect::<Vec<_>>());
        let (good, failed) = (Outcome::Good, Outcome::Failed);
        assert_eq!(shown(&[of("a", good), of("b", good), ensemble(good)]), "2 hosts and the ensemble");
        assert_eq!(shown(&[of("a", failed), of("b", good), ensemble(good)]), "1 of 2 hosts and the ensemble");
        assert_eq!(shown(&[of("a", good), of("b", good), ensemble(failed)]), "2 of 2 hosts");
        assert_eq!(shown(&[ensemble(good), ensemble(failed)]), "1 of all 2");
    }

    #[test]
    fn a_host_that_is_down_is_skipped_in_one_line() {
        let of = |code, outcome, found| finding(code, "b", outcome, found);
        let findings = [
            of("V101", Outcome::Failed, "silent"),
            of("V102", Outcome::Skipped, "not reachable"),
            of("V201", Outcome::Skipped, "not reachable"),
            finding("V201", "c", Outcome::Skipped, "it is an observer"),
        ];
        let shown = table(&findings, Duration::ZERO, Paint::NEVER);
        assert_eq!(shown.matches("not reachable").count(), 1, "{shown}");
        assert!(shown.contains("\nskipped b in V102, V201: not reachable\n"), "{shown}");
        assert!(shown.contains("     c (skipped): it is an observer\n"), "{shown}");
    }

    #[test]
    fn what_a_server_answers_does_not_move_the_cursor() {
        let findings = [finding("V101", "a", Outcome::Failed, "\x1b[2J\nV101 good")];
        let shown = table(&findings, Duration::ZERO, Paint::NEVER);
        assert!(shown.contains("\\u001b[2J\\nV101 good"), "{shown}");
    }
}
