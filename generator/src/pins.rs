//! Which releases kafnix knows, and what is known of each: `pins.json`, the one table that Nix reads
//! as well. Facts only; what follows from them is for the rules to say.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::spec::{Jdk, Version};

/// The table, read once. A test proves that it can be read, so the default never shows.
static PINS: LazyLock<Pins> =
    LazyLock::new(|| serde_json::from_str(include_str!("../pins.json")).unwrap_or_default());

pub fn pins() -> &'static Pins {
    &PINS
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Pins {
    /// Where archives are fetched from, in this order; each pin's `path` follows.
    pub mirrors: Vec<String>,
    pub zookeeper: BTreeMap<Version, Pin>,
    pub kafka: BTreeMap<Version, Pin>,
    /// By CVE id.
    pub vulnerabilities: BTreeMap<String, Vulnerability>,
}

/// One release of one product.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pin {
    pub path: String,
    /// The archive's digest in the form of Subresource Integrity.
    pub hash: String,
    /// How many independent sources state this digest.
    pub vouched_by: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scala: Option<String>,
    /// Major versions of the JDK that the product is known to run on, in ascending order.
    pub jdks: Vec<Jdk>,
    /// The ZooKeeper whose client the product brings along (Kafka only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zookeeper_client: Option<Version>,
    /// The day (ISO 8601) from which the line gets no fixes.
    pub end_of_life: Option<String>,
    /// CVE ids, each described in [`Pins::vulnerabilities`].
    pub vulnerabilities: Vec<String>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Vulnerability {
    pub product: Product,
    pub title: String,
    /// Empty where no release with the fix is known.
    pub fixed_in: Vec<Version>,
    pub source: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Product {
    ZooKeeper,
    Kafka,
}

impl Product {
    pub const ALL: [Self; 2] = [Self::ZooKeeper, Self::Kafka];

    /// Where `versions` of the spec has it for every host.
    pub fn pointer(self) -> &'static str {
        match self {
            Self::ZooKeeper => "/versions/zookeeper",
            Self::Kafka => "/versions/kafka",
        }
    }

    /// Its key in `versions` of the spec.
    pub fn key(self) -> &'static str {
        match self {
            Self::ZooKeeper => "zookeeper",
            Self::Kafka => "kafka",
        }
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ZooKeeper => "ZooKeeper",
            Self::Kafka => "Kafka",
        })
    }
}

/// Releases that differ in their last number only: 3.9.0, 3.9.1, …
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line(pub [u16; 2]);

impl Line {
    pub fn of(version: Version) -> Self {
        let [major, minor, _] = version.0;
        Self([major, minor])
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor] = self.0;
        write!(f, "{major}.{minor}")
    }
}

impl Pins {
    /// The pins of a product, oldest first.
    pub fn of(&self, product: Product) -> &BTreeMap<Version, Pin> {
        match product {
            Product::ZooKeeper => &self.zookeeper,
            Product::Kafka => &self.kafka,
        }
    }

    pub fn get(&self, product: Product, version: Version) -> Option<&Pin> {
        self.of(product).get(&version)
    }

    /// The pins of each line of a product, oldest first.
    pub fn lines(&self, product: Product) -> BTreeMap<Line, Vec<(Version, &Pin)>> {
        let mut lines: BTreeMap<Line, Vec<_>> = BTreeMap::new();
        for (version, pin) in self.of(product) {
            lines.entry(Line::of(*version)).or_default().push((*version, pin));
        }
        lines
    }

    /// Pins older than a version, newest first.
    pub fn before(&self, product: Product, version: Version) -> impl Iterator<Item = (Version, &Pin)> {
        self.of(product).range(..version).rev().map(|(version, pin)| (*version, pin))
    }

    /// Pins newer than a version, oldest first.
    pub fn after(&self, product: Product, version: Version) -> impl Iterator<Item = (Version, &Pin)> {
        self.of(product).range((Excluded(version), Unbounded)).map(|(version, pin)| (*version, pin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::defaults;

    #[test]
    fn the_table_is_read_and_written_back_unchanged() {
        let text = include_str!("../pins.json");
        let table: Pins = serde_json::from_str(text).expect("pins.json");
        let written: serde_json::Value = serde_json::from_str(text).expect("pins.json");
        assert_eq!(serde_json::to_value(&table).expect("pins"), written);
        assert_eq!(pins().kafka.len(), table.kafka.len());
    }

    #[test]
    fn the_default_versions_are_pinned_and_vouched_for_twice() {
        for product in Product::ALL {
            let version = defaults::release(product);
            let pin = pins().get(product, version).expect("a pin");
            assert!(pin.vouched_by >= 2 && pin.jdks.contains(&defaults::JDK), "{product} {version}");
        }
    }

    #[test]
    fn every_vulnerability_of_a_pin_is_described_and_every_fix_is_newer() {
        for product in [Product::ZooKeeper, Product::Kafka] {
            for (version, pin) in pins().of(product) {
                assert!(pin.jdks.is_sorted() && !pin.jdks.is_empty(), "{product} {version}");
                for id in &pin.vulnerabilities {
                    let known = pins().vulnerabilities.get(id).expect("a described vulnerability");
                    assert_eq!(known.product, product, "{id}");
                    assert!(!known.fixed_in.contains(version), "{id} in {version}");
                }
            }
        }
    }

    #[test]
    fn versions_are_ordered_by_number() {
        let lines = pins().lines(Product::ZooKeeper);
        let oldest: Vec<_> = lines[&Line([3, 5])].iter().map(|(version, _)| version.to_string()).collect();
        assert_eq!(oldest, ["3.5.9", "3.5.10"]);
        let next = pins().after(Product::ZooKeeper, Version([3, 5, 9])).next().map(|(version, _)| version);
        assert_eq!(next, Some(Version([3, 5, 10])));
    }
}
