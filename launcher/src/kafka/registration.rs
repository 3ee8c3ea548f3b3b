//! Waits until the broker's old registration is gone, which the ensemble says: a broker that starts before ends
//! with a `NodeExistsException`.

use std::fmt;
use std::time::{Duration, Instant, UNIX_EPOCH};

use anyhow::Result;
use kafnix_protocol::registry;
use tokio::time::{sleep, timeout};

use super::broker::Broker;
use super::cluster_id;
use super::directories::Found;
use super::link::{Link, Registration, Seen};
use crate::ensemble::{Absence, Roll};
use crate::notify::{Phase, StatusReporter};

/// A watch says at once that the registration is gone; a session that broke meanwhile does not.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// The last second of the year 9999: no later one can be shown.
const LAST: Duration = Duration::from_secs(253_402_300_799);

/// Until the ensemble answers, is the broker's own, and has no registration of it.
pub async fn wait_until_free(
    broker: &Broker,
    found: &Found,
    link: &mut Link<'_>,
    reporter: &StatusReporter,
) -> Result<()> {
    let start = Instant::now();
    let mut absence = Absence::default();
    let mut is_known = false;
    loop {
        if !is_known {
            match cluster_id::reconcile(broker, found.cluster_id.as_ref(), link).await {
                Ok(fits) => fits.map(|()| is_known = true)?,
                Err(roll) => {
                    wait_for_ensemble(&roll, &mut absence, reporter);
                    sleep(pause(start)).await;
                    continue;
                }
            }
        }
        match link.registration(broker.owner.id).await {
            Seen::Free => return Ok(()),
            Seen::Nothing(roll) => {
                wait_for_ensemble(&roll, &mut absence, reporter);
                sleep(pause(start)).await;
            }
            Seen::Held(registration, watcher) => {
                absence = Absence::default();
                reporter.say(Phase::Waiting, held(broker.owner.id, &registration));
                let _ = timeout(LOOK_AGAIN, watcher.changed()).await;
            }
        }
    }
}

fn wait_for_ensemble(roll: &Roll, absence: &mut Absence, reporter: &StatusReporter) {
    reporter.say(Phase::Waiting, format!("waiting for the ensemble: {roll}"));
    if absence.note(roll.majority(), roll, Instant::now()) {
        reporter.ready();
    }
}

/// How long to wait before the ensemble is asked again.
pub fn pause(since: Instant) -> Duration {
    Duration::from_millis(if since.elapsed() < Duration::from_secs(60) { 250 } else { 1000 })
}

fn held(id: i64, registration: &Registration) -> String {
    let value = serde_json::from_slice::<registry::Registration>(&registration.value).unwrap_or_default();
    let place = match &value.endpoints[..] {
        [] => String::new(),
        endpoints => format!(" by {}", endpoints.join(", ")),
    };
    format!(
        "waiting for the registration of broker {id} to end, which is held{place} since {}: an old one ends with its \
         session, that of a broker that lives does not",
        moment(registration.since)
    )
}

/// Milliseconds since 1970 as a date and a time of day.
fn moment(milliseconds: i64) -> impl fmt::Display {
    let since = Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0));
    humantime::format_rfc3339_seconds(UNIX_EPOCH + since.min(LAST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_moment_the_ensemble_tells_is_shown() {
        assert_eq!(moment(1_709_251_199_999).to_string(), "2024-02-29T23:59:59Z");
        assert_eq!(moment(i64::MAX).to_string(), "9999-12-31T23:59:59Z");
        assert_eq!(moment(-1).to_string(), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn the_status_names_who_holds_the_registration() {
        let value = br#"{"endpoints":["PLAINTEXT://10.0.0.1:9092"],"host":"10.0.0.1","port":9092}"#.to_vec();
        let sentence = held(2, &Registration { value, since: 0, session: 1 });
        let start = "waiting for the registration of broker 2 to end, which is held by PLAINTEXT://10.0.0.1:9092 \
            since 1970-01-01T00:00:00Z";
        assert!(sentence.starts_with(start), "{sentence}");
        let sentence = held(2, &Registration { value: b"garbage".to_vec(), since: 0, session: 1 });
        assert!(sentence.contains("which is held since"), "{sentence}");
    }
}
