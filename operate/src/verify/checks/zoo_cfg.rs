//! `ZooKeeper` servers run with the settings that were generated for them, as far as they tell them.

use std::collections::BTreeMap;

use kafnix_generator::Cluster;

use super::{Check, Judge, Snapshot, Verdict, count, servers};
use crate::compare::server::{Differs, differences, generated};

pub(super) static CHECK: Check = Check {
    code: "V403",
    title: "ZooKeeper runs with the generated settings",
    why: "What a server says of its configuration (`conf`) is what the generated zoo.cfg says. `conf` tells \
          ports, directories, ticks and limits, and no more; other keys are not compared.",
    help: "deploy the host's configuration and start `zookeeper.service` again there",
    judge: Judge::Snapshot(run),
};

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    let generated = generated(cluster);
    let generated: BTreeMap<_, _> = generated.values().map(|server| (server.id, server)).collect();
    let told = |of: &Differs<'_>| format!("{} is {} (generated: {})", of.key, of.theirs, of.ours);
    servers(
        cluster,
        snapshot,
        |_, _| "what zoo.cfg says".to_owned(),
        |server, facts, expect| match generated.get(&server.id.value) {
            None => expect.skipped("another system runs this host"),
            Some(host) => expect.judge(&facts.conf, |conf| {
                let (faults, compared) = differences(host, conf);
                let faults: Vec<_> = faults.iter().map(told).collect();
                if faults.is_empty() { Ok(count(compared, "setting")) } else { Err(faults.join("; ")) }
            }),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good};
    use super::CHECK;

    #[test]
    fn another_value_fails() {
        good(&CHECK, |_| ());
        let found = failed(&CHECK, |snapshot| {
            let conf = snapshot.servers.get_mut("b").unwrap().conf.as_mut().unwrap();
            conf.values.insert("tickTime".into(), "3000".into());
        });
        assert_eq!(found, "tickTime is 3000 (generated: 2000)");
    }
}
