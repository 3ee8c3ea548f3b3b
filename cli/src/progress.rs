//! Work that takes longer than a moment, shown on standard error: as bars and lines that change in
//! place on a terminal, as a line for each change elsewhere.

use std::collections::BTreeMap;
use std::io::{ErrorKind, IsTerminal as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use kafnix_operate::progress::Progress;

use crate::console::{Console, one_line};
use crate::exit;

pub(crate) struct Shown<'a> {
    console: &'a Console,
    /// Absent where there is no terminal.
    bars: Option<MultiProgress>,
    /// By what each is of.
    lines: Mutex<BTreeMap<String, Line>>,
}

struct Line {
    bar: ProgressBar,
    is_good: bool,
    last: String,
    told: Instant,
}

/// How often it is said how far something is, where nothing changes in place.
const REMIND: Duration = Duration::from_secs(10);

impl<'a> Shown<'a> {
    pub(crate) fn on(console: &'a Console) -> Self {
        let bars = std::io::stderr().is_terminal().then(MultiProgress::new);
        Self { console, bars, lines: Mutex::default() }
    }

    /// Takes away what was shown in place.
    pub(crate) fn clear(&self) {
        if let Some(bars) = &self.bars {
            // A terminal that is gone shows nothing either way.
            let _ = bars.clear();
        }
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What is being done, where something can change in place; nothing is to be said of it elsewhere.
    pub(crate) fn doing(&self, what: &str) {
        if self.bars.is_some() {
            self.change("", "{spinner} {msg}", |line, _| line.bar.set_message(one_line(what).into_owned()));
        }
    }

    /// A line that stays. Work whose progress nobody reads any more ends like work that is interrupted.
    fn tell(&self, text: &str) {
        let told = match &self.bars {
            Some(bars) => bars.suspend(|| self.console.try_tell(text)),
            None => self.console.try_tell(text),
        };
        if told.is_err_and(|error| error.kind() == ErrorKind::BrokenPipe) {
            exit::cut();
        }
    }

    /// Changes one line, which is made where there is none yet.
    fn change(&self, name: &str, style: &str, change: impl FnOnce(&mut Line, bool)) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let line = lines.entry(name.to_owned()).or_insert_with(|| {
            let bar = match &self.bars {
                Some(bars) => bars.add(ProgressBar::no_length()),
                None => ProgressBar::hidden(),
            };
            bar.set_style(
                ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_spinner()),
            );
            bar.set_prefix(one_line(name).into_owned());
            if self.bars.is_some() {
                bar.enable_steady_tick(Duration::from_millis(100));
            }
            Line { bar, is_good: false, last: String::new(), told: Instant::now() }
        });
        change(line, self.bars.is_some());
    }
}

impl Progress for Shown<'_> {
    fn note(&self, text: &str) {
        self.tell(&self.console.as_note(&one_line(text)));
    }

    fn bytes(&self, what: &str, done: u64, total: Option<u64>) {
        const STYLE: &str = "{prefix:24} [{bar:30}] {bytes} of {total_bytes} {bytes_per_sec} {eta}";
        self.change(what, STYLE, |line, on_terminal| {
            if let Some(total) = total {
                line.bar.set_length(total);
            }
            line.bar.set_position(done);
            let is_whole = total == Some(done);
            if !on_terminal && (is_whole || line.told.elapsed() >= REMIND) {
                let of = total.filter(|_| !is_whole).map(|total| format!(" of {}", total >> 20));
                self.tell(&format!(
                    "{}: {}{} MiB are here\n",
                    one_line(what),
                    done >> 20,
                    of.unwrap_or_default()
                ));
                line.told = Instant::now();
            }
        });
    }

    fn server(&self, name: &str, status: &str, good: bool) {
        self.change(name, "{prefix:24} {spinner} {msg}", |line, on_terminal| {
            let status = one_line(status).into_owned();
            if line.last == status && line.is_good == good {
                return;
            }
            if on_terminal {
                line.bar.set_message(status.clone());
                if good {
                    line.bar.finish();
                }
            } else {
                self.tell(&format!("{}: {status}\n", one_line(name)));
            }
            (line.last, line.is_good) = (status, good);
        });
    }
}
