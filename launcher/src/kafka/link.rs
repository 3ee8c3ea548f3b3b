//! The launcher's own session with the ensemble, and what it tells of the broker. It holds nothing
//! there: when it breaks, the next question makes a new one.

use std::time::Duration;

use kafnix_protocol::registry::BROKER_IDS;
use tokio::time::timeout;
use zookeeper_client::{Client, Error, OneshotWatcher};

use super::broker::Ensemble;
use crate::ensemble::Roll;

/// Long enough to be cheap (a heartbeat every few seconds), short enough to see that a member is gone.
const SESSION: Duration = Duration::from_secs(20);
/// A quorum answers in milliseconds, and in a second or two when its disks are busy.
const PATIENCE: Duration = Duration::from_secs(5);

pub struct Link<'a> {
    ensemble: &'a Ensemble,
    client: Option<Client>,
}

/// What the ensemble says of a broker's registration.
pub enum Seen {
    /// The ensemble does not answer.
    Nothing(Roll),
    Free,
    Held(Registration, OneshotWatcher),
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Registration {
    /// The bytes that the broker wrote.
    pub value: Vec<u8>,
    /// When, in milliseconds since 1970, by the ensemble's clock.
    pub since: i64,
    /// The session that the node ends with.
    pub session: i64,
}

impl<'a> Link<'a> {
    pub fn new(ensemble: &'a Ensemble) -> Self {
        Self { ensemble, client: None }
    }

    /// The session, made anew where there is none; else how the members answer.
    pub async fn client(&mut self) -> Result<Client, Roll> {
        if let Some(client) = &self.client {
            return Ok(client.clone());
        }
        let roll = Roll::call(&self.ensemble.members).await;
        if roll.serving.is_empty() {
            return Err(roll);
        }
        // those that serve alone: a member that is away would cost its timeout
        let connect = roll.serving.join(",");
        let connector = Client::connector().with_session_timeout(SESSION).with_fail_eagerly();
        match timeout(PATIENCE, connector.connect(&connect)).await {
            Ok(Ok(client)) => {
                self.client = Some(client.clone());
                Ok(client)
            }
            Ok(Err(_)) | Err(_) => Err(roll),
        }
    }

    /// Asks the ensemble, and makes the session anew next time where no answer comes.
    pub async fn ask<T>(
        &mut self,
        question: impl AsyncFnOnce(&Client) -> Result<T, Error>,
    ) -> Result<T, Roll> {
        let client = self.client().await?;
        if let Ok(Ok(answer)) = timeout(PATIENCE, question(&client)).await {
            return Ok(answer);
        }
        self.client = None;
        Err(Roll::call(&self.ensemble.members).await)
    }

    pub async fn registration(&mut self, broker: i64) -> Seen {
        let path = self.ensemble.path(&format!("{BROKER_IDS}/{broker}"));
        let question = async |client: &Client| {
            // the member that answers may be behind the others
            client.sync("/").await?;
            match client.get_and_watch_data(&path).await {
                Ok(found) => Ok(Some(found)),
                Err(Error::NoNode) => Ok(None),
                Err(error) => Err(error),
            }
        };
        match self.ask(question).await {
            Err(roll) => Seen::Nothing(roll),
            Ok(None) => Seen::Free,
            Ok(Some((value, stat, watcher))) => {
                let registration = Registration { value, since: stat.ctime, session: stat.ephemeral_owner };
                Seen::Held(registration, watcher)
            }
        }
    }
}
