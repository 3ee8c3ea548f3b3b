//! The data disks of a host by the names that disko's option `disko.devices.disk` has, for the first
//! installation: one file system on each whole disk, with the label or UUID that it is mounted by.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cluster::{self, Device};
use crate::spec::FileSystem;

#[derive(Debug, Serialize)]
pub(super) struct Disk<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    device: &'a str,
    content: Content<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    format: FileSystem,
    mountpoint: &'a str,
    mount_options: &'a [String],
    /// Of mkfs.
    extra_args: Vec<String>,
}

/// The disks that say where their file system is to be made, by mount point.
pub(super) fn disks<'a>(disks: &[&'a cluster::Disk]) -> BTreeMap<&'a str, Disk<'a>> {
    let whole = disks.iter().filter_map(|disk| Some((*disk, &*disk.whole_disk.as_ref()?.value)));
    whole.map(|(disk, device)| (disk.mount_point.as_str(), of(disk, device))).collect()
}

fn of<'a>(disk: &'a cluster::Disk, device: &'a str) -> Disk<'a> {
    let content = Content {
        kind: "filesystem",
        format: disk.file_system.value,
        mountpoint: &disk.mount_point,
        mount_options: &disk.options.value,
        extra_args: arguments(&disk.device.value, disk.file_system.value),
    };
    Disk { kind: "disk", device, content }
}

fn arguments(device: &Device, file_system: FileSystem) -> Vec<String> {
    let two = |flag: &str, value: &str| vec![flag.to_owned(), value.to_owned()];
    match (device, file_system) {
        (Device::Label(label), _) => two("-L", label),
        (Device::Uuid(uuid), FileSystem::Xfs) => two("-m", &format!("uuid={uuid}")),
        (Device::Uuid(uuid), FileSystem::Ext4) => two("-U", uuid),
        (Device::Id(_), _) => Vec::new(),
    }
}
