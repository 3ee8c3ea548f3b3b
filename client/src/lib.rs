//! Connections to running servers: ZooKeeper's four-letter words and sessions, Kafka's admin and data requests. Every
//! question has a limit in time, so that a server that hangs costs no more than one that is gone. Nothing is decided
//! here.

mod transport;
pub mod kafka;
pub mod zookeeper;

use std::future::Future;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

pub use transport::{Closed, Target, Transport};

/// Runs questions to their end, on this thread.
pub fn run<T>(questions: impl Future<Output = T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("cannot prepare for talking to servers")?;
    let answers = runtime.block_on(questions);
    // The system goes on looking for the address of a name when a question about it is long given up.
    runtime.shutdown_background();
    Ok(answers)
}

/// The answer to a question, or after the limit an error that names who did not answer.
pub async fn within<T>(limit: Duration, who: &str, question: impl Future<Output = Result<T>>) -> Result<T> {
    let late = || anyhow!("{who} gives no answer within {} s", limit.as_secs_f32());
    tokio::time::timeout(limit, question).await.map_err(|_| late())?
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn what_was_given_up_is_not_waited_for() {
        let (end, ended) = channel::<()>();
        let question = async {
            // As the name of a host whose name server does not answer.
            let late = tokio::task::spawn_blocking(move || ended.recv());
            within(Duration::from_millis(10), "it", async { Ok(late.await) }).await
        };
        assert!(run(question).unwrap().is_err());
        // Until here the other thread waits: had it been waited for, this would not come.
        drop(end);
    }
}
