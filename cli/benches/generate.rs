//! How long a generation takes for 3, 1,000 and 10,000 hosts: the pipeline alone, and the whole
//! process with reading and writing. The bounds are 10 ms for 3 hosts and 0.3 s for 1,000, whole process.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use divan::Bencher;
use kafnix_generator::{check, generate};

const HOSTS: [usize; 3] = [3, 1_000, 10_000];

fn main() {
    divan::main();
}

/// Brokers in three racks, the first three (or fewer) of which are the ensemble as well.
fn spec(hosts: usize) -> String {
    let mut text = String::from("{ \"hosts\": {");
    for number in 0..hosts {
        let comma = if number == 0 { "" } else { "," };
        let (high, low, rack) = (number / 250, number % 250 + 1, number % 3);
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "{comma}\n  \"broker{number}\": {{ \"address\": \"10.0.{high}.{low}\", \"rack\": \"{rack}\" }}"
        );
    }
    text + r#"
  },
  "zookeeper": { "hosts": { "broker0": {}, "broker1": {}, "broker2": {} }, "dataDir": "/data/zookeeper" },
  "kafka": {
    "listeners": { "PLAINTEXT": { "port": 9092, "from": ["10.0.0.0/8"] } },
    "logDirs": ["/disk1/kafka", "/disk2/kafka"],
    "settings": { "num.partitions": 12, "log.retention.hours": 72 }
  }
}
"#
}

#[divan::bench(args = HOSTS, sample_count = 20)]
fn pipeline(bencher: Bencher<'_, '_>, hosts: usize) {
    let spec = spec(hosts);
    bencher.bench(|| {
        let checked = check(spec.as_bytes(), None, &[]);
        checked.cluster.map(|cluster| generate(&cluster, None))
    });
}

/// A first generation into an empty folder. The folders go away together at the end: ext4 passes over
/// inodes that were freed a moment ago, so that a tree written after another was deleted takes longer.
#[divan::bench(args = HOSTS, sample_count = 10)]
fn process_first(bencher: Bencher<'_, '_>, hosts: usize) {
    let folders = Mutex::new(Vec::new());
    bencher.with_inputs(|| folder(hosts)).bench_values(|folder| {
        run(folder.path());
        folders.lock().map(|mut folders| folders.push(folder)).is_ok()
    });
}

/// A second one, which changes nothing.
#[divan::bench(args = HOSTS, sample_count = 10)]
fn process_again(bencher: Bencher<'_, '_>, hosts: usize) {
    let folder = folder(hosts);
    run(folder.path());
    bencher.bench(|| run(folder.path()));
}

#[allow(clippy::expect_used, reason = "a benchmark that cannot run says why")]
fn folder(hosts: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for the benchmark");
    std::fs::write(folder.path().join("cluster.json"), spec(hosts)).expect("the spec is written");
    folder
}

#[allow(clippy::expect_used, reason = "a benchmark that cannot run says why")]
fn run(folder: &Path) {
    let mut kafnix = Command::new(env!("CARGO_BIN_EXE_kafnix"));
    let output = kafnix.arg("generate").current_dir(folder).output().expect("kafnix runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
