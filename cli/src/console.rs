//! Where all output goes. Text is put together first and written once: a reader that closes the pipe
//! early is no error, and a thousand hosts cost one write.

use std::borrow::Cow;
use std::io::{self, Write};
use std::os::fd::AsFd;

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use anyhow::{Context, Result};
use clap::ValueEnum;
use clap::builder::styling::{AnsiColor, Style};
use serde::Serialize;

use crate::wrap::wrapped;

/// What `--message-format json` prints.
pub(crate) const JSON: &str = "`check` prints an array of problems, and `generate` an object with `problems`, \
    `files` and `hosts` (what restarts, starts and stops on those that change). Every other command prints its result, \
    or, where the spec has errors, the array of these, on the standard output as well. Each label of a problem says \
    where it stands with one of `pointer` (a value, as a JSON Pointer of RFC 6901), `key` (the key of that value) and \
    `offset` (a byte of the file, from 0).";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Human,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl From<Color> for ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}

/// One of the two streams: whether it takes colour, and how many columns a terminal has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    color: bool,
    width: Option<usize>,
}

impl Paint {
    #[cfg(test)]
    pub(crate) const ALWAYS: Self = Self { color: true, width: None };
    #[cfg(test)]
    pub(crate) const NEVER: Self = Self { color: false, width: None };

    fn of(stream: &(impl RawStream + AsFd)) -> Self {
        /// Text is broken into lines of this at least.
        const NARROW: u16 = 40;
        let size = if stream.is_terminal() { rustix::termios::tcgetwinsize(stream).ok() } else { None };
        let width = size.map(|size| size.ws_col).filter(|columns| *columns > 0);
        Self {
            color: AutoStream::choice(stream) != ColorChoice::Never,
            width: width.map(|columns| columns.max(NARROW).into()),
        }
    }

    #[cfg(test)]
    pub(crate) fn wide(self, width: usize) -> Self {
        Self { width: Some(width), ..self }
    }

    /// Absent where there is no terminal: what reads on has no use for broken lines.
    pub(crate) fn width(self) -> Option<usize> {
        self.width
    }

    pub(crate) fn is_on(self) -> bool {
        self.color
    }

    pub(crate) fn paint(self, style: Style, text: &str) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// Text of one line without control characters: a name in a spec does not get to move the cursor or
/// to colour what follows.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    escaped(text, "")
}

/// The same for text of several lines.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, "\n\t")
}

fn escaped<'a>(text: &'a str, kept: &str) -> Cow<'a, str> {
    let is_hidden = |character: char| character.is_control() && !kept.contains(character);
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            _ if !is_hidden(character) => shown.push(character),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            // As in JSON, where the spec has it from.
            _ => shown.extend(["\\u", &format!("{:04x}", u32::from(character))]),
        }
    }
    Cow::Owned(shown)
}

#[derive(Debug)]
pub(crate) struct Console {
    pub(crate) format: Format,
    pub(crate) out: Paint,
    pub(crate) err: Paint,
}

impl Console {
    pub(crate) fn new(format: Format, color: Color) -> Self {
        ColorChoice::from(color).write_global();
        Self { format, out: Paint::of(&io::stdout()), err: Paint::of(&io::stderr()) }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// The result, on standard output. Whoever reads may have read enough, as in `kafnix show files | head`.
    pub(crate) fn print(&self, text: &str) -> Result<()> {
        self.print_part(text).map(drop)
    }

    /// A part of what has no end; false where nobody reads any more.
    #[allow(clippy::unused_self)]
    pub(crate) fn print_part(&self, text: &str) -> Result<bool> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            written => written.context("cannot write to the standard output").map(|()| true),
        }
    }

    /// Whether somebody still reads the standard output: a pipe tells it before anything is written.
    #[cfg(feature = "live")]
    #[allow(clippy::unused_self)]
    pub(crate) fn is_read(&self) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let stdout = io::stdout();
        let mut asked = [PollFd::new(&stdout, PollFlags::empty())];
        // A question that cannot be asked has no answer to end for.
        let _ = poll(&mut asked, Some(&Timespec::default()));
        !asked.iter().any(|asked| asked.revents().intersects(PollFlags::ERR | PollFlags::HUP))
    }

    pub(crate) fn json(&self, value: &impl Serialize) -> Result<()> {
        let mut text = serde_json::to_string_pretty(value)?;
        text.push('\n');
        self.print(&text)
    }

    /// What is said beside the result, on standard error. Nobody is left to tell where that fails.
    pub(crate) fn tell(&self, text: &str) {
        let _ = self.try_tell(text);
    }

    /// The same, for work that ends where nobody is left.
    #[allow(clippy::unused_self)]
    pub(crate) fn try_tell(&self, text: &str) -> io::Result<()> {
        io::stderr().lock().write_all(text.as_bytes())
    }

    pub(crate) fn note(&self, text: &str) {
        self.tell(&self.as_note(text));
    }

    pub(crate) fn as_note(&self, text: &str) -> String {
        let note = self.err.paint(AnsiColor::BrightGreen.on_default().bold(), "note");
        self.in_lines(&format!("{note}: {text}"))
    }

    /// Why the tool could not do its work.
    pub(crate) fn fault(&self, error: &anyhow::Error) {
        let word = self.err.paint(AnsiColor::BrightRed.on_default().bold(), "error");
        self.tell(&self.in_lines(&format!("{word}: {error:#}")));
    }

    /// What one line begins goes on behind the word, an entry of a list behind its dash.
    fn in_lines(&self, text: &str) -> String {
        let column = |line: &str| if line.starts_with("  ") { 4 } else { 2 };
        text.lines().map(|line| wrapped(line, column(line), self.err) + "\n").collect()
    }
}
