//! What is said of work that takes longer than a moment. How it is shown is the caller's: this crate
//! prints nothing.

use std::sync::{Mutex, PoisonError};

/// Told by several threads at once.
pub trait Progress: Sync {
    /// A sentence that stays on the screen, or in the log.
    fn note(&self, text: &str);
    /// How far a thing of known or unknown length is. The last call has `done` equal to `total`.
    fn bytes(&self, what: &str, done: u64, total: Option<u64>);
    /// What a server says of itself; `good` once nothing more is expected of it.
    fn server(&self, name: &str, status: &str, good: bool);
}

/// For callers that show nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn note(&self, _: &str) {}
    fn bytes(&self, _: &str, _: u64, _: Option<u64>) {}
    fn server(&self, _: &str, _: &str, _: bool) {}
}

/// Keeps what was noted, for tests.
#[derive(Debug, Default)]
pub struct Noted(Mutex<Vec<String>>);

impl Noted {
    pub fn told(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Progress for Noted {
    fn note(&self, text: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
    }
    fn bytes(&self, _: &str, _: u64, _: Option<u64>) {}
    fn server(&self, _: &str, _: &str, _: bool) {}
}
