//! Every `ZooKeeper` server serves.

use kafnix_generator::Cluster;

use super::{Check, Judge, Snapshot, Verdict, servers};

pub(super) static CHECK: Check = Check {
    code: "V201",
    title: "ZooKeeper serves",
    why: "`srvr`, `mntr` and `conf` are answered, and the server is in a quorum. A server whose port is open and \
          that is in no quorum serves nobody. It is reported here, and checks that need its answer are skipped.",
    help: "a quorum needs more than half of the voting servers: see which of them are up, and what \
           `journalctl -u zookeeper` says on those that are",
    judge: Judge::Snapshot(run),
};

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    servers(
        cluster,
        snapshot,
        |_, _| "answers `srvr`, `mntr` and `conf`, in a quorum".to_owned(),
        |_, server, expect| {
            let srvr = match &server.srvr {
                Err(missing) => return expect.missing(missing),
                Ok(srvr) => srvr,
            };
            // What the spec lets it keep to itself is no fault.
            let more = [server.mntr.as_ref().err(), server.conf.as_ref().err()];
            let wrong = more.into_iter().flatten().find(|missing| missing.was_asked());
            match wrong {
                Some(missing) => expect.missing(missing),
                None if !srvr.has_data() => expect.failed("it answers, and has no transaction to serve"),
                None => expect.good(srvr.mode.name()),
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{dead, failed, good, skipped};
    use super::CHECK;
    use crate::snapshot::Missing;

    #[test]
    fn a_server_outside_a_quorum_fails() {
        good(&CHECK, |_| ());
        failed(&CHECK, |snapshot| {
            snapshot.servers.get_mut("c").unwrap().srvr = Err(Missing::Wrong("it does not serve".into()));
        });
        failed(&CHECK, |snapshot| {
            snapshot.servers.get_mut("c").unwrap().srvr.as_mut().unwrap().zxid = -1;
        });
    }

    #[test]
    fn a_dead_host_is_not_reported_again() {
        skipped(&CHECK, |snapshot| dead(snapshot, "c"));
    }
}
