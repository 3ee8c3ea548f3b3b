# What a host is in a VM: an empty disk for each of its data disks, and memory for a laptop. The VM to try and the
# nodes of VM tests are made of it.
{
  dataDisks,
  card,
}:
{ lib, ... }:
let
  # The serial number is by what the guest knows a disk.
  serial = number: "data${toString number}";
  disks = lib.imap0 (number: mountPoint: {
    inherit number mountPoint;
    inherit (dataDisks.${mountPoint}) fsType options;
  }) (lib.attrNames dataDisks);
in
{
  imports = [ (import ./guest.nix { inherit card; }) ];

  virtualisation = {
    memorySize = lib.mkDefault 2048;
    cores = lib.mkDefault 2;
    graphics = lib.mkDefault false;
    emptyDiskImages = map (it: {
      size = 4096;
      driveConfig.deviceExtraOpts.serial = serial it.number;
    }) disks;
    # These stand in for all of the host's: what its machine file mounts is not there.
    fileSystems = lib.listToAttrs (
      map (it: {
        name = it.mountPoint;
        value = {
          device = "/dev/disk/by-id/virtio-${serial it.number}";
          autoFormat = true;
          inherit (it) fsType options;
        };
      }) disks
    );
  };
}
