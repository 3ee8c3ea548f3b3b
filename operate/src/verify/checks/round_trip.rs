//! Records go through every broker in every codec, and nothing of it stays.

use kafnix_generator::Cluster;

use super::{BROKERS, Check, Expect, Judge, Snapshot, UNREAD, Verdict, brokers, list};
use crate::round_trip::RoundTrips;
use crate::snapshot::Missing;

pub(super) static CODECS: Check = Check {
    code: "V502",
    title: "records go through every broker in every codec",
    why: "On a topic of its own, with a partition led by each broker, a record in each codec is written with \
          `acks=all` and read again. zstd, snappy and lz4 need a native library, which a `noexec` directory for \
          temporary files breaks.",
    help: "see `journalctl -u kafka` on the broker; with too few replicas in sync writes are rejected (V309), and a \
           codec fails whose library cannot be mapped",
    judge: Judge::RoundTrips(codecs),
};

pub(super) static CLEAN: Check = Check {
    code: "V503",
    title: "nothing of a round trip stays",
    why: "The topic of a round trip is deleted at its end, and so are those older than an hour, which a killed run has \
          left. Their names begin with `kafnix-verify-`.",
    help: "remove it with `kafka-topics.sh --delete --topic NAME`",
    judge: Judge::RoundTrips(clean),
};

fn codecs(cluster: &Cluster, snapshot: &Snapshot, round_trips: &RoundTrips) -> Vec<Verdict> {
    if let Err(missing @ (Missing::Wrong(_) | Missing::Passing(_))) = &round_trips.created {
        return vec![Expect::of(BROKERS, "a topic for the round trip can be created").missing(missing)];
    }
    brokers(
        cluster,
        snapshot,
        |_, _| "a record in none, gzip, snappy, lz4 and zstd".to_owned(),
        |_, _, expect| match round_trips.brokers.get(expect.subject()) {
            None => expect.failed(UNREAD),
            Some(Err(missing)) => expect.missing(missing),
            Some(Ok(codecs)) => {
                let say = |(codec, result): &(&str, Result<(), String>)| {
                    Some(format!("{codec} {}", result.as_ref().err()?))
                };
                let broken: Vec<_> = codecs.iter().filter_map(say).collect();
                match broken.as_slice() {
                    [] => expect.good(list(codecs.iter().map(|(codec, _)| codec))),
                    _ => expect.failed(broken.join("; ")),
                }
            }
        },
    )
}

fn clean(cluster: &Cluster, _: &Snapshot, round_trips: &RoundTrips) -> Vec<Verdict> {
    if cluster.kafka.is_none() {
        return Vec::new();
    }
    let expect = Expect::of(BROKERS, "no topic of a round trip");
    vec![match &round_trips.cleanup {
        Err(missing) => expect.missing(missing),
        Ok(cleanup) if !cleanup.left.is_empty() => {
            let left = cleanup.left.iter().map(|(name, reason)| format!("`{name}`: {reason}"));
            expect.failed(left.collect::<Vec<_>>().join("; "))
        }
        Ok(cleanup) if cleanup.removed.is_empty() => expect.good("none"),
        Ok(cleanup) => {
            let removed = cleanup.removed.iter().map(|name| format!("`{name}`"));
            expect.good(format!("removed {}, which an earlier run left", list(removed)))
        }
    }]
}

#[cfg(test)]
mod tests {
    use super::super::testing::after;
    use super::{CLEAN, CODECS, Missing};
    use crate::verify::Outcome;

    #[test]
    fn a_codec_that_is_not_taken_fails() {
        after(Outcome::Good, &CODECS, |_| ());
        let found = after(Outcome::Failed, &CODECS, |trips| {
            let codecs = trips.brokers.get_mut("b").unwrap().as_mut().unwrap();
            codecs[4].1 = Err("is not taken".into());
        });
        assert_eq!(found, "zstd is not taken");
    }

    #[test]
    fn a_topic_that_cannot_be_made_is_one_fault() {
        after(Outcome::Failed, &CODECS, |trips| {
            trips.created = Err(Missing::Wrong("nobody makes it".into()));
        });
    }

    #[test]
    fn without_deletion_there_is_no_round_trip() {
        after(Outcome::Skipped, &CODECS, |trips| {
            let unasked = Err(Missing::Unasked("`delete.topic.enable` is false".into()));
            trips.brokers.insert("b".into(), unasked);
        });
    }

    #[test]
    fn a_topic_that_stays_fails() {
        after(Outcome::Good, &CLEAN, |_| ());
        after(Outcome::Failed, &CLEAN, |trips| {
            let left = &mut trips.cleanup.as_mut().unwrap().left;
            left.push(("kafnix-verify-1-2".into(), "it is busy".into()));
        });
    }
}
