//! Whether the spec can say that the ensemble exists.

use kafnix_generator::Cluster;
use kafnix_generator::spec::{State, Version};
use kafnix_protocol::four_letter_words::Srvr;

use super::{Check, ENSEMBLE, Expect, Judge, Snapshot, Verdict, list, outside};

pub(super) static CHECK: Check = Check {
    code: "V208",
    title: "the spec knows that the ensemble exists",
    why: "With `\"state\": \"existing\"`, a server whose disk comes back empty joins as a learner whatever else was \
          lost with it; with `new`, only a record on the host's root disk keeps it from voting without data. Once \
          every server is in the quorum, `existing` can be written.",
    help: "write `\"state\": \"existing\"` below `zookeeper` in the spec, generate and deploy",
    judge: Judge::Snapshot(run),
};

/// Since then a server can be told not to vote on an empty disk.
const SINCE: Version = Version([3, 6, 0]);

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    if cluster.ensemble().external {
        return vec![outside()];
    }
    let expect = Expect::of(ENSEMBLE, "`existing`, once every server is in the quorum");
    let new: Vec<_> = cluster
        .servers()
        .filter(|(host, server)| host.managed.value && server.state.value == State::New)
        .filter(|(_, server)| server.release.value >= SINCE)
        .map(|(host, _)| host.name.as_str())
        .collect();
    let serves = |host: &str| {
        snapshot.servers.get(host).and_then(|server| server.srvr.as_ref().ok()).is_some_and(Srvr::has_data)
    };
    let all_serve = cluster.servers().all(|(host, _)| serves(&host.name));
    let knows = cluster.servers().any(|(_, server)| server.release.value >= SINCE);
    vec![if !knows {
        expect.skipped(format!("ZooKeeper before {SINCE} lets an empty server vote, whatever the spec says"))
    } else if new.is_empty() {
        expect.good("existing")
    } else if snapshot.local {
        expect.skipped("a cluster on this machine says nothing of the deployed one")
    } else if all_serve {
        expect.note(format!("every server is in the quorum, and `state` of {} is `new`", list(new)))
    } else {
        expect.skipped("not every server is in the quorum")
    }]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Outcome;
    use super::super::testing::{dead, expect_of, noted, skipped};
    use super::CHECK;

    #[test]
    fn a_formed_ensemble_that_is_still_new_is_worth_a_note() {
        noted(&CHECK, |_| ());
        skipped(&CHECK, |snapshot| dead(snapshot, "c"));
        skipped(&CHECK, |snapshot| snapshot.local = true);
    }

    #[test]
    fn an_old_release_knows_no_state() {
        let old = json!({ "versions": { "jdk": "8", "zookeeper": "3.5.9", "kafka": "2.7.0" } });
        expect_of(&old, Outcome::Skipped, &CHECK, |_| ());
    }

    #[test]
    fn an_existing_one_is_good() {
        let existing = json!({ "zookeeper": { "state": "existing" } });
        expect_of(&existing, Outcome::Good, &CHECK, |_| ());
    }
}
