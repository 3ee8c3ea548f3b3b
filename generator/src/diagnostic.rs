//! What a code stands for: the text of `kafnix explain CODE` and of docs/rules.md.

use crate::problem::{Problem, Severity, Source};

#[derive(Debug)]
pub struct Diagnostic {
    /// Stable: scripts and people refer to it.
    pub code: &'static str,
    pub severity: Severity,
    /// A sentence without a full stop, true of every problem with this code.
    pub title: &'static str,
    /// Why it matters, with the fact's source where it is a fact.
    pub why: &'static str,
    /// What to do, where the problem itself knows nothing better.
    pub help: &'static str,
}

impl Diagnostic {
    /// A problem of this kind; its title names what was found.
    pub fn problem(&self, title: impl Into<String>) -> Problem {
        Problem {
            severity: self.severity,
            code: self.code,
            title: title.into(),
            source: Source::Spec,
            labels: Vec::new(),
            help: self.help.to_owned(),
            silenced: None,
            follows: None,
        }
    }
}
