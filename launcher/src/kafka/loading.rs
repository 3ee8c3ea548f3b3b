//! How far a broker is that loads its logs. Before it serves Kafka says so in its log alone, for each log that it has
//! loaded: `Completed load of Log(…) with 3 segments, … in 12ms (4/50 completed in /data/kafka1/logs)`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

const LOADED: &str = "Completed load of ";

/// How many logs of each directory are loaded, and how many there are.
#[derive(Clone, Debug, Default)]
pub struct Loading(Arc<Mutex<BTreeMap<String, (u64, u64)>>>);

impl Loading {
    /// Takes what the broker says.
    pub fn note(&self, message: &[u8]) {
        let message = String::from_utf8_lossy(message);
        if let Some((directory, progress)) = message.lines().find_map(progress) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(directory.to_owned(), progress);
        }
    }

    /// `status`, and how far the broker is.
    pub fn says(&self, status: &str) -> String {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (loaded, of) = all.values().fold((0_u64, 0_u64), |sum, directory| {
            (sum.0.saturating_add(directory.0), sum.1.saturating_add(directory.1))
        });
        if of == 0 { status.to_owned() } else { format!("{status}: {loaded} of {of} logs loaded") }
    }
}

fn progress(line: &str) -> Option<(&str, (u64, u64))> {
    let (_, rest) = line.split_once(LOADED)?;
    let (_, last) = rest.rsplit_once(" (")?;
    let (numbers, directory) = last.strip_suffix(')')?.split_once(" in ")?;
    let (loaded, of) = numbers.split_once(' ')?.0.split_once('/')?;
    Some((directory, (loaded.parse().ok()?, of.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_releases_say_of_a_log_is_read() {
        let loading = Loading::default();
        assert_eq!(loading.says("starting"), "starting");
        let of_3 = "Completed load of Log(dir=/data/kafka1/logs/orders-0, topicId=x, topic=orders, partition=0, \
                    highWatermark=0, lastStableOffset=0, logStartOffset=0, logEndOffset=0) with 1 segments, \
                    local-log-start-offset 0 and log-end-offset 0 in 12ms (4/50 completed in /data/kafka1/logs)";
        let of_2 =
            "Completed load of Log(dir=/b/orders-1, topic=orders) with 1 segments in 3ms (2/7 loaded in /b)";
        for said in ["a\n", "Completed load of (", "Completed load of x (a/b c in d)", of_3, of_2] {
            loading.note(said.as_bytes());
        }
        assert_eq!(loading.says("recovering its logs"), "recovering its logs: 6 of 57 logs loaded");
        loading.note(of_3.replace("4/50", "50/50").as_bytes());
        assert_eq!(loading.says("starting"), "starting: 52 of 57 logs loaded");
    }
}
