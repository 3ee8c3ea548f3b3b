//! Every `ZooKeeper` server runs the pinned release.

use kafnix_generator::Cluster;

use super::{Check, Judge, Snapshot, Verdict, servers};

pub(super) static CHECK: Check = Check {
    code: "V202",
    title: "ZooKeeper runs the release of the spec",
    why: "What `srvr` says is the release that runs, not the one that is installed: a server that was not \
          started again after an upgrade still runs the old one.",
    help: "deploy the host's configuration and start `zookeeper.service` again, one host after the other and \
           the leader last; or write the release that runs into `versions`",
    judge: Judge::Snapshot(run),
};

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    servers(
        cluster,
        snapshot,
        |_, server| server.release.value.to_string(),
        |_, server, expect| expect.equals(&server.srvr, |srvr| srvr.version.clone()),
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good};
    use super::CHECK;

    #[test]
    fn another_release_fails() {
        good(&CHECK, |_| ());
        let found = failed(&CHECK, |snapshot| {
            snapshot.servers.get_mut("b").unwrap().srvr.as_mut().unwrap().version = "3.8.4".into();
        });
        assert_eq!(found, "3.8.4");
    }
}
