//! Every log directory of every broker is online, and has room.

use std::collections::BTreeSet;

use kafnix_generator::Cluster;
use kafnix_generator::cluster::Broker;

use super::{Check, Expect, Judge, Outcome, Snapshot, Verdict, brokers, list};
use kafnix_client::kafka::admin::{LogDir, Space};

pub(super) static CHECK: Check = Check {
    code: "V310",
    title: "log directories are online and have room",
    why: "Each broker uses exactly the log directories of the spec, and none is offline. A broker goes on without a \
          directory whose disk fails or is full, and its replicas there are gone from the in-sync ones. A disk has \
          room: below 5 % or 10 GiB of its file system, whichever is less, the check fails, and below 15 % or 100 GiB, \
          whichever is less, it is a note. Brokers report the free space from Kafka 3.3 on, and never that of a \
          directory that is offline.",
    help: "see `journalctl -u kafka -p err` and the host's disks (`df -h`, `systemctl list-units --type=mount`, \
           `dmesg`); once the disk is back, start `kafka.service` again",
    judge: Judge::Snapshot(run),
};

const FULL_HELP: &str = "give the disk room before Kafka takes the directory offline: lower `retention.ms` or \
                         `retention.bytes` of the largest topics, move partitions to other brokers, or enlarge \
                         the disk";

/// Parts in a hundred, and bytes: the less of the two is the bound.
const FULL: (u64, u64) = (5, 10 << 30);
const NEARLY: (u64, u64) = (15, 100 << 30);

fn run(cluster: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    brokers(
        cluster,
        snapshot,
        |_, broker| format!("{} online, with room", list(broker.log_dirs())),
        |broker, facts, expect| match &facts.log_dirs {
            Err(missing) => expect.skipped(missing.reason()),
            Ok(dirs) => judge(broker, dirs, expect),
        },
    )
}

fn judge(broker: &Broker, dirs: &[LogDir], expect: Expect) -> Verdict {
    let path = |path: &str| path.trim_end_matches('/').to_owned();
    let wanted: BTreeSet<_> = broker.log_dirs().iter().map(|dir| path(dir)).collect();
    let found: BTreeSet<_> = dirs.iter().map(|dir| path(&dir.path)).collect();
    let offline =
        dirs.iter().filter_map(|dir| Some(format!("{} is offline: {}", dir.path, dir.error.as_ref()?)));
    let missing = wanted.difference(&found).map(|dir| format!("{dir} is not used"));
    let more = found.difference(&wanted).map(|dir| format!("{dir} is used as well"));
    let faults: Vec<_> = offline.chain(missing).chain(more).collect();
    let filled: Vec<_> = dirs.iter().filter_map(filled).collect();
    let told =
        |kind| filled.iter().filter(move |(outcome, _)| *outcome == kind).map(|(_, text)| text.clone());
    let (full, nearly): (Vec<_>, Vec<_>) = (told(Outcome::Failed).collect(), told(Outcome::Note).collect());
    if !faults.is_empty() {
        expect.failed([faults, full, nearly].concat().join("; "))
    } else if !full.is_empty() {
        expect.failed([full, nearly].concat().join("; ")).with_help(FULL_HELP)
    } else if !nearly.is_empty() {
        expect.note(nearly.join("; ")).with_help(FULL_HELP)
    } else {
        expect.good(list(found))
    }
}

/// What is to be said of a directory with little room.
fn filled(dir: &LogDir) -> Option<(Outcome, String)> {
    let space = dir.space?;
    let outcome = if is_below(space, FULL) {
        Outcome::Failed
    } else if is_below(space, NEARLY) {
        Outcome::Note
    } else {
        return None;
    };
    let how = if space.usable == 0 { "full" } else { "nearly full" };
    let text =
        format!("the disk of {} is {how}: {} of {} free", dir.path, size(space.usable), size(space.total));
    Some((outcome, text))
}

fn is_below(space: Space, (percent, bytes): (u64, u64)) -> bool {
    space.usable < bytes.min(space.total / 100 * percent)
}

/// `12.5 GiB`
fn size(bytes: u64) -> String {
    let has = |power: &usize| bytes >> (10 * power) > 0;
    let power = (0..UNITS.len()).rev().find(has).unwrap_or(0);
    let tenths = (u128::from(bytes) * 10) >> (10 * power);
    let unit = UNITS.get(power).unwrap_or(&"B");
    if power == 0 { format!("{bytes} {unit}") } else { format!("{}.{} {unit}", tenths / 10, tenths % 10) }
}

const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];

#[cfg(test)]
mod tests {
    use super::super::testing::{failed, good, noted};
    use super::{CHECK, size};
    use crate::snapshot::Snapshot;
    use kafnix_client::kafka::admin::{LogDir, Space};

    /// The second directory of a broker.
    fn second(snapshot: &mut Snapshot) -> &mut LogDir {
        &mut snapshot.brokers.get_mut("b").unwrap().log_dirs.as_mut().unwrap()[1]
    }

    fn with(total: u64, usable: u64) -> impl FnOnce(&mut Snapshot) {
        move |snapshot| second(snapshot).space = Some(Space { total, usable })
    }

    #[test]
    fn an_offline_and_a_strange_directory_fail() {
        good(&CHECK, |_| ());
        let found = failed(&CHECK, |snapshot| {
            let dir = second(snapshot);
            (dir.error, dir.space) = (Some("it broke".into()), None);
        });
        assert_eq!(found, "/data/kafka2 is offline: it broke");
        let found = failed(&CHECK, |snapshot| second(snapshot).path = "/tmp/logs".into());
        assert_eq!(found, "/data/kafka2 is not used; /tmp/logs is used as well");
    }

    #[test]
    fn a_disk_without_room_fails_and_one_with_little_is_noted() {
        const GIB: u64 = 1 << 30;
        assert_eq!(
            failed(&CHECK, with(100 * GIB, 0)),
            "the disk of /data/kafka2 is full: 0 B of 100.0 GiB free"
        );
        let found = failed(&CHECK, with(100 * GIB, 4 * GIB + GIB / 2));
        assert_eq!(found, "the disk of /data/kafka2 is nearly full: 4.5 GiB of 100.0 GiB free");
        noted(&CHECK, with(100 * GIB, 6 * GIB));
        good(&CHECK, with(100 * GIB, 16 * GIB));
        // of a large disk a small part is much
        failed(&CHECK, with(4000 * GIB, 9 * GIB));
        noted(&CHECK, with(4000 * GIB, 99 * GIB));
        good(&CHECK, with(4000 * GIB, 101 * GIB));
        // an older broker does not tell
        good(&CHECK, |snapshot| second(snapshot).space = None);
    }

    #[test]
    fn sizes_are_said_in_the_largest_unit() {
        let sizes = [0, 1023, 1024, 1536, 1 << 20, u64::MAX].map(size);
        assert_eq!(sizes, ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "1.0 MiB", "16777215.9 TiB"]);
    }
}
