//! The disks as the author wrote them, for the rules about disks; no rule itself.

use super::prelude::*;
use crate::spec::DiskSpec;

pub(super) struct Written<'a> {
    pub(super) at: String,
    pub(super) mount_point: &'a str,
    pub(super) disk: &'a DiskSpec,
}

/// Every disk in the text of the spec.
pub(super) fn written<'a>(draft: &Draft<'a>) -> impl Iterator<Item = Written<'a>> {
    let shared = draft.spec.disks.iter().map(|(mount_point, disk)| Written {
        at: pointer(["disks", mount_point]),
        mount_point,
        disk,
    });
    shared.chain(draft.spec.hosts.iter().flat_map(|(host, spec)| {
        spec.disks.iter().map(move |(mount_point, disk)| Written {
            at: pointer(["hosts", host, "disks", mount_point]),
            mount_point,
            disk,
        })
    }))
}
