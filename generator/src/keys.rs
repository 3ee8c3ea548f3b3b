//! The configuration keys of the products, read out of the products themselves (`tools/keys`): what
//! each version knows, with type, range and default.

mod protocol;
mod value;

pub use protocol::steps_of_protocol;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::problem::equally_near;
use crate::spec::{Setting, Version};

/// The keys of one kind of file over all pinned versions of its product.
#[derive(Debug, Default, Deserialize)]
pub struct Table {
    #[serde(borrow, default)]
    keys: BTreeMap<&'static str, Vec<Entry>>,
    #[serde(borrow, default)]
    prefixes: BTreeMap<&'static str, Prefix>,
    /// Names that look right and that nothing reads, with the name that is read.
    #[serde(borrow, default)]
    misnamed: BTreeMap<&'static str, &'static str>,
}

/// A key as some versions know it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    since: Version,
    until: Option<Version>,
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Between the entries of a list, for a key that is not of that type and holds one all the same.
    separator: Option<&'static str>,
    /// Typed as a password and no secret: certificates.
    #[serde(default)]
    public: bool,
    /// Absent: required; null: none.
    #[serde(borrow, default)]
    pub default: Option<Cow<'static, str>>,
    min: Option<i64>,
    /// A number, or text where it is no 64-bit integer.
    max: Option<Setting>,
    #[serde(borrow, default)]
    values: Vec<&'static str>,
    #[serde(default)]
    any_case: bool,
    #[serde(default)]
    non_empty: bool,
    /// The values are versions of Kafka, by their names or those of their lines.
    #[serde(borrow, default)]
    releases: Vec<&'static str>,
    /// When a running broker takes a new value: `read-only` (at its next start), `per-broker` or
    /// `cluster-wide`.
    pub update: Option<&'static str>,
    /// The system property, where the file cannot set it.
    flag: Option<&'static str>,
    /// For a key of a topic: that of the broker, which holds for topics that do not write their own.
    pub broker: Option<&'static str>,
    /// Types, where the value is the name of a class that must be one of them.
    #[serde(borrow, default)]
    takes: Vec<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Boolean,
    Short,
    Int,
    Long,
    Double,
    String,
    List,
    Class,
    Password,
}

#[derive(Debug, Deserialize)]
struct Prefix {
    since: Option<Version>,
    separator: Option<&'static str>,
    /// As for a key; with `named` only for a name and that word behind it.
    #[serde(borrow, default)]
    takes: Vec<&'static str>,
    named: Option<&'static str>,
}

/// How a product reads a list that is written for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Split there.
    At(&'static str),
    /// As one value.
    One,
    /// No table knows the key.
    Unknown,
}

/// What a version makes of a key.
#[derive(Debug)]
pub enum Lookup {
    Known(&'static Entry),
    /// A key of the product's family, like `listener.name.…`, that has no entry of its own.
    Family,
    /// Other versions know it: each time from the first to the last, if there is a last.
    Elsewhere(Vec<(Version, Option<Version>)>),
    /// Nothing reads it under this name; the other one is read.
    Misnamed(&'static str),
    Unknown,
}

pub static KAFKA: LazyLock<Table> = LazyLock::new(|| table(include_str!("../keys/kafka.json")));
pub static TOPIC: LazyLock<Table> = LazyLock::new(|| table(include_str!("../keys/topic.json")));
pub static ZOOKEEPER: LazyLock<Table> = LazyLock::new(|| table(include_str!("../keys/zookeeper.json")));

/// A table that cannot be read would know no key; a test reads every one.
fn table(text: &'static str) -> Table {
    serde_json::from_str(text).unwrap_or_default()
}

/// The system property that sets a key of ZooKeeper which `zoo.cfg` cannot set.
pub fn zookeeper_flag(key: &str) -> Option<&'static str> {
    ZOOKEEPER.keys.get(key)?.last()?.flag
}

impl Table {
    pub fn find(&'static self, key: &str, version: Version) -> Lookup {
        let entries = self.keys.get(key).map(Vec::as_slice).unwrap_or_default();
        let covers =
            |entry: &&Entry| entry.since <= version && entry.until.is_none_or(|until| version <= until);
        // A few keys could be set by a flag alone in one version and are read from the file since.
        let by_file = |entry: &&Entry| entry.flag == entries.last().and_then(|last| last.flag);
        if let Some(entry) = entries.iter().filter(by_file).find(covers) {
            return Lookup::Known(entry);
        }
        if !entries.is_empty() {
            let ranges = entries.iter().filter(by_file).map(|entry| (entry.since, entry.until));
            return Lookup::Elsewhere(ranges.collect());
        }
        if let Some(name) = self.misnamed.get(key) {
            return Lookup::Misnamed(name);
        }
        let family = self.prefixes.iter().find(|(prefix, _)| key.starts_with(**prefix));
        match family.map(|(_, family)| family.since) {
            Some(Some(since)) if version < since => Lookup::Elsewhere(vec![(since, None)]),
            Some(_) => Lookup::Family,
            None => Lookup::Unknown,
        }
    }

