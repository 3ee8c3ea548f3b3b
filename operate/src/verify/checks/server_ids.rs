//! Every server has the id that the spec gives its host.

use kafnix_generator::Cluster;

use super::{Check, Judge, Snapshot, Verdict, servers};

pub(super) static CHECK: Check = Check {
    code: "V206",
    title: "server ids are those of the spec",
    why: "The id that a server runs with (`serverId` of `conf`, from its `myid`) is the one that all others \
          know its host by.",
    help: "compare `myid` in the host's data directory with the spec: a data directory may stand on the wrong \
           host; do not edit `myid` over data of another server",
    judge: Judge::Snapshot(run),
};

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    servers(
        cluster,
        snapshot,
        |_, server| server.id.value.to_string(),
        |_, server, expect| {
            expect.equals(&server.conf, |conf| {
                conf.values
                    .get("serverId")
                    .cloned()
                    .unwrap_or_else(|| "`conf` tells no `serverId`".to_owned())
            })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good};
    use super::CHECK;

    #[test]
    fn another_id_fails() {
        good(&CHECK, |_| ());
        let found = failed(&CHECK, |snapshot| {
            let conf = snapshot.servers.get_mut("b").unwrap().conf.as_mut().unwrap();
            conf.values.insert("serverId".into(), "3".into());
        });
        assert_eq!(found, "3");
    }
}
