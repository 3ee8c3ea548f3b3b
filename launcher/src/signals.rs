//! The signals that a launcher hears: those that ask for a stop, and those that are for the JVM.

use anyhow::{Context, Result};
use rustix::process::Signal;
use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

pub struct Signals {
    terminate: Stream,
    interrupt: Stream,
    quit: Stream,
    hang_up: Stream,
    user_1: Stream,
    user_2: Stream,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Heard {
    Stop,
    Pass(Signal),
}

impl Signals {
    /// From here on none of them ends the launcher by itself.
    pub fn new() -> Result<Self> {
        let hear = |kind| signal(kind).context("cannot listen for signals");
        Ok(Self {
            terminate: hear(SignalKind::terminate())?,
            interrupt: hear(SignalKind::interrupt())?,
            quit: hear(SignalKind::quit())?,
            hang_up: hear(SignalKind::hangup())?,
            user_1: hear(SignalKind::user_defined1())?,
            user_2: hear(SignalKind::user_defined2())?,
        })
    }

    pub async fn next(&mut self) -> Heard {
        tokio::select! {
            _ = self.terminate.recv() => Heard::Stop,
            _ = self.interrupt.recv() => Heard::Stop,
            _ = self.quit.recv() => Heard::Pass(Signal::QUIT),
            _ = self.hang_up.recv() => Heard::Pass(Signal::HUP),
            _ = self.user_1.recv() => Heard::Pass(Signal::USR1),
            _ = self.user_2.recv() => Heard::Pass(Signal::USR2),
        }
    }

    /// Until a stop is asked for. As long as there is no JVM, the others are for nobody.
    pub async fn stop(&mut self) {
        while self.next().await != Heard::Stop {}
    }
}
