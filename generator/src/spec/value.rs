//! The leaves of a spec. Each is parsed once, when it is read, and keeps one canonical form.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use super::Reach;
use crate::keys::steps_of_protocol;

/// An IPv4 or IPv6 address in its canonical form: two ways to write one address compare equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub IpAddr);

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse::<IpAddr>()
            .map(|address| Self(address.to_canonical()))
            .map_err(|_| format!("`{text}` is not an IPv4 or IPv6 address"))
    }
}

impl Address {
    /// As it stands before `:port`.
    pub fn in_url(self) -> String {
        match self.0 {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        }
    }

    /// `address:port`, where something listens.
    pub fn with_port(self, port: u16) -> String {
        format!("{}:{port}", self.in_url())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A network in CIDR form; a single address is a network of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cidr(pub ipnet::IpNet);

impl FromStr for Cidr {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // the address as in all other places: `010.0.0.0` is none
        let parsed = match text.split_once('/') {
            None => text.parse::<IpAddr>().ok().map(ipnet::IpNet::from),
            Some((address, length)) => {
                let number = length.parse::<u8>().ok().filter(|number| number.to_string() == length);
                let address = address.parse::<IpAddr>().ok();
                address.zip(number).and_then(|(address, length)| ipnet::IpNet::new(address, length).ok())
            }
        };
        let parsed =
            parsed.ok_or_else(|| format!("`{text}` is not a network like 10.0.0.0/8 or fd00::/8"))?;
        let network = parsed.trunc();
        if network != parsed {
            return Err(format!("`{text}` is an address in the network {network}"));
        }
        Ok(Self(network))
    }
}

impl Cidr {
    /// The network of so many bits that an address is in.
    pub fn around(address: Address, bits: u8) -> Option<Self> {
        ipnet::IpNet::new(address.0, bits).ok().map(|network| Self(network.trunc()))
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A product's version: three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub [u16; 3]);

impl Version {
    pub fn protocol(self) -> ProtocolVersion {
        ProtocolVersion::of([self.0[0], self.0[1]])
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        numbers(text).map(Self).ok_or_else(|| format!("`{text}` is not a version like 3.9.2"))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// A version of the protocol between brokers: two numbers, and the step to it (`-IV0`) where that is not the last
/// one of its line, which Kafka means by the numbers alone (`ApiVersion`, `MetadataVersion`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProtocolVersion {
    pub line: [u16; 2],
    step: u16,
}

impl ProtocolVersion {
    const LAST: u16 = u16::MAX;

    pub fn of(line: [u16; 2]) -> Self {
        Self { line, step: Self::LAST }
    }

    /// Whether some Kafka speaks it.
    pub fn exists(self) -> bool {
        let steps = steps_of_protocol(self.line);
        if self.step == Self::LAST { !steps.is_empty() } else { steps.contains(&self.step) }
    }
}

impl FromStr for ProtocolVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (line, step) = match text.split_once("-IV") {
            Some((line, step)) => (line, numbers(step).map(|[step]| step)),
            None => (text, Some(Self::LAST)),
        };
        let version = numbers(line).zip(step).map(|(line, step)| {
            let is_last = steps_of_protocol(line).last() == Some(&step);
            Self { line, step: if is_last { Self::LAST } else { step } }
        });
        version.ok_or_else(|| format!("`{text}` is not a protocol version like 3.9 or 2.8-IV0"))
    }
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.line[0], self.line[1])?;
        if self.step == Self::LAST { Ok(()) } else { write!(f, "-IV{}", self.step) }
    }
}

/// Exactly `N` numbers between dots, written without leading zeros.
fn numbers<const N: usize>(text: &str) -> Option<[u16; N]> {
    let numbers: Vec<u16> = text
        .split('.')
        .map(|part| part.parse().ok().filter(|number: &u16| number.to_string() == part))
        .collect::<Option<_>>()?;
    numbers.try_into().ok()
}

/// The major version of a JDK.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Jdk(pub u16);

impl FromStr for Jdk {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        numbers(text)
            .map(|[major]| Self(major))
            .ok_or_else(|| format!("`{text}` is not a major version of a JDK like 17"))
    }
}

impl fmt::Display for Jdk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The size of a JVM's heap, in MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Heap {
    pub mebibytes: u32,
}

impl FromStr for Heap {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (digits, unit) = text.split_at(text.find(|letter: char| !letter.is_ascii_digit())?);
            let factor = match unit {
                "m" | "M" | "MiB" => 1,
                "g" | "G" | "GiB" => 1024,
                _ => return None,
            };
            let number: u32 = digits.parse().ok().filter(|n: &u32| n.to_string() == digits)?;
            number.checked_mul(factor).filter(|size| *size > 0)
        };
        parse()
            .map(|mebibytes| Self { mebibytes })
            .ok_or_else(|| format!("`{text}` is not a size like 512m or 6g"))
    }
}