    /// The topic's key for what a broker's key sets for all topics.
    pub fn of_broker(&self, key: &str) -> Option<&'static str> {
        let mut keys = self.keys.iter();
        keys.find(|(_, entries)| entries.iter().any(|entry| entry.broker == Some(key))).map(|(name, _)| *name)
    }

    /// The newest entry of a key, or of the key that one of a family ends with, as
    /// `listener.name.x.ssl.key.password` ends with `ssl.key.password`.
    fn meaning(&self, key: &str) -> Option<&Entry> {
        let tails = key.match_indices('.').map(|(dot, _)| &key[dot + 1..]);
        let known = std::iter::once(key).chain(tails).find_map(|key| self.keys.get(key));
        known.and_then(|entries| entries.last())
    }

    /// Whether the value of a key must stay out of any text: its type says so, or, where no table
    /// knows the key, its name.
    pub fn is_secret(&self, key: &str) -> bool {
        match self.meaning(key) {
            Some(entry) if entry.kind == Kind::Password => !entry.public,
            Some(_) if self.keys.contains_key(key) => false,
            _ => is_named_like_a_secret(key),
        }
    }

    /// How the product reads a list that is written for a key.
    pub fn list(&self, key: &str) -> List {
        let family = self.prefixes.iter().find(|(prefix, _)| key.starts_with(**prefix));
        match (self.meaning(key), family.and_then(|(_, family)| family.separator)) {
            (_, Some(separator)) => List::At(separator),
            (Some(Entry { separator: Some(separator), .. }), _) => List::At(separator),
            (Some(entry), _) if entry.kind == Kind::List => List::At(","),
            (Some(_), _) => List::One,
            (None, _) => List::Unknown,
        }
    }

    /// Of which types a class must be that a key names; none where its value is no class.
    pub fn takes(&self, key: &str) -> &[&'static str] {
        let families = self.prefixes.iter().filter(|(_, family)| !family.takes.is_empty());
        let mut families = families.filter_map(|(prefix, family)| Some((key.strip_prefix(prefix)?, family)));
        let Some((rest, Prefix { takes, named, .. })) = families.next() else {
            return self.meaning(key).map(|entry| entry.takes.as_slice()).unwrap_or_default();
        };
        let is_class = named.is_none_or(|end| rest.split_once('.').is_some_and(|(_, word)| word == end));
        if is_class { takes } else { &[] }
    }

    /// A key as the newest version that knows it has it.
    pub fn newest(&self, key: &str) -> Option<&Entry> {
        self.keys.get(key)?.last()
    }

