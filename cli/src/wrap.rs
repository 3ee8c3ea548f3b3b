//! Text in lines that end where a terminal does.

use std::fmt::Write as _;

use crate::console::Paint;

/// Text whose lines end at words where the terminal ends; what goes on begins in a column.
pub(crate) fn wrapped(line: &str, column: usize, paint: Paint) -> String {
    paint.width().map_or_else(|| line.to_owned(), |most| broken(line, most, column))
}

pub(crate) fn broken(line: &str, most: usize, column: usize) -> String {
    let (mut text, mut at) = (String::new(), 0);
    for piece in line.split_inclusive(' ') {
        let word = piece.trim_end_matches(' ');
        if at > column && !word.is_empty() && at + visible(word) > most {
            text.truncate(text.trim_end_matches(' ').len());
            let _ = write!(text, "\n{:column$}", "");
            at = column;
        }
        text.push_str(piece);
        at += visible(piece);
    }
    text
}

/// How many columns a text takes: colours take none.
pub(crate) fn visible(text: &str) -> usize {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().chars().count();
    let rest = parts.map(|part| part.split_once('m').map_or(part, |(_, shown)| shown).chars().count());
    first + rest.sum::<usize>()
}
