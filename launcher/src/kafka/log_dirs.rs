//! Asks the broker which of its log directories it has given up: a disk that failed is closed by
//! nobody, so a stop must not wait for it. An answer that does not come means: none that is known.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use kafnix_protocol::requests::{DESCRIBE_LOG_DIRS, offline_log_dirs};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::broker::Listener;

/// The stop waits for this answer, which a broker that is well gives in milliseconds.
const PATIENCE: Duration = Duration::from_secs(2);
const LONGEST_ANSWER: u32 = 1024 * 1024;

pub async fn offline(listeners: &[Listener]) -> Vec<PathBuf> {
    let Some(listener) = listeners.iter().find(|listener| listener.plain) else { return Vec::new() };
    let conversation = async {
        let mut stream = TcpStream::connect(&listener.address).await?;
        stream.write_all(DESCRIBE_LOG_DIRS).await?;
        let length = stream.read_u32().await?.min(LONGEST_ANSWER);
        let mut answer = Vec::new();
        stream.take(length.into()).read_to_end(&mut answer).await?;
        io::Result::Ok(answer)
    };
    match timeout(PATIENCE, conversation).await {
        Ok(Ok(answer)) => {
            let offline = offline_log_dirs(&answer).unwrap_or_default();
            offline.into_iter().map(PathBuf::from).collect()
        }
        Ok(Err(_)) | Err(_) => Vec::new(),
    }
}
