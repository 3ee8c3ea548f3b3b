//! Every server counts the same members.

use std::collections::BTreeSet;
use std::net::IpAddr;

use kafnix_generator::Cluster;

use super::{Check, Judge, Snapshot, Verdict, list, servers};

pub(super) static CHECK: Check = Check {
    code: "V205",
    title: "every server has the same ensemble",
    why: "The members that each server counts (`conf`) are those of the spec. Servers that count different \
          members can elect two leaders.",
    help: "deploy the host's configuration and start `zookeeper.service` again there",
    judge: Judge::Snapshot(run),
};

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    let wanted: BTreeSet<_> = cluster
        .servers()
        .map(|(_, server)| {
            let role = if server.observer.value { "observer" } else { "participant" };
            let (peer, election) = (server.peer_port.value, server.election_port.value);
            format!("server.{}={}:{election}:{role}", server.id.value, server.address.value.with_port(peer))
        })
        .collect();
    servers(
        cluster,
        snapshot,
        |_, _| list(&wanted),
        |_, server, expect| {
            expect.judge(&server.conf, |conf| {
                let found = conf.members.iter().map(|(key, line)| format!("{key}={}", canonical(line)));
                let found: BTreeSet<_> = found.collect();
                if found == wanted {
                    return Ok(format!("{} members", found.len()));
                }
                let missing: Vec<_> = wanted.difference(&found).collect();
                let more: Vec<_> = found.difference(&wanted).collect();
                Err(format!("missing: {}; more: {}", list(missing), list(more)))
            })
        },
    )
}

/// `address:peer:election:role` in one form: a server repeats what its file says, which may leave out the
/// role, name the client port, or write an IPv6 address in another way.
fn canonical(line: &str) -> String {
    let line = line.split(';').next().unwrap_or(line);
    let is_role = |word: &str| matches!(word, "participant" | "observer");
    let (rest, role) = match line.rsplit_once(':') {
        Some((rest, role)) if is_role(role) => (rest, role),
        _ => (line, "participant"),
    };
    let mut parts = rest.rsplitn(3, ':');
    let (election, peer) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let host = parts.next().unwrap_or_default().trim_matches(['[', ']']);
    let host = match host.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        _ => host.to_owned(),
    };
    format!("{host}:{peer}:{election}:{role}")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good};
    use super::{CHECK, canonical};

    #[test]
    fn another_set_of_members_fails() {
        good(&CHECK, |_| ());
        let found = failed(&CHECK, |snapshot| {
            snapshot.servers.get_mut("c").unwrap().conf.as_mut().unwrap().members.remove("server.2");
        });
        assert_eq!(found, "missing: server.2=10.0.0.2:2888:3888:participant; more: none");
    }

    #[test]
    fn two_ways_to_write_a_member_are_one() {
        let wanted = "[fd00::1]:2888:3888:participant";
        assert_eq!(canonical("[fd00:0:0:0:0:0:0:1]:2888:3888:participant"), wanted);
        assert_eq!(canonical("[fd00::1]:2888:3888;[fd00::1]:2181"), wanted);
        assert_eq!(canonical("10.0.0.1:2888:3888:observer"), "10.0.0.1:2888:3888:observer");
    }
}
