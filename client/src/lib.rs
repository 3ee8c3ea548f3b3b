//! Connections to running servers: ZooKeeper's four-letter words and sessions, Kafka's admin and data requests. Every
//! question has a limit in time, so that a server that hangs costs no more than one that is gone. Nothing is decided
//! here.

mod transport;
mod tls;
pub mod kafka;
pub mod zookeeper;

use std::fmt;
use std::future::Future;
use std::io::ErrorKind;
use std::time::Duration;

use anyhow::{Context, Error, Result};
use kafka_protocol::ResponseError;
use kafnix_protocol::four_letter_words::Fault;

pub use tls::Identity;
pub use transport::{Access, Closed, Target, Transport};

use zookeeper::session::NoSession;

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
    let late = |_| Late { who: who.to_owned(), limit };
    tokio::time::timeout(limit, question).await.map_err(late)?
}

/// The time for a question was over.
#[derive(Debug)]
struct Late {
    who: String,
    limit: Duration,
}

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} gives no answer within {} s", self.who, self.limit.as_secs_f32())
    }
}

impl std::error::Error for Late {}

/// Whether the same question may have an answer in a moment: servers elect, a connection broke, or the time was over.
pub fn is_passing(error: &Error) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    use zookeeper_client::Error as Ensemble;
    error.chain().any(|cause| {
        let ensemble = cause.downcast_ref::<Ensemble>();
        let broker = cause.downcast_ref::<ResponseError>();
        let word = cause.downcast_ref::<Fault>();
        let connection = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        cause.is::<Late>()
            || cause.is::<NoSession>()
            || broker.is_some_and(ResponseError::is_retriable)
            || matches!(word, Some(Fault::NotServing | Fault::Empty))
            || matches!(
                ensemble,
                Some(
                    Ensemble::Timeout
                        | Ensemble::ConnectionLoss
                        | Ensemble::SessionExpired
                        | Ensemble::SessionMoved
                        | Ensemble::ClientClosed
                        | Ensemble::Throttled
                )
            )
            || matches!(connection, Some(BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof))
    })
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::mpsc::channel;

    use anyhow::anyhow;

    use super::*;

    #[test]
    fn what_an_election_turns_away_is_told_apart_from_what_stays_as_it_is() {
        let late = run(within(Duration::ZERO, "it", std::future::pending::<Result<()>>())).unwrap();
        for passing in [
            late.unwrap_err(),
            Error::from(Fault::NotServing),
            kafka::ensure(41).unwrap_err().context("the controller has moved"),
            Error::from(zookeeper_client::Error::ConnectionLoss),
            Error::from(io::Error::from(ErrorKind::ConnectionReset)).context("the connection broke"),
        ] {
            let asked = passing.context("asked");
            assert!(is_passing(&asked), "{asked:#}");
        }
        for lasting in [
            anyhow!("NotController"),
            kafka::ensure(44).unwrap_err(),
            Error::from(Fault::Forbidden),
            Error::from(zookeeper_client::Error::NoAuth),
            Error::from(io::Error::from(ErrorKind::ConnectionRefused)),
        ] {
            assert!(!is_passing(&lasting), "{lasting}");
        }
    }

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
