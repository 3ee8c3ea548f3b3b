//! ZooKeeper's `AdminServer` is off, or answers this host alone.

use std::net::IpAddr;

use crate::rules::prelude::*;
use crate::rules::message::and;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K217",
        severity: Warning,
        title: "ZooKeeper's AdminServer answers other hosts",
        why: "The AdminServer does not authenticate anybody, and shows the configuration, the connections and, from \
              3.9 on, a snapshot of all data (zookeeperAdmin, The AdminServer). kafnix turns it off and binds it to \
              loopback in case somebody turns it on. The firewall opens no port for it.",
        help: "leave `admin.serverAddress` out, or take `admin.enableServer` out",
    },
    check,
};

const ON: &str = "admin.enableServer";
const ADDRESS: &str = "admin.serverAddress";

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut hosts = Vec::new();
    let mut places = std::collections::BTreeSet::new();
    for (host, server) in draft.cluster.servers().filter(|(host, _)| host.managed.value) {
        let setting = |key| draft.cluster.setting(server, key);
        let text = |key| setting(key).and_then(|setting| setting.value.plain());
        // ZooKeeper's own defaults: on, and on every address
        let is_on = text(ON).is_none_or(|on| !on.trim().eq_ignore_ascii_case("false"));
        let address = text(ADDRESS).map(|address| address.trim().to_owned());
        let is_here = address.is_some_and(|address| {
            address == "localhost" || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        });
        if is_on && !is_here {
            hosts.push(host.name.as_str());
            let written = [ADDRESS, ON].into_iter().find_map(|key| setting(key)?.pointer());
            places.insert(written.unwrap_or("/zookeeper/settings").to_owned());
        }
    }
    if !hosts.is_empty() {
        let problem = found.problem(format!("the AdminServer of {} answers other hosts", and(hosts)));
        found.add(places.into_iter().fold(problem, |problem, at| problem.at(at, "opened by this setting")));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn settings(settings: &Value) -> Value {
        json!({ "zookeeper": { "settings": settings } })
    }

    #[test]
    fn one_that_is_on_beyond_loopback_is_warned_of_once() {
        let problem = breaks(&RULE, settings(&json!({ "admin.enableServer": true, "admin.serverAddress": "0.0.0.0" })));
        assert_eq!(problem.title, "the AdminServer of a, b and c answers other hosts");
        assert_eq!(problem.labels.len(), 1);
    }

    #[test]
    fn off_or_on_loopback_is_fine() {
        holds(&RULE, json!({}));
        holds(&RULE, settings(&json!({ "admin.enableServer": true })));
        holds(&RULE, settings(&json!({ "admin.enableServer": true, "admin.serverAddress": "::1" })));
        holds(&RULE, settings(&json!({ "admin.serverAddress": "0.0.0.0" })));
    }
}
