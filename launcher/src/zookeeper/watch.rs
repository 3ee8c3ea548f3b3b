//! Says how healthy the server is for as long as it lives, and when it serves.

use std::cell::RefCell;
use std::convert::Infallible;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use kafnix_protocol::four_letter_words::Mode;
use tokio::time::sleep;

use super::directories::{self, holds_data};
use super::server::Server;
use super::vote::{self, Plan};
use crate::ensemble::{Absence, Lasting, Roll};
use crate::notify::{self, Phase, StatusReporter};
use crate::probe::{self, Answer};

/// A ZooKeeper server closes in a second, and what it has acknowledged is on the disk in any case:
/// one that is still there is killed.
const TIME_TO_STOP: Duration = Duration::from_secs(30);

/// How long to wait before the server is asked again, and its peers.
fn pauses(serves: bool, since: Instant) -> (Duration, Duration) {
    let millis = |own, peers| (Duration::from_millis(own), Duration::from_millis(peers));
    match serves {
        true => millis(5000, 10_000),
        false if since.elapsed() < Duration::from_secs(60) => millis(250, 1000),
        false => millis(1000, 3000),
    }
}

pub async fn watch(server: &Server, plan: Plan, reporter: &StatusReporter) -> Result<Infallible> {
    let peers = RefCell::new(Roll { of: server.voters(), ..Roll::default() });
    tokio::select! {
        never = follow_peers(server, reporter, &peers) => match never {},
        ended = follow(server, plan, reporter, &peers) => ended,
    }
}

/// Keeps what the peers answer, beside the questions to the server itself: one that is dead answers
/// late.
async fn follow_peers(server: &Server, reporter: &StatusReporter, peers: &RefCell<Roll>) -> Infallible {
    let start = Instant::now();
    loop {
        let mut roll = Roll::call(&server.peers).await;
        roll.of = server.voters();
        peers.replace(roll);
        sleep(pauses(reporter.serves(), start).1).await;
    }
}

async fn follow(
    server: &Server,
    plan: Plan,
    reporter: &StatusReporter,
    peers: &RefCell<Roll>,
) -> Result<Infallible> {
    let start = Instant::now();
    let (mut absence, mut leaderless) = (Absence::default(), Lasting::default());
    let (mut empty, mut remembered, mut forced) = (plan == Plan::Join, false, false);
    let mut has_served = false;
    loop {
        let own = probe::zookeeper(&server.address).await;
        // before anybody hears that it serves
        if !forced && matches!(own, Answer::Serving(_)) {
            forced = true;
            force_snapshots(server).await;
        }
        let mut roll = peers.borrow().clone();
        let reached = roll.answering + usize::from(server.votes) > roll.of / 2;
        if server.votes {
            roll.note(server.address.clone(), own);
        }
        let absent = absence.note(reached, &roll, Instant::now());
        let health = judge(own, &roll, absent, (empty, has_served));
        has_served |= health.phase == Phase::Serving;
        reporter.say(health.phase, health.status);
        if health.ready {
            reporter.ready();
        }
        if let Answer::Serving(mode) = own {
            (empty, leaderless) = (false, Lasting::default());
            if !remembered && matches!(mode, Mode::Leader | Mode::Follower) {
                remembered = true;
                keep_in_mind(server);
            }
        }
        if empty {
            empty = !holds_data(&server.data)?;
            vote::give_up(server, &mut leaderless, roll.majority(), &roll)?;
        }
        sleep(pauses(reporter.serves(), start).0).await;
    }
}

/// Beside the questions, since what is forced may be large. What cannot be forced the kernel writes later.
async fn force_snapshots(server: &Server) {
    let directories: Vec<_> = server.directories().into_iter().map(Path::to_owned).collect();
    let forced = tokio::task::spawn_blocking(move || directories::force_snapshots(&directories)).await;
    if let Ok(Err(error)) = forced {
        notify::warn(&format!("{error:#}"));
    }
}

/// A memory that cannot be kept makes the next start less safe; it is no reason to end this one.
fn keep_in_mind(server: &Server) {
    if let Err(error) = vote::remember(server) {
        notify::warn(&format!("this host will not remember that its server was in a quorum: {error:#}"));
    }
}

