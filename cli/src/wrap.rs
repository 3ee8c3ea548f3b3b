//! Text in lines that end where a terminal does.

use std::borrow::Cow;
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
    plain(text).chars().count()
}

/// A text without colours.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains("\x1b[") {
        return Cow::Borrowed(text);
    }
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |shown, part| shown + part.split_once('m').map_or(part, |(_, rest)| rest)).into()
}
