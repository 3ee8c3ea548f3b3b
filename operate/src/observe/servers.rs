//! What each `ZooKeeper` server says of itself.

use std::collections::BTreeMap;
use std::time::Instant;

use kafnix_generator::Cluster;
use kafnix_generator::cluster::{Host, Kind, Server};
use tokio::task::JoinSet;
use zookeeper_client::Client;

use super::{Options, collect, port};
use crate::repeat::Pauses;
use crate::snapshot::{Answer, Missing, Port, ServerFacts, Snapshot, answer};
use kafnix_client::Target;
use kafnix_client::zookeeper::session;
use kafnix_client::zookeeper::{Conf, Mntr, word};
use kafnix_protocol::four_letter_words::{CONF, MNTR, Mode, SRVR, Srvr, WHITELIST, unanswered};

/// A server that was asked, with a session on it if it opened one.
pub(super) struct Asked {
    pub(super) facts: ServerFacts,
    pub(super) session: Option<Client>,
}

/// What every server is asked.
const WORDS: [&str; 3] = [SRVR, MNTR, CONF];

/// Where a server is to be asked, and what of.
struct Plan {
    name: String,
    client: Target,
    /// Where a member of the ensemble talks to the others, if that is tried.
    election: Option<Target>,
    peer: Option<Target>,
    /// The words that the spec does not let it answer.
    silent: Vec<&'static str>,
    /// Whether the spec has no member at this address.
    outside: bool,
    /// Ports among peers that were open a moment ago.
    known: Vec<Port>,
}

pub(super) async fn ask(
    cluster: &Cluster,
    options: &Options,
    before: Option<&Snapshot>,
) -> BTreeMap<String, Asked> {
    let mut asking = JoinSet::new();
    for mut plan in plans(cluster, options) {
        let known = before.and_then(|before| before.servers.get(&plan.name));
        plan.known = known.map(ServerFacts::open_among_peers).unwrap_or_default();
        asking.spawn(async move { (plan.name.clone(), ask_one(plan).await) });
    }
    collect(asking).await
}

fn plans(cluster: &Cluster, options: &Options) -> Vec<Plan> {
    let access = &options.access;
    if cluster.ensemble().external {
        let outside = |connect: &String| Plan {
            name: connect.clone(),
            client: access.to(connect),
            election: None,
            peer: None,
            silent: WORDS.to_vec(),
            outside: true,
            known: Vec::new(),
        };
        return cluster.ensemble().connect.value.iter().map(outside).collect();
    }
    let member = |(host, server): (&Host, &Server)| {
        let at = |kind| Some(access.to(server.place(&kind)?)).filter(|_| options.peers);
        Plan {
            name: host.name.clone(),
            client: access.to(server.client_endpoint()),
            election: at(Kind::Election),
            peer: at(Kind::Peers),
            silent: if host.managed.value { silent(cluster, server) } else { Vec::new() },
            outside: false,
            known: Vec::new(),
        }
    };
    cluster.servers().map(member).collect()
}

fn silent(cluster: &Cluster, server: &Server) -> Vec<&'static str> {
    let list = cluster.setting(server, WHITELIST);
    unanswered(list.and_then(|setting| setting.value.plain()).as_deref(), &WORDS)
}

async fn ask_one(plan: Plan) -> Asked {
    let election = among_peers(&plan, plan.election.as_ref());
    // The stream ends with this line, so that the server waits for no more on it.
    let (client, election) = tokio::join!(async { port(&plan.client).await.0 }, election);
    if let Some(reason) = client.state.as_ref().err() {
        let reason = format!("{} {reason}", client.address);
        return Asked { facts: closed(client, election, &reason), session: None };
    }
    let (srvr, mntr, conf) = tokio::join!(
        tell(&plan, SRVR, Srvr::read),
        tell(&plan, MNTR, Mntr::read),
        tell(&plan, CONF, Conf::read),
    );
    let leads = srvr.as_ref().is_ok_and(|srvr| srvr.mode == Mode::Leader);
    let peer = among_peers(&plan, plan.peer.as_ref().filter(|_| leads));
    let outside = srvr.as_ref().is_err_and(Missing::was_asked);
    let (peer, opened) = tokio::join!(peer, open(&plan, outside));
    let (session, opened) =
        opened.map_or_else(|missing| (None, Err(missing)), |client| (Some(client), Ok(())));
    Asked { facts: ServerFacts { client, election, peer, srvr, mntr, conf, session: opened }, session }
}

async fn among_peers(plan: &Plan, target: Option<&Target>) -> Option<Port> {
    let target = target?;
    match plan.known.iter().find(|known| known.address == target.address) {
        Some(known) => Some(known.clone()),
        None => Some(port(target).await.0),
    }
}

/// A server outside a quorum opens no session, and whoever tries waits for it. One that serves may be on its way from
/// one leader to the next.
async fn open(plan: &Plan, outside: bool) -> Answer<Client> {
    if outside {
        return Err(Missing::Unasked("the server does not serve requests".to_owned()));
    }
    let until = Instant::now() + plan.client.limit;
    let mut pauses = Pauses::short();
    loop {
        let opened = session::open(&plan.client).await;
        if opened.is_ok() || Instant::now() >= until {
            return answer(opened);
        }
        pauses.pause().await;
    }
}

async fn tell<T, E: Into<anyhow::Error>>(
    plan: &Plan,
    question: &'static str,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Answer<T> {
    if plan.silent.contains(&question) {
        let reason = format!("`{WHITELIST}` of the spec does not name `{question}`");
        return Err(Missing::Unasked(if plan.outside {
            "the ensemble stands outside this spec".to_owned()
        } else {
            reason
        }));
    }
    answer(async { read(&word(&plan.client, question).await?).map_err(Into::into) }.await)
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
        session: missing(reason),
    }
}
