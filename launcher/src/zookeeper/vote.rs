//! Never votes on nothing: an empty server takes part in an election only where the ensemble is new
//! and this host has never been in its quorum. Else the others elect, and it learns from them.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use kafnix_protocol::directories::INITIALIZE;
use serde::{Deserialize, Serialize};

use super::server::Server;
use crate::ensemble::{Absence, LEADERLESS, Lasting, Roll};
use crate::exit::try_again;
use crate::files;
use crate::notify::{Phase, StatusReporter};
use crate::options::{Release, State};

/// Since this release an empty server that does not find the file `initialize` does not vote.
const KEEPS_FROM_VOTING: Release = Release(3, 6);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Plan {
    /// It has its data.
    Resume,
    /// It is empty, and so is the ensemble as far as it can know.
    Found,
    /// It is empty and the ensemble is not: the server itself keeps from voting.
    Join,
    /// The same, with a server that would vote: it starts when the others have elected.
    JoinAfterElection,
}

pub fn plan(release: Release, state: State, remembers: bool, data: bool) -> Plan {
    if data {
        Plan::Resume
    } else if state == State::New && !remembers {
        Plan::Found
    } else if release >= KEEPS_FROM_VOTING {
        Plan::Join
    } else {
        Plan::JoinAfterElection
    }
}

/// That this server was in a quorum.
#[derive(Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Memory {
    cluster: String,
    id: i64,
}

fn memory(server: &Server) -> Memory {
    Memory { cluster: server.owner.cluster.clone(), id: server.owner.id }
}

/// Whether this host remembers that this very server was in a quorum. A memory that cannot be read
/// keeps from voting, which is the side to err on.
pub fn remembers(server: &Server) -> Result<bool> {
    let Some(text) = files::read(&server.memory)? else { return Ok(false) };
    Ok(serde_json::from_str::<Memory>(&text).map_or(true, |found| found == memory(server)))
}

/// Keeps in mind that this server is in a quorum.
pub fn remember(server: &Server) -> Result<()> {
    if files::read(&server.memory)?.is_none() || !remembers(server)? {
        files::write_whole(&server.memory, &(serde_json::to_string(&memory(server))? + "\n"))?;
    }
    Ok(())
}

fn initialize(server: &Server) -> PathBuf {
    server.log.as_ref().unwrap_or(&server.data).join(INITIALIZE)
}

/// Does what the plan needs before the JVM starts. A file that an earlier start left behind must not
/// let this one vote.
pub async fn prepare(server: &Server, plan: Plan, reporter: &StatusReporter) -> Result<()> {
    match plan {
        Plan::Found => files::write_whole(&initialize(server), ""),
        Plan::Resume | Plan::Join => files::remove(&initialize(server)),
        Plan::JoinAfterElection => wait_for_leader(server, reporter).await,
    }
}

async fn wait_for_leader(server: &Server, reporter: &StatusReporter) -> Result<()> {
    let (mut absence, mut leaderless) = (Absence::default(), Lasting::default());
    loop {
        let mut roll = Roll::call(&server.peers).await;
        roll.of = server.voters();
        if !roll.serving.is_empty() {
            return Ok(());
        }
        let others = roll.answering + usize::from(server.votes) > server.voters() / 2;
        reporter.say(Phase::Waiting, format!("empty, joins when the others have elected a leader: {roll}"));
        if absence.note(others, &roll, Instant::now()) {
            reporter.ready();
        }
        give_up(server, &mut leaderless, others, &roll)?;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Ends the launcher where an empty server has waited long enough for a majority that is up to elect.
pub fn give_up(server: &Server, leaderless: &mut Lasting, majority: bool, roll: &Roll) -> Result<()> {
    let leaderless_for = leaderless.note(majority && roll.serving.is_empty(), Instant::now());
    if leaderless_for < LEADERLESS {
        return Ok(());
    }
    Err(try_again(format!(
        "the database in {} is empty, this server must not vote without it, and {} of {} members answer of which \
         none leads: start the members that hold the data, or, if the data of all is lost for good, set \
         `zookeeper.state` to `new` and remove {} on a majority of the hosts",
        server.data.display(),
        roll.answering,
        roll.of,
        server.memory.display(),
    )))
}

#[cfg(test)]
mod tests {
    use kafnix_protocol::directories::JOINED;

    use super::*;

    const OLD: Release = Release(3, 5);
    const NEW: Release = Release(3, 9);

    #[test]
    fn an_empty_server_votes_in_a_new_ensemble_only() {
        assert_eq!(plan(NEW, State::New, false, false), Plan::Found);
        assert_eq!(plan(OLD, State::New, false, false), Plan::Found);
        for (state, remembers) in [(State::New, true), (State::Existing, false), (State::Existing, true)] {
            assert_eq!(plan(NEW, state, remembers, false), Plan::Join);
            assert_eq!(plan(OLD, state, remembers, false), Plan::JoinAfterElection);
        }
    }

    #[test]
    fn a_server_with_its_data_resumes() {
        for release in [OLD, NEW, Release(3, 6)] {
            for state in [State::New, State::Existing] {
                for remembers in [false, true] {
                    assert_eq!(plan(release, state, remembers, true), Plan::Resume);
                }
            }
        }
    }

    fn server(folder: &std::path::Path) -> Server {
        Server {
            owner: crate::ownership::Owner {
                cluster: "c".to_owned(),
                role: crate::ownership::Role::ZooKeeper,
                id: 1,
            },
            data: folder.join("data"),
            log: None,
            address: "127.0.0.1:2181".to_owned(),
            bound: Vec::new(),
            peers: Vec::new(),
            votes: true,
            memory: folder.join(JOINED),
        }
    }

    #[test]
    fn a_host_remembers_its_own_server_only() {
        let folder = tempfile::tempdir().unwrap();
        let mut server = server(folder.path());
        assert!(!remembers(&server).unwrap());
        remember(&server).unwrap();
        assert!(remembers(&server).unwrap());
        let text = std::fs::read_to_string(&server.memory).unwrap();
        assert_eq!(text, "{\"cluster\":\"c\",\"id\":1}\n");
        server.owner.id = 2;
        assert!(!remembers(&server).unwrap());
        std::fs::write(&server.memory, "").unwrap();
        assert!(remembers(&server).unwrap(), "what cannot be read keeps from voting");
    }

    #[test]
    fn it_gives_up_only_where_a_majority_is_up_without_a_leader() {
        let folder = tempfile::tempdir().unwrap();
        let server = server(folder.path());
        let leads = Roll { serving: vec!["a".to_owned()], answering: 2, of: 3 };
        let none = Roll { serving: Vec::new(), answering: 2, of: 3 };
        let long_ago = || {
            let mut lasting = Lasting::default();
            lasting.note(true, Instant::now().checked_sub(LEADERLESS).unwrap());
            lasting
        };
        assert!(give_up(&server, &mut long_ago(), true, &leads).is_ok());
        assert!(give_up(&server, &mut long_ago(), false, &none).is_ok());
        assert!(give_up(&server, &mut Lasting::default(), true, &none).is_ok());
        let error = give_up(&server, &mut long_ago(), true, &none).unwrap_err();
        assert_eq!(error.downcast_ref::<crate::exit::Exit>().unwrap().status, 75);
        assert!(format!("{error}").contains("2 of 3 members answer of which none leads"));
    }
}
