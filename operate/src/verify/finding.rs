//! What comes of a check: one finding for each thing that was checked.

use serde::Serialize;

use crate::snapshot::{Answer, Missing};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Good,
    /// Nothing is wrong; there is something to know or to do.
    Note,
    /// It was not checked; `found` says why.
    Skipped,
    Failed,
}

/// One thing that was checked: what `kafnix verify --message-format json` prints an array of.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Stable: scripts and people refer to it.
    pub code: &'static str,
    pub title: &'static str,
    /// A host, a topic, or what all of them are a part of.
    pub subject: String,
    pub outcome: Outcome,
    pub expected: String,
    pub found: String,
    /// What to do; empty where there is nothing.
    pub help: String,
    /// What the subject is, to count several of them: `host`, `topic`, or nothing.
    #[serde(skip)]
    pub noun: &'static str,
}

/// What a check says of one subject; the code and the words around it come from its page.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub subject: String,
    pub outcome: Outcome,
    pub expected: String,
    pub found: String,
    /// Where the page's help would not be the best.
    pub help: Option<String>,
}

/// The subject and what is expected of it; the outcome makes a verdict of them.
#[derive(Clone, Debug)]
pub struct Expect {
    subject: String,
    expected: String,
}

impl Expect {
    pub fn of(subject: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { subject: subject.into(), expected: expected.into() }
    }

    pub fn subject(&self) -> &str {
        &self.subject
    }

    fn found(self, outcome: Outcome, found: impl Into<String>) -> Verdict {
        Verdict { subject: self.subject, outcome, expected: self.expected, found: found.into(), help: None }
    }

    pub fn good(self, found: impl Into<String>) -> Verdict {
        self.found(Outcome::Good, found)
    }

    pub fn note(self, found: impl Into<String>) -> Verdict {
        self.found(Outcome::Note, found)
    }

    pub fn failed(self, found: impl Into<String>) -> Verdict {
        self.found(Outcome::Failed, found)
    }

    pub fn skipped(self, reason: impl Into<String>) -> Verdict {
        self.found(Outcome::Skipped, reason)
    }

    /// For the one check that reports a question which nobody answered well.
    pub fn missing(self, missing: &Missing) -> Verdict {
        match missing {
            Missing::Unasked(reason) => self.skipped(reason),
            Missing::Wrong(reason) | Missing::Passing(reason) => self.failed(reason),
        }
    }

    /// Judges an answer, if there is one: what was found, as good or as bad. That there is none is for
    /// another check to report.
    pub fn judge<T>(self, answer: &Answer<T>, judge: impl FnOnce(&T) -> Result<String, String>) -> Verdict {
        match answer.as_ref().map(judge) {
            Err(missing) => self.skipped(missing.reason()),
            Ok(Ok(found)) => self.good(found),
            Ok(Err(found)) => self.failed(found),
        }
    }

    /// The same for what is good or bad and needs no more words than what was found.
    pub fn equals<T>(self, answer: &Answer<T>, found: impl FnOnce(&T) -> String) -> Verdict {
        let expected = self.expected.clone();
        self.judge(answer, |answer| {
            let found = found(answer);
            if found == expected { Ok(found) } else { Err(found) }
        })
    }
}

impl Verdict {
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
