//! How a server is reached: the one place where a connection is opened. What is sent over it does not know what it is
//! made of.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::time::Duration;

use anyhow::{Result, anyhow};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::within;

/// Where a server listens, and how long it may take to accept a connection or to answer.
#[derive(Clone, Debug)]
pub struct Target {
    /// `host:port`
    pub address: String,
    pub limit: Duration,
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
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("refuses the connection"),
            Self::Silent(limit) => write!(f, "gives no answer within {} s", limit.as_secs_f32()),
            Self::Unreachable(reason) => write!(f, "cannot be reached ({reason})"),
        }
    }
}

impl Target {
    pub fn new(address: impl Into<String>, limit: Duration) -> Self {
        Self { address: address.into(), limit }
    }

    pub async fn connect(&self) -> Result<Transport, Closed> {
        let connect = async {
            let stream = TcpStream::connect(&self.address).await?;
            // Requests are small, and each waits for its response.
            stream.set_nodelay(true)?;
            let own = stream.local_addr()?.ip();
            Ok(Transport { target: self.clone(), own, stream })
        };
        let closed = |error: io::Error| match error.kind() {
            ErrorKind::ConnectionRefused => Closed::Refused,
            ErrorKind::TimedOut => Closed::Silent(self.limit),
            _ => Closed::Unreachable(error.to_string()),
        };
        match tokio::time::timeout(self.limit, connect).await {
            Err(_) => Err(Closed::Silent(self.limit)),
            Ok(connected) => connected.map_err(closed),
        }
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

/// An open connection.
#[derive(Debug)]
pub struct Transport {
    pub target: Target,
    /// The address of this machine that the server sees.
    pub own: IpAddr,
    stream: TcpStream,
}

impl Transport {
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    pub(crate) async fn receive(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.stream.read_exact(bytes).await.map(|_| ())
    }

    /// All that the server sends before it closes the connection, as far as `most`.
    pub(crate) async fn receive_all(self, most: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.stream.take(most).read_to_end(&mut bytes).await?;
        Ok(bytes)
    }
}
