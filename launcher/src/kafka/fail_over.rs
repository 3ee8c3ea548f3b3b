//! Ends what the session of a broker that is dead still holds in the ensemble, its registration and perhaps the
//! controller's node: so its leaders move at once, and not when the session times out. The launcher may do that
//! since it has reaped the process. It touches nothing but what that session owns.

use std::cell::Cell;
use std::time::Duration;

use kafnix_protocol::registry::{self, BROKER_IDS, CONTROLLER};
use tokio::time::timeout;
use zookeeper_client::{Client, Error};

use super::broker::Broker;
use super::link::{Link, Registration};
use crate::notify;

/// What it takes where the ensemble serves is milliseconds; the next start waits for the rest.
const LIMIT: Duration = Duration::from_secs(3);

/// The session that this launcher's broker is registered by, once it is known to be its own.
#[derive(Debug, Default)]
pub struct Session(Cell<Option<i64>>);

impl Session {
    /// Told of the registration while the broker serves. One of another broker with the same id names other
    /// addresses.
    pub fn note(&self, broker: &Broker, registration: &Registration) {
        if is_of(&broker.advertised, registration) {
            self.0.set(Some(registration.session));
        }
    }
}

fn is_of(advertised: &[String], registration: &Registration) -> bool {
    let value = serde_json::from_slice::<registry::Registration>(&registration.value).unwrap_or_default();
    let sorted = |endpoints: &[String]| {
        let mut endpoints: Vec<_> = endpoints.iter().map(|endpoint| endpoint.to_lowercase()).collect();
        endpoints.sort();
        endpoints
    };
    !advertised.is_empty() && sorted(advertised) == sorted(&value.endpoints)
}

/// Called when the broker is dead and did not close its session itself.
pub async fn release(broker: &Broker, session: &Session, link: &mut Link<'_>) {
    let Some(session) = session.0.get() else { return };
    let (id, ensemble) = (broker.owner.id, &broker.ensemble);
    let nodes = [ensemble.path(&format!("{BROKER_IDS}/{id}")), ensemble.path(CONTROLLER)];
    // What the ensemble refuses is an answer, too.
    let removed = link.ask(async |client: &Client| match remove(client, &nodes, session).await {
        Err(Error::NoAuth) => Ok(Err(Error::NoAuth)),
        removed => removed.map(Ok),
    });
    let why = match timeout(LIMIT, removed).await {
        Ok(Ok(Ok(removed))) if removed.is_empty() => return,
        Ok(Ok(Ok(removed))) => {
            return notify::info(&format!(
                "the broker is dead: removed {}, which its session {session:#x} held; its leaders move now",
                removed.join(" and ")
            ));
        }
        Ok(Ok(Err(error))) => format!("its session cannot be ended ({error})"),
        Ok(Err(roll)) => format!("the ensemble does not answer ({roll})"),
        Err(_) => format!("the ensemble does not answer within {} s", LIMIT.as_secs()),
    };
    notify::warn(&format!(
        "the broker is dead, and {why}: its leaders move when its session {session:#x} times out"
    ));
}

/// Removes together those of the nodes that the session owns, and returns them.
async fn remove(client: &Client, nodes: &[String], session: i64) -> Result<Vec<String>, Error> {
    loop {
        // the member that answers may be behind the others
        client.sync("/").await?;
        let mut writer = client.new_multi_writer();
        let mut owned = Vec::new();
        for node in nodes {
            match client.check_stat(node).await? {
                Some(stat) if stat.ephemeral_owner == session => {
                    writer.add_delete(node, Some(stat.version))?;
                    owned.push(node.clone());
                }
                _ => {}
            }
        }
        if owned.is_empty() {
            return Ok(owned);
        }
        match writer.commit().await.map_err(Error::from) {
            Ok(_) => return Ok(owned),
            // The session has timed out meanwhile.
            Err(Error::NoNode | Error::BadVersion) => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_is_the_brokers_own_where_it_names_its_addresses() {
        let advertised = ["IN://10.0.0.1:9092", "OUT://kafka01:9093"].map(str::to_owned);
        let registration = |endpoints: &str| Registration {
            value: format!("{{\"endpoints\":[{endpoints}],\"host\":\"10.0.0.1\"}}").into_bytes(),
            since: 0,
            session: 7,
        };
        let own = "\"OUT://kafka01:9093\",\"IN://10.0.0.1:9092\"";
        assert!(is_of(&advertised, &registration(own)));
        for other in ["\"IN://10.0.0.2:9092\",\"OUT://kafka01:9093\"", "\"IN://10.0.0.1:9092\"", ""] {
            assert!(!is_of(&advertised, &registration(other)), "{other}");
        }
        let damaged = Registration { value: b"garbage".to_vec(), since: 0, session: 7 };
        assert!(!is_of(&advertised, &damaged) && !is_of(&[], &damaged));
    }
}
