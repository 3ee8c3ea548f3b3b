//! A class of the products' own that a setting names is in the release that reads it, and of the right kind.

use std::collections::BTreeSet;

use crate::classes::{self, Judgement, simple};
use crate::problem::Problem;
use crate::rules::message::or;
use crate::rules::prelude::*;
use crate::rules::settings::class_names::{Named, named};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K428",
        severity: Error,
        title: "a setting names a class that the release does not have",
        why: "Both products load the classes that their settings name. A broker exits at its start where one is not \
              there or does not implement what the setting is for (ClassNotFoundException, KafkaException: … is not an \
              instance of …). ZooKeeper exits for some of them and only logs others, such as an authentication \
              provider that is not there (ProviderRegistry): then nobody is authenticated. Which classes a release has \
              is read out of its jars (`tools/keys`).",
        help: "write a class that the release has",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut told = BTreeSet::new();
    for named in named(draft) {
        let judgement = named.judge();
        let may_be_there = match judgement {
            Judgement::Fits | Judgement::Foreign => true,
            // Others have such packages, too.
            Judgement::Unknown => named.instead().is_none() && named.has_jars(draft),
            _ => false,
        };
        let problem = (!may_be_there).then(|| problem(&named, judgement, found));
        if let Some(problem) = problem.filter(|_| told.insert((named.pointer.clone(), named.class.clone()))) {
            found.add(problem);
        }
    }
}

fn problem(named: &Named<'_>, judgement: Judgement, found: &Found) -> Problem {
    let Named { class, key, version, .. } = named;
    let product = named.role.product();
    let kinds = || or(named.types.iter().map(|kind| format!("`{}`", simple(kind))));
    let (title, label) = match judgement {
        Judgement::Gone(since) => {
            (format!("{product} {version} has no `{class}` any more"), format!("gone since {since}"))
        }
        Judgement::Later(since) => {
            (format!("{product} {version} has no `{class}` yet"), format!("comes with {since}"))
        }
        Judgement::Unfit => (format!("`{class}` is not what `{key}` takes"), format!("is no {}", kinds())),
        Judgement::Unknown | Judgement::Fits | Judgement::Foreign => {
            (format!("{product} {version} has no `{class}` for `{key}`"), "not in this release".to_owned())
        }
    };
    found.problem(title).at(&*named.pointer, label).help(help(named))
}

