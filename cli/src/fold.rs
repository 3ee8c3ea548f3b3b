//! The labels of a drawing in lines that end where a terminal does: the renderer breaks none of them.

use crate::wrap::{broken, plain, visible};

/// A label that would be narrower than this begins further left, below what it is about.
const NARROWEST: usize = 28;

/// What goes on of a label stands this much behind its beginning, so that the next label is another one.
const INDENT: usize = 2;

const RESET: &str = "\x1b[0m";

pub(crate) fn folded(drawn: &str, width: usize) -> String {
    let lines: Vec<&str> = drawn.lines().collect();
    let mut rows = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        match Row::of(line).filter(|_| visible(line) > width) {
            Some(row) => rows.extend(row.folded(lines.get(index + 1).copied().unwrap_or_default(), width)),
            None => rows.push((*line).to_owned()),
        }
    }
    rows.join("\n")
}

/// A line of a drawing that ends with a label: `   |     ^^^^ text` or `   |     text`.
struct Row<'a> {
    line: &'a str,
    /// How wide the margin is, with its `|`.
    margin: usize,
    /// Where the label begins.
    start: usize,
    /// Whether it stands beside what marks its place, and not below.
    is_beside: bool,
}

impl<'a> Row<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let shown = plain(line);
        let margin = shown.find(|it| it != ' ').filter(|at| shown[*at..].starts_with("| "))? + 2;
        // Of several labels behind each other the last one is too long.
        let marks = shown[margin..].split_inclusive(' ').scan(margin, |at, word| {
            *at += word.len();
            Some((*at, word.trim_end()))
        });
        let is_mark = |word: &str| !word.is_empty() && word.bytes().all(|it| matches!(it, b'^' | b'-'));
        let beside = marks.filter(|(_, word)| is_mark(word)).last();
        let from = beside.map_or(margin, |(end, _)| end);
        let start = from + shown[from..].find(|it| !" |".contains(it))?;
        Some(Self { line, margin, start: shown[..start].chars().count(), is_beside: beside.is_some() })
    }

    /// The same in several lines. `below` is the line that follows.
    fn folded(&self, below: &str, width: usize) -> Vec<String> {
        let (head, label) = split(self.line, self.start);
        let opening = &label[..escapes(label)];
        let end = if opening.is_empty() { "" } else { RESET };
        let fits = width >= self.start + NARROWEST;
        let column =
            if fits { self.start } else { width.saturating_sub(NARROWEST).clamp(self.margin, self.start) };
        let before = self.margin_to(column, if self.is_beside { below } else { self.line });
        let label = broken(&plain(label), width.saturating_sub(column), INDENT);
        let mut rows: Vec<_> = label.lines().map(|text| format!("{before}{opening}{text}{end}")).collect();
        match rows.first_mut() {
            Some(first) if self.is_beside && fits => first.replace_range(..before.len(), head),
            _ if self.is_beside => rows.insert(0, head.trim_end().to_owned()),
            _ => {}
        }
        rows
    }

    /// The margin and what leads down from marks to their labels, as another line has it, up to a column.
    fn margin_to(&self, column: usize, line: &str) -> String {
        let shown = plain(line);
        let leads = shown.chars().take_while(|it| " |".contains(*it)).count();
        let (head, _) =
            if leads > self.margin { split(line, leads.min(column)) } else { split(self.line, self.margin) };
        let end = if head.contains('\x1b') { RESET } else { "" };
        format!("{head}{end}{:1$}", "", column - visible(head))
    }
}

/// A line before and from a column. What ends a style at that column belongs to what is before it.
fn split(line: &str, column: usize) -> (&str, &str) {
    let (mut at, mut columns) = (0, 0);
    while columns < column {
        at += escapes(&line[at..]);
        let Some(next) = line[at..].chars().next() else { break };
        at += next.len_utf8();
        columns += 1;
    }
    if line[at..].starts_with(RESET) {
        at += RESET.len();
    }
    line.split_at(at)
}

/// The length of the escapes that a text begins with.
fn escapes(text: &str) -> usize {
    let mut at = 0;
    while let Some(end) = text[at..].strip_prefix("\x1b[").and_then(|escape| escape.find('m')) {
        at += end + "\x1b[m".len();
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(drawn: &[&str], width: usize) -> Vec<String> {
        let folded = folded(&drawn.join("\n"), width);
        assert_eq!(folded.replace(char::is_whitespace, "").replace('|', ""), {
            drawn.concat().replace(char::is_whitespace, "").replace('|', "")
        });
        folded.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_label_goes_on_below_itself_where_there_is_room_and_further_left_where_there_is_none() {
        let drawn = ["3 | a b", "  |   ^ one two three four five six seven eight", "  |"];
        let lines = ["3 | a b", "  |   ^ one two three four five six", "  |       seven eight", "  |"];
        assert_eq!(shown(&drawn, 40), lines);
        let drawn = ["3 | \"address\": \"10.0.0.11\"", "  |            ^^^^^^^^^^^ the same address again"];
        let lines = [drawn[0], "  |            ^^^^^^^^^^^", "  |         the same address again"];
        assert_eq!(shown(&drawn, 40), lines);
    }

    #[test]
    fn of_two_labels_behind_each_other_the_last_one_goes_on() {
        let drawn = ["3 | a b", "  | ^ one  - two three four five six seven eight nine"];
        let lines =
            [drawn[0], "  | ^ one  -", "  |       two three four five six", "  |         seven eight nine"];
        assert_eq!(shown(&drawn, 38), lines);
    }

    #[test]
    fn labels_below_each_other_stay_apart_and_lines_to_others_go_on() {
        let drawn = [
            "3 | a b",
            "  | - ^ one two three four five six seven eight",
            "  | |",
            "  | eins zwei drei vier fuenf sechs sieben acht",
        ];
        let lines = [
            "3 | a b",
            "  | - ^ one two three four five six",
            "  | |     seven eight",
            "  | |",
            "  | eins zwei drei vier fuenf sechs",
            "  |   sieben acht",
        ];
        assert_eq!(shown(&drawn, 40), lines);
    }

    #[test]
    fn what_fits_and_what_is_no_label_stays() {
        let drawn = [
            "error[K101]: a title that is longer than a narrow terminal",
            " --> a/path/that/is/as/long/as/a/narrow/line.json:3:4",
            "3 | a line of the file that is longer than a narrow terminal",
            "  |   ^ short",
            "  = help: what to do, which is broken before it is drawn",
        ];
        assert_eq!(shown(&drawn, 40), drawn);
    }

    #[test]
    fn colours_are_those_of_the_label_on_each_of_its_lines() {
        let label = "one two three four five six seven eight";
        let drawn =
            format!("\x1b[1m\x1b[94m  |\x1b[0m   \x1b[1m\x1b[91m^\x1b[0m \x1b[1m\x1b[91m{label}\x1b[0m");
        let lines = [
            "\x1b[1m\x1b[94m  |\x1b[0m   \x1b[1m\x1b[91m^\x1b[0m \x1b[1m\x1b[91mone two three four five six\x1b[0m",
            "\x1b[1m\x1b[94m  |\x1b[0m \x1b[0m    \x1b[1m\x1b[91m  seven eight\x1b[0m",
        ];
        assert_eq!(folded(&drawn, 36), lines.join("\n"));
    }
}
