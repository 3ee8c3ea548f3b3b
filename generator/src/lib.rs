//! From the text of a cluster spec to the files of its hosts.
//!
//! ```text
//! bytes ─ spec::read ─► Spec ─ resolve ─► Draft ─ rules ─► Cluster ─ hosts ─► Host ─ render ─► Files
//! ```
//!
//! Each stage has a type of its own, and only [`rules::check`] can make a [`Cluster`]: what comes
//! after it cannot fail on account of a spec. Nothing here reads or writes a file, looks at the
//! environment or the clock, starts a process, or prints.

pub mod problem;
pub mod spec;
pub mod unit_keys;
pub mod quorum;
pub mod peering;
pub mod lock;
pub mod resolve;
pub mod pins;
pub mod keys;
pub mod classes;
pub mod retention;
pub mod references;
pub mod role;
pub mod rules;
pub mod cluster;
pub mod firewall;
pub mod hosts;
pub mod properties;
pub mod launch;
pub mod render;
pub mod impact;
pub mod diagnostic;
pub mod docs;

pub use lock::Lock;
pub use problem::{Problem, Severity};
pub use render::Files;
pub use rules::{Cluster, Jar};

/// What a check of a spec found.
#[derive(Debug)]
pub struct Checked {
    /// Absent where a problem is an error.
    pub cluster: Option<Cluster>,
    /// The lock that the last generation left, if it could be read.
    pub lock: Option<Lock>,
    pub problems: Vec<Problem>,
    /// Files that hosts take along, for who can see whether they are there.
    pub jars: Vec<Jar>,
}

/// Reads and checks a spec beside the lock of the last generation. Codes in `accepted` are let pass
/// where they compare with the lock.
pub fn check(spec: &[u8], lock: Option<&[u8]>, accepted: &[String]) -> Checked {
    let mut problems = Vec::new();
    let lock = match lock.map(Lock::read).transpose() {
        Ok(lock) => lock,
        Err(mut faults) => {
            problems.append(&mut faults);
            None
        }
    };
    let mut read = spec::read::read(spec);
    problems.append(&mut read.problems);
    let damaged = problems.iter().any(Problem::is_error);
    let Some(spec) = read.spec else {
        return Checked { cluster: None, lock, problems, jars: Vec::new() };
    };
    let mut jars = rules::jars(&spec);
    let draft = resolve::resolve(&spec, lock.as_ref());
    let vulnerabilities = rules::vulnerabilities(&draft);
    let (cluster, mut found) = rules::check(draft, accepted);
    if damaged {
        found.retain(|problem| !rules::follows_from(problem, &problems));
        jars.retain(|jar| !rules::follows_from(&jar.problem("", "", ""), &problems));
    } else {
        let unraised = rules::unraised(&spec.silenced, &found, &vulnerabilities);
        found.extend(unraised);
    }
    problems.append(&mut found);
    Checked { cluster: cluster.filter(|_| !damaged), lock, problems, jars }
}

/// The files of a cluster, given the lock of the last generation.
pub fn generate(cluster: &Cluster, before: Option<&Lock>) -> Result<Files, render::Fault> {
    render::render(cluster, &Lock::of(cluster, before))
}
