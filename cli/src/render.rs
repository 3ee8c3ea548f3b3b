//! Problems as people read them: drawn on the author's own text, as rustc does.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use kafnix_generator::problem::{Problem, Severity, Source};

use crate::console::{Paint, one_line};
use crate::fold::folded;
use crate::input::{Input, Text};
use crate::locate::Locator;
use crate::mask::masked;
use crate::wrap::broken;

/// Labels further apart than this are drawn in snippets of their own: a drawing costs what it
/// shows, not what lies between.
const FAR: usize = 30;

/// In a longer piece of text, as one line without breaks may be, only what is around a label is
/// drawn.
const LONGEST_PIECE: usize = 8 << 10;
const AROUND: usize = 60;

/// The code of a key that stands twice in one object.
const TWICE: &str = "K003";

/// All problems, one below the other, with an empty line behind each.
pub(crate) fn render(problems: &[Problem], input: &Input, paint: Paint) -> String {
    if problems.is_empty() {
        return String::new();
    }
    let spec = Page::of(&input.spec);
    let lock = input.lock.as_ref().map(Page::of);
    let lock = lock.as_ref().unwrap_or(&spec);
    let renderer = if paint.is_on() { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for problem in problems.iter().filter(|problem| problem.silenced.is_none()) {
        let page = match problem.source {
            Source::Spec => &spec,
            Source::Lock => lock,
        };
        let (title, help) = page.fitted(problem, paint);
        let group = [page.group(problem, &title, &help)];
        text.push_str(&match paint.width() {
            Some(width) => folded(&renderer.clone().term_width(width).render(&group), width),
            None => renderer.render(&group),
        });
        text.push_str("\n\n");
    }
    text
}

/// `1 error, 2 warnings; silenced: K404 (a test cluster)`
pub(crate) fn summary(problems: &[Problem]) -> String {
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    let silenced: Vec<_> =
        problems.iter().filter_map(|it| Some((it.code, it.silenced.as_deref()?))).collect();
    let count = |number, word| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
    let warnings = problems.len() - errors - silenced.len();
    let counted = format!("{}, {}", count(errors, "error"), count(warnings, "warning"));
    let once: BTreeSet<_> = silenced.into_iter().collect();
    if once.is_empty() {
        return counted;
    }
    let once: Vec<_> =
        once.into_iter().map(|(code, reason)| format!("{code} ({})", one_line(reason))).collect();
    format!("{counted}; silenced: {}", once.join(", "))
}

/// A text that is drawn on.
struct Page<'a> {
    path: String,
    /// What is shown: no secret.
    text: String,
    locator: Locator<'a>,
    /// Where each line begins.
    lines: Vec<usize>,
}

struct Mark<'a> {
    range: Range<usize>,
    kind: AnnotationKind,
    text: &'a str,
}

