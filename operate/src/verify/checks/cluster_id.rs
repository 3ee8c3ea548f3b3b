//! All brokers are in the same cluster.

use std::collections::BTreeMap;

use kafnix_generator::Cluster;

use super::{BROKERS, Check, Expect, Judge, Snapshot, Verdict, list};

pub(super) static CHECK: Check = Check {
    code: "V305",
    title: "the cluster id is the same on every broker",
    why: "`/cluster/id` in ZooKeeper, what every broker says, and `kafka.clusterId` where the spec has one, are \
          the same. Two ids are two clusters: a chroot that was emptied, or disks of another cluster.",
    help: "do not delete `meta.properties`: find out whether ZooKeeper lost its data or the broker has the wrong \
           disks",
    judge: Judge::Snapshot(run),
};

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    let Some(kafka) = &cluster.kafka else { return Vec::new() };
    let written = kafka.cluster_id.as_ref().map(|id| id.value.clone());
    let expect =
        Expect::of(BROKERS, written.clone().unwrap_or_else(|| "one id, the same for all".to_owned()));
    let mut said: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    if let Ok(registry) = &snapshot.registry {
        let id = registry.cluster_id.clone().unwrap_or_else(|| "none".to_owned());
        said.entry(id).or_default().push("ZooKeeper");
    }
    for (host, _) in cluster.brokers() {
        if let Some(Ok(metadata)) = snapshot.brokers.get(&host.name).map(|broker| &broker.metadata) {
            let id = metadata.cluster_id.clone().unwrap_or_else(|| "none".to_owned());
            said.entry(id).or_default().push(&host.name);
        }
    }
    let mut ids = said.keys();
    vec![match (ids.next(), ids.next()) {
        (None, _) => expect.skipped("nobody can be asked"),
        (Some(only), None) if only != "none" && written.is_none_or(|written| written == *only) => {
            expect.good(only)
        }
        _ => {
            let each = said.iter().map(|(id, who)| format!("{id} for {}", list(who)));
            expect.failed(each.collect::<Vec<_>>().join("; "))
        }
    }]
}

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good};
    use super::CHECK;

    #[test]
    fn another_id_fails() {
        good(&CHECK, |_| ());
        let found = failed(&CHECK, |snapshot| {
            snapshot.brokers.get_mut("c").unwrap().metadata.as_mut().unwrap().cluster_id = Some("zzz".into());
        });
        assert_eq!(found, "cluster-1 for ZooKeeper, a and b; zzz for c");
    }
}
