//! While hosts are switched one after the other, brokers find servers.

use crate::rules::changes::moves;
use crate::rules::prelude::*;
use crate::rules::message::unless_meant;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K712",
        severity: Error,
        title: "clients find no server while hosts are switched",
        why: "`zookeeper.connect` of each broker names every server by its address and `clientPort`, and is read as \
              the broker starts. Until its host is switched, a broker looks for the servers where they were; once it \
              is, where they will be. If too few servers stay, it finds none, its session expires, and it leads no \
              partition. Two servers must stay, since one of them may be restarting at that moment; of an ensemble of \
              two, one. The same holds for `secureClientPort`. An older lock, which does not hold addresses and ports, \
              is not compared.",
        help: "change a few servers in a generation",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    // Where the servers do not find each other, their clients are the smaller trouble.
    if draft.cluster.ensemble().external
        || moves::voters(draft).is_some_and(|voters| voters.elsewhere)
        || all_on_one_host(draft)
    {
        return;
    }
    for clients in moves::clients(draft) {
        let found_there = match clients.kept {
            0 => "no server".to_owned(),
            kept => format!("only {kept} of {} servers", clients.all),
        };
        let title = format!(
            "{}: clients find {found_there} while hosts are switched",
            moves::told(&clients.moved)
        );
        let problem = moves::at_places(found.problem(title), &clients.moved);
        let first = clients.moved.iter().take(clients.all.saturating_sub(clients.needed));
        let first: Vec<_> = first.map(|moved| moved.host.name.as_str()).collect();
        let safe = if first.is_empty() {
            "brokers lose their session until their host is switched: switch all hosts at once".to_owned()
        } else {
            moves::first_alone(&first, &clients.moved)
        };
        found.add(problem.help(unless_meant(&safe, RULE.diagnostic.code)));
    }
}

/// The one server is switched together with its only client.
fn all_on_one_host(draft: &Draft<'_>) -> bool {
    let cluster = &draft.cluster;
    let mut servers = cluster.servers();
    match (servers.next(), servers.next()) {
        (Some((host, _)), None) => {
            cluster.firewall.zookeeper.value.is_empty()
                && cluster.brokers().all(|(broker, _)| broker.name == host.name)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{one, says_after};
    use super::RULE;
    use serde_json::{Value, json};

    /// Each of these hosts with this client port.
    fn ports(names: &str) -> Value {
        let mut hosts = json!({ "a": {}, "b": {}, "c": {} });
        for name in names.chars() {
            hosts[name.to_string()] = json!({ "clientPort": 2182 });
        }
        json!({ "zookeeper": { "hosts": hosts } })
    }

    #[test]
    fn the_client_port_of_all_servers_at_once_is_refused_and_of_one_is_fine() {
        let problem = one(says_after(&RULE, json!({}), json!({ "zookeeper": { "clientPort": 2182 } })));
        let title = "the `clientPort` of `a`, `b` and `c` changes: clients find no server while hosts are switched";
        assert_eq!(problem.title, title);
        assert!(problem.help.starts_with("change `a` alone in this generation"), "{}", problem.help);
        let two = one(says_after(&RULE, ports(""), ports("ab")));
        assert!(two.title.contains("clients find only 1 of 3 servers while"), "{}", two.title);
        for (before, after) in [("", "a"), ("a", "ab"), ("ab", "abc")] {
            assert_eq!(says_after(&RULE, ports(before), ports(after)), []);
        }
    }

    #[test]
    fn a_secured_port_is_one_of_its_own() {
        let secured = |port: Option<u16>| json!({ "zookeeper": { "settings": { "secureClientPort": port } } });
        one(says_after(&RULE, secured(Some(2281)), secured(Some(2282))));
        one(says_after(&RULE, secured(Some(2281)), secured(None)));
        assert_eq!(says_after(&RULE, secured(None), secured(Some(2281))), []);
        assert_eq!(says_after(&RULE, secured(Some(2281)), secured(Some(2281))), []);
    }

    #[test]
    fn what_a_secured_port_is_bound_to_changes_nothing_where_clients_find_it() {
        let bound = |address: Option<&str>| {
            let settings = json!({ "secureClientPort": 2281, "secureClientPortAddress": address });
            json!({ "zookeeper": { "settings": settings } })
        };
        let by_itself = json!({ "zookeeper": { "settings": { "secureClientPort": 2281 } } });
        for after in [Some("0.0.0.0"), None] {
            assert_eq!(says_after(&RULE, by_itself.clone(), bound(after)), []);
            assert_eq!(says_after(&RULE, bound(after), by_itself.clone()), []);
        }
        one(says_after(&RULE, by_itself, bound(Some("192.0.2.1"))));
    }

    #[test]
    fn a_single_server_moves_with_its_clients_or_leaves_them() {
        let single = |port: u16, brokers: &str| {
            let brokers: serde_json::Map<_, _> =
                brokers.chars().map(|name| (name.to_string(), json!({}))).collect();
            json!({
                "zookeeper": { "hosts": { "a": { "clientPort": port } } },
                "kafka": { "hosts": brokers }
            })
        };
        assert_eq!(says_after(&RULE, single(2181, "a"), single(2182, "a")), []);
        let problem = one(says_after(&RULE, single(2181, "ab"), single(2182, "ab")));
        assert!(problem.help.starts_with("brokers lose their session"), "{}", problem.help);
        let mut open = single(2182, "a");
        open["zookeeper"]["from"] = json!(["10.9.0.0/24"]);
        one(says_after(&RULE, single(2181, "a"), open));
    }

    #[test]
    fn servers_that_do_not_find_each_other_are_told_once() {
        let host = |n: u8| json!({ "address": format!("10.0.1.{n}") });
        let moved = json!({ "hosts": { "a": host(1), "b": host(2), "c": host(3) } });
        assert_eq!(says_after(&RULE, json!({}), moved), []);
        let one_server = |n: u8| {
            let hosts = json!({ "a": host(n), "b": { "address": "10.0.0.2" }, "c": { "address": "10.0.0.3" } });
            json!({ "hosts": hosts, "zookeeper": { "hosts": { "a": {} } } })
        };
        let problem = one(says_after(&RULE, one_server(1), one_server(9)));
        assert!(problem.title.starts_with("the address of `a` changes: clients find no server"), "{}", problem.title);
    }
}
