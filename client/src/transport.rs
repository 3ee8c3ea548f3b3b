//! How a server is reached: the one place where a connection is opened. What is sent over it does not know what it is
//! made of.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::time::Duration;

use anyhow::{Result, anyhow};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::tls::{self, Identity};
use crate::within;

/// How servers are reached: how long one may take to accept a connection or to answer, and who asks where it speaks
/// TLS.
#[derive(Clone, Debug)]
pub struct Access {
    pub limit: Duration,
    pub identity: Option<Identity>,
}

impl Access {
    /// To servers that speak no TLS.
    pub const fn plain(limit: Duration) -> Self {
        Self { limit, identity: None }
    }

    /// A server that speaks no TLS.
    pub fn to(&self, address: impl Into<String>) -> Target {
        Target::new(address, self.limit)
    }

    /// A server that does.
    pub fn to_tls(&self, address: impl Into<String>) -> Target {
        let security = self.identity.clone().map_or(Security::Unknown, Security::Tls);
        Target { security, ..self.to(address) }
    }
}

/// Where a server listens, what it speaks, and how long it may take to accept a connection or to answer.
#[derive(Clone, Debug)]
pub struct Target {
    /// `host:port`
    pub address: String,
    pub limit: Duration,
    security: Security,
}

#[derive(Clone, Debug)]
enum Security {
    Plain,
    Tls(Identity),
    /// TLS, and there are no files to speak it with.
    Unknown,
}

/// Why a target took no connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Closed {
    /// The host is there, and nothing listens.
    Refused,
    /// Nothing came back: the host is gone, or a firewall drops what is sent to it.
    Silent(Duration),
    /// The way there is broken; the system's own words.
    Unreachable(String),
    /// Something listens there, and TLS does not come about.
    Handshake(String),
    /// It speaks TLS, and whoever asks has no certificate for that.
    NoIdentity,
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("refuses the connection"),
            Self::Silent(limit) => write!(f, "gives no answer within {} s", limit.as_secs_f32()),
            Self::Unreachable(reason) => write!(f, "cannot be reached ({reason})"),
            Self::Handshake(reason) => write!(f, "takes no TLS connection: {reason}"),
            Self::NoIdentity => f.write_str(
                "speaks TLS, and there is no certificate to ask it with: name one with --key-store and --trust-store",
            ),
        }
    }
}

impl Target {
    pub fn new(address: impl Into<String>, limit: Duration) -> Self {
        Self { address: address.into(), limit, security: Security::Plain }
    }

    pub async fn connect(&self) -> Result<Transport, Closed> {
        match tokio::time::timeout(self.limit, self.begin()).await {
            Err(_) => Err(Closed::Silent(self.limit)),
            Ok(connected) => connected,
        }
    }

    async fn begin(&self) -> Result<Transport, Closed> {
        let closed = |error: io::Error| match error.kind() {
            ErrorKind::ConnectionRefused => Closed::Refused,
            ErrorKind::TimedOut => Closed::Silent(self.limit),
            _ => Closed::Unreachable(error.to_string()),
        };
        let stream = TcpStream::connect(&self.address).await.map_err(closed)?;
        // Requests are small, and each waits for its response.
        stream.set_nodelay(true).map_err(closed)?;
        let own = stream.local_addr().map_err(closed)?.ip();
        let stream: Box<dyn Stream> = match &self.security {
            Security::Plain => Box::new(stream),
            Security::Unknown => return Err(Closed::NoIdentity),
            Security::Tls(identity) => {
                let greeted = identity.greet(self.host(), stream).await;
                Box::new(greeted.map_err(|error| Closed::Handshake(tls::plainly(error).to_string()))?)
            }
        };
        Ok(Transport { target: self.clone(), own, stream })
    }

    /// The name or address without the port.
    fn host(&self) -> &str {
        let host = self.address.rsplit_once(':').map_or(self.address.as_str(), |(host, _)| host);
        host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The same where it is not told apart why there is no connection.
    pub async fn open(&self) -> Result<Transport> {
        self.connect().await.map_err(|closed| anyhow!("{} {closed}", self.address))
    }

    /// The answer to a question, or once the time is over an error that names who did not answer.
    pub async fn within<T>(&self, question: impl Future<Output = Result<T>>) -> Result<T> {
        within(self.limit, &self.address, question).await
    }
}

/// What bytes go over.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug> Stream for T {}

/// An open connection.
#[derive(Debug)]
pub struct Transport {
    pub target: Target,
    /// The address of this machine that the server sees.
    pub own: IpAddr,
    stream: Box<dyn Stream>,
}

impl Transport {
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let sent = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        sent.await.map_err(tls::plainly)
    }

    pub(crate) async fn receive(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.stream.read_exact(bytes).await.map(|_| ()).map_err(tls::plainly)
    }

    /// All that the server sends before it closes the connection, as far as `most`.
    pub(crate) async fn receive_all(self, most: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.stream.take(most).read_to_end(&mut bytes).await?;
        Ok(bytes)
    }
}
