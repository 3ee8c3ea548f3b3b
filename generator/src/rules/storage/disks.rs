//! The disks as the author wrote them, for the rules about disks; no rule itself.

use crate::rules::prelude::*;
use crate::spec::DiskSpec;

pub(in crate::rules) struct Written<'a> {
    pub(in crate::rules) at: String,
    pub(in crate::rules) mount_point: &'a str,
    pub(in crate::rules) disk: &'a DiskSpec,
}

/// Every disk in the text of the spec.
pub(in crate::rules) fn written<'a>(draft: &Draft<'a>) -> impl Iterator<Item = Written<'a>> {
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
