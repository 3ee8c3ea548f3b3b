//! Every host gives a sign of life.

use kafnix_generator::Cluster;

use super::{Check, Expect, Judge, Snapshot, Verdict, count};

pub(super) static CHECK: Check = Check {
    code: "V101",
    title: "hosts are reachable",
    why: "A host is reachable when any of its ports takes a connection or refuses one: then the machine and \
          the way to it are there, whatever its servers do. What else is asked of an unreachable host is \
          skipped, so that a dead host costs one timeout.",
    help: "see whether the host is up and has its address, and whether a firewall between here and there drops \
           what is sent to these ports",
    judge: Judge::Snapshot(run),
};

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    let with_roles = cluster.hosts.iter().filter(|host| host.zookeeper.is_some() || host.broker.is_some());
    let verdict = |host: &kafnix_generator::cluster::Host| {
        let ports = snapshot.ports(&host.name);
        let expect = Expect::of(&host.name, format!("an answer on one of {}", count(ports.len(), "port")));
        if snapshot.is_reachable(&host.name) {
            return expect.good("reachable");
        }
        let closed =
            ports.iter().filter_map(|port| Some(format!("{} {}", port.address, port.state.as_ref().err()?)));
        expect.failed(closed.collect::<Vec<_>>().join(", "))
    };
    with_roles.map(verdict).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{dead, failed, good, refused};
    use super::CHECK;

    #[test]
    fn a_host_that_is_silent_on_every_port_is_not_reachable() {
        let found = failed(&CHECK, |snapshot| dead(snapshot, "c"));
        assert!(found.contains("10.0.0.3:2181") && found.contains("10.0.0.3:9092"), "{found}");
    }

    #[test]
    fn a_host_that_refuses_is_reachable() {
        good(&CHECK, |snapshot| refused(snapshot, "c"));
    }
}
