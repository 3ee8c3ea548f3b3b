//! Which disks a host has: its own, and those of every host that a directory of its servers lies on.

use indexmap::IndexMap;

use super::{Draft, defaults, or_default};
use crate::cluster::{Device, Disk, Host, Origin, Sourced};
use crate::problem::pointer;
use crate::spec::{DiskSpec, Spec};

pub(super) fn resolve(draft: &mut Draft<'_>) {
    let spec = draft.spec;
    for machine in &mut draft.cluster.hosts {
        // What is mounted on the others is for the system that runs them to say.
        machine.disks = if machine.managed.value { of_host(spec, machine) } else { Vec::new() };
    }
}

/// A host's own disk takes the place of every host's at the same mount point.
fn of_host(spec: &Spec, machine: &Host) -> Vec<Disk> {
    let none = IndexMap::new();
    let own = spec.hosts.get(&machine.name).map_or(&none, |host| &host.disks);
    let shared = spec.disks.iter().filter(|(mount_point, _)| !own.contains_key(*mount_point));
    let shared = shared.filter_map(|(mount_point, written)| {
        let disk = disk(mount_point, written, pointer(["disks", mount_point]))?;
        machine.directories().any(|directory| disk.holds(directory)).then_some(disk)
    });
    let own = own.iter().filter_map(|(mount_point, written)| {
        disk(mount_point, written, pointer(["hosts", &machine.name, "disks", mount_point]))
    });
    let mut disks: Vec<_> = shared.chain(own).collect();
    disks.sort_by(|a, b| a.mount_point.cmp(&b.mount_point));
    disks
}

/// A disk that does not say which it is has been left out; a rule reports it.
fn disk(mount_point: &str, written: &DiskSpec, at: String) -> Option<Disk> {
    let (key, device) = device(written)?;
    let of_id = match &device {
        Device::Id(id) if !is_partition(id) => {
            Some(Sourced::new(device.path(), Origin::Default(WHOLE_DISK_REASON)))
        }
        _ => None,
    };
    let whole_disk = written.whole_disk.clone();
    let whole_disk = whole_disk.map(|path| Sourced::new(path, Origin::Spec(format!("{at}/wholeDisk"))));
    let options = defaults::MOUNT_OPTIONS.map(str::to_owned).to_vec();
    Some(Disk {
        mount_point: mount_point.to_owned(),
        file_system: or_default(
            written.file_system,
            format!("{at}/fileSystem"),
            defaults::FILE_SYSTEM,
            defaults::FILE_SYSTEM_REASON,
        ),
        options: or_default(
            written.options.clone(),
            format!("{at}/options"),
            options,
            defaults::MOUNT_OPTIONS_REASON,
        ),
        whole_disk: whole_disk.or(of_id),
        device: Sourced::new(device, Origin::Spec(format!("{at}/{key}"))),
        pointer: at,
    })
}

const WHOLE_DISK_REASON: &str = "the disk that `id` names";

/// With the key that says which it is.
fn device(written: &DiskSpec) -> Option<(&'static str, Device)> {
    let label = written.label.clone().map(|label| ("label", Device::Label(label)));
    let uuid = || Some(("uuid", Device::Uuid(written.uuid.clone()?)));
    label.or_else(uuid).or_else(|| Some(("id", Device::Id(written.id.clone()?))))
}

/// What a partition is a part of, as udev names both: `x` of `x-part1`.
pub(crate) fn disk_of(partition: &str) -> Option<&str> {
    let (disk, number) = partition.rsplit_once("-part")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(disk)
}

pub(crate) fn is_partition(id: &str) -> bool {
    disk_of(id).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::resolve;
    use crate::spec::read::read;

    fn disks(text: &str) -> Vec<Vec<String>> {
        let spec = read(text.as_bytes()).spec.unwrap();
        let hosts = resolve(&spec, None).cluster.hosts;
        let shown = |disk: &Disk| format!("{} {}", disk.mount_point, disk.device.value.path());
        hosts.iter().map(|host| host.disks.iter().map(shown).collect()).collect()
    }

    #[test]
    fn a_host_has_the_disks_that_its_directories_lie_on_and_its_own() {
        let found = disks(
            r#"{"hosts": {"a": {"address": "10.0.0.1"},
                          "b": {"address": "10.0.0.2", "disks": {"/spare": {"id": "x"}, "/k": {"uuid": "u"}}}},
                "disks": {"/z": {"label": "z"}, "/k": {"label": "k"}, "/zz": {"label": "zz"}},
                "zookeeper": {"hosts": {"a": {}}, "dataDir": "/z/data"}, "kafka": {"logDirs": ["/k/1"]}}"#,
        );
        let a = ["/k /dev/disk/by-label/k", "/z /dev/disk/by-label/z"];
        let b = ["/k /dev/disk/by-uuid/u", "/spare /dev/disk/by-id/x"];
        assert_eq!(found, [a.map(str::to_owned).to_vec(), b.map(str::to_owned).to_vec()]);
    }

    #[test]
    fn the_whole_disk_is_the_one_that_the_id_names_unless_that_is_a_partition() {
        let whole = |id: &str| {
            let written = DiskSpec { id: Some(id.to_owned()), ..DiskSpec::default() };
            disk("/k", &written, String::new()).unwrap().whole_disk.map(|disk| disk.value)
        };
        assert_eq!(whole("nvme-x").as_deref(), Some("/dev/disk/by-id/nvme-x"));
        assert_eq!(whole("nvme-x-part1"), None);
        assert!(whole("nvme-part").is_some());
    }
}
