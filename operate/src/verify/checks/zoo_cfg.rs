//! `ZooKeeper` servers run with the settings that were generated for them, as far as they tell them.

use std::collections::BTreeMap;

use kafnix_generator::Cluster;
use kafnix_generator::hosts::{ServiceConfig, hosts};
use kafnix_generator::role::Role;
use kafnix_protocol::directories::VERSION_2;

use super::{Check, Judge, Snapshot, Verdict, count, servers};
use kafnix_client::zookeeper::Conf;

pub(super) static CHECK: Check = Check {
    code: "V403",
    title: "ZooKeeper runs with the generated settings",
    why: "What a server says of its configuration (`conf`) is what the generated zoo.cfg says. `conf` tells \
          ports, directories, ticks and limits, and no more; other keys are not compared.",
    help: "deploy the host's configuration and start `zookeeper.service` again there",
    judge: Judge::Snapshot(run),
};

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    let generated = hosts(cluster);
    let generated: BTreeMap<_, _> = generated
        .iter()
        .filter_map(|host| host.services.get(&Role::ZooKeeper))
        .map(|server| (server.id, server))
        .collect();
    servers(
        cluster,
        snapshot,
        |_, _| "what zoo.cfg says".to_owned(),
        |server, facts, expect| match generated.get(&server.id.value) {
            None => expect.skipped("another system runs this host"),
            Some(host) => expect.judge(&facts.conf, |conf| {
                let (faults, compared) = differences(host, conf);
                if faults.is_empty() { Ok(count(compared, "setting")) } else { Err(faults.join("; ")) }
            }),
        },
    )
}

fn differences(host: &ServiceConfig<'_>, conf: &Conf) -> (Vec<String>, usize) {
    let (mut faults, mut compared) = (Vec::new(), 0);
    for (key, setting) in &host.settings {
        let (Some(ours), Some(theirs)) = (setting.plain(), conf.values.get(*key)) else { continue };
        // What cannot be a number is never taken for equal to one.
        let number = |text: &str| text.trim().parse::<i64>().ok();
        // The folder that a server makes in each of its directories.
        let above = theirs.strip_suffix(VERSION_2).and_then(|path| path.strip_suffix('/'));
        let theirs = above.unwrap_or(theirs);
        compared += 1;
        let same = match (number(named(&ours)), number(theirs)) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => ours.trim().trim_end_matches('/') == theirs,
        };
        if !same {
            faults.push(format!("{key} is {theirs} (generated: {ours})"));
        }
    }
    (faults, compared)
}

/// `conf` tells the kind of a peer by its number.
fn named(value: &str) -> &str {
    match value {
        "participant" => "0",
        "observer" => "1",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good};
    use super::{CHECK, named};

    #[test]
    fn another_value_fails() {
        good(&CHECK, |_| ());
        let found = failed(&CHECK, |snapshot| {
            let conf = snapshot.servers.get_mut("b").unwrap().conf.as_mut().unwrap();
            conf.values.insert("tickTime".into(), "3000".into());
        });
        assert_eq!(found, "tickTime is 3000 (generated: 2000)");
    }

    #[test]
    fn an_observer_is_told_by_its_number() {
        assert_eq!((named("observer"), named("participant"), named("10.0.0.1")), ("1", "0", "10.0.0.1"));
    }
}
