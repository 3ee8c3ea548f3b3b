//! A ZooKeeper server may restart where the others are a quorum, and where there is none that it could be missed in.

use kafnix_generator::Cluster;
use kafnix_generator::cluster::Host;
use kafnix_protocol::four_letter_words::Fault;

use super::{Judgement, has_quorum};
use crate::snapshot::{ServerFacts, Snapshot};

pub(super) fn judge(cluster: &Cluster, snapshot: &Snapshot, host: &Host, judgement: &mut Judgement) {
    let Some(server) = host.zookeeper.as_ref().filter(|server| !server.observer.value) else { return };
    let (id, name) = (server.id.value, &host.name);
    if !serves(cluster, snapshot, id) && !is_silent(cluster, snapshot, id) {
        return;
    }
    let electorate = cluster.electorate();
    let others = |other| other != id && serves(cluster, snapshot, other);
    if electorate.has_quorum(others) {
        return;
    }
    if !has_quorum(cluster, snapshot) {
        judgement.refuse(format!(
            "the ZooKeeper server of `{name}` runs, and too few others can be reached from here for a quorum ({}): \
             mend the network first",
            silent(cluster, snapshot)
        ));
    } else if electorate.has_quorum(|other| other != id) {
        judgement.refuse(format!(
            "without the ZooKeeper server of `{name}` the ensemble has no quorum, since others do not serve: {}",
            silent(cluster, snapshot)
        ));
    } else {
        judgement.warn(format!(
            "the ensemble has no quorum while the ZooKeeper server of `{name}` restarts: it cannot do without it"
        ));
    }
}

/// Whether a server is in the quorum, as it says itself; one that may not say it opens a session.
pub(super) fn serves(cluster: &Cluster, snapshot: &Snapshot, id: i64) -> bool {
    let Some(facts) = facts(cluster, snapshot, id) else { return false };
    match &facts.srvr {
        Ok(srvr) => srvr.has_data(),
        Err(missing) => !missing.was_asked() && facts.session.is_ok(),
    }
}

/// Whether a server runs and does not say whether it is in the quorum: its disk may be slow.
fn is_silent(cluster: &Cluster, snapshot: &Snapshot, id: i64) -> bool {
    let Some(facts) = facts(cluster, snapshot, id) else { return false };
    let told = Fault::NotServing.to_string();
    facts.client.state.is_ok() && facts.srvr.as_ref().is_err_and(|missing| !missing.reason().contains(&told))
}

/// What the server with this id answered.
pub(super) fn facts<'a>(cluster: &Cluster, snapshot: &'a Snapshot, id: i64) -> Option<&'a ServerFacts> {
    let (host, _) = cluster.servers().find(|(_, server)| server.id.value == id)?;
    snapshot.servers.get(&host.name)
}

/// The voters that do not serve, by their hosts.
fn silent(cluster: &Cluster, snapshot: &Snapshot) -> String {
    let silent = cluster.voters().filter(|(_, server)| !serves(cluster, snapshot, server.id.value));
    silent.map(|(host, _)| format!("`{}`", host.name)).collect::<Vec<_>>().join(", ")
}