impl fmt::Display for Heap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mebibytes.is_multiple_of(1024) {
            write!(f, "{}g", self.mebibytes / 1024)
        } else {
            write!(f, "{}m", self.mebibytes)
        }
    }
}

impl<'de> Deserialize<'de> for Reach {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong = || de::Error::custom("expected \"brokers\" or a list of networks like [\"10.0.0.0/8\"]");
        match Value::deserialize(deserializer)? {
            Value::String(text) if text == "brokers" => Ok(Self::Brokers),
            Value::Array(values) => values
                .iter()
                .map(|value| value.as_str().ok_or_else(wrong)?.parse().map_err(de::Error::custom))
                .collect::<Result<_, _>>()
                .map(Self::Networks),
            _ => Err(wrong()),
        }
    }
}

impl JsonSchema for Reach {
    fn schema_name() -> Cow<'static, str> {
        "Reach".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Who may reach a listener.",
            "anyOf": [
                { "const": "brokers" },
                { "type": "array", "items": generator.subschema_for::<Cidr>() }
            ]
        })
    }
}

/// Reads and writes a leaf as the string that it is, and describes it in the JSON Schema.
macro_rules! string_leaf {
    ($($leaf:ty, $name:literal, $pattern:literal, $description:literal;)*) => {$(
        impl<'de> Deserialize<'de> for $leaf {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }

        impl Serialize for $leaf {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl JsonSchema for $leaf {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern, "description": $description })
            }
        }
    )*};
}

string_leaf! {
    Address, "Address", r"^[0-9A-Fa-f.:]+$", "An IPv4 or IPv6 address.";
    Cidr, "Cidr", r"^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$", "A network like 10.0.0.0/8 or fd00::/8.";
    Version, "Version", r"^[0-9]+\.[0-9]+\.[0-9]+$", "A version like 3.9.2.";
    ProtocolVersion, "ProtocolVersion", r"^[0-9]+\.[0-9]+(-IV[0-9]+)?$", "A protocol version like 3.9 or 2.8-IV0.";
    Jdk, "Jdk", r"^[0-9]+$", "A major version of the JDK like 17.";
    Heap, "Heap", r"^[1-9][0-9]*([mMgG]|MiB|GiB)$", "A size like 512m (MiB) or 6g (GiB).";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_written_in_two_ways_is_one_address() {
        let parse = |text: &str| text.parse::<Address>();
        assert_eq!(parse("fd00:0:0::1"), parse("FD00::1"));
        assert_eq!(parse("::ffff:10.0.0.1"), parse("10.0.0.1"));
        assert!(parse("010.0.0.1").is_err());
        assert!(parse("kafka01").is_err());
    }

    #[test]
    fn a_network_is_written_like_an_address() {
        let parse = |text: &str| text.parse::<Cidr>().map(|network| network.to_string());
        assert_eq!(parse("10.0.0.0/8").as_deref(), Ok("10.0.0.0/8"));
        assert_eq!(parse("10.0.0.5/8").unwrap_err(), "`10.0.0.5/8` is an address in the network 10.0.0.0/8");
        assert_eq!(parse("fd00::1").as_deref(), Ok("fd00::1/128"));
        for text in ["010.0.0.0/8", "10.0.0.0/08", "10.0.0.0/+8", "10.0.0.0/33", "10.0.0.0/", "/8", "10/8"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_version_has_exactly_its_numbers() {
        assert_eq!("3.9.2".parse(), Ok(Version([3, 9, 2])));
        for text in ["3.9", "3.9.2.1", "3.09.2", "v3.9.2", "", "3..2", "3.9.99999"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_step_of_a_protocol_is_below_its_line_and_above_the_one_before() {
        let parse = |text: &str| text.parse::<ProtocolVersion>().unwrap();
        assert!(parse("2.7") < parse("2.8-IV0") && parse("2.8-IV0") < parse("2.8-IV1"));
        assert!(parse("2.7-IV1") < parse("2.7") && parse("2.7-IV1").to_string() == "2.7-IV1");
        // the last one is the line
        assert_eq!((parse("2.8-IV1"), parse("3.9-IV0")), (parse("2.8"), parse("3.9")));
        for text in ["2.8-IV", "2.8-iv1", "2.8-IV01", "2.8-IVx", "2-IV1"] {
            assert!(text.parse::<ProtocolVersion>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_heap_has_a_unit_and_fits() {
        assert_eq!("6g".parse(), Ok(Heap { mebibytes: 6144 }));
        for text in ["6G", "6GiB", "6144M", "6144MiB"] {
            assert_eq!(text.parse(), Ok(Heap { mebibytes: 6144 }), "{text}");
        }
        assert_eq!("1536m".parse::<Heap>().map(|heap| heap.to_string()), Ok("1536m".into()));
        for text in ["6", "0m", "-1g", "06g", "99999999g", "g", "6 g", "6kg", "6GB"] {
            assert!(text.parse::<Heap>().is_err(), "{text}");
        }
    }
}
