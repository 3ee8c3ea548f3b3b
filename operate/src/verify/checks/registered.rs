//! The registered brokers are those of the spec.

use kafnix_generator::Cluster;
use kafnix_protocol::registry::{BROKER_IDS, Registration};

use super::{BROKERS, Check, Expect, Judge, Snapshot, Verdict, list, registered};

pub(super) static CHECK: Check = Check {
    code: "V302",
    title: "exactly the brokers of the spec are registered",
    why: "The brokers of a cluster are those below `/brokers/ids` under its chroot. A broker that runs and is not \
          registered there is in no partition's in-sync replicas; one that is registered and not in the spec gets \
          replicas that nobody manages.",
    help: "see `systemctl status kafka` on the host, which says what the broker waits for; add a broker that is not in \
           the spec to it, or move its replicas and then stop it",
    judge: Judge::Snapshot(run),
};

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    let mut verdicts = registered(
        cluster,
        snapshot,
        |broker| format!("`{BROKER_IDS}/{}`", broker.id.value),
        |_, registration, expect| match registration {
            Some(_) => expect.good("registered"),
            None => expect.failed("not registered"),
        },
    );
    if cluster.kafka.is_some() {
        verdicts.push(strangers(cluster, snapshot));
    }
    verdicts
}

fn strangers(cluster: &Cluster, snapshot: &Snapshot) -> Verdict {
    let expect = Expect::of(BROKERS, "no broker that is not in the spec");
    // That nobody tells who is registered is reported here, once.
    if let Err(missing) = &snapshot.registry {
        return expect.missing(missing);
    }
    expect.judge(&snapshot.registry, |registry| {
        let known = |id: &i64| cluster.brokers().any(|(_, broker)| broker.id.value == *id);
        let strangers: Vec<_> = registry.brokers.iter().filter(|(id, _)| !known(id)).collect();
        if strangers.is_empty() {
            return Ok("none".to_owned());
        }
        let say = |(id, broker): &(&i64, &Registration)| format!("{id} at {}", broker.endpoints.join(" "));
        Err(format!("broker {}", list(strangers.iter().map(say))))
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good};
    use super::CHECK;

    #[test]
    fn a_missing_broker_and_a_stranger_fail() {
        good(&CHECK, |_| ());
        let found = failed(&CHECK, |snapshot| {
            snapshot.registry.as_mut().unwrap().brokers.remove(&2);
        });
        assert_eq!(found, "not registered");
        let found = failed(&CHECK, |snapshot| {
            let brokers = &mut snapshot.registry.as_mut().unwrap().brokers;
            let other = brokers[&1].clone();
            brokers.insert(9, other);
        });
        assert_eq!(found, "broker 9 at PLAINTEXT://10.0.0.1:9092");
    }
}
