//! What a service of a host says: a line in the journal for what happens and for each thing that it waits for, and the
//! status line of its unit for what it waits for now.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use kafnix_operate::progress::Progress;
use sd_notify::NotifyState;

use crate::console::{Console, one_line};

pub(super) struct Log<'a> {
    console: &'a Console,
    /// What has been waited for, which stands in the journal once.
    waited: Mutex<BTreeSet<String>>,
}

impl<'a> Log<'a> {
    pub(super) fn on(console: &'a Console) -> Self {
        Self { console, waited: Mutex::default() }
    }

    /// What the unit says from now on.
    pub(super) fn end(&self, text: &str) {
        self.note(text);
        status(text);
    }

    fn is_first(&self, name: &str) -> bool {
        self.waited.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned())
    }
}

/// The same where the journal has it already.
pub(super) fn status(text: &str) {
    // Whoever runs it by hand has no unit.
    let _ = sd_notify::notify(&[NotifyState::Status(&one_line(text))]);
}

impl Progress for Log<'_> {
    fn note(&self, text: &str) {
        self.console.tell(&format!("{}\n", one_line(text)));
    }

    fn bytes(&self, _: &str, _: u64, _: Option<u64>) {}

    fn server(&self, name: &str, text: &str, good: bool) {
        status(text);
        if !good && self.is_first(name) {
            self.note(text);
        }
    }
}
