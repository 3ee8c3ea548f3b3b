//! Says how healthy the broker is for as long as it lives, and when it serves.

use std::convert::Infallible;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::time::sleep;

use super::broker::{Broker, Listener};
use super::fail_over::Session;
use super::link::{Link, Seen};
use super::log_dirs::LogDirs;
use super::registration::pause;
use crate::ensemble::{Absence, Roll};
use crate::notify::{Phase, StatusReporter};
use crate::probe;

/// How long to wait before a broker that serves is looked at again.
const STEADY: Duration = Duration::from_secs(5);

/// How the broker comes up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Beginning {
    Clean,
    /// Its logs were not closed: it looks through them, which takes long and is no failure.
    Recovering,
}

impl Beginning {
    pub fn status(self) -> &'static str {
        match self {
            Self::Clean => "starting",
            Self::Recovering => "recovering its logs, the last stop was not clean",
        }
    }
}

pub async fn watch(
    broker: &Broker,
    beginning: impl Fn() -> String,
    link: &mut Link<'_>,
    session: &Session,
    log_dirs: &LogDirs,
    reporter: &StatusReporter,
) -> Result<Infallible> {
    let start = Instant::now();
    let mut absence = Absence::default();
    let mut served = false;
    loop {
        let mut held = None;
        let state = match link.registration(broker.owner.id).await {
            Seen::Nothing(roll) => {
                let absent = absence.note(roll.majority(), &roll, Instant::now());
                State::NoEnsemble(roll, absent)
            }
            Seen::Free => State::Unregistered,
            Seen::Held(registration, _) => {
                held = Some(registration);
                State::Registered(serving(broker.owner.id, &log_dirs.offline(), log_dirs.count()))
            }
        };
        // Before it has served, its listeners answer nobody.
        let asked = served || matches!(state, State::Registered(_));
        let silent = if asked { silent(&broker.listeners).await } else { None };
        if !matches!(state, State::NoEnsemble(..)) {
            absence = Absence::default();
        }
        let beginning = (!served).then(&beginning);
        let health = judge(&state, silent, beginning.as_deref());
        if health.phase == Phase::Serving {
            served = true;
            if let Some(registration) = held {
                session.note(broker, &registration);
            }
        }
        reporter.say(health.phase, health.status);
        if health.ready {
            reporter.ready();
        }
        sleep(if reporter.serves() { STEADY } else { pause(start) }).await;
    }
}

/// The first listener that does not answer.
async fn silent(listeners: &[Listener]) -> Option<&Listener> {
    for listener in listeners {
        if !probe::listener(&listener.address, listener.plain).await {
            return Some(listener);
        }
    }
    None
}

enum State {
    /// How the members answer, and whether a majority is away and not on its way up.
    NoEnsemble(Roll, bool),
    Unregistered,
    /// What it does as soon as its listeners answer.
    Registered(String),
}

#[derive(Debug, Eq, PartialEq)]
struct Health {
    phase: Phase,
    status: String,
    ready: bool,
}

/// A broker goes on without a directory that it has given up, and its replicas there are in sync no more.
fn serving(id: i64, offline: &[&Path], count: usize) -> String {
    let Some(first) = offline.first() else { return format!("serving as broker {id}, registered") };
    let more = match offline.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let online = count - offline.len();
    format!(
        "serving with {online} of {count} log directories as broker {id}, registered; offline: {}{more}",
        first.display()
    )
}

