//! All servers but the leader follow it, and have what it has.

use kafnix_generator::Cluster;
use kafnix_generator::cluster::Server;

use super::{Check, ENSEMBLE, Expect, Judge, Snapshot, Verdict, outside, servers};
use crate::snapshot::ServerFacts;
use kafnix_protocol::four_letter_words::Mode;

pub(super) static CHECK: Check = Check {
    code: "V204",
    title: "the others follow and are synced",
    why: "Every voting server leads or follows, every observer observes, and the leader counts as many synced \
          followers as there are (`zk_synced_followers` of its `mntr`). A follower that is not synced does not \
          count when a write needs a majority.",
    help: "wait where the server has just come back; else see `journalctl -u zookeeper` there: a snapshot that \
           takes longer than `initLimit` ticks to send is sent again without end",
    judge: Judge::Snapshot(run),
};

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    if cluster.ensemble().external {
        return vec![outside()];
    }
    let leader = snapshot.servers.values().find(|server| mode(server) == Some(Mode::Leader));
    let alone = cluster.servers().count() == 1;
    let mut verdicts = servers(
        cluster,
        snapshot,
        |_, server| role(server).to_owned(),
        |server, facts, expect| expect.judge(&facts.srvr, |srvr| role_of(server, srvr.mode, alone)),
    );
    verdicts.push(synced(cluster, leader));
    verdicts
}

fn mode(server: &ServerFacts) -> Option<Mode> {
    server.srvr.as_ref().ok().map(|srvr| srvr.mode)
}

fn role(server: &Server) -> &'static str {
    if server.observer.value { "an observer" } else { "the leader or a follower" }
}

fn role_of(server: &Server, mode: Mode, alone: bool) -> Result<String, String> {
    let fits = match mode {
        Mode::Leader | Mode::Follower => !server.observer.value,
        Mode::Observer => server.observer.value,
        Mode::Standalone => alone,
    };
    let mode = mode.name().to_owned();
    if fits { Ok(mode) } else { Err(mode) }
}

/// What the leader counts.
fn synced(cluster: &Cluster, leader: Option<&ServerFacts>) -> Verdict {
    let voters = cluster.servers().filter(|(_, server)| !server.observer.value).count();
    let followers = voters.saturating_sub(1);
    let expect = Expect::of(ENSEMBLE, format!("{followers} synced followers"));
    let Some(leader) = leader else { return expect.skipped("there is no leader to ask") };
    expect.judge(&leader.mntr, |mntr| match mntr.number("zk_synced_followers") {
        Some(number) if number.to_string() == followers.to_string() => Ok(format!("{number} synced")),
        Some(number) => Err(format!("the leader counts {number}")),
        None => Err("the leader's `mntr` does not tell `zk_synced_followers`".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good};
    use super::{CHECK, Mode};

    #[test]
    fn a_follower_that_is_not_synced_fails() {
        good(&CHECK, |_| ());
        let found = failed(&CHECK, |snapshot| {
            let mntr = snapshot.servers.get_mut("a").unwrap().mntr.as_mut().unwrap();
            mntr.0.insert("zk_synced_followers".into(), "1".into());
        });
        assert_eq!(found, "the leader counts 1");
    }

    #[test]
    fn a_server_in_another_role_fails() {
        let found = failed(&CHECK, |snapshot| {
            snapshot.servers.get_mut("b").unwrap().srvr.as_mut().unwrap().mode = Mode::Observer;
        });
        assert_eq!(found, "observer");
    }
}
