//! TLS as a client of servers: the files that say who it is and whom it believes, and what is wrong with a handshake in
//! the words of those who make certificates.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{AlertDescription, CertificateError, ClientConfig, Error, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Who asks: a certificate with its private key, and the authorities that it believes.
#[derive(Clone)]
pub struct Identity(Arc<ClientConfig>);

/// A private key is no text.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}

impl Identity {
    /// Reads PEM files as Kafka does: a private key (PKCS#8) with its certificate chain, and authorities.
    pub fn read(key_store: &Path, trust_store: &Path) -> Result<Self> {
        let shown = |path: &Path| path.display().to_string();
        let key = PrivateKeyDer::from_pem_file(key_store).with_context(|| {
            format!("`{}` holds no private key that can be read (PEM, PKCS#8)", shown(key_store))
        })?;
        let chain = certificates(key_store)?;
        let mut roots = RootCertStore::empty();
        for certificate in certificates(trust_store)? {
            let added = roots.add(certificate);
            added.with_context(|| {
                format!("`{}` holds a certificate that is none of an authority", shown(trust_store))
            })?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .context("TLS 1.2 and 1.3 are not there")?
            .with_root_certificates(roots)
            .with_client_auth_cert(chain, key)
            .with_context(|| {
                format!("key and certificate in `{}` do not belong together", shown(key_store))
            })?;
        Ok(Self(Arc::new(config)))
    }

    /// Greets the server that was reached at this host.
    pub(crate) async fn greet(&self, host: &str, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        TlsConnector::from(Arc::clone(&self.0)).connect(name, stream).await
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let read = || CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>();
    let found = read().with_context(|| format!("cannot read the certificates in `{}`", path.display()))?;
    ensure!(!found.is_empty(), "`{}` holds no certificate (PEM)", path.display());
    Ok(found)
}

/// The same error, where TLS is what is wrong in the words of those who make certificates.
pub(crate) fn plainly(error: io::Error) -> io::Error {
    let Some(of_tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else { return error };
    let text = match of_tls {
        Error::InvalidCertificate(fault) => certificate_fault(fault),
        Error::AlertReceived(alert) => alert_fault(*alert),
        Error::InvalidMessage(_) => "what answers does not speak TLS".to_owned(),
        other => other.to_string(),
    };
    io::Error::new(error.kind(), text)
}

fn certificate_fault(fault: &CertificateError) -> String {
    match fault {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet: compare the clocks".to_owned()
        }
        CertificateError::UnknownIssuer => {
            "no authority of the trust store has issued its certificate".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is not for this name or address (subject alternative names)".to_owned()
        }
        CertificateError::Revoked => "its certificate is revoked".to_owned(),
        other => format!("its certificate is not good: {other}"),
    }
}

fn alert_fault(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::CertificateRequired => "it asks for a client certificate, and got none".to_owned(),
        AlertDescription::CertificateExpired => {
            "it refuses the client certificate, which has expired".to_owned()
        }
        AlertDescription::BadCertificate
        | AlertDescription::UnknownCA
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnsupportedCertificate => {
            "it refuses the client certificate: an authority of its trust store has to have issued it"
                .to_owned()
        }
        AlertDescription::ProtocolVersion => "it speaks neither TLS 1.2 nor TLS 1.3".to_owned(),
        other => format!("it ends the handshake ({other:?})"),
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    fn said(error: Error) -> String {
        plainly(io::Error::new(ErrorKind::InvalidData, error)).to_string()
    }

    #[test]
    fn what_is_wrong_with_a_certificate_is_said_as_people_know_it() {
        for (fault, words) in [
            (CertificateError::Expired, "has expired"),
            (CertificateError::NotValidYet, "not valid yet"),
            (CertificateError::UnknownIssuer, "no authority of the trust store"),
            (CertificateError::NotValidForName, "subject alternative names"),
        ] {
            let said = said(Error::InvalidCertificate(fault));
            assert!(said.starts_with("its certificate") || said.starts_with("no authority"), "{said}");
            assert!(said.contains(words), "{said}");
        }
        assert!(said(Error::AlertReceived(AlertDescription::CertificateRequired)).contains("got none"));
        assert!(
            said(Error::AlertReceived(AlertDescription::CertificateUnknown))
                .contains("refuses the client certificate")
        );
    }

    #[test]
    fn another_error_stays_what_it_is() {
        let error = plainly(io::Error::from(ErrorKind::ConnectionReset));
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
}
