//! Every listener of every broker.

use kafnix_generator::Cluster;
use kafnix_generator::cluster::{Broker, Listener};
use kafnix_generator::spec::Reach;

use super::{Check, Expect, Judge, Snapshot, Verdict, brokers};
use crate::snapshot::{BrokerFacts, Port};
use kafnix_client::Closed;

pub(super) static CHECK: Check = Check {
    code: "V105",
    title: "brokers accept client connections",
    why: "Every listener of the spec takes connections at the address that it is bound to. A broker opens its \
          listeners once its logs are loaded, which after a crash can take long.",
    help: "see `systemctl status kafka` on the host, which says what the broker is waiting for, and \
           `journalctl -u kafka`",
    judge: Judge::Snapshot(run),
};

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    let stranger = !snapshot.asked_by_a_member(cluster);
    brokers(
        cluster,
        snapshot,
        |_, broker| {
            let all = broker.listeners.iter();
            let all = all.map(|listener| format!("{} on {}", listener.name, listener.endpoint()));
            format!("{} takes connections", all.collect::<Vec<_>>().join(", "))
        },
        |broker, facts, expect| judge(broker, facts, stranger, expect),
    )
}

fn judge(broker: &Broker, facts: &BrokerFacts, stranger: bool, expect: Expect) -> Verdict {
    let closed: Vec<_> = facts.listeners.iter().filter(|(_, port)| port.state.is_err()).collect();
    let say = |(name, port): &(String, Port)| {
        let closed = port.state.as_ref().err().map(ToString::to_string).unwrap_or_default();
        format!("{name} on {} {closed}", port.address)
    };
    let found = closed.iter().map(|listener| say(listener)).collect::<Vec<_>>().join(", ");
    if closed.is_empty() {
        return expect.good("open");
    }
    let kept_from_here = |(name, port): &&&(String, Port)| {
        let listener = broker.listeners.iter().find(|listener| listener.name == *name);
        stranger
            && matches!(port.state, Err(Closed::Silent(_)))
            && listener.is_some_and(|listener| keeps_out(listener, facts))
    };
    if closed.iter().filter(kept_from_here).count() == closed.len() && closed.len() < facts.listeners.len() {
        return expect.skipped(format!("{found}: its `from` does not let in this machine"));
    }
    expect.failed(found)
}

/// Whether the listener's `from` leaves out the address from which the others were reached.
fn keeps_out(listener: &Listener, facts: &BrokerFacts) -> bool {
    match listener.from.as_ref().map(|from| &from.value) {
        None => false,
        Some(Reach::Brokers) => true,
        Some(Reach::Networks(networks)) => {
            let own = facts.listeners.iter().find_map(|(_, port)| port.state.as_ref().ok());
            own.is_some_and(|own| networks.iter().all(|network| !network.0.contains(own)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good};
    use super::{CHECK, Closed};

    #[test]
    fn a_closed_listener_fails() {
        good(&CHECK, |_| ());
        let found = failed(&CHECK, |snapshot| {
            snapshot.brokers.get_mut("b").unwrap().listeners[0].1.state = Err(Closed::Refused);
        });
        assert_eq!(found, "PLAINTEXT on 10.0.0.2:9092 refuses the connection");
    }
}
