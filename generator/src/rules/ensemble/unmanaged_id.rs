//! The id of a member that another system runs is known.

use crate::rules::prelude::*;
use crate::role::Role;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K210",
        severity: Warning,
        title: "the id of a member that another system runs is guessed",
        why: "A server on a host with `\"managed\": false` has its id already. kafnix writes that id into the \
              `server.N` lines of all others and gives it to no other host. After a wrong guess the others do not know \
              the member, or another member has its id.",
        help: "write the id that it has: the content of `myid`, or `broker.id` in `meta.properties`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for host in draft.cluster.hosts.iter().filter(|host| !host.managed.value) {
        for service in host.services().filter(|service| service.id.pointer().is_none()) {
            let (role, id) = (service.role, service.id.value);
            let title = format!("{} id {id} of {} is a guess: another system runs it", role.id(), host.name);
            let problem = found.problem(title).at(&*service.pointer, "its `id` is not written");
            found.add(problem.help(way_out(draft, &host.name, id, role)));
        }
    }
}

fn way_out(draft: &Draft<'_>, host: &str, id: i64, role: Role) -> String {
    let kept = role.id_file();
    let line = format!("`\"{host}\": {{ \"id\": {id} }}`");
    let key = role.key();
    if draft.spec.listed(role).is_some() {
        format!("write the id that it has ({kept}) in `{key}.hosts`, like {line}")
    } else {
        format!("list every member in `{key}.hosts`, this one with the id that it has ({kept}), like {line}")
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{holds, says};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn each_role_of_an_unmanaged_host_wants_its_id() {
        let problems = says(&RULE, json!({ "hosts": { "c": { "managed": false } } }));
        let titles: Vec<_> = problems.iter().map(|problem| problem.title.as_str()).collect();
        assert_eq!(
            titles,
            [
                "server id 3 of c is a guess: another system runs it",
                "broker id 3 of c is a guess: another system runs it"
            ]
        );
    }

    #[test]
    fn who_lists_no_members_is_told_to_list_them_all() {
        let problems = says(
            &RULE,
            json!({ "hosts": { "c": { "managed": false } }, "kafka": { "hosts": { "a": {}, "c": {} } } }),
        );
        assert!(problems[0].help.starts_with("list every member in `zookeeper.hosts`"));
        assert!(problems[1].help.starts_with("write the id that it has (`broker.id`"));
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
