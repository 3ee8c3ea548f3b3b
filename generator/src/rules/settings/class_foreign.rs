//! A class that is not the products' own comes from somewhere.

use std::collections::BTreeSet;

use crate::classes::Judgement;
use crate::rules::prelude::*;
use crate::rules::settings::class_names::named;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K429",
        severity: Warning,
        title: "a setting names a class that no release has",
        why: "A host has the release and nothing else. A class of another package is on the class path only where \
              somebody adds its jar; with most settings the server exits where the class is not there. Jars of \
              `extraJars` in the spec are on every host and in the local cluster. What a machine file adds \
              (`services.kafnix.kafka.extraJars`) the spec does not know.",
        help: "add the jars to `extraJars`, or leave the class out",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let mut told = BTreeSet::new();
    for named in named(draft) {
        let role = named.role.key();
        // What a host has that another system runs is not known here.
        let is_managed = draft.cluster.host(named.host).is_none_or(|host| host.managed.value);
        if named.judge() != Judgement::Foreign || named.has_jars(draft) || !is_managed {
            continue;
        }
        let problem = found.problem(format!("no release of {} has `{}`", named.role.product(), named.class));
        let problem = problem.at(&*named.pointer, "needs a jar").help(format!(
            "add its jar and those that it needs to `{role}.extraJars`, or leave the class out; where a machine file \
             adds them (`services.kafnix.{role}.extraJars`), silence K429"
        ));
        if told.insert((named.pointer, named.class)) {
            found.add(problem);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    const REPORTER: &str = "com.linkedin.kafka.cruisecontrol.metricsreporter.CruiseControlMetricsReporter";

    #[test]
    fn a_class_of_nobody_here_is_warned_of_until_there_are_jars() {
        let mut spec = json!({ "kafka": { "settings": { "metric.reporters": REPORTER } } });
        let problem = breaks(&RULE, spec.clone());
        assert!(problem.help.contains("`kafka.extraJars`"), "{}", problem.help);
        spec["kafka"]["extraJars"] = json!(["jars/cruise-control-metrics-reporter.jar"]);
        holds(&RULE, spec);
        breaks(&RULE, json!({ "zookeeper": { "settings": { "authProvider.1": "com.example.Provider" } } }));
    }

    #[test]
    fn jars_that_a_key_names_count_where_the_release_reads_that_key() {
        let class = |key: &str| json!({ "kafka": { "settings": { key: "com.example.Class" } } });
        let mut spec = class("authorizer.class.name");
        spec["kafka"]["settings"]["authorizer.class.path"] = json!("/opt/authorizer/*");
        breaks(&RULE, spec);
        let mut spec = class("remote.log.storage.manager.class.name");
        breaks(&RULE, spec.clone());
        spec["kafka"]["settings"]["remote.log.storage.manager.class.path"] = json!("/opt/storage/*");
        holds(&RULE, spec);
    }

    #[test]
    fn a_class_of_the_release_and_one_for_hosts_of_others_are_fine() {
        let jmx = "org.apache.kafka.common.metrics.JmxReporter";
        holds(&RULE, json!({ "kafka": { "settings": { "metric.reporters": jmx } } }));
        let own = json!({ "settings": { "metric.reporters": REPORTER } });
        let mut spec = json!({ "kafka": { "hosts": { "a": own, "b": {} } } });
        breaks(&RULE, spec.clone());
        spec["hosts"] = json!({ "a": { "managed": false } });
        holds(&RULE, spec);
    }
}
