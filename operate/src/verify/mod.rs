//! Whether a running cluster is what its spec says: a snapshot of it first, then round trips through its servers, and
//! checks over what came of them, one file each.

mod finding;
pub(crate) mod checks;
mod reference;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use kafnix_generator::Cluster;
use tokio::signal::unix::{Signal, SignalKind, signal};

pub use checks::Check;
pub use finding::{Finding, Outcome};
pub use reference::reference;

use crate::motion::{self, observe_until_still};
use crate::observe::{Options, observe};
use crate::progress::Progress;
use crate::round_trip::{self, RoundTrips};
use crate::snapshot::Snapshot;
use kafnix_client as client;

/// Every check, by code.
pub fn checks() -> &'static [&'static Check] {
    &checks::CHECKS
}

/// Asks every server of the cluster and checks what they answer, once an ensemble that elects a leader has one. What is
/// wrong with the cluster is a finding; an error says that nobody could be asked.
pub fn verify(cluster: &Cluster, options: &Options, progress: &dyn Progress) -> Result<Vec<Finding>> {
    let asked = async {
        let moves = |snapshot: &Snapshot| motion::of_ensemble(cluster, snapshot);
        let observation = observe_until_still(cluster, options, moves, progress).await;
        round_trip::run(cluster, observation, &options.access).await
    };
    let (snapshot, round_trips) = client::run(asked)?;
    Ok(check(cluster, &snapshot, &round_trips))
}

/// What is found of the topics of the spec alone.
pub fn topics(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Finding> {
    checks::topics::findings(cluster, snapshot)
}

/// Runs every check that has a subject in this cluster: nobody is asked.
pub fn check(cluster: &Cluster, snapshot: &Snapshot, round_trips: &RoundTrips) -> Vec<Finding> {
    let findings = |check: &&Check| {
        let verdicts = check.verdicts(cluster, snapshot, round_trips).into_iter();
        verdicts.map(|verdict| check.finding(cluster, verdict)).collect::<Vec<_>>()
    };
    checks::CHECKS.iter().flat_map(findings).collect()
}

async fn ask(cluster: &Cluster, options: &Options, before: Option<&Snapshot>) -> (Snapshot, RoundTrips) {
    let observation = observe(cluster, options, before).await;
    round_trip::run(cluster, observation, &options.access).await
}

/// How long `watch` believes that a port among peers, which it saw open, still is.
const ALL_AGAIN: Duration = Duration::from_secs(60);

/// Whoever looks at what `watch` finds.
pub trait Viewer {
    fn show(&mut self, findings: &[Finding], took: Duration) -> Result<()>;
    /// Whether somebody is still looking.
    fn is_there(&self) -> bool;
}

/// Verifies again and again, with a pause in between, and shows each result. A signal ends it, or that nobody
/// looks any more, after the run that is under way, so that nothing of a round trip stays; a second signal ends
/// it at once. What was found last is returned, if anything was.
pub fn watch(
    cluster: &Cluster,
    options: &Options,
    pause: Duration,
    viewer: &mut dyn Viewer,
) -> Result<Option<Vec<Finding>>> {
    client::run(async {
        let mut last = None;
        let mut before = None;
        let mut asked_all = Instant::now();
        let mut ends = Ends::new()?;
        while !ends.over {
            let begin = Instant::now();
            if begin.duration_since(asked_all) > ALL_AGAIN {
                (before, asked_all) = (None, begin);
            }
            let asked = ask(cluster, options, before.as_ref());
            let Some((snapshot, round_trips)) = ends.let_finish(asked, viewer).await else {
                return Ok(last);
            };
            let findings = check(cluster, &snapshot, &round_trips);
            viewer.show(&findings, begin.elapsed())?;
            last = Some(findings);
            before = Some(snapshot);
            if !ends.over {
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = ends.next(viewer) => ends.over = true,
                }
            }
        }
        Ok(last)
    })?
}

/// How often it is looked whether somebody looks.
const LOOK: Duration = Duration::from_millis(250);

/// What ends a watch.
struct Ends {
    interrupt: Signal,
    terminate: Signal,
    over: bool,
}

impl Ends {
    fn new() -> Result<Self> {
        let hear = |kind| signal(kind).context("cannot listen for signals");
        let (interrupt, terminate) = (hear(SignalKind::interrupt())?, hear(SignalKind::terminate())?);
        Ok(Self { interrupt, terminate, over: false })
    }

    /// Returns at a signal, or, as long as it is not over, where nobody looks.
    async fn next(&mut self, viewer: &dyn Viewer) {
        let nobody = async {
            while self.over || viewer.is_there() {
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = nobody => {}
        }
    }

    /// Lets work go on through the first reason to end, which is noted; nothing where a second one comes.
    async fn let_finish<T>(&mut self, work: impl Future<Output = T>, viewer: &dyn Viewer) -> Option<T> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Some(done),
                () = self.next(viewer) => {
                    if std::mem::replace(&mut self.over, true) {
                        return None;
                    }
                }
            }
        }
    }
}
