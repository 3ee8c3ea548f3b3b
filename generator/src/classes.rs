//! The products' own classes that a setting can name, read out of the products themselves (`tools/keys`): in which
//! versions each is there, and of which types. What other packages have, only the host knows.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::pins::Product;
use crate::problem::equally_near;
use crate::spec::Version;

/// The classes of a product over all its pinned versions.
#[derive(Debug, Default, Deserialize)]
pub struct Classes {
    versions: Vec<Version>,
    /// What does the work of one that is gone, where its name does not tell.
    #[serde(borrow, default)]
    replaced: BTreeMap<&'static str, &'static str>,
    #[serde(borrow, rename = "classes")]
    by_name: BTreeMap<&'static str, Vec<Entry>>,
}

/// A class as some versions have it.
#[derive(Debug, Deserialize)]
struct Entry {
    since: Version,
    until: Option<Version>,
    #[serde(borrow)]
    is: Vec<&'static str>,
}

/// What a version makes of a class that a key names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    Fits,
    /// A class, and none that the key takes.
    Unfit,
    /// Not any more, from this version on.
    Gone(Version),
    /// Not before this version.
    Later(Version),
    /// By its name one of the product, and no version has it.
    Unknown,
    /// Of somebody else.
    Foreign,
}

/// What a key takes.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub types: &'a [&'static str],
    pub version: Version,
}

static KAFKA: LazyLock<Classes> = LazyLock::new(|| table(include_str!("../keys/kafka-classes.json")));
static ZOOKEEPER: LazyLock<Classes> = LazyLock::new(|| table(include_str!("../keys/zookeeper-classes.json")));

/// One that cannot be read would have no class; a test reads both.
fn table(text: &'static str) -> Classes {
    serde_json::from_str(text).unwrap_or_default()
}

const OWN: [&str; 3] = ["kafka.", "org.apache.kafka.", "org.apache.zookeeper."];
/// Nobody else can have a class there that a server would load.
const OF_JDK: [&str; 5] = ["java.", "javax.", "jdk.", "sun.", "com.sun."];

pub fn of(product: Product) -> &'static Classes {
    match product {
        Product::ZooKeeper => &ZOOKEEPER,
        Product::Kafka => &KAFKA,
    }
}

impl Classes {
    pub fn judge(&self, class: &str, wanted: Wanted<'_>) -> Judgement {
        if let Some(entries) = self.by_name.get(class) {
            return self.judge_known(entries, wanted);
        }
        let starts = |packages: &[&str]| packages.iter().any(|package| class.starts_with(package));
        if starts(&OF_JDK) {
            return Judgement::Unfit;
        }
        // A class without its package, or with a slip in that.
        let is_meant = !class.contains('.') || !equally_near(class, self.fitting(wanted)).is_empty();
        match self.instead(class, wanted) {
            Some(_) if is_meant => Judgement::Unknown,
            _ if starts(&OWN) => Judgement::Unknown,
            _ => Judgement::Foreign,
        }
    }

    fn judge_known(&self, entries: &[Entry], wanted: Wanted<'_>) -> Judgement {
        if let Some(entry) = entries.iter().find(|entry| entry.has(wanted.version)) {
            return if entry.is_one(wanted.types) { Judgement::Fits } else { Judgement::Unfit };
        }
        let first = entries.iter().map(|entry| entry.since).find(|since| *since > wanted.version);
        let until =
            entries.iter().rev().find_map(|entry| entry.until.filter(|until| *until < wanted.version));
        let gone = until.and_then(|until| self.versions.iter().copied().find(|version| *version > until));
        match (gone, first) {
            (_, Some(since)) => Judgement::Later(since),
            (Some(since), None) => Judgement::Gone(since),
            (None, None) => Judgement::Unknown,
        }
    }

    /// The classes of a version that a key takes.
    pub fn fitting(&self, wanted: Wanted<'_>) -> impl Iterator<Item = &'static str> {
        let fits = move |entry: &Entry| entry.has(wanted.version) && entry.is_one(wanted.types);
        self.by_name.iter().filter(move |(_, entries)| entries.iter().any(fits)).map(|(name, _)| *name)
    }

    /// The class that was probably meant, or is in the place of the one that is gone.
    pub fn instead(&self, class: &str, wanted: Wanted<'_>) -> Option<&'static str> {
        let simple = simple(class);
        let replaced = self.replaced.get(class);
        let by_fact = self.fitting(wanted).find(|name| replaced == Some(name));
        by_fact
            .or_else(|| self.fitting(wanted).find(|name| simple.eq_ignore_ascii_case(self::simple(name))))
            .or_else(|| only(&equally_near(class, self.fitting(wanted))))
            .or_else(|| {
                let near = only(&equally_near(simple, self.fitting(wanted).map(self::simple)))?;
                self.fitting(wanted).find(|name| self::simple(name) == near)
            })
    }
}

impl Entry {
    fn has(&self, version: Version) -> bool {
        self.since <= version && self.until.is_none_or(|until| version <= until)
    }

    fn is_one(&self, types: &[&str]) -> bool {
        self.is.iter().any(|is| types.contains(is))
    }
}

/// Of several that are equally near nobody knows which was meant.
fn only<'a>(near: &[&'a str]) -> Option<&'a str> {
    match *near {
        [one] => Some(one),
        _ => None,
    }
}

