//! Brokers get the session timeout that they ask for.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::rules::prelude::*;
use crate::rules::message::and;
use crate::problem::Problem;
use crate::role::Role;
use crate::rules::settings::effective::{Effective, services};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K207",
        severity: Error,
        title: "session timeout outside what ZooKeeper grants",
        why: "A server grants sessions of `minSessionTimeout` to `maxSessionTimeout`, by default 2 to 20 times its \
              `tickTime`. For any other request it silently takes the nearest of these \
              (`ZooKeeperServer.processConnectRequest`): then a dead broker is noticed later than the spec says, or \
              a slow one is given up earlier. A server whose minimum is above its maximum does not start \
              (`QuorumPeerConfig.parseProperties`).",
        help: "bring `zookeeper.session.timeout.ms`, `tickTime` and the bounds together",
    },
    check,
};

const SESSION: &str = "zookeeper.session.timeout.ms";

/// A number of milliseconds and where the author decided it.
#[derive(Clone, Copy)]
struct Bound<'a> {
    value: i64,
    at: Option<&'a str>,
}

fn check(draft: &Draft<'_>, found: &mut Found) {
    let (mut least, mut most): (Option<Bound<'_>>, Option<Bound<'_>>) = (None, None);
    let mut told = BTreeSet::new();
    for server in services(draft, Role::ZooKeeper) {
        let Some((low, high)) = granted(&server) else { continue };
        if low.value > high.value {
            if told.insert((low.at, high.at)) {
                found.add(crossed(found, server.host, low, high));
            }
            continue;
        }
        // A broker may be connected to any server, so it gets what all of them grant.
        least = least.filter(|least| least.value >= low.value).or(Some(low));
        most = most.filter(|most| most.value <= high.value).or(Some(high));
    }
    let (Some(least), Some(most)) = (least, most) else { return };
    for (asked, hosts) in asked(draft) {
        let (value, bound) = match asked.value {
            value if value < least.value => (value, least),
            value if value > most.value => (value, most),
            _ => continue,
        };
        let title = format!("{} would ask for sessions of {value} ms and get {} ms", and(hosts), bound.value);
        let problem = place(found.problem(title), asked, bound, value < least.value);
        found.add(problem.help(way_out(least.value, most.value)));
    }
}

/// What a server grants, unless a number is none, which a rule of its own refuses.
fn granted<'a>(server: &Effective<'a>) -> Option<(Bound<'a>, Bound<'a>)> {
    let number = |key| Some(Bound { value: server.number(key)?, at: server.place(key) });
    let tick = number("tickTime").filter(|tick| tick.value > 0)?;
    let ticks = |factor: i64| Bound { value: tick.value.saturating_mul(factor), at: tick.at };
    let or_ticks = |bound: Bound<'a>, factor| if bound.value == -1 { ticks(factor) } else { bound };
    Some((or_ticks(number("minSessionTimeout")?, 2), or_ticks(number("maxSessionTimeout")?, 20)))
}

/// What brokers ask for, with who asks; what is written for all is one wish.
fn asked<'a>(draft: &'a Draft<'_>) -> impl Iterator<Item = (Bound<'a>, Vec<&'a str>)> {
    let mut wishes: IndexMap<Option<&str>, (Bound<'_>, Vec<&str>)> = IndexMap::new();
    for broker in services(draft, Role::Broker) {
        let at = broker.place(SESSION);
        let Some(value) = broker.number(SESSION) else { continue };
        wishes.entry(at).or_insert((Bound { value, at }, Vec::new())).1.push(broker.host);
    }
    wishes.into_values()
}

fn crossed(found: &Found, host: &str, low: Bound<'_>, high: Bound<'_>) -> Problem {
    let title =
        format!("{host} would grant sessions of at least {} ms and at most {} ms", low.value, high.value);
    let text = |end: &str, bound: Bound<'_>| format!("from here {end} {} ms", bound.value);
    let mut problem = found.problem(title);
    for (end, bound) in [("at least", low), ("at most", high)] {
        if let Some(at) = bound.at {
            problem = problem.at(at, text(end, bound));
        }
    }
    problem.help("write a `minSessionTimeout` that is no more than `maxSessionTimeout`, 20 ticks by default")
}

