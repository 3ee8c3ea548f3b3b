//! `kafnix explain`

use anyhow::{Result, bail};
use clap::builder::styling::{AnsiColor, Style};
use kafnix_generator::diagnostic::Diagnostic;
use kafnix_generator::{Severity, rules};
use serde::Serialize;

use crate::console::{Console, Paint};
use crate::exit::Status;
use crate::wrap::{broken, wrapped};

/// Tell what a code stands for, why it matters and what to do
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    /// The code of a problem or of a check, like K101 or V101; without one, all codes are listed
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

/// What a code stands for.
#[derive(Clone, Copy, Serialize)]
struct Meaning {
    code: &'static str,
    #[serde(rename = "severity")]
    kind: Kind,
    title: &'static str,
    why: &'static str,
    help: &'static str,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Error,
    Warning,
    /// Of `kafnix verify`.
    #[cfg(feature = "live")]
    Check,
}

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    let meanings = meanings();
    let codes = meanings.iter().map(|meaning| meaning.code);
    let wanted = opts.code.as_ref().map(|code| find(codes, &code.to_uppercase())).transpose()?;
    match (wanted.map(|at| &meanings[at]), console.is_json()) {
        (Some(meaning), true) => console.json(meaning)?,
        (Some(meaning), false) => console.print(&text(meaning, console.out))?,
        (None, true) => console.json(&meanings)?,
        (None, false) => console.print(&list(&meanings, console.out))?,
    }
    Ok(Status::Good)
}

/// Where a code stands among others.
pub(crate) fn find(codes: impl Iterator<Item = &'static str> + Clone, code: &str) -> Result<usize> {
    if let Some(at) = codes.clone().position(|known| known == code) {
        return Ok(at);
    }
    match rules::meant(code, codes) {
        Some(meant) => bail!("there is no code `{code}`: did you mean `{meant}`?"),
        None => bail!("there is no code `{code}`: `kafnix explain` lists all"),
    }
}

fn meanings() -> Vec<Meaning> {
    let diagnostics = rules::diagnostics();
    let meanings = diagnostics.iter().map(|diagnostic| of_diagnostic(diagnostic));
    #[cfg(feature = "live")]
    let meanings = meanings.chain(kafnix_operate::verify::checks().iter().map(|check| Meaning {
        code: check.code,
        kind: Kind::Check,
        title: check.title,
        why: check.why,
        help: check.help,
    }));
    meanings.collect()
}

fn of_diagnostic(diagnostic: &Diagnostic) -> Meaning {
    let kind = match diagnostic.severity {
        Severity::Error => Kind::Error,
        Severity::Warning => Kind::Warning,
    };
    Meaning {
        code: diagnostic.code,
        kind,
        title: diagnostic.title,
        why: diagnostic.why,
        help: diagnostic.help,
    }
}

fn list(meanings: &[Meaning], paint: Paint) -> String {
    let line = |meaning| format!("{} {:7}  {}", head(meaning, paint), kind(meaning), meaning.title);
    meanings.iter().map(|meaning| wrapped(&line(meaning), "K101 warning  ".len(), paint) + "\n").collect()
}

fn text(meaning: &Meaning, paint: Paint) -> String {
    /// Longer lines are hard to read, however wide the terminal is.
    const WIDEST: usize = 80;
    let width = paint.width().unwrap_or(WIDEST).min(WIDEST);
    let title = paint.paint(Style::new().bold(), meaning.title);
    let title = format!("{} ({}): {title}", head(meaning, paint), kind(meaning));
    let help = format!("Help: {}.", meaning.help);
    let parts = [title, meaning.why.to_owned(), help].map(|part| broken(&part, width, 0));
    parts.join("\n\n") + "\n"
}

fn head(meaning: &Meaning, paint: Paint) -> String {
    let color = match meaning.kind {
        Kind::Error => AnsiColor::BrightRed,
        Kind::Warning => AnsiColor::Yellow,
        #[cfg(feature = "live")]
        Kind::Check => AnsiColor::BrightCyan,
    };
    paint.paint(color.on_default().bold(), meaning.code)
}

fn kind(meaning: &Meaning) -> &'static str {
    match meaning.kind {
        Kind::Error => "error",
        Kind::Warning => "warning",
        #[cfg(feature = "live")]
        Kind::Check => "check",
    }
}
