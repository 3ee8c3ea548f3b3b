//! Sessions, ephemeral nodes and watches work through every `ZooKeeper` server.

use kafnix_generator::Cluster;

use super::{Check, Expect, Facts, Verdict, servers};
use crate::verify::facts::ServerFacts;

pub(super) static CHECK: Check = Check {
    code: "V501",
    title: "ephemeral nodes and watches go round",
    why: "Through a session with each server an ephemeral node is made; every server shows all of them; each is \
          removed; and every server tells every watcher so. It is what Kafka's brokers rely on. The nodes \
          stand directly under the chroot and are gone afterwards.",
    help: "see `journalctl -u zookeeper` on the host; a server that answers and takes no write has lost touch \
           with the leader",
    run,
};

const EXPECTED: &str = "a node made, seen, removed and told of";

fn run(cluster: &Cluster, facts: &Facts) -> Vec<Verdict> {
    if cluster.zookeeper.external {
        let each = facts.servers.iter();
        return each.map(|(name, server)| judge(Expect::of(name, EXPECTED), server)).collect();
    }
    servers(cluster, facts, |_, _| EXPECTED.to_owned(), |_, server, expect| judge(expect, server))
}

fn judge(expect: Expect, server: &ServerFacts) -> Verdict {
    match &server.round_trip {
        Ok(took) => expect.good(format!("{} ms", took.as_millis())),
        Err(missing) => expect.missing(missing),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good};
    use super::CHECK;
    use crate::verify::facts::Missing;

    #[test]
    fn a_server_through_which_nothing_goes_round_fails() {
        good(&CHECK, |_| ());
        failed(&CHECK, |facts| {
            facts.servers.get_mut("b").unwrap().round_trip = Err(Missing::Wrong("no watch".into()));
        });
    }
}