fn help(named: &Named<'_>) -> String {
    if let Some(class) = named.instead() {
        return format!("write `{class}`");
    }
    let classes = classes::of(named.role.product());
    let own: Vec<_> = classes.fitting(named.wanted()).map(|class| format!("`{class}`")).collect();
    if own.is_empty() {
        return format!("leave it out, or name a class of yours: {} has none of its own", named.role.product());
    }
    format!("write {}, or leave it out", or(own))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, says};
    use super::RULE;
    use serde_json::{Value, json};

    const PROVIDERS: &str = "org.apache.kafka.common.config.provider";
    const METRICS: &str = "org.apache.zookeeper.metrics";
    const SIMPLE: &str = "kafka.security.auth.SimpleAclAuthorizer";

    fn kafka(key: &str, value: &Value) -> Value {
        json!({ "kafka": { "settings": { key: value } } })
    }

    fn zookeeper(key: &str, value: &Value) -> Value {
        json!({ "zookeeper": { "settings": { key: value } } })
    }

    #[test]
    fn a_class_that_is_gone_is_refused_with_what_is_in_its_place() {
        let problem = breaks(&RULE, kafka("authorizer.class.name", &json!(SIMPLE)));
        assert_eq!(problem.labels[0].text, "gone since 3.0.0");
        assert_eq!(problem.help, "write `kafka.security.authorizer.AclAuthorizer`");
        let mut old = kafka("authorizer.class.name", &json!(SIMPLE));
        old["versions"] = json!({ "kafka": "2.8.2", "jdk": "11" });
        holds(&RULE, old.clone());
        // one host of three that has the newer release
        old["hosts"] = json!({ "c": { "versions": { "kafka": "3.9.2" } } });
        breaks(&RULE, old);
    }

    #[test]
    fn a_class_that_is_still_to_come_is_refused() {
        let env = "org.apache.kafka.common.config.provider.EnvVarConfigProvider";
        let mut spec = kafka("config.providers.env.class", &json!(env));
        holds(&RULE, spec.clone());
        spec["versions"] = json!({ "kafka": "3.4.1" });
        assert_eq!(breaks(&RULE, spec).labels[0].text, "comes with 3.5.0");
    }

    #[test]
    fn a_slip_is_refused_with_the_class_that_was_meant() {
        for (spec, help) in [
            (
                kafka("authorizer.class.name", &json!("kafka.security.authorizer.AclAuthoriser")),
                "write `kafka.security.authorizer.AclAuthorizer`",
            ),
            (
                kafka("authorizer.class.name", &json!("kafka.security.auth.AclAuthorizer")),
                "write `kafka.security.authorizer.AclAuthorizer`",
            ),
            (
                kafka("config.providers.f.class", &json!(format!("{PROVIDERS}.FilesConfigProvider"))),
                "write `org.apache.kafka.common.config.provider.FileConfigProvider`",
            ),
            (
                kafka("listener.name.x.principal.builder.class", &json!("DefaultKafkaPrincipalBuilder")),
                "write `org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder`",
            ),
            (
                zookeeper("metricsProvider.className", &json!(format!("{METRICS}.PrometheusMetricsProvider"))),
                "write `org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider`",
            ),
            (
                zookeeper("serverCnxnFactory", &json!("NettyServerCnxnFactory")),
                "write `org.apache.zookeeper.server.NettyServerCnxnFactory`",
            ),
        ] {
            assert_eq!(breaks(&RULE, spec).help, help);
        }
        let far = breaks(&RULE, kafka("replica.selector.class", &json!("org.apache.kafka.Selector")));
        assert_eq!(far.help, "write `org.apache.kafka.common.replica.RackAwareReplicaSelector`, or leave it out");
    }

    #[test]
    fn a_class_of_another_kind_is_refused() {
        let jmx = "org.apache.kafka.common.metrics.JmxReporter";
        let problem = breaks(&RULE, kafka("kafka.metrics.reporters", &json!(jmx)));
        assert_eq!(problem.labels[0].text, "is no `KafkaMetricsReporter`");
        breaks(&RULE, kafka("security.providers", &json!("java.security.Provider")));
        let none = breaks(&RULE, kafka("create.topic.policy.class.name", &json!("kafka.Kafka")));
        assert!(none.help.contains("none of its own"), "{}", none.help);
    }

    #[test]
    fn a_class_in_a_package_like_the_products_may_come_from_a_jar() {
        let mut spec = kafka("kafka.metrics.reporters", &json!("kafka.ganglia.KafkaGangliaMetricsReporter"));
        breaks(&RULE, spec.clone());
        spec["kafka"]["extraJars"] = json!(["jars/ganglia.jar"]);
        holds(&RULE, spec.clone());
        // a slip is none
        spec["kafka"]["settings"]["kafka.metrics.reporters"] = json!("kafka.metrics.KafkaCsvMetricReporter");
        breaks(&RULE, spec);
    }

    #[test]
    fn each_entry_of_a_list_is_looked_at() {
        let jmx = "org.apache.kafka.common.metrics.JmxReporter";
        let list = json!([jmx, "com.example.Reporter", "kafka.JmxReporter"]);
        let problem = breaks(&RULE, kafka("metric.reporters", &list));
        assert!(format!("{:?}", problem.labels).contains("/metric.reporters/2"), "{problem:?}");
        let text = json!(format!("{jmx}, kafka.a.B,kafka.c.D"));
        assert_eq!(says(&RULE, kafka("metric.reporters", &text)).len(), 2);
    }

    #[test]
    fn what_is_there_or_somebody_elses_or_not_read_is_fine() {
        for (key, value) in [
            ("authorizer.class.name", json!("kafka.security.authorizer.AclAuthorizer")),
            ("authorizer.class.name", json!("com.example.OpaAuthorizer")),
            ("authorizer.class.name", json!("")),
            ("authorizer.class.name", json!("${file:/run/secrets/kafka:class}")),
            ("metric.reporters", json!([])),
            ("principal.builder.class", json!("com.example.Builder")),
            ("com.example.class", json!("kafka.Nothing")),
        ] {
            holds(&RULE, kafka(key, &value));
        }
        let factory = "org.apache.zookeeper.server.NettyServerCnxnFactory";
        holds(&RULE, zookeeper("serverCnxnFactory", &json!(factory)));
        let tiered = "org.apache.kafka.server.log.remote.storage.LocalTieredStorage";
        let mut spec = kafka("remote.log.storage.manager.class.name", &json!(tiered));
        breaks(&RULE, spec.clone());
        spec["kafka"]["settings"]["remote.log.storage.manager.class.path"] = json!("/opt/storage/*");
        holds(&RULE, spec);
    }

    #[test]
    fn a_path_that_no_release_reads_hides_nothing() {
        let mut spec = kafka("authorizer.class.name", &json!(SIMPLE));
        spec["kafka"]["settings"]["authorizer.class.path"] = json!("/opt/authorizer/*");
        breaks(&RULE, spec);
    }
}
