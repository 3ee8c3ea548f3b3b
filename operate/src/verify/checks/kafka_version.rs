//! Every broker runs the pinned release, as far as a broker tells its release.

use kafnix_generator::Cluster;

use super::{Check, Judge, Snapshot, Verdict, brokers};

pub(super) static CHECK: Check = Check {
    code: "V306",
    title: "Kafka runs the release of the spec",
    why: "A broker does not report its release. It reports its own default of `inter.broker.protocol.version`, which \
          is its release without the last number: 3.9 for 3.9.2. That is compared; the last number is not visible. The \
          protocol version that it runs with is compared like every other setting (V401).",
    help: "deploy the host's configuration and start `kafka.service` again, one host after the other; or write \
           the release that runs into `versions`",
    judge: Judge::Snapshot(run),
};

const KEY: &str = "inter.broker.protocol.version";

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    brokers(
        cluster,
        snapshot,
        |_, broker| broker.release.value.protocol().to_string(),
        |_, broker, expect| {
            expect.equals(&broker.config, |config| {
                let entry = config.iter().find(|entry| entry.key == KEY);
                let default = entry.and_then(|entry| entry.default_value());
                // `3.9-IV0`
                let release = default.and_then(|default| default.split('-').next());
                release.unwrap_or("the broker does not tell its default").to_owned()
            })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good};
    use super::{CHECK, KEY};
    use kafnix_client::kafka::admin::Source;

    #[test]
    fn another_release_fails() {
        good(&CHECK, |_| ());
        let found = failed(&CHECK, |snapshot| {
            let config = snapshot.brokers.get_mut("b").unwrap().config.as_mut().unwrap();
            let entry = config.iter_mut().find(|entry| entry.key == KEY).unwrap();
            entry.layers = vec![(Source::Default, Some("2.7-IV2".into()))];
        });
        assert_eq!(found, "2.7");
    }
}
