//! The ensemble has one leader.

use kafnix_generator::Cluster;

use super::{Check, ENSEMBLE, Expect, Judge, Snapshot, Verdict, count, list, outside};
use kafnix_protocol::four_letter_words::Mode;

pub(super) static CHECK: Check = Check {
    code: "V203",
    title: "ZooKeeper has one leader",
    why: "Without a leader nothing can be written: no topic can be created, no broker can register, and no \
          partition gets a new leader. Two leaders are two ensembles, which lose each other's writes.",
    help: "start the servers that are down: a quorum of the voting ones elects a leader; where there are \
           two, stop one side and compare `server.N` in every zoo.cfg",
    judge: Judge::Snapshot(run),
};

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    if cluster.ensemble().external {
        return vec![outside()];
    }
    let total = cluster.servers().count();
    let voters = cluster.servers().filter(|(_, server)| !server.observer.value).count();
    let leads = |mode| mode == Mode::Leader || (mode == Mode::Standalone && total == 1);
    let serving = |host: &str| snapshot.servers.get(host)?.srvr.as_ref().ok();
    let leaders: Vec<_> = cluster
        .servers()
        .filter(|(host, _)| serving(&host.name).is_some_and(|srvr| leads(srvr.mode)))
        .map(|(host, _)| host.name.as_str())
        .collect();
    let expect = Expect::of(ENSEMBLE, "exactly one leader");
    vec![match leaders.as_slice() {
        [only] => expect.good(format!("{only} leads")),
        [] => {
            let serving = cluster.servers().filter(|(host, _)| serving(&host.name).is_some()).count();
            let needed = if cluster.ensemble().quorum.is_majority() {
                format!("{} of {voters} voting ones", voters / 2 + 1)
            } else {
                "what `group.N`, `weight.N` and `oraclePath` say".to_owned()
            };
            let servers = count(total, "server");
            expect
                .failed(format!("no leader: {serving} of {servers} in a quorum, and a quorum needs {needed}"))
        }
        several => expect.failed(format!("{} lead", list(several))),
    }]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Outcome;
    use super::super::testing::{dead, expect_of, failed, good};
    use super::{CHECK, Mode};

    #[test]
    fn none_or_two_leaders_fail() {
        good(&CHECK, |_| ());
        let found = failed(&CHECK, |snapshot| {
            snapshot.servers.get_mut("b").unwrap().srvr.as_mut().unwrap().mode = Mode::Leader;
        });
        assert_eq!(found, "a and b lead");
        let found =
            failed(&CHECK, |snapshot| ["a", "b", "c"].into_iter().for_each(|host| dead(snapshot, host)));
        assert!(
            found.ends_with("0 of 3 servers in a quorum, and a quorum needs 2 of 3 voting ones"),
            "{found}"
        );
        let groups = json!({ "zookeeper": { "settings": { "group.1": "1:2", "group.2": "3" } } });
        let found = expect_of(&groups, Outcome::Failed, &CHECK, |snapshot| {
            for host in ["a", "b", "c"] {
                dead(snapshot, host);
            }
        });
        assert!(found.ends_with("a quorum needs what `group.N`, `weight.N` and `oraclePath` say"), "{found}");
    }
}
