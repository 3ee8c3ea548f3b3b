//! What each `ZooKeeper` server says of itself.

use std::collections::BTreeMap;
use std::time::Duration;

use kafnix_generator::Cluster;
use kafnix_generator::cluster::{Machine, Server};
use tokio::task::JoinSet;
use zookeeper_client::Client;

use super::super::facts::{Answer, Facts, Missing, Port, ServerFacts, answer};
use super::{collect, port};
use kafnix_client::zookeeper::session;
use kafnix_client::zookeeper::{Conf, Mntr, Mode, Srvr, word};

/// A server that was asked, with a session on it if it opened one.
pub(super) struct Asked {
    pub(super) facts: ServerFacts,
    pub(super) session: Option<Client>,
}

/// Where a server is to be asked, and what of.
struct Plan {
    name: String,
    client: String,
    /// Where a member of the ensemble talks to the others.
    election: Option<String>,
    peer: Option<String>,
    /// The words that the spec does not let it answer.
    silent: Vec<&'static str>,
    /// Ports among peers that were open a moment ago.
    known: Vec<Port>,
}

pub(super) async fn ask(
    cluster: &Cluster,
    before: Option<&Facts>,
    limit: Duration,
) -> BTreeMap<String, Asked> {
    let mut asking = JoinSet::new();
    for mut plan in plans(cluster) {
        let known = before.and_then(|facts| facts.servers.get(&plan.name));
        plan.known = known.map(ServerFacts::open_among_peers).unwrap_or_default();
        asking.spawn(async move { (plan.name.clone(), ask_one(plan, limit).await) });
    }
    collect(asking).await
}

fn plans(cluster: &Cluster) -> Vec<Plan> {
    if cluster.zookeeper.external {
        let outside = |connect: &String| Plan {
            name: connect.clone(),
            client: connect.clone(),
            election: None,
            peer: None,
            silent: vec!["srvr", "mntr", "conf"],
            known: Vec::new(),
        };
        return cluster.zookeeper.connect.iter().map(outside).collect();
    }
    let member = |(host, server): (&Machine, &Server)| {
        let at = |port: u16| Some(server.address.with_port(port));
        Plan {
            name: host.name.clone(),
            client: at(server.client_port.value).unwrap_or_default(),
            election: at(server.election_port.value),
            peer: at(server.peer_port.value),
            silent: if host.managed { silent(cluster, server) } else { Vec::new() },
            known: Vec::new(),
        }
    };
    cluster.servers().map(member).collect()
}

/// ZooKeeper's own list is `srvr`.
fn silent(cluster: &Cluster, server: &Server) -> Vec<&'static str> {
    let list = cluster.zookeeper.setting(server, "4lw.commands.whitelist");
    let list = list.and_then(|setting| setting.value.plain()).unwrap_or("srvr".into());
    let answers = |word: &str| list.split(',').map(str::trim).any(|listed| listed == word || listed == "*");
    ["srvr", "mntr", "conf"].into_iter().filter(|word| !answers(word)).collect()
}

async fn ask_one(plan: Plan, limit: Duration) -> Asked {
    let election = among_peers(&plan, plan.election.as_ref(), limit);
    // The stream ends with this line, so that the server waits for no more on it.
    let (client, election) = tokio::join!(async { port(plan.client.clone(), limit).await.0 }, election);
    if let Some(reason) = client.state.as_ref().err() {
        let reason = format!("{} {reason}", client.address);
        return Asked { facts: closed(client, election, &reason), session: None };
    }
    let (srvr, mntr, conf) = tokio::join!(
        tell(&plan, "srvr", Srvr::read, limit),
        tell(&plan, "mntr", Mntr::read, limit),
        tell(&plan, "conf", Conf::read, limit),
    );
    let leads = srvr.as_ref().is_ok_and(|srvr| srvr.mode == Mode::Leader);
    let peer = among_peers(&plan, plan.peer.as_ref().filter(|_| leads), limit);
    let outside = matches!(&srvr, Err(Missing::Wrong(_)));
    let (peer, opened) = tokio::join!(peer, open(&plan, outside, limit));
    let (session, round_trip) = match opened {
        Ok(client) => (Some(client), Err(Missing::Unasked("the round trip did not come so far".to_owned()))),
        Err(missing) => (None, Err(missing)),
    };
    Asked { facts: ServerFacts { client, election, peer, srvr, mntr, conf, round_trip }, session }
}

async fn among_peers(plan: &Plan, address: Option<&String>, limit: Duration) -> Option<Port> {
    let address = address?;
    match plan.known.iter().find(|known| known.address == *address) {
        Some(known) => Some(known.clone()),
        None => Some(port(address.clone(), limit).await.0),
    }
}

/// A server outside a quorum opens no session, and whoever tries waits for it.
async fn open(plan: &Plan, outside: bool, limit: Duration) -> Answer<Client> {
    if outside {
        return Err(Missing::Unasked("the server does not serve requests".to_owned()));
    }
    answer(session::open(&plan.client, limit).await)
}

async fn tell<T>(
    plan: &Plan,
    question: &'static str,
    read: impl FnOnce(&str) -> anyhow::Result<T>,
    limit: Duration,
) -> Answer<T> {
    if plan.silent.contains(&question) {
        let reason = format!("`4lw.commands.whitelist` of the spec does not name `{question}`");
        return Err(Missing::Unasked(match plan.election {
            Some(_) => reason,
            None => "the ensemble stands outside this spec".to_owned(),
        }));
    }
    answer(async { read(&word(&plan.client, question, limit).await?) }.await)
}

/// What is known of a server that takes no connection.
fn closed(client: Port, election: Option<Port>, reason: &str) -> ServerFacts {
    fn missing<T>(reason: &str) -> Answer<T> {
        Err(Missing::Unasked(reason.to_owned()))
    }
    ServerFacts {
        client,
        election,
        peer: None,
        srvr: missing(reason),
        mntr: missing(reason),
        conf: missing(reason),
        round_trip: missing(reason),
    }
}
