//! The ensemble survives the loss of any one server.

use crate::rules::ensemble::voters;
use crate::rules::message::and;
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K221",
        severity: Warning,
        title: "the loss of one ZooKeeper server stops the ensemble",
        why: "Without a quorum ZooKeeper serves nobody: no partition gets a new leader, no broker comes back, nothing \
              can be administered. An ensemble of one server has no quorum without it, and with weights one server can \
              be a part of every quorum. Each restart for an upgrade is such a loss.",
        help: "let three servers or more vote, with weights that leave a quorum without any one of them",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let ensemble = voters::of(draft);
    let electorate = draft.cluster.electorate();
    // Of two, which a rule of its own tells, either is needed.
    if electorate.voters.is_empty() || (electorate.voters.len() == 2 && electorate.rule.is_majority()) {
        return;
    }
    let needed: Vec<_> = draft
        .cluster
        .voters()
        .filter(|(_, server)| !electorate.has_quorum(|id| id != server.id.value))
        .map(|(host, _)| format!("`{}`", host.name))
        .collect();
    if !needed.is_empty() {
        let title = format!("the loss of {} stops the ensemble", crate::rules::message::or(&needed));
        let help = match needed.len() {
            _ if electorate.voters.len() == 1 => "let three servers vote, as soon as there are three hosts",
            _ => "change the weights so that the others are a quorum without it",
        };
        found.add(found.problem(title).at(ensemble.at, and(needed)).help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{breaks, holds};
    use serde_json::json;

    #[test]
    fn one_voter_is_all_there_is() {
        let hosts = json!({ "a": {}, "b": { "observer": true } });
        let problem = breaks(&RULE, json!({ "zookeeper": { "hosts": hosts } }));
        assert_eq!(problem.title, "the loss of `a` stops the ensemble");
    }

    #[test]
    fn a_server_that_outweighs_the_others_is_told() {
        let settings = json!({ "group.1": "1:2:3", "weight.1": 3, "weight.2": 1, "weight.3": 1 });
        let problem = breaks(&RULE, json!({ "zookeeper": { "settings": settings } }));
        assert_eq!(problem.title, "the loss of `a` stops the ensemble");
    }

    #[test]
    fn three_servers_survive_and_two_are_told_elsewhere() {
        holds(&RULE, json!({}));
        holds(&RULE, json!({ "zookeeper": { "hosts": { "a": {}, "b": {} } } }));
        holds(&RULE, json!({ "zookeeper": { "connect": ["10.9.0.1:2181"], "dataDir": null } }));
    }
}
