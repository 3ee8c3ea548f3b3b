//! What a certificate says.

use std::net::IpAddr;

use anyhow::{Context as _, Result, bail};
use time::OffsetDateTime;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;
use x509_parser::prelude::X509Certificate;

/// Of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Distinguished name, as Java writes it.
    pub subject: String,
    pub issuer: String,
    /// Names and addresses that it is for (subject alternative names).
    pub names: Vec<String>,
    pub is_authority: bool,
    pub not_before: OffsetDateTime,
    pub not_after: OffsetDateTime,
}

impl Certificate {
    /// Those of a PEM text, in its order; what else is in it is passed over.
    pub fn read_all(text: &str) -> Result<Vec<Self>> {
        let mut found = Vec::new();
        for pem in Pem::iter_from_buffer(text.as_bytes()) {
            let pem = pem.context("it is not PEM")?;
            if pem.label == "CERTIFICATE" {
                found.push(Self::of(&pem.parse_x509().context("a certificate in it cannot be read")?)?);
            }
        }
        if found.is_empty() {
            bail!("it holds no certificate (PEM)");
        }
        Ok(found)
    }

    fn of(read: &X509Certificate<'_>) -> Result<Self> {
        let alternative = read.subject_alternative_name().context("its alternative names cannot be read")?;
        let names = alternative.into_iter().flat_map(|names| &names.value.general_names).filter_map(name);
        Ok(Self {
            subject: read.subject().to_string(),
            issuer: read.issuer().to_string(),
            names: names.collect(),
            is_authority: read.is_ca(),
            not_before: read.validity().not_before.to_datetime(),
            not_after: read.validity().not_after.to_datetime(),
        })
    }

    /// Whole days until it ends; below 0 once it has.
    pub fn days_left(&self, now: OffsetDateTime) -> i64 {
        (self.not_after - now).whole_days() - i64::from(self.not_after < now)
    }

    /// Names of a host that it is not for.
    pub fn lacks<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> Vec<&'a String> {
        let names = names.into_iter();
        names.filter(|name| !self.names.iter().any(|own| own.eq_ignore_ascii_case(name))).collect()
    }
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let address = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            let address = address.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
            address.ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Authority;

    #[test]
    fn a_certificate_says_whose_it_is_for_what_and_how_long() {
        let authority = Authority::create("peter-kafka", 100).unwrap();
        let names = ["10.0.0.11", "fd00::11", "kafka01"].map(str::to_owned);
        let text = authority.issue_host("peter-kafka", &names, 30).unwrap();
        let [read] = &Certificate::read_all(&text).unwrap()[..] else { panic!("one") };
        assert_eq!(read.subject, "O=peter-kafka, CN=kafka");
        assert_eq!(read.issuer, "O=peter-kafka, CN=kafnix authority");
        assert_eq!(read.names, names);
        assert!(!read.is_authority);
        let now = OffsetDateTime::now_utc();
        assert_eq!(read.days_left(now), 29);
        assert_eq!(read.days_left(now + time::Duration::days(31)), -2);
        let wanted = ["KAFKA01", "kafka01.example.org", "10.0.0.11"].map(str::to_owned);
        assert_eq!(read.lacks(&wanted), [&wanted[1]]);
        assert!(Certificate::read_all(authority.certificate()).unwrap()[0].is_authority);
    }

    #[test]
    fn what_is_no_certificate_is_told() {
        let key = Authority::create("a", 1).unwrap().key();
        for text in ["", "nothing", &key, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert!(Certificate::read_all(text).is_err(), "{text}");
        }
    }
}
