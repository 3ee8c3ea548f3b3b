//! Directories and disks.

pub(in crate::rules) mod dirs;
pub(in crate::rules) mod disks;

crate::rules::area! {
    directory
    nested_directory
    no_directory
    data_on_root
    disk_device
    disk_mount_point
    disk_is_directory
    disk_twice
    disk_options
    idle_disk
    undeclared_disk
    shared_disk
    mount_option
    whole_disk
    nested_log
    no_disk
}
