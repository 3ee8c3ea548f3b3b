//! The three ports of a `ZooKeeper` server.

use kafnix_generator::Cluster;
use kafnix_generator::cluster::Kind;

use super::{Check, ENSEMBLE, Expect, Judge, Snapshot, Verdict, outside, servers};
use crate::snapshot::{Port, ServerFacts};
use kafnix_client::Closed;

pub(super) static CLIENT: Check = Check {
    code: "V102",
    title: "ZooKeeper accepts client connections",
    why: "Brokers and tools connect to the client port; every other question to a server goes through it.",
    help: "see `systemctl status zookeeper` and `journalctl -u zookeeper` on the host",
    judge: Judge::Snapshot(client),
};

pub(super) static ELECTION: Check = Check {
    code: "V103",
    title: "election ports accept connections",
    why: "Servers elect their leader over the election port. Where it is closed, a server serves until the \
          next election and is then left out.",
    help: "see `journalctl -u zookeeper` on the host for what it binds its election port to, and whether a \
           firewall lets its peers in",
    judge: Judge::Snapshot(election),
};

pub(super) static PEER: Check = Check {
    code: "V104",
    title: "the leader accepts followers",
    why: "Followers and observers connect to the peer port of the leader. No other server listens there.",
    help: "see `journalctl -u zookeeper` on the leader, and whether a firewall lets its peers in",
    judge: Judge::Snapshot(peer),
};

fn client(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    if cluster.ensemble().external {
        let verdict = |(name, server): (&String, &ServerFacts)| {
            port(Expect::of(name, opens(&server.client)), &server.client)
        };
        return snapshot.servers.iter().map(verdict).collect();
    }
    servers(
        cluster,
        snapshot,
        |_, server| format!("{} takes connections", server.client_endpoint()),
        |_, server, expect| port(expect, &server.client),
    )
}

fn opens(port: &Port) -> String {
    format!("{} takes connections", port.address)
}

fn election(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    let stranger = !snapshot.asked_by_a_member(cluster);
    servers(
        cluster,
        snapshot,
        |_, server| format!("{} takes connections", server.place(&Kind::Election).unwrap_or_default()),
        |_, server, expect| match &server.election {
            Some(election) => among_peers(expect, server, election, stranger),
            None => expect.skipped("it was not asked"),
        },
    )
}

fn peer(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    if cluster.ensemble().external {
        return vec![outside()];
    }
    let stranger = !snapshot.asked_by_a_member(cluster);
    let leaders =
        snapshot.servers.iter().filter_map(|(host, server)| Some((host, server, server.peer.as_ref()?)));
    let verdict = |(host, server, peer): (&String, &ServerFacts, &Port)| {
        among_peers(Expect::of(host, opens(peer)), server, peer, stranger)
    };
    let verdicts: Vec<_> = leaders.map(verdict).collect();
    if verdicts.is_empty() {
        return vec![
            Expect::of(ENSEMBLE, "the peer port of the leader is open").skipped("there is no leader"),
        ];
    }
    verdicts
}

fn port(expect: Expect, port: &Port) -> Verdict {
    match &port.state {
        Ok(_) => expect.good(format!("{} is open", port.address)),
        Err(closed) => expect.failed(format!("{} {closed}", port.address)),
    }
}

/// A port that a firewall may well keep for the ensemble: silence tells a stranger nothing. A host that is
/// silent altogether was reported once.
fn among_peers(expect: Expect, server: &ServerFacts, port_facts: &Port, stranger: bool) -> Verdict {
    match &port_facts.state {
        Err(Closed::Silent(_)) if server.client.state.is_ok() && stranger => expect.skipped(
            "silent to this machine, which is none of the cluster's: a firewall may let in members alone",
        ),
        Err(closed) if server.client.state.is_err() && *closed != Closed::Refused => {
            expect.skipped(format!("{} {closed}", port_facts.address))
        }
        _ => port(expect, port_facts),
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::Duration;

    use super::super::testing::{dead, failed, good, skipped};
    use super::{CLIENT, Closed, ELECTION, PEER};

    #[test]
    fn a_closed_client_port_fails() {
        good(&CLIENT, |_| ());
        let found = failed(&CLIENT, |snapshot| {
            snapshot.servers.get_mut("b").unwrap().client.state = Err(Closed::Refused);
        });
        assert_eq!(found, "10.0.0.2:2181 refuses the connection");
    }

    #[test]
    fn a_closed_election_port_fails() {
        good(&ELECTION, |_| ());
        failed(&ELECTION, |snapshot| {
            let election = &mut snapshot.servers.get_mut("b").unwrap().election;
            election.as_mut().unwrap().state = Err(Closed::Refused);
        });
    }

    #[test]
    fn a_stranger_is_not_told_that_a_port_among_peers_is_broken() {
        let stranger: IpAddr = "192.0.2.1".parse().unwrap();
        skipped(&ELECTION, |snapshot| {
            for server in snapshot.servers.values_mut() {
                server.client.state = Ok(stranger);
                let silent = Err(Closed::Silent(Duration::from_secs(5)));
                server.election.as_mut().unwrap().state = silent;
            }
            for broker in snapshot.brokers.values_mut() {
                broker.listeners[0].1.state = Ok(stranger);
            }
        });
    }

    #[test]
    fn the_peer_port_is_that_of_the_leader() {
        good(&PEER, |_| ());
        failed(&PEER, |snapshot| {
            snapshot.servers.get_mut("a").unwrap().peer.as_mut().unwrap().state = Err(Closed::Refused);
        });
        skipped(&PEER, |snapshot| snapshot.servers.values_mut().for_each(|server| server.peer = None));
    }

    #[test]
    fn a_dead_host_is_not_reported_again_for_its_election_port() {
        skipped(&ELECTION, |snapshot| dead(snapshot, "c"));
    }
}
