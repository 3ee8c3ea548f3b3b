//! Text in columns.

use std::fmt::Write as _;

use clap::builder::styling::Style;

use crate::console::{Paint, one_line};
use crate::wrap::{broken, visible, wrapped};

/// A heading, with an empty line above all but the first.
pub(crate) fn head(title: &str, paint: Paint, text: &mut String) {
    if !text.is_empty() {
        text.push('\n');
    }
    let title = format!("== {}", one_line(title));
    text.push_str(&paint.paint(Style::new().bold(), &wrapped(&title, "== ".len(), paint)));
    text.push('\n');
}

/// Rows with every column but the last as wide as its widest cell, up to a bound: one long value
/// does not push the others off the screen.
pub(crate) fn rows<const N: usize>(rows: &[[String; N]], last: Style, paint: Paint, text: &mut String) {
    const WIDEST: usize = 48;
    let rows: Vec<_> = rows.iter().map(|row| row.each_ref().map(|cell| one_line(cell))).collect();
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().clamp(*width, WIDEST.max(*width));
        }
    }
    let before: usize = widths[..N - 1].iter().map(|width| width + GAP).sum();
    for row in &rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            if column + 1 == N {
                line.push_str(&paint.paint(last, cell));
            } else {
                // Writing to a string cannot fail.
                let _ = write!(line, "{cell:width$}{:GAP$}", "");
            }
        }
        let line = line.trim_end();
        match paint.width() {
            Some(most) if visible(line) > most && most < before + narrowest(&row[N - 1]) => {
                stack(row, most, text);
            }
            _ => text.push_str(&wrapped(line, before, paint)),
        }
        text.push('\n');
    }
}

/// The space between two columns.
const GAP: usize = 2;

/// How wide a last column must be that does not get lines of its own: no word of it is broken.
fn narrowest(cell: &str) -> usize {
    const NARROWEST: usize = 16;
    cell.split(' ').map(visible).fold(NARROWEST, usize::max)
}

/// A row with its cells one below the other, as far as they do not fit beside each other.
fn stack<const N: usize>(row: &[impl AsRef<str>; N], most: usize, text: &mut String) {
    const INDENT: usize = 4;
    let mut column = 0;
    for cell in row.iter().map(AsRef::as_ref).filter(|cell| !cell.is_empty()) {
        if column > 0 && column + GAP + visible(cell) <= most {
            let _ = write!(text, "{:GAP$}{cell}", "");
            column += GAP + visible(cell);
        } else if column == 0 {
            text.push_str(cell);
            column = visible(cell);
        } else {
            let lines = broken(cell, most - INDENT, 0);
            let _ = write!(text, "\n{:INDENT$}{}", "", lines.replace('\n', "\n    "));
            column = INDENT + lines.lines().last().map_or(0, visible);
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::builder::styling::AnsiColor;

    use super::*;

    fn shown(row: [&str; 3], paint: Paint) -> String {
        let mut text = String::new();
        rows(&[row.map(str::to_owned)], AnsiColor::Red.on_default(), paint, &mut text);
        text
    }

    #[test]
    fn the_last_column_goes_on_below_itself_at_words() {
        let row = ["kafka01", "kafka", "waiting for the registration of broker 2 to end"];
        assert_eq!(shown(row, Paint::NEVER), format!("{}\n", row.join("  ")));
        let lines = ["kafka01  kafka  waiting for the", "registration of broker 2", "to end\n"];
        let lines = lines.join(&format!("\n{:16}", ""));
        assert_eq!(shown(row, Paint::NEVER.wide(40)), lines);
        let painted = shown(row, Paint::ALWAYS.wide(40));
        assert_eq!(painted.replace("\x1b[31m", "").replace("\x1b[0m", ""), lines);
        assert!(shown(row, Paint::NEVER.wide(100)).lines().count() == 1);
    }

    #[test]
    fn a_heading_goes_on_below_its_words() {
        let mut text = "above\n".to_owned();
        head("kafka01 (of another system; here it runs as well)", Paint::NEVER.wide(40), &mut text);
        assert_eq!(text, "above\n\n== kafka01 (of another system; here it\n   runs as well)\n");
    }

    #[test]
    fn a_row_that_does_not_fit_is_stacked_and_no_word_is_broken() {
        let long = "/a/path/that/is/as/long/as/a/line";
        let row = ["log.dirs", long, "→ /another/path/that/is/as/long"];
        let lines = format!("log.dirs\n    {long}\n    → /another/path/that/is/as/long\n");
        assert_eq!(shown(row, Paint::NEVER.wide(40)), lines);
        // also where only one word of the last column is too long for what is left beside the others
        let row = ["directory", "/data", "→ /a/path/that/is/too/long"];
        assert_eq!(shown(row, Paint::NEVER.wide(40)), "directory  /data\n    → /a/path/that/is/too/long\n");
        assert_eq!(shown(row, Paint::NEVER.wide(50)), format!("{}\n", row.join("  ")));
    }
}