/// Without its package.
pub fn simple(class: &str) -> &str {
    class.rsplit_once('.').map_or(class, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys;

    const NEW: Version = Version([3, 9, 2]);

    fn kafka(key: &str, class: &str, version: [u16; 3]) -> (Judgement, Option<&'static str>) {
        let wanted = Wanted { types: keys::KAFKA.takes(key), version: Version(version) };
        (KAFKA.judge(class, wanted), KAFKA.instead(class, wanted))
    }

    #[test]
    fn every_table_can_be_read_and_its_versions_are_those_that_have_a_pin() {
        for (product, text) in [
            (Product::Kafka, include_str!("../keys/kafka-classes.json")),
            (Product::ZooKeeper, include_str!("../keys/zookeeper-classes.json")),
        ] {
            let table = serde_json::from_str::<Classes>(text).unwrap();
            assert!(table.by_name.len() > 10, "{}", table.by_name.len());
            let pinned =
                table.versions.iter().filter(|version| crate::pins::pins().get(product, **version).is_some());
            assert_eq!(pinned.count(), table.versions.len());
        }
    }

    #[test]
    fn a_key_that_names_a_class_says_of_which_types() {
        for (table, key, takes) in [
            (&keys::KAFKA, "metric.reporters", true),
            (&keys::KAFKA, "listener.name.x.principal.builder.class", true),
            (&keys::KAFKA, "listener.name.x.scram-sha-512.sasl.server.callback.handler.class", true),
            (&keys::KAFKA, "config.providers.vault.class", true),
            (&keys::KAFKA, "config.providers.vault.param.class", false),
            (&keys::KAFKA, "remote.log.storage.manager.class.path", false),
            (&keys::ZOOKEEPER, "authProvider.1", true),
            (&keys::ZOOKEEPER, "metricsProvider.className", true),
            (&keys::ZOOKEEPER, "metricsProvider.httpPort", false),
        ] {
            assert_eq!(!table.takes(key).is_empty(), takes, "{key}");
        }
    }

    #[test]
    fn a_class_is_there_in_the_versions_that_have_it() {
        let acl = "kafka.security.authorizer.AclAuthorizer";
        let key = "authorizer.class.name";
        assert_eq!(kafka(key, acl, [2, 7, 0]).0, Judgement::Fits);
        assert_eq!(kafka(key, acl, [3, 9, 2]).0, Judgement::Fits);
        let simple = "kafka.security.auth.SimpleAclAuthorizer";
        assert_eq!(kafka(key, simple, [2, 8, 2]).0, Judgement::Fits);
        assert_eq!(kafka(key, simple, [3, 9, 2]), (Judgement::Gone(Version([3, 0, 0])), Some(acl)));
        let env = "org.apache.kafka.common.config.provider.EnvVarConfigProvider";
        let providers = "config.providers.env.class";
        assert_eq!(kafka(providers, env, [3, 4, 1]).0, Judgement::Later(Version([3, 5, 0])));
        assert_eq!(kafka(providers, env, [3, 5, 0]).0, Judgement::Fits);
    }

    #[test]
    fn a_class_of_the_wrong_kind_and_one_of_the_jdk_do_not_fit() {
        let jmx = "org.apache.kafka.common.metrics.JmxReporter";
        assert_eq!(kafka("metric.reporters", jmx, NEW.0).0, Judgement::Fits);
        assert_eq!(kafka("kafka.metrics.reporters", jmx, NEW.0).0, Judgement::Unfit);
        assert_eq!(kafka("metric.reporters", "java.lang.String", NEW.0).0, Judgement::Unfit);
    }

    #[test]
    fn a_slip_has_the_class_that_was_meant() {
        let jmx = "org.apache.kafka.common.metrics.JmxReporter";
        for slip in [
            "org.apache.kafka.common.metrics.JmxReportr",
            "org.apache.kafka.metrics.JmxReporter",
            "org.apche.kafka.common.metrics.JmxReporter",
            "kafka.metrics.JmxRepoter",
            "JmxReporter",
        ] {
            assert_eq!(kafka("metric.reporters", slip, NEW.0), (Judgement::Unknown, Some(jmx)), "{slip}");
        }
        assert_eq!(kafka("metric.reporters", "kafka.Nothing", NEW.0), (Judgement::Unknown, None));
    }

    #[test]
    fn a_class_of_another_package_is_somebody_elses() {
        for class in
            ["io.confluent.metrics.reporter.ConfluentMetricsReporter", "com.example.JmxReporter", "Mine"]
        {
            assert_eq!(kafka("metric.reporters", class, NEW.0).0, Judgement::Foreign, "{class}");
        }
    }
}
