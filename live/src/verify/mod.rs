//! Whether a running cluster is what its spec says: facts first, asked of all servers side by side, then
//! checks over them, one file each.

mod facts;
mod finding;
mod gather;
mod checks;
mod reference;

use std::time::{Duration, Instant};

use anyhow::Result;
use kafnix_generator::Cluster;

pub use checks::Check;
pub use finding::{Finding, Outcome};
pub use reference::reference;

use crate::probe;

/// How a cluster is asked.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How long a server may take to accept a connection or to answer.
    pub timeout: Duration,
    /// Whether it is the cluster that `kafnix local` runs: what only concerns deployed hosts is left out.
    pub local: bool,
}

/// Every check, by code.
pub fn checks() -> &'static [&'static Check] {
    &checks::CHECKS
}

/// Asks every server of the cluster and checks what they answer. What is wrong with the cluster is a
/// finding; an error says that nobody could be asked.
pub fn verify(cluster: &Cluster, options: &Options) -> Result<Vec<Finding>> {
    let facts = probe::run(gather::gather(cluster, options, None))?;
    Ok(checks::run(cluster, &facts))
}

/// How long `watch` believes that a port among peers, which it saw open, still is.
const ALL_AGAIN: Duration = Duration::from_secs(60);

/// Verifies again and again, with a pause in between, and shows each result. An interrupt ends it, after
/// the run that is under way, so that nothing of a round trip stays; a second one ends it at once. What was
/// found last is returned, if anything was.
pub fn watch(
    cluster: &Cluster,
    options: &Options,
    pause: Duration,
    mut show: impl FnMut(&[Finding], Duration) -> Result<()>,
) -> Result<Option<Vec<Finding>>> {
    probe::run(async {
        let mut last = None;
        let mut before = None;
        let mut asked_all = Instant::now();
        let mut interrupted = false;
        while !interrupted {
            let begin = Instant::now();
            if begin.duration_since(asked_all) > ALL_AGAIN {
                (before, asked_all) = (None, begin);
            }
            let gather = gather::gather(cluster, options, before.as_ref());
            let Some(facts) = to_its_end(gather, &mut interrupted).await else { return Ok(last) };
            let findings = checks::run(cluster, &facts);
            show(&findings, begin.elapsed())?;
            last = Some(findings);
            before = Some(facts);
            if !interrupted {
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    _ = tokio::signal::ctrl_c() => interrupted = true,
                }
            }
        }
        Ok(last)
    })?
}

/// Goes on through one interrupt, which is noted; nothing where a second one comes.
async fn to_its_end<T>(work: impl Future<Output = T>, interrupted: &mut bool) -> Option<T> {
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return Some(done),
            _ = tokio::signal::ctrl_c() => {
                if std::mem::replace(interrupted, true) {
                    return None;
                }
            }
        }
    }
}
