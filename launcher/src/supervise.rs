//! From the start of the JVM to its end: signals in, status out. What a product's state means is for
//! its own module to know.

use std::convert::Infallible;
use std::os::unix::process::ExitStatusExt as _;
use std::pin::pin;
use std::process::ExitStatus;

use anyhow::Result;
use rustix::process::Signal;

use crate::child::{self, Java};
use crate::exit::STOPPED;
use crate::notify::StatusReporter;
use crate::signals::{Heard, Signals};

/// What must be so before the JVM starts, or nothing where a stop was asked for first.
pub async fn before<T>(signals: &mut Signals, work: impl Future<Output = Result<T>>) -> Result<Option<T>> {
    tokio::select! {
        done = work => done.map(Some),
        () = signals.stop() => Ok(None),
    }
}

/// How a JVM ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ended {
    /// What the launcher ends with.
    pub status: u8,
    /// It was asked to end, and nothing else ended it: it has closed its connections.
    pub orderly: bool,
}

/// Lives the JVM's life and returns how it ended. `watch` says how healthy the server is, and ends only with a
/// reason to end the server; `stopping` is called before the JVM is asked to end, and what it returns
/// is done when the JVM may be killed.
pub async fn live<S: Future<Output = ()>>(
    mut java: Java,
    signals: &mut Signals,
    reporter: &StatusReporter,
    watch: impl Future<Output = Result<Infallible>>,
    stopping: impl AsyncFnOnce() -> S,
) -> Result<Ended> {
    reporter.java(java.id());
    let reason = {
        let mut watch = pin!(watch);
        loop {
            tokio::select! {
                ended = java.end() => return Ok(Ended { status: child::status(ended?), orderly: false }),
                heard = signals.next() => match heard {
                    Heard::Stop => break None,
                    Heard::Pass(signal) => java.signal(signal),
                },
                end = &mut watch => match end {
                    Err(reason) => break Some(reason),
                    Ok(never) => match never {},
                },
            }
        }
    };
    let served = reporter.serves();
    let may_be_killed = stopping().await;
    let ended = stop(&mut java, signals, may_be_killed).await?;
    match reason {
        Some(reason) => Err(reason),
        None => Ok(asked_for(ended, served)),
    }
}

/// Asks the JVM once to end, and kills it when that may be done. One that is suspended is resumed, as
/// systemd resumes what it asks to end: else it would never see the request.
async fn stop(
    java: &mut Java,
    signals: &mut Signals,
    may_be_killed: impl Future<Output = ()>,
) -> Result<Option<ExitStatus>> {
    java.signal(Signal::TERM);
    java.signal(Signal::CONT);
    let mut may_be_killed = pin!(may_be_killed);
    loop {
        tokio::select! {
            ended = java.end() => return ended.map(Some),
            // a second request to stop changes nothing
            heard = signals.next() => if let Heard::Pass(signal) = heard {
                java.signal(signal);
            },
            () = &mut may_be_killed => {
                java.signal(Signal::KILL);
                java.end().await?;
                return Ok(None);
            }
        }
    }
}

/// A broker that is asked to stop while it starts ends with status 1, which is no failure.
fn asked_for(ended: Option<ExitStatus>, served: bool) -> Ended {
    let status = match ended {
        Some(ended) if served => child::status(ended),
        _ => STOPPED,
    };
    Ended { status, orderly: ended.is_some_and(|ended| ended.signal().is_none()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_that_was_asked_for_is_no_failure_while_starting() {
        let status_1 = ExitStatus::from_raw(1 << 8);
        let ended = |status, orderly| Ended { status, orderly };
        assert_eq!(asked_for(Some(status_1), false), ended(143, true));
        assert_eq!(asked_for(Some(status_1), true), ended(1, true));
        assert_eq!(asked_for(Some(ExitStatus::from_raw(143 << 8)), true), ended(143, true));
    }

    #[test]
    fn what_a_signal_has_ended_has_closed_nothing() {
        assert_eq!(asked_for(None, true), Ended { status: 143, orderly: false });
        let killed = ExitStatus::from_raw(9);
        assert_eq!(asked_for(Some(killed), true), Ended { status: 137, orderly: false });
    }
}