    pub fn known(&'static self, key: &str, version: Version) -> Option<&'static Entry> {
        match self.find(key, version) {
            Lookup::Known(entry) => Some(entry),
            _ => None,
        }
    }

    /// The key whose type and range a key of a family has: `num.network.threads` for
    /// `listener.name.x.num.network.threads`, and the same behind the name of a mechanism (`AbstractConfig`,
    /// `valuesWithPrefixOverride`).
    pub fn for_listener(&'static self, key: &str, version: Version) -> Option<&'static Entry> {
        let (_, key) = key.strip_prefix("listener.name.")?.split_once('.')?;
        [Some(key), key.split_once('.').map(|(_, key)| key)]
            .into_iter()
            .flatten()
            .find_map(|key| self.known(key, version))
    }

    /// Every key that some version knows.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.keys().copied()
    }
}

/// Whether a setting of either product has a value that must stay out of any text.
pub fn is_secret(key: &str) -> bool {
    KAFKA.is_secret(key) || ZOOKEEPER.is_secret(key)
}

/// The same for a key that may have a slip in it.
pub fn may_be_secret(key: &str) -> bool {
    is_secret(key) || equally_near(key, KAFKA.names().chain(ZOOKEEPER.names())).into_iter().any(is_secret)
}

/// How the names of secrets end that belong to plug-ins and to keys of families, in small letters and
/// without what joins words. Nix reads the same list.
static SECRET_ENDS: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../keys/secret-ends.json")).unwrap_or_default());

fn is_named_like_a_secret(key: &str) -> bool {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    SECRET_ENDS.iter().any(|end| plain.to_ascii_lowercase().ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: Version = Version([2, 7, 0]);
    const NEW: Version = Version([3, 9, 2]);

    fn refused(table: &'static Table, key: &str, value: impl Into<Setting>) -> Option<String> {
        match table.find(key, NEW) {
            Lookup::Known(entry) => entry.refuses(&value.into()),
            other => panic!("{key}: {other:?}"),
        }
    }

    #[test]
    fn every_table_can_be_read() {
        assert!([&KAFKA, &TOPIC, &ZOOKEEPER].iter().all(|table| table.keys.len() > 30));
    }

    #[test]
    fn a_value_of_the_wrong_type_or_range_is_refused() {
        for (key, value) in [
            ("num.io.threads", Setting::Int(0)),
            ("num.io.threads", "many".into()),
            ("num.io.threads", true.into()),
            ("log.retention.ms", "1.5".into()),
            ("log.cleanup.policy", "keep".into()),
            ("log.cleanup.policy", vec!["compact", "keep"].into()),
            ("unclean.leader.election.enable", "yes".into()),
            ("log.cleaner.min.cleanable.ratio", "1.5".into()),
        ] {
            assert!(refused(&KAFKA, key, value.clone()).is_some(), "{key} {value:?}");
        }
    }

    #[test]
    fn a_value_that_the_product_takes_is_not_refused() {
        for (key, value) in [
            ("num.io.threads", Setting::Int(8)),
            ("num.io.threads", "8".into()),
            ("log.cleanup.policy", vec!["compact", "delete"].into()),
            ("log.cleaner.min.cleanable.ratio", "0.50".into()),
            ("unclean.leader.election.enable", "FALSE".into()),
        ] {
            assert_eq!(refused(&KAFKA, key, value), None, "{key}");
        }
    }

    #[test]
    fn a_key_is_known_to_the_versions_that_have_it() {
        assert!(matches!(KAFKA.find("advertised.host.name", OLD), Lookup::Known(_)));
        assert!(matches!(KAFKA.find("advertised.host.name", NEW), Lookup::Elsewhere(..)));
        assert!(matches!(KAFKA.find("listener.name.x.ssl.keystore.location", OLD), Lookup::Family));
        assert!(matches!(KAFKA.find("no.such.key", NEW), Lookup::Unknown));
    }

    #[test]
    fn a_key_of_the_broker_has_one_of_the_topic() {
        assert_eq!(TOPIC.of_broker("log.retention.ms"), Some("retention.ms"));
        assert_eq!(TOPIC.of_broker("num.io.threads"), None);
    }

    #[test]
    fn a_secret_is_known_by_its_type_wherever_it_stands_and_else_by_its_name() {
        for key in [
            "ssl.key.password",
            "ssl.keystore.key",
            "password.encoder.secret",
            "delegation.token.master.key",
            "zookeeper.ssl.keystore.password",
            "listener.name.external.ssl.keystore.password",
            "listener.name.external.scram-sha-512.sasl.jaas.config",
            "authorizer.zookeeper.ssl.truststore.password",
            "rlmm.config.remote.log.metadata.common.client.sasl.jaas.config",
            "rsm.config.storage.aws.secret.access.key",
            "config.providers.vault.param.token",
            "com.example.plugin.dbPassword",
        ] {
            assert!(KAFKA.is_secret(key), "{key}");
        }
        for key in [
            "ssl.keystore.certificate.chain",
            "listener.name.external.ssl.truststore.certificates",
            "ssl.keystore.location",
            "password.encoder.iterations",
            "delegation.token.expiry.time.ms",
            "config.providers.file.class",
            "num.io.threads",
        ] {
            assert!(!KAFKA.is_secret(key), "{key}");
        }
        for (key, secret) in [
            ("ssl.quorum.keyStore.password", true),
            ("ssl.quorum.keyStore.passwordPath", false),
            ("DigestAuthenticationProvider.superDigest", true),
            ("metricsProvider.ssl.keyStore.password", true),
            ("superUser", false),
        ] {
            assert_eq!(ZOOKEEPER.is_secret(key), secret, "{key}");
        }
    }

    #[test]
    fn a_list_is_split_where_the_product_splits_it() {
        assert_eq!(KAFKA.list("super.users"), List::At(";"));
        assert_eq!(KAFKA.list("log.cleanup.policy"), List::At(","));
        assert_eq!(KAFKA.list("max.connections.per.ip.overrides"), List::At(","));
        assert_eq!(KAFKA.list("listener.name.x.ssl.enabled.protocols"), List::At(","));
        assert_eq!(KAFKA.list("compression.type"), List::One);
        assert_eq!(KAFKA.list("com.example.hosts"), List::Unknown);
        assert_eq!(ZOOKEEPER.list("group.1"), List::At(":"));
        assert_eq!(ZOOKEEPER.list("4lw.commands.whitelist"), List::At(","));
    }

    #[test]
    fn what_zoo_cfg_cannot_set_is_a_system_property() {
        assert_eq!(zookeeper_flag("jute.maxbuffer"), Some("jute.maxbuffer"));
        assert_eq!(zookeeper_flag("snapCount"), None);
    }
}
