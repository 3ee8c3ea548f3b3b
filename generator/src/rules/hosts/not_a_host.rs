//! Members are hosts.

use crate::rules::hosts::names::label_fault;
use crate::rules::prelude::*;
use crate::problem::nearest;
use crate::role::Role;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K110",
        severity: Error,
        title: "a member is not one of the hosts",
        why: "`zookeeper.hosts` and `kafka.hosts` choose among `hosts`, where each machine has its address. A \
              server on a machine that nobody describes could be neither configured nor reached.",
        help: "describe the machine under `hosts`",
    },
    check,
};

/// Each guess looks at every host.
const MOST_GUESSES: usize = 50;

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut guesses = 0;
    for gap in &draft.gaps {
        let Gap::NotAHost { role, pointer: at, name } = gap else { continue };
        guesses += 1;
        let meant = match name.split_once('.') {
            Some((short, _)) if draft.spec.hosts.contains_key(short) => Some(format!("`{short}`")),
            _ if guesses > MOST_GUESSES => None,
            _ => nearest(name, free(draft, *role)),
        };
        let noun = role.noun();
        let problem = found.problem(format!("`{name}` is to be a {noun} and is not one of the hosts"));
        found.add(match meant {
            Some(host) => {
                problem.at_key(at, format!("did you mean {host}?")).help(format!("write {host}"))
            }
            None if label_fault(name).is_some() => problem.at_key(at, "no such host").help(format!(
                "write the name of a host; `{name}` cannot be one, since a host name has only letters, digits and \
                 hyphens"
            )),
            None => problem.at_key(at, "no such host").help(format!(
                "add it to `hosts`: `\"{name}\": {{ \"address\": \"…\" }}`, with `\"managed\": false` where \
                 another system runs it"
            )),
        });
    }
}

/// Hosts that are not members yet: a member was not meant again, nor a name that is refused itself.
fn free<'a>(draft: &'a Draft<'_>, role: Role) -> impl Iterator<Item = &'a str> {
    let is_member = move |host: &str| draft.spec.of_one(role, host).is_some();
    draft.spec.hosts.keys().map(String::as_str).filter(move |host| !is_member(host) && label_fault(host).is_none())
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, says};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_slip_in_a_members_name_is_sent_to_the_host_that_is_left() {
        let hosts = json!({ "kafka01": { "address": "10.0.0.8" }, "kafka02": { "address": "10.0.0.9" } });
        let members = json!({ "kafka01": {}, "kafka03": {} });
        let problem = breaks(&RULE, json!({ "hosts": hosts, "zookeeper": { "hosts": members } }));
        assert_eq!(problem.title, "`kafka03` is to be a ZooKeeper server and is not one of the hosts");
        assert_eq!(problem.help, "write `kafka02`");
    }

    #[test]
    fn a_full_name_is_sent_to_the_short_one() {
        let members = json!({ "a.example.org": {} });
        let spec = json!({ "domain": "example.org", "kafka": { "hosts": members } });
        assert_eq!(breaks(&RULE, spec).help, "write `a`");
    }

    #[test]
    fn a_member_that_resembles_no_host_has_to_be_added() {
        let members = json!({ "a": {}, "elsewhere": {} });
        let problem = breaks(&RULE, json!({ "kafka": { "hosts": members } }));
        assert!(problem.help.starts_with("add it to `hosts`"), "{}", problem.help);
    }

    #[test]
    fn several_hosts_that_are_equally_near_are_all_named() {
        let hosts = json!({ "kafka01": { "address": "10.0.0.8" }, "kafka02": { "address": "10.0.0.9" } });
        let problem = breaks(&RULE, json!({ "hosts": hosts, "kafka": { "hosts": { "kafka0": {} } } }));
        assert_eq!(problem.help, "write `kafka01` or `kafka02`");
    }

    #[test]
    fn a_name_that_no_host_may_have_is_not_to_be_added() {
        let problem = breaks(&RULE, json!({ "kafka": { "hosts": { "broker_1": {} } } }));
        assert!(problem.help.starts_with("write the name of a host"), "{}", problem.help);
    }

    #[test]
    fn a_host_whose_name_is_refused_itself_is_not_what_was_meant() {
        let hosts = json!({ "broker_1": { "address": "10.0.0.9" } });
        let problem = breaks(&RULE, json!({ "hosts": hosts, "kafka": { "hosts": { "broker1": {} } } }));
        assert!(problem.help.starts_with("add it to `hosts`: `\"broker1\": "), "{}", problem.help);
    }

    #[test]
    fn each_stranger_is_one_problem() {
        let members = json!({ "x": {}, "y": {} });
        assert_eq!(says(&RULE, json!({ "kafka": { "hosts": members } })).len(), 2);
    }

    #[test]
    fn some_of_the_hosts_are_members() {
        holds(&RULE, json!({ "zookeeper": { "hosts": { "a": {} } }, "kafka": { "hosts": { "c": {} } } }));
    }
}