#[derive(Debug, Eq, PartialEq)]
struct Health {
    phase: Phase,
    status: String,
    ready: bool,
}

/// What the server's own answer and the roll of all members mean. `absent`: a majority cannot be
/// reached or has no leader, and neither is on its way. `empty`: it has no data and may not vote.
/// `served`: it did before.
fn judge(own: Answer, roll: &Roll, absent: bool, (empty, served): (bool, bool)) -> Health {
    let not_serving = if served { Phase::Unavailable } else { Phase::Starting };
    let silent = if served { Phase::Unresponsive } else { Phase::Starting };
    let members = format!("{} of {} members", roll.answering, roll.of);
    let (phase, status, ready) = match own {
        Answer::Serving(Mode::Standalone) => (Phase::Serving, "standalone".to_owned(), true),
        Answer::Serving(mode) => (Phase::Serving, format!("{}, {members}", mode.name()), true),
        Answer::Forbidden => {
            let status = "runs; whether it serves is unknown, since 4lw.commands.whitelist lacks srvr";
            (Phase::Serving, status.to_owned(), true)
        }
        Answer::NotServing if empty && roll.majority() => {
            let status =
                format!("empty, so without a vote: learns when the others have a leader: {members} answer");
            (not_serving, status, absent)
        }
        Answer::NotServing if roll.majority() => {
            (not_serving, format!("electing a leader or learning from it: {members} answer"), absent)
        }
        Answer::NotServing => (not_serving, format!("waiting for the ensemble: {members} answer"), absent),
        Answer::Nothing => (silent, format!("its own client port does not answer; {members} answer"), absent),
    };
    Health { phase, status, ready }
}

pub fn stopping(reporter: &StatusReporter) -> impl Future<Output = ()> {
    reporter.say(Phase::Stopping, "stopping");
    async {
        sleep(TIME_TO_STOP).await;
        reporter.say(Phase::Stopping, "stopping: the server hangs and is killed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roll(answering: usize, serving: usize) -> Roll {
        Roll { serving: vec!["m".to_owned(); serving], answering, of: 3 }
    }

    fn judged(own: Answer, answering: usize, absent: bool) -> (Phase, String, bool) {
        let health = judge(own, &roll(answering, 0), absent, (false, false));
        (health.phase, health.status, health.ready)
    }

    #[test]
    fn a_member_of_a_quorum_serves() {
        for (mode, name) in
            [(Mode::Leader, "leader"), (Mode::Follower, "follower"), (Mode::Observer, "observer")]
        {
            let status = format!("{name}, 2 of 3 members");
            assert_eq!(judged(Answer::Serving(mode), 2, false), (Phase::Serving, status, true));
        }
    }

    #[test]
    fn it_is_ready_while_it_waits_for_a_majority_that_is_away() {
        let status = "waiting for the ensemble: 1 of 3 members answer";
        assert_eq!(judged(Answer::NotServing, 1, true), (Phase::Starting, status.to_owned(), true));
        assert_eq!(judged(Answer::NotServing, 1, false), (Phase::Starting, status.to_owned(), false));
    }

    #[test]
    fn it_is_not_ready_while_a_majority_elects() {
        let status = "electing a leader or learning from it: 2 of 3 members answer";
        assert_eq!(judged(Answer::NotServing, 2, false), (Phase::Starting, status.to_owned(), false));
    }

    #[test]
    fn a_silent_server_is_starting_and_one_that_may_not_be_asked_is_ready() {
        let status = "its own client port does not answer; 2 of 3 members answer";
        assert_eq!(judged(Answer::Nothing, 2, false), (Phase::Starting, status.to_owned(), false));
        let (phase, status, ready) = judged(Answer::Forbidden, 1, false);
        assert_eq!((phase, ready), (Phase::Serving, true));
        assert!(status.contains("4lw.commands.whitelist lacks srvr"));
    }

    #[test]
    fn one_that_has_served_is_not_starting_again() {
        let phase = |own| judge(own, &roll(2, 0), false, (false, true)).phase;
        assert_eq!(phase(Answer::Nothing), Phase::Unresponsive);
        assert_eq!(phase(Answer::NotServing), Phase::Unavailable);
        assert_eq!(phase(Answer::Serving(Mode::Leader)), Phase::Serving);
    }
}