fn place(problem: Problem, asked: Bound<'_>, bound: Bound<'_>, below: bool) -> Problem {
    let end = if below { "least" } else { "most" };
    let granted = format!("from here the {end} that ZooKeeper grants is {} ms", bound.value);
    match (asked.at, bound.at) {
        (Some(at), Some(bound_at)) => problem.at(at, "the brokers ask for this").at(bound_at, granted),
        (Some(at), None) => problem.at(at, format!("the {end} that ZooKeeper grants is {} ms", bound.value)),
        (None, Some(bound_at)) => problem.at(bound_at, granted),
        (None, None) => problem.at("/zookeeper", granted),
    }
}

fn way_out(least: i64, most: i64) -> String {
    if least > most {
        return format!(
            "give all servers one `tickTime`: now one grants {least} ms and more, another {most} ms at most"
        );
    }
    format!(
        "write `{SESSION}` from {least} to {most}, or move the bounds: `tickTime`, `minSessionTimeout`, \
         `maxSessionTimeout` of `zookeeper.settings`"
    )
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use crate::problem::{Place, Problem};
    use serde_json::{Value, json};

    fn asks(session: i64, zookeeper: &Value) -> Value {
        json!({ "kafka": { "settings": { "zookeeper.session.timeout.ms": session } },
                "zookeeper": { "settings": zookeeper } })
    }

    fn first(problem: &Problem) -> &Place {
        &problem.labels[0].place
    }

    #[test]
    fn a_wish_beyond_twenty_ticks_is_refused_once_for_all_brokers() {
        let problem = breaks(&RULE, asks(40_001, &json!({})));
        assert_eq!(problem.title, "a, b and c would ask for sessions of 40001 ms and get 40000 ms");
        let at = "/kafka/settings/zookeeper.session.timeout.ms";
        assert_eq!(first(&problem), &Place::Pointer(at.into()));
        holds(&RULE, asks(40_000, &json!({})));
    }

    #[test]
    fn a_wish_below_two_ticks_is_refused() {
        let problem = breaks(&RULE, asks(3999, &json!({})));
        assert!(problem.title.ends_with("3999 ms and get 4000 ms"), "{}", problem.title);
        holds(&RULE, asks(4000, &json!({})));
    }

    #[test]
    fn ticks_and_bounds_that_are_written_count() {
        holds(&RULE, asks(60_000, &json!({ "tickTime": "3000" })));
        holds(&RULE, asks(60_000, &json!({ "maxSessionTimeout": 60_000 })));
        breaks(&RULE, asks(60_000, &json!({ "maxSessionTimeout": -1 })));
        breaks(&RULE, asks(5000, &json!({ "minSessionTimeout": 6000 })));
    }

    #[test]
    fn without_the_line_a_tick_is_zookeepers_own() {
        holds(&RULE, asks(60_000, &json!({ "tickTime": null })));
        breaks(&RULE, asks(60_001, &json!({ "tickTime": null })));
    }

    #[test]
    fn kafkas_default_is_a_wish_too_and_the_tick_is_the_place_to_change() {
        let problem = breaks(&RULE, json!({ "zookeeper": { "settings": { "tickTime": 500 } } }));
        assert_eq!(first(&problem), &Place::Pointer("/zookeeper/settings/tickTime".into()));
        assert!(problem.title.ends_with("18000 ms and get 10000 ms"), "{}", problem.title);
    }

    #[test]
    fn the_strictest_server_and_each_brokers_own_wish_count() {
        let own = json!({ "b": { "settings": { "zookeeper.session.timeout.ms": 30_000 } } });
        let hosts = json!({ "a": { "settings": { "tickTime": 1000 } }, "b": {}, "c": {} });
        let problem = breaks(&RULE, json!({ "kafka": { "hosts": own }, "zookeeper": { "hosts": hosts } }));
        assert_eq!(problem.title, "b would ask for sessions of 30000 ms and get 20000 ms");
        assert_eq!(problem.labels.len(), 2);
    }

    #[test]
    fn a_least_above_the_most_is_refused_once() {
        let settings = json!({ "minSessionTimeout": 50_000 });
        let problem = breaks(&RULE, json!({ "zookeeper": { "settings": settings } }));
        assert_eq!(problem.title, "a would grant sessions of at least 50000 ms and at most 40000 ms");
    }

    #[test]
    fn an_ensemble_elsewhere_has_bounds_that_nobody_here_knows() {
        let mut spec = asks(90_000, &json!({}));
        spec["zookeeper"] = json!({ "connect": ["zk:2181"], "settings": { "tickTime": 2000 } });
        holds(&RULE, spec);
    }
}
