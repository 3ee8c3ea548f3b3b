//! Brokers are registered with the endpoints that the spec advertises.

use std::collections::BTreeSet;

use kafnix_generator::Cluster;
use kafnix_generator::cluster::Broker;
use kafnix_generator::spec::Setting;

use super::{Check, Judge, Snapshot, Verdict, list, registered};

pub(super) static CHECK: Check = Check {
    code: "V303",
    title: "brokers advertise the endpoints of the spec",
    why: "Clients are sent to the endpoints that a broker registered, not to those that they connected to \
          first. Where these are wrong, connecting works and nothing else does.",
    help: "deploy the host's configuration and start `kafka.service` again there",
    judge: Judge::Snapshot(run),
};

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    registered(
        cluster,
        snapshot,
        |broker| list(advertised(broker)),
        |broker, registration, expect| {
            let Some(registration) = registration else { return expect.skipped("not registered") };
            let wanted: BTreeSet<_> = advertised(broker).map(|endpoint| endpoint.to_lowercase()).collect();
            let found = registration.endpoints.iter().map(|endpoint| endpoint.to_lowercase()).collect();
            let said = list(&registration.endpoints);
            if wanted == found { expect.good(said) } else { expect.failed(said) }
        },
    )
}

/// `NAME://host:port` of every listener, as the broker's file has them.
fn advertised(broker: &Broker) -> impl Iterator<Item = String> {
    let setting = broker.settings.get("advertised.listeners");
    let endpoints = match setting.map(|setting| &setting.value) {
        Some(Setting::List(endpoints)) => endpoints.as_slice(),
        _ => &[],
    };
    endpoints.iter().filter_map(|endpoint| Some(endpoint.plain()?.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good};
    use super::CHECK;

    #[test]
    fn another_endpoint_fails() {
        good(&CHECK, |_| ());
        let found = failed(&CHECK, |snapshot| {
            let broker = snapshot.registry.as_mut().unwrap().brokers.get_mut(&2).unwrap();
            broker.endpoints = vec!["PLAINTEXT://localhost:9092".into()];
        });
        assert_eq!(found, "PLAINTEXT://localhost:9092");
    }
}
