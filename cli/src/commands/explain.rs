//! `kafnix explain`

use std::fmt::Write as _;

use anyhow::{Result, bail};
use clap::builder::styling::{AnsiColor, Style};
use kafnix_generator::page::Page;
use kafnix_generator::{Severity, problem, rules};
use serde_json::json;

use crate::console::{Console, Paint};
use crate::exit::Status;

/// Tell what a code stands for, why it matters and what to do
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    /// The code of a problem, like K101; without one, all codes are listed
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    let pages = rules::pages();
    let page = opts.code.as_ref().map(|code| find(&pages, &code.to_uppercase())).transpose()?;
    match (page, console.is_json()) {
        (Some(page), true) => console.json(&value(page))?,
        (Some(page), false) => console.print(&text(page, console.out))?,
        (None, true) => console.json(&pages.iter().map(|page| value(page)).collect::<Vec<_>>())?,
        (None, false) => console.print(&list(&pages, console.out))?,
    }
    Ok(Status::Good)
}

pub(crate) fn find<'a>(pages: &[&'a Page], code: &str) -> Result<&'a Page> {
    if let Some(page) = pages.iter().find(|page| page.code == code) {
        return Ok(page);
    }
    match problem::nearest(code, pages.iter().map(|page| page.code)) {
        Some(near) => bail!("there is no code `{code}`: did you mean `{near}`?"),
        None => bail!("there is no code `{code}`: `kafnix explain` lists all"),
    }
}

fn list(pages: &[&Page], paint: Paint) -> String {
    pages.iter().fold(String::new(), |mut text, page| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{} {:7}  {}", head(page, paint), severity(page), page.title);
        text
    })
}

fn text(page: &Page, paint: Paint) -> String {
    format!(
        "{} ({}): {}\n\n{}\n\nHelp: {}.\n",
        head(page, paint),
        severity(page),
        paint.paint(Style::new().bold(), page.title),
        wrapped(page.why),
        wrapped(page.help)
    )
}

fn head(page: &Page, paint: Paint) -> String {
    let color = match page.severity {
        Severity::Error => AnsiColor::BrightRed,
        Severity::Warning => AnsiColor::Yellow,
    };
    paint.paint(color.on_default().bold(), page.code)
}

fn severity(page: &Page) -> &'static str {
    match page.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn value(page: &Page) -> serde_json::Value {
    json!({
        "code": page.code,
        "severity": page.severity,
        "title": page.title,
        "why": page.why,
        "help": page.help,
    })
}

/// Lines of at most 80 columns, where the words allow it.
fn wrapped(text: &str) -> String {
    let mut wrapped = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if column > 0 {
            let fits = column + 1 + width <= 80;
            wrapped.push(if fits { ' ' } else { '\n' });
            column = if fits { column + 1 } else { 0 };
        }
        wrapped.push_str(word);
        column += width;
    }
    wrapped
}