/// `silent`: a listener that does not answer. `beginning`: what a broker does that has not served yet.
fn judge(state: &State, silent: Option<&Listener>, beginning: Option<&str>) -> Health {
    if let Some(Listener { name, address, .. }) = silent {
        let registered = match state {
            State::NoEnsemble(..) => "perhaps not registered any more",
            State::Unregistered => "not registered any more",
            State::Registered(_) => "registered",
        };
        let phase = if beginning.is_some() { Phase::Starting } else { Phase::Unresponsive };
        let status = format!("{registered}; its listener {name} at {address} does not answer");
        return Health { phase, status, ready: false };
    }
    let (phase, status, ready) = match (state, beginning) {
        (State::NoEnsemble(roll, absent), Some(_)) => {
            (Phase::Starting, format!("not registered: waiting for the ensemble: {roll}"), *absent)
        }
        (State::NoEnsemble(roll, _), None) => {
            let status = format!("perhaps not registered any more: waiting for the ensemble: {roll}");
            (Phase::Unavailable, status, true)
        }
        (State::Unregistered, Some(beginning)) => (Phase::Starting, beginning.to_owned(), false),
        (State::Unregistered, None) => {
            let status = "not registered any more: the ensemble has ended the broker's session";
            (Phase::Unavailable, status.to_owned(), false)
        }
        (State::Registered(serving), _) => (Phase::Serving, serving.clone(), true),
    };
    Health { phase, status, ready }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(state: &State, beginning: Option<Beginning>) -> (Phase, String, bool) {
        let health = judge(state, None, beginning.map(Beginning::status));
        (health.phase, health.status, health.ready)
    }

    fn starting(status: &str, ready: bool) -> (Phase, String, bool) {
        (Phase::Starting, status.to_owned(), ready)
    }

    fn registered() -> State {
        State::Registered(serving(2, &[], 2))
    }

    fn roll() -> Roll {
        Roll { serving: Vec::new(), answering: 1, of: 3 }
    }

    #[test]
    fn a_registered_broker_whose_listeners_answer_serves() {
        let expected = (Phase::Serving, "serving as broker 2, registered".to_owned(), true);
        for beginning in [None, Some(Beginning::Clean), Some(Beginning::Recovering)] {
            assert_eq!(judged(&registered(), beginning), expected);
        }
    }

    #[test]
    fn what_it_serves_without_is_named() {
        let gone = [Path::new("/data/kafka2"), Path::new("/data/kafka3")];
        let said = "serving with 1 of 2 log directories as broker 2, registered; offline: /data/kafka2";
        assert_eq!(serving(2, &gone[..1], 2), said);
        let said =
            "serving with 2 of 4 log directories as broker 2, registered; offline: /data/kafka2 and 1 more";
        assert_eq!(serving(2, &gone, 4), said);
    }

    #[test]
    fn a_listener_that_does_not_answer_is_named() {
        let listener = Listener { name: "OUT".to_owned(), address: "10.0.0.1:9093".to_owned(), plain: true };
        let silent = |state, beginning: Option<Beginning>| {
            let health = judge(&state, Some(&listener), beginning.map(Beginning::status));
            assert!(
                health.status.ends_with("its listener OUT at 10.0.0.1:9093 does not answer"),
                "{health:?}"
            );
            (health.phase, health.status.split(';').next().unwrap().to_owned())
        };
        let sentence = || "registered".to_owned();
        let starts = silent(registered(), Some(Beginning::Clean));
        assert_eq!(starts, (Phase::Starting, sentence()));
        // One that has served hangs, whatever became of its registration.
        let gone = silent(State::Unregistered, None);
        assert_eq!(gone, (Phase::Unresponsive, "not registered any more".to_owned()));
        let alone = silent(State::NoEnsemble(roll(), true), None);
        assert_eq!(alone, (Phase::Unresponsive, "perhaps not registered any more".to_owned()));
        assert_eq!(silent(registered(), None), (Phase::Unresponsive, sentence()));
    }

    #[test]
    fn a_broker_that_comes_up_says_how() {
        let judged = |beginning| judged(&State::Unregistered, beginning);
        assert_eq!(judged(Some(Beginning::Clean)), starting("starting", false));
        let status = "recovering its logs, the last stop was not clean";
        assert!(status.starts_with(kafnix_protocol::status::RECOVERING), "the guard of a host looks for it");
        assert_eq!(judged(Some(Beginning::Recovering)), starting(status, false));
        let (phase, status, ready) = judged(None);
        assert!(phase == Phase::Unavailable && status.starts_with("not registered any more") && !ready);
    }

    #[test]
    fn it_is_ready_while_it_waits_for_a_majority_that_is_away() {
        let status = "not registered: waiting for the ensemble: 1 of 3 members answer";
        for absent in [false, true] {
            let state = State::NoEnsemble(roll(), absent);
            assert_eq!(judged(&state, Some(Beginning::Clean)), starting(status, absent));
        }
        let (phase, _, ready) = judged(&State::NoEnsemble(roll(), false), None);
        assert_eq!((phase, ready), (Phase::Unavailable, true));
    }
}
