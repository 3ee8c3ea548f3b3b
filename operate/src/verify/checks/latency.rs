//! Servers keep up with what they are asked.

use kafnix_generator::Cluster;

use super::{Check, Expect, Judge, Snapshot, Verdict, servers};
use kafnix_client::zookeeper::Mntr;

pub(super) static CHECK: Check = Check {
    code: "V207",
    title: "ZooKeeper keeps up",
    why: "Few requests wait (`zk_outstanding_requests`), and since its start the server answered in a few \
          milliseconds on average (`zk_avg_latency`). Above 10 requests or 10 ms it is worth a look; at 1,000 \
          waiting requests (`globalOutstandingLimit`) ZooKeeper stops reading from its clients. The average \
          of a server that has just started is not worth much.",
    help: "see whether another process keeps the disk of the transaction log busy (`fsync` warnings in the \
           journal), whether the heap is too small, or the host swaps",
    judge: Judge::Snapshot(run),
};

/// What both alarm rules of the field take for too much.
const MOST_WAITING: f64 = 10.0;
const LONGEST_MS: f64 = 10.0;
/// ZooKeeper's default of `globalOutstandingLimit`.
const THROTTLED: f64 = 1000.0;

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    servers(
        cluster,
        snapshot,
        |_, _| format!("at most {MOST_WAITING} waiting requests, {LONGEST_MS} ms on average"),
        |_, server, expect| match &server.mntr {
            Ok(mntr) => judge(mntr, expect),
            Err(missing) => expect.skipped(missing.reason()),
        },
    )
}

fn judge(mntr: &Mntr, expect: Expect) -> Verdict {
    let waiting = mntr.number("zk_outstanding_requests");
    let latency = mntr.number("zk_avg_latency");
    let (Some(waiting), Some(latency)) = (waiting, latency) else {
        return expect.skipped("`mntr` does not tell `zk_outstanding_requests` and `zk_avg_latency`");
    };
    let found = format!("{waiting} waiting, {latency} ms on average");
    if waiting >= THROTTLED {
        expect.failed(found)
    } else if waiting > MOST_WAITING || latency > LONGEST_MS {
        expect.note(found)
    } else {
        expect.good(found)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good, noted};
    use super::{CHECK, Snapshot};

    fn metric(snapshot: &mut Snapshot, key: &str, value: &str) {
        let mntr = snapshot.servers.get_mut("b").unwrap().mntr.as_mut().unwrap();
        mntr.0.insert(key.into(), value.into());
    }

    #[test]
    fn slow_is_worth_a_note_and_throttled_fails() {
        good(&CHECK, |_| ());
        noted(&CHECK, |snapshot| metric(snapshot, "zk_avg_latency", "25.5"));
        noted(&CHECK, |snapshot| metric(snapshot, "zk_outstanding_requests", "12"));
        failed(&CHECK, |snapshot| metric(snapshot, "zk_outstanding_requests", "1000"));
    }
}
