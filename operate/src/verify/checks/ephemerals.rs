//! Sessions, ephemeral nodes and watches work through every `ZooKeeper` server.

use kafnix_generator::Cluster;

use super::{Check, Expect, Judge, Snapshot, UNREAD, Verdict, servers};
use crate::round_trip::RoundTrips;

pub(super) static CHECK: Check = Check {
    code: "V501",
    title: "ephemeral nodes and watches work",
    why: "Through a session with each server one ephemeral node is created directly under the chroot. Every server \
          must list all of them; then each is deleted, and every server must trigger the watches on it. Kafka's \
          brokers rely on both.",
    help: "see `journalctl -u zookeeper` on the host; a server that answers and takes no write has lost touch \
           with the leader",
    judge: Judge::RoundTrips(run),
};

const EXPECTED: &str = "a node made, seen, removed and told of";

fn run(cluster: &Cluster, snapshot: &Snapshot, round_trips: &RoundTrips) -> Vec<Verdict> {
    let judge = |expect: Expect| match round_trips.servers.get(expect.subject()) {
        Some(Ok(took)) => expect.good(format!("{} ms", took.as_millis())),
        Some(Err(missing)) => expect.missing(missing),
        None => expect.failed(UNREAD),
    };
    if cluster.ensemble().external {
        return snapshot.servers.keys().map(|name| judge(Expect::of(name, EXPECTED))).collect();
    }
    servers(cluster, snapshot, |_, _| EXPECTED.to_owned(), |_, _, expect| judge(expect))
}

#[cfg(test)]
mod tests {
    use super::super::testing::after;
    use super::CHECK;
    use crate::snapshot::Missing;
    use crate::verify::Outcome;

    #[test]
    fn a_server_through_which_nothing_goes_round_fails() {
        after(Outcome::Good, &CHECK, |_| ());
        after(Outcome::Failed, &CHECK, |trips| {
            trips.servers.insert("b".into(), Err(Missing::Wrong("no watch".into())));
        });
    }
}
