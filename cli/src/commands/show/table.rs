//! Text in columns.

use std::fmt::Write as _;

use clap::builder::styling::Style;

use crate::console::{Paint, one_line};

/// A heading, with an empty line above all but the first.
pub(crate) fn head(title: &str, paint: Paint, text: &mut String) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&paint.paint(Style::new().bold(), &format!("== {}", one_line(title))));
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
    for row in &rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            if column + 1 == N {
                line.push_str(&paint.paint(last, cell));
            } else {
                // Writing to a string cannot fail.
                let _ = write!(line, "{cell:width$}  ");
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
}
