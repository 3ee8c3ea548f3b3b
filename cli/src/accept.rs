//! `--accept CODE`: what the lock forbids is taken once, on purpose.

use anyhow::{Result, ensure};
#[cfg(feature = "live")]
use kafnix_generator::Checked;
use kafnix_generator::{Severity, rules};

use crate::commands::explain;
use crate::console::Console;
use crate::input::Input;

#[derive(Debug, Default, clap::Args)]
pub(crate) struct AcceptArg {
    /// Allow a change that is refused on account of the lock, this once (repeatable)
    #[arg(long, value_name = "CODE")]
    accept: Vec<String>,
}

impl AcceptArg {
    /// The codes as rules have them; an error where one is of something that is never right.
    pub(crate) fn codes(&self) -> Result<Vec<String>> {
        let accepted: Vec<String> = self.accept.iter().map(|code| code.to_uppercase()).collect();
        accepted.iter().try_for_each(|code| refuse_unless_acceptable(code))?;
        Ok(accepted)
    }

    /// Checks a spec for a command that takes these codes as `generate` does. What is in its way is told with this
    /// command's own flag.
    #[cfg(feature = "live")]
    pub(crate) fn check(&self, input: &Input, command: &str, console: &Console) -> Result<Checked> {
        let accepted = self.codes()?;
        let mut checked = input.check(&accepted);
        for problem in &mut checked.problems {
            problem.help = problem.help.replace(rules::ACCEPT, &format!("{command} --accept"));
        }
        if checked.cluster.is_some() {
            tell_needless(&accepted, input, console);
        }
        Ok(checked)
    }
}

fn refuse_unless_acceptable(code: &str) -> Result<()> {
    let diagnostics = rules::diagnostics();
    let diagnostic = diagnostics[explain::find(diagnostics.iter().map(|diagnostic| diagnostic.code), code)?];
    ensure!(
        diagnostic.severity == Severity::Error,
        "--accept {code}: \"{}\" is a warning, which keeps nothing from being generated; `silenced` of the spec takes \
         it out of sight",
        diagnostic.title
    );
    ensure!(
        rules::acceptable(code),
        "--accept {code}: \"{}\" cannot be accepted; only what is refused on account of the lock can, codes K7xx",
        diagnostic.title
    );
    Ok(())
}

/// A code that is accepted and does not occur is a slip, or stayed in a script.
pub(crate) fn tell_needless(accepted: &[String], input: &Input, console: &Console) {
    if accepted.is_empty() {
        return;
    }
    let problems = input.check(&[]).problems;
    for code in accepted.iter().filter(|code| !problems.iter().any(|problem| problem.code == code.as_str())) {
        console.note(&format!("--accept {code} was not needed: this spec has no such problem"));
    }
}
