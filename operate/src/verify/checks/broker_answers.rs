//! Every broker answers.

use kafnix_generator::Cluster;

use super::{Check, Expect, Judge, Snapshot, TOPICS, Verdict, brokers};

pub(super) static CHECK: Check = Check {
    code: "V301",
    title: "brokers answer",
    why: "A broker that accepts connections answers requests for the metadata of the cluster, its configuration and \
          its log directories. One that does not answer hangs, or another program listens there. It is reported here, \
          and checks that need its answer are skipped.",
    help: "see `systemctl status kafka` and `journalctl -u kafka` on the host; a broker that waits for ZooKeeper \
           goes on by itself",
    judge: Judge::Snapshot(run),
};

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    let mut verdicts = brokers(
        cluster,
        snapshot,
        |_, _| "answers what it is asked".to_owned(),
        |_, broker, expect| {
            let missing = [
                broker.metadata.as_ref().err(),
                broker.config.as_ref().err(),
                broker.log_dirs.as_ref().err(),
            ];
            match missing.into_iter().flatten().next() {
                Some(missing) => expect.missing(missing),
                None => expect.good("answers"),
            }
        },
    );
    if cluster.kafka.is_some() {
        let expect = Expect::of(TOPICS, "a broker tells of the topics and their configuration");
        verdicts.push(match snapshot.topics.as_ref().map(|topics| &topics.configs) {
            Err(missing) | Ok(Err(missing)) => expect.missing(missing),
            Ok(Ok(_)) => expect.good("answers"),
        });
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good, refused, skipped};
    use super::CHECK;
    use crate::snapshot::Missing;

    #[test]
    fn a_broker_that_hangs_fails_and_one_that_is_gone_was_reported() {
        good(&CHECK, |_| ());
        failed(&CHECK, |snapshot| {
            snapshot.brokers.get_mut("b").unwrap().config = Err(Missing::Wrong("no answer".into()));
        });
        failed(&CHECK, |snapshot| {
            snapshot.topics.as_mut().unwrap().configs = Err(Missing::Wrong("no answer".into()));
        });
        skipped(&CHECK, |snapshot| refused(snapshot, "c"));
    }
}
