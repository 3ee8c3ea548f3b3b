//! The id of a member that another system runs is known.

use super::prelude::*;
use crate::cluster::Sourced;

pub static RULE: Rule = Rule {
    page: Page {
        code: "K210",
        severity: Warning,
        title: "the id of a member that another system runs is guessed",
        why: "What runs on a host with `\"managed\": false` has its id already. kafnix writes the id into the \
              `server.N` lines of all others, and keeps it from being given again; a guess that is wrong makes \
              the member a stranger, or its id that of somebody else.",
        help: "write the id that it has: the content of `myid`, or `broker.id` in `meta.properties`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for host in draft.cluster.hosts.iter().filter(|host| !host.managed) {
        let server = host.zookeeper.as_ref().map(|server| (&server.id, &server.pointer, "server", "myid"));
        let broker = host.kafka.as_ref().map(|broker| (&broker.id, &broker.pointer, "broker", "broker.id"));
        for (id, at, role, kept) in server.into_iter().chain(broker) {
            if id.pointer().is_some() {
                continue;
            }
            let problem =
                found.problem(format!("{} runs elsewhere and is taken for {role} {}", host.name, id.value));
            found.add(problem.at(at, "no `id` of it is written").help(help(&host.name, id, role, kept)));
        }
    }
}

fn help(host: &str, id: &Sourced<i64>, role: &str, kept: &str) -> String {
    let product = if role == "server" { "zookeeper" } else { "kafka" };
    format!("write the id that it has (`{kept}`) in `{product}.hosts.{host}`, like `\"id\": {}`", id.value)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn each_role_of_an_unmanaged_host_wants_its_id() {
        let problems = says(&RULE, json!({ "hosts": { "c": { "managed": false } } }));
        let titles: Vec<_> = problems.iter().map(|problem| problem.title.as_str()).collect();
        assert_eq!(
            titles,
            ["c runs elsewhere and is taken for server 3", "c runs elsewhere and is taken for broker 3"]
        );
    }

    #[test]
    fn ids_that_are_written_are_known() {
        let id = json!({ "a": {}, "c": { "id": 3 } });
        holds(
            &RULE,
            json!({ "hosts": { "c": { "managed": false } },
                    "zookeeper": { "hosts": id }, "kafka": { "hosts": id } }),
        );
    }

    #[test]
    fn an_unmanaged_host_that_is_no_member_has_no_id() {
        let others = json!({ "a": {}, "b": {} });
        holds(
            &RULE,
            json!({ "hosts": { "c": { "managed": false } },
                    "zookeeper": { "hosts": others }, "kafka": { "hosts": others } }),
        );
    }
}
