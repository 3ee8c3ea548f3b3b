//! An authority of a cluster, the certificates that it issues to hosts, and what a certificate says: PEM text in, PEM
//! text out. Who gets one is for the caller to say, and where it lies.

mod certificate;

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};

pub use certificate::Certificate;

/// Clocks of hosts differ.
const SLACK: Duration = Duration::hours(1);

/// The name that all servers of a cluster share. `ZooKeeper` compares whole names (`X509AuthenticationProvider`): a
/// znode that one broker creates belongs to all. Hosts differ in their subject alternative names.
const SERVERS: &str = "kafka";

/// What vouches for the hosts and users of one cluster.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate.
    certificate: String,
}

impl Authority {
    /// A new one, with a key of its own (P-256).
    pub fn create(cluster: &str, days: u32) -> Result<Self> {
        let mut params = CertificateParams::default();
        params.distinguished_name = name(cluster, "kafnix authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        set_validity(&mut params, days);
        let key = KeyPair::generate().context("cannot make a private key")?;
        let certificate = params.self_signed(&key).context("cannot sign the authority's certificate")?.pem();
        Ok(Self { issuer: Issuer::new(params, key), certificate })
    }

    /// One that is there already.
    pub fn read(certificate: &str, key: &str) -> Result<Self> {
        let key =
            KeyPair::from_pem(key).context("the authority's private key cannot be read (PEM, PKCS#8)")?;
        let issuer = Issuer::from_ca_cert_pem(certificate, key);
        let issuer = issuer.context("the authority's certificate cannot be read (PEM)")?;
        Ok(Self { issuer, certificate: certificate.to_owned() })
    }

    /// Its certificate, which is no secret.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Its private key, with which anybody could issue certificates.
    pub fn key(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    /// A private key and a certificate for the servers of one host, at each of these names and addresses, in one text
    /// as Kafka and `ZooKeeper` read it.
    pub fn issue_host(&self, cluster: &str, names: &[String], days: u32) -> Result<String> {
        let params = CertificateParams::new(names);
        let mut params = params.with_context(|| format!("no certificate can name {}", names.join(", ")))?;
        params.distinguished_name = name(cluster, SERVERS);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        set_validity(&mut params, days);
        let key = KeyPair::generate().context("cannot make a private key")?;
        let certificate = params.signed_by(&key, &self.issuer).context("cannot sign a certificate")?;
        Ok(key.serialize_pem() + &certificate.pem())
    }
}

fn name(cluster: &str, common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, cluster);
    name.push(DnType::CommonName, common);
    name
}

fn set_validity(params: &mut CertificateParams, days: u32) {
    let now = OffsetDateTime::now_utc();
    (params.not_before, params.not_after) = (now - SLACK, now + Duration::days(days.into()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_the_same_once_it_is_read_again() {
        let made = Authority::create("peter-kafka", 10).unwrap();
        let read = Authority::read(made.certificate(), &made.key()).unwrap();
        assert_eq!((read.certificate(), read.key()), (made.certificate(), made.key()));
        let host =
            read.issue_host("peter-kafka", &["127.0.0.2".to_owned(), "kafka01".to_owned()], 10).unwrap();
        assert!(host.starts_with("-----BEGIN PRIVATE KEY-----"), "{host}");
        assert_eq!(host.matches("BEGIN CERTIFICATE").count(), 1);
    }

    #[test]
    fn what_is_no_authority_is_told() {
        let made = Authority::create("a", 10).unwrap();
        let told = |certificate: &str, key: &str| Authority::read(certificate, key).unwrap_err().to_string();
        assert!(told(made.certificate(), "").contains("private key"));
        assert!(told("", &made.key()).contains("certificate"));
    }
}
