//! What a host tells the launcher of each server: facts that it cannot read in the server's own
//! configuration, and where things lie. It makes the JVM's command line of them. The modules tell the same,
//! and a test compares the two.

use std::collections::BTreeMap;
use std::iter::once;

use crate::hosts::ServiceConfig;
use crate::rules::Cluster;
use crate::spec::Jdk;

/// Where the parts of a server lie.
#[derive(Clone, Copy, Debug)]
pub struct InstallPaths<'a> {
    /// The program.
    pub java: &'a str,
    /// The unpacked release.
    pub install: &'a str,
    /// Jars beside those of the release, where there are any: as a class path.
    pub extra_jars: &'a str,
    pub config: &'a str,
    /// A directory of the server's own for what is gone with it, where files may be executed.
    pub runtime: &'a str,
    /// A directory that is not on the data disks, for what the launcher remembers.
    pub memory: &'a str,
    /// A directory for the broker's GC log.
    pub logs: &'a str,
}

impl InstallPaths<'_> {
    /// Names that stand for the paths, where these are not known.
    pub const NAMED: Self = Self {
        java: "{java}",
        install: "{install}",
        extra_jars: "{extra-jars}",
        config: "{config}",
        runtime: "{runtime}",
        memory: "{memory}",
        logs: "{logs}",
    };
}

/// Where a host's broker writes its GC log.
pub const KAFKA_LOGS: &str = "/var/log/kafka";

/// The launcher's arguments for a service of a host.
pub fn arguments(
    cluster: &Cluster,
    jdk: Jdk,
    service: &ServiceConfig<'_>,
    paths: &InstallPaths<'_>,
) -> Vec<String> {
    let mut facts = BTreeMap::from([
        ("cluster", cluster.name.value.clone()),
        ("config", paths.config.to_owned()),
        ("heap", service.heap.to_string()),
        ("install", paths.install.to_owned()),
        ("java", paths.java.to_owned()),
        ("jdk", jdk.to_string()),
        ("release", service.version.to_string()),
        ("runtime", paths.runtime.to_owned()),
    ]);
    if !cluster.extra_jars(service.role).is_empty() {
        facts.insert("extra-jars", paths.extra_jars.to_owned());
    }
    facts.extend(service.own.facts(cluster, service.id, paths));
    let properties = service.system_properties.iter();
    let properties = properties
        .filter_map(|(key, value)| value.plain().map(|value| format!("--system-property={key}={value}")));
    words(service.role.key(), facts).chain(properties).collect()
}

/// Each fact in one word: a name, like an id of Kafka's, may begin with a dash.
fn words(role: &str, facts: BTreeMap<&str, String>) -> impl Iterator<Item = String> {
    once(role.to_owned()).chain(facts.into_iter().map(|(name, value)| format!("--{name}={value}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::Role;

    const SPEC: &str = r#"{
      "name": "test",
      "zookeeper": { "settings": { "jute.maxbuffer": 4194304 } },
      "kafka": { "clusterId": "-k3qM1TjQdWJvZ0m2m8b_A", "extraJars": ["jars/a.jar"] },
      "hosts": { "a": { "address": "10.0.0.1" } }
    }"#;

    #[test]
    fn a_launcher_is_told_what_the_configuration_does_not_say() {
        let checked = crate::check(SPEC.as_bytes(), None, &[]);
        let cluster = checked.cluster.unwrap_or_else(|| panic!("{:#?}", checked.problems));
        let (hosts, paths) = (crate::hosts::hosts(&cluster), InstallPaths::NAMED);
        let arguments = |role| arguments(&cluster, hosts[0].jdk, &hosts[0].services[&role], &paths).join(" ");
        let expected = "zookeeper --cluster=test --config={config} --ensemble=10.0.0.1:2181 --heap=1g --id=1 \
                        --install={install} --java={java} --jdk=17 --memory={memory} --release=3.9.5 \
                        --runtime={runtime} --state=new --system-property=jute.maxbuffer=4194304";
        assert_eq!(arguments(Role::ZooKeeper), expected);
        let expected = "kafka --cluster=test --cluster-id=-k3qM1TjQdWJvZ0m2m8b_A --config={config} \
                        --extra-jars={extra-jars} --heap=6g --install={install} --java={java} --jdk=17 \
                        --logs={logs} --release=3.9.2 --runtime={runtime}";
        assert_eq!(arguments(Role::Broker), expected);
    }
}
