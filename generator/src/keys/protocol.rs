//! The steps of the protocol between brokers, which its releases have in common.

use super::KAFKA;

/// The steps to a line, the last one last. A release knows those of every line before its own.
pub fn steps_of_protocol([major, minor]: [u16; 2]) -> Vec<u16> {
    let newest = KAFKA.newest("inter.broker.protocol.version").into_iter();
    let line = format!("{major}.{minor}-IV");
    let steps = newest.flat_map(|entry| &entry.releases).filter_map(|release| release.strip_prefix(&line));
    steps.filter_map(|step| step.parse().ok()).collect()
}
