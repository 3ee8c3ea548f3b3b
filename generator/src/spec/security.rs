//! Who may read what goes over a connection, and who is at its other end.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};

/// Security protocol of a listener.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub enum Protocol {
    /// Neither encrypted nor authenticated.
    #[default]
    #[serde(rename = "PLAINTEXT")]
    Plaintext,
    /// TLS, with the files of `tls`.
    #[serde(rename = "SSL")]
    Ssl,
}

impl Protocol {
    /// As Kafka calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "PLAINTEXT",
            Self::Ssl => "SSL",
        }
    }

    pub fn has_tls(self) -> bool {
        self == Self::Ssl
    }
}

/// Says what becomes of a listener whose author takes the line out.
impl<'de> Deserialize<'de> for Protocol {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        match name.as_str() {
            "PLAINTEXT" => Ok(Self::Plaintext),
            "SSL" => Ok(Self::Ssl),
            "SASL_PLAINTEXT" | "SASL_SSL" => Err(de::Error::custom(format_args!(
                "kafnix has no `{name}` listeners yet, and without `protocol` this one is PLAINTEXT, neither \
                 encrypted nor authenticated"
            ))),
            other => Err(de::Error::unknown_variant(other, &["PLAINTEXT", "SSL"])),
        }
    }
}

/// Whether a TLS listener asks its clients for a certificate (Kafka's `ssl.client.auth`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClientAuth {
    /// A client without a certificate that the trust store vouches for is refused: mutual TLS.
    #[default]
    Required,
    /// A client may have one. Whoever has none is `User:ANONYMOUS`.
    Requested,
    /// It asks for none. Everybody is `User:ANONYMOUS`.
    None,
}

impl ClientAuth {
    pub fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Requested => "requested",
            Self::None => "none",
        }
    }
}

/// Where the hosts have what they need for TLS: absolute paths of PEM files on each host, in which `{host}` stands for
/// its host name. kafnix writes neither; they are read by systemd as root, and belong in no repository and no store.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TlsSpec {
    /// Private key of the host (PKCS#8, not encrypted), followed by its certificate and those of the authorities
    /// between it and the root.
    pub key_store: Option<String>,
    /// Certificates of the authorities that vouch for the others, brokers and clients.
    pub trust_store: Option<String>,
}