impl<'a> Page<'a> {
    fn of(file: &'a Text) -> Self {
        // Where the bytes are no UTF-8 the problem is about the first of them, and all before it is
        // drawn as it is.
        let text = match std::str::from_utf8(&file.bytes) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&file.bytes[..error.valid_up_to()]).unwrap_or_default(),
        };
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { path: file.path.display().to_string(), text: masked(text), locator: Locator::new(text), lines }
    }

    /// Title and help in lines that the terminal is wide enough for; the renderer puts each below the other.
    fn fitted<'p>(&self, problem: &'p Problem, paint: Paint) -> (Cow<'p, str>, Cow<'p, str>) {
        let fit = |text: &'p str, before: usize| match paint.width() {
            Some(width) => Cow::Owned(broken(text, width.saturating_sub(before), 0)),
            None => Cow::Borrowed(text),
        };
        let word = if problem.is_error() { "error[]: " } else { "warning[]: " };
        let number = self.lines.len().to_string();
        (
            fit(&problem.title, word.len() + problem.code.len()),
            fit(&problem.help, number.len() + " = help: ".len()),
        )
    }

    fn group<'p>(&'p self, problem: &'p Problem, title: &'p str, help: &'p str) -> Group<'p> {
        let level = match problem.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(title).id(problem.code);
        let help = Level::HELP.message(help);
        if problem.labels.is_empty() {
            return title.element(Origin::path(self.path.as_str())).element(help);
        }
        let marks = problem.labels.iter().enumerate().map(|(index, label)| Mark {
            range: self.locator.range(&label.place),
            kind: if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context },
            text: &label.text,
        });
        // The label of a key that stands twice is at the last of them: both have the same pointer.
        let twice = problem.labels.iter().filter(|_| problem.code == TWICE);
        let first = twice.filter_map(|label| self.locator.first(&label.place)).map(|range| Mark {
            range,
            kind: AnnotationKind::Context,
            text: "first here",
        });
        title.elements(self.snippets(marks.chain(first).collect())).element(help)
    }

    /// Snippets of the lines that marks stand on; the one with the first mark comes first.
    fn snippets<'p>(&'p self, mut marks: Vec<Mark<'p>>) -> Vec<Element<'p>> {
        marks.sort_by_key(|mark| mark.range.start);
        let mut near: Vec<Vec<Mark<'p>>> = Vec::new();
        for mark in marks {
            let line = self.line(mark.range.start);
            match near.last_mut() {
                Some(group) if group.last().is_some_and(|last| self.line(last.range.start) + FAR >= line) => {
                    group.push(mark);
                }
                _ => near.push(vec![mark]),
            }
        }
        near.sort_by_key(|group| !group.iter().any(|mark| matches!(mark.kind, AnnotationKind::Primary)));
        near.into_iter().flat_map(|group| self.snippet(group)).collect()
    }

    fn snippet<'p>(&'p self, marks: Vec<Mark<'p>>) -> Vec<Element<'p>> {
        let places = || marks.iter().map(|mark| mark.range.clone());
        let first = self.line(places().map(|range| range.start).min().unwrap_or(0));
        let last = self.line(places().map(|range| range.end).max().unwrap_or(0));
        let start = self.lines[first];
        let end = self.lines.get(last + 1).map_or(self.text.len(), |next| next - 1);
        if end - start > LONGEST_PIECE {
            return marks.into_iter().flat_map(|mark| self.window(&mark)).collect();
        }
        let annotations = marks
            .into_iter()
            .map(|mark| mark.kind.span(mark.range.start - start..mark.range.end - start).label(mark.text));
        // The renderer knows the end of a line of Windows, but not at the end of the text.
        let piece = self.text[start..end].trim_end_matches('\r');
        let snippet = Snippet::source(Cow::Borrowed(piece))
            .line_start(first + 1)
            .path(self.path.as_str())
            .annotations(annotations);
        vec![snippet.into()]
    }

    /// One label with what is around it on its line.
    fn window<'p>(&'p self, mark: &Mark<'p>) -> [Element<'p>; 2] {
        let line = self.line(mark.range.start);
        let before = &self.text[self.lines[line]..mark.range.start];
        let after = &self.text[mark.range.end..];
        let lead = last_characters(before, AROUND);
        let trail = first_characters(&after[..after.find('\n').unwrap_or(after.len())], AROUND);
        let source = format!("...{lead}{}{trail}...", &self.text[mark.range.clone()]);
        let start = "...".len() + lead.len();
        let origin = Origin::path(self.path.as_str()).line(line + 1).char_column(before.chars().count() + 1);
        let annotation = mark.kind.span(start..start + mark.range.len()).label(mark.text);
        [origin.into(), Snippet::source(source).line_start(line + 1).annotation(annotation).into()]
    }

    /// The line that a byte is on, from 0.
    fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at).saturating_sub(1)
    }
}

fn first_characters(text: &str, most: usize) -> &str {
    &text[..text.char_indices().nth(most).map_or(text.len(), |(at, _)| at)]
}

fn last_characters(text: &str, most: usize) -> &str {
    &text[text.char_indices().nth_back(most.saturating_sub(1)).map_or(0, |(at, _)| at)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(paint: Paint) -> String {
        let text =
            r#"{ "hosts": { "kafka01": { "address": "10.0.0.1" }, "kafka02": { "address": "10.0.0.2" } } }"#;
        let bytes = text.replace("{ ", "{\n").replace(", ", ",\n").into_bytes();
        let spec = Text { path: "cluster.json".into(), bytes };
        let input = Input { spec, lock: None };
        let problems = input.check(&[]).problems;
        let [even, many] = ["K208", "K506"].map(|code| problems.iter().filter(|it| it.code == code).count());
        assert_eq!((even, many), (1, 1));
        render(&problems, &input, paint)
    }

    #[test]
    fn title_labels_and_help_go_on_below_themselves_where_a_terminal_is_narrow() {
        let (wide, narrow) = (drawn(Paint::NEVER), drawn(Paint::NEVER.wide(40)));
        assert!(wide.lines().any(|line| line.len() > 100), "{wide}");
        assert!(narrow.lines().all(|line| line.len() <= 40), "{narrow}");
        let words = |text: &str| {
            let words = text.split_whitespace().filter(|word| !word.contains(['|', '^', '-', '=']));
            words.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(words(&narrow), words(&wide));
    }

    #[test]
    fn what_a_terminal_is_wide_enough_for_is_drawn_as_it_is_for_a_pipe() {
        assert_eq!(drawn(Paint::NEVER.wide(400)), drawn(Paint::NEVER));
    }
}
